"""Arguments that several commands share, and the types of their values."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Literal, cast

__all__ = [
    "add_batch",
    "add_batch_to_change",
    "add_dag",
    "add_dag_id",
    "add_limit",
    "add_quiet",
    "add_wait",
    "count",
    "count_or_none",
    "json_object",
    "read_json",
    "text_of",
]

_PREFIX = "prefix of the batch's run ids"


def add_dag(parser: argparse.ArgumentParser, help: str) -> None:  # noqa: A002
    """Add the DAG as a positional argument."""
    parser.add_argument("dag_id", metavar="DAG", help=help)


def add_dag_id(parser: argparse.ArgumentParser, help: str = "only runs of this DAG") -> None:  # noqa: A002
    """Add `--dag-id`."""
    parser.add_argument("-d", "--dag-id", metavar="DAG", help=help)


def add_batch(parser: argparse.ArgumentParser) -> None:
    """Add the prefix of a batch as a positional argument, and `--dag-id`."""
    parser.add_argument("prefix", metavar="PREFIX", help=_PREFIX)
    add_dag_id(parser)


def add_batch_to_change(parser: argparse.ArgumentParser) -> None:
    """Add the same for a command that changes the batch, and `--all-dags`."""
    parser.add_argument("prefix", metavar="PREFIX", help=_PREFIX)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("-d", "--dag-id", metavar="DAG", help="only runs of this DAG")
    which.add_argument(
        "--all-dags", action="store_true", help="change the batches of all DAGs that have runs with this prefix"
    )


def add_limit(parser: argparse.ArgumentParser, what: str) -> None:
    """Add `--limit` and `--all` for a list."""
    number = parser.add_mutually_exclusive_group()
    number.add_argument(
        "-n", "--limit", type=count, default=50, metavar="N", help=f"maximum number of {what} to list (default: 50)"
    )
    number.add_argument("-a", "--all", action="store_true", help=f"list all {what}")


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """Add `--quiet`."""
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="print nothing on stderr but errors: no warnings, notes and progress"
    )


def add_wait(parser: argparse.ArgumentParser) -> None:
    """Add `--wait` and `--poll`."""
    parser.add_argument("-w", "--wait", action="store_true", help="wait until no run of the batch is queued or running")
    parser.add_argument(
        "--poll", type=_seconds, default=2.0, metavar="SECONDS", help="time between requests while waiting (default: 2)"
    )


def count(text: str) -> int:
    """Return a number of runs."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of runs")
    return int(text)


def count_or_none(text: str) -> int | Literal["none"]:
    """Return a number of runs, or the word none."""
    return "none" if text == "none" else count(text)


def json_object(text: str) -> dict[str, object]:
    """Return the JSON object in a text, or for `@file` and `-`, in a file or standard input."""
    source = text.removeprefix("@") if text == "-" or text.startswith("@") else None
    content = text if source is None else text_of(source)
    value = read_json(content)
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError(
            f'{text!r} is not a JSON object, such as \'{{"why": "try it"}}\''
            if source is None
            else f"{_name(source)} does not contain a JSON object"
        )
    return cast("dict[str, object]", value)


def read_json(text: str) -> object:
    """Return the value of a JSON document, or None if it is not one; refuse a key that is given twice."""
    try:
        return json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        return None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        # The service refuses this, too, but would be sent the last one only.
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise argparse.ArgumentTypeError(f"the JSON object has the key {twice!r} twice")
    return found


def text_of(source: str) -> str:
    """Return what a file holds, or for `-`, standard input."""
    try:
        content = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8")
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{_name(source)} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise argparse.ArgumentTypeError(f"{_name(source)} is not encoded in UTF-8") from error
    # Editors of some systems write a byte order mark.
    content = content.removeprefix("\ufeff")
    if not content.strip():
        raise argparse.ArgumentTypeError(f"{_name(source)} is empty")
    return content


def _name(source: str) -> str:
    return "standard input" if source == "-" else source


def _seconds(text: str) -> float:
    with suppress(ValueError):
        if 0.05 <= float(text) <= 3600:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0.05 to 3600")
