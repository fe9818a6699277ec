"""The sentences of the service in the words of the shell: `--start`, not `start_date`.

The service answers every client, so its sentences name the keys of the API.
"""

from __future__ import annotations

import re

__all__ = ["in_shell_words"]

_WORDS = tuple(
    (re.compile(api), shell)
    for api, shell in (
        # The keys that a sentence says what to do about.
        (
            "send partial true for the earliest, or an earlier end_date",
            "use --all to create all of them, --partial for the earliest, or an earlier --end",
        ),
        (r"send start_date, end_date or runs with it", "use --start, --end or --dates with it"),
        (r"send the header Authorization: <token>", "set DAGRUN_API_TOKEN"),
        (r"send them in order", "give them in order"),
        (r"send (it|the request) again", "repeat the command"),
        (r"^runs names an execution_date twice", "--dates names a date twice"),
        (r"^In runs\[\d+\]: execution_date", "--dates:"),
        (r"add \?dag_id= to", "use --dag-id to"),
        (r"\?dag_id=", "--dag-id"),
        (r"\?all_dags=true", "--all-dags"),
        (r"^(Limit|limit)\b", "--limit"),
        (r"^([Pp]refix)\b", "--prefix"),
        (r"^conf\b", "--conf"),
        (r"^start\b", "--start"),
        (
            r"^The body is larger than (\d+) bytes; send a smaller one",
            r"The request is larger than \1 bytes: use a smaller conf or, for many dates, --all with a lower --limit",
        ),
        (r"^The body holds\b", "The conf holds"),
        (r"^The body\b", "The request"),
        # Keys whose names no other word has. A DAG has a start_date, an end_date and max_active_runs of its own.
        (r"\bstart_date\b(?! of the DAG)", "--start"),
        (r"\bend_date\b(?! of the DAG)", "--end"),
        (r"(?<!\()\bmax_active_runs\b(?! \(|=)", "--max-active-runs"),
        (r"\brun_backwards\b", "--run-backwards"),
        # What the API is sent, the shell is given.
        (r"\bsend\b", "use"),
        (r"\bSend\b", "Use"),
    )
)
"""How the service says it, and how the shell does; each line sees what those before it have made."""


def in_shell_words(sentence: str) -> str:
    """Return a sentence of the service with the arguments of the shell in it, except where it quotes a value."""
    parts = re.split(r"('[^']*')", sentence)
    # Every second part is a quotation.
    parts[::2] = map(_translated, parts[::2])
    return "".join(parts)


def _translated(text: str) -> str:
    for api, shell in _WORDS:
        text = api.sub(shell, text)
    return text
