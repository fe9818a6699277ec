"""What the commands take."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from dagrun_api.model import STATES

__all__ = ["COMMANDS", "Command", "add_commands"]

Command = Callable[[dict[str, Any], Mapping[str, str]], int]
"""What carries a command out: its arguments and the environment to the exit status."""

COMMANDS = {
    "dags": "list the DAGs of a service",
    "runs": "list DAG runs",
    "create": "create a batch of runs",
    "batch": "show how far a batch is",
    "cancel": "end the runs of a batch that have not started, as failed",
    "pause": "pause a DAG: its runs are created, and wait",
    "unpause": "let a paused DAG go on",
}

_EPILOG = (
    "The token is taken from the environment: AIRFLOW__AIRFLOW_API_PLUGIN__AIRFLOW_API_AUTH. "
    "Exit status: 0 done, 1 an error, 2 wrong arguments, 3 runs of the batch failed, 130 Ctrl-C (nothing is cancelled)."
)


def add_commands(add_parser: Callable[..., argparse.ArgumentParser]) -> None:
    """Add each command as a parser of its own; what that parses has `run`, a Command."""
    for name, add in (
        ("dags", _add_nothing),
        ("runs", _add_runs),
        ("create", _add_create),
        ("batch", _add_batch),
        ("cancel", _add_target),
        ("pause", _add_dag),
        ("unpause", _add_dag),
    ):
        help_ = COMMANDS[name]
        description = f"{help_[0].upper()}{help_[1:]}."
        parser = add_parser(name, help=help_, description=description, epilog=_EPILOG, allow_abbrev=False)
        parser.add_argument(
            "--url", help="address of the service, also DAGRUN_API_URL (default: http://127.0.0.1:8080)"
        )
        parser.add_argument(
            "--api-prefix",
            metavar="PATH",
            help="what the paths of the API start with, also DAGRUN_API_PREFIX (default: /api/v1)",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")
        add(parser)
        parser.set_defaults(run=_runner(name, parser))


def _runner(name: str, parser: argparse.ArgumentParser) -> Command:
    def run(given: dict[str, Any], environ: Mapping[str, str]) -> int:
        if name == "create":
            _check_create(given, parser)
        from dagrun_api.cli import running

        return running.run(name, given, environ)

    return run


def _add_nothing(parser: argparse.ArgumentParser) -> None:
    """The command takes no more than each does."""


def _add_runs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dag-id", metavar="DAG", help="runs of this DAG")
    parser.add_argument("--prefix", help="runs whose id begins with this")
    parser.add_argument("--state", choices=STATES, help="runs in this state")
    parser.add_argument(
        "--external-trigger",
        choices=("true", "false"),
        help="true: runs that the schedule did not make; false: its own",
    )
    parser.add_argument("--start", metavar="RUN", help="the id or run id of the run to start after")
    number = parser.add_mutually_exclusive_group()
    number.add_argument("--limit", type=_count, default=50, metavar="N", help="most runs to list (default: 50)")
    number.add_argument("--all", action="store_true", help="list every one")


def _add_create(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dag_id", metavar="DAG", help="the DAG to create runs of")
    parser.add_argument("--prefix", help="what the run ids begin with, and the name of the batch (default: manual_)")
    parser.add_argument("--start", metavar="DATE", help="start of the window, inclusive (default: now)")
    parser.add_argument("--end", metavar="DATE", help="end of the window, inclusive (default: now)")
    parser.add_argument("--limit", type=_count, metavar="N", help="most runs of one call, up to 500 (default: 500)")
    parser.add_argument("--conf", type=_object, metavar="JSON", help="a JSON object for the tasks")
    rest = parser.add_mutually_exclusive_group()
    rest.add_argument("--partial", action="store_true", help="create the earliest where there are more, not none")
    rest.add_argument("--all", action="store_true", help="call again until every run of the window is there")
    parser.add_argument("--dry-run", action="store_true", help="show what would be created, and write nothing")
    _add_wait(parser)


def _check_create(given: Mapping[str, Any], parser: argparse.ArgumentParser) -> None:
    if given["all"] and given["start"] is None:
        parser.error("argument --all: give --start, too")
    if given["dry_run"] and (given["all"] or given["wait"]):
        parser.error("argument --dry-run: not allowed with argument --all or --wait")


def _add_batch(parser: argparse.ArgumentParser) -> None:
    _add_target(parser)
    _add_wait(parser)


def _add_dag(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dag_id", metavar="DAG", help="the DAG")


def _add_target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prefix", metavar="PREFIX", help="the batch: what its run ids begin with")
    parser.add_argument("--dag-id", metavar="DAG", help="only its runs of this DAG")


def _add_wait(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--wait", action="store_true", help="wait until no run of the batch is queued or running")
    parser.add_argument(
        "--poll", type=_seconds, default=2.0, metavar="SECONDS", help="how often to ask while waiting (default: 2)"
    )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of runs")
    return int(text)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0.05 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("it must be from 0.05 to 3600 seconds")
    return seconds


def _object(text: str) -> dict[str, object]:
    try:
        value: object = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError(f"{text!r} is not a JSON object")
    return cast("dict[str, object]", value)
