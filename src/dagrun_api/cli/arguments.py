"""Arguments that several commands share, and the types of their values."""

from __future__ import annotations

import argparse
import json
from typing import Literal, cast

__all__ = ["add_dag", "add_wait", "count", "count_or_none", "json_object"]


def add_dag(parser: argparse.ArgumentParser, help: str) -> None:  # noqa: A002
    """Add the DAG as a positional argument."""
    parser.add_argument("dag_id", metavar="DAG", help=help)


def add_wait(parser: argparse.ArgumentParser) -> None:
    """Add `--wait` and `--poll`."""
    parser.add_argument("--wait", action="store_true", help="wait until no run of the batch is queued or running")
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
    """Return a JSON object."""
    try:
        value: object = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError(f"{text!r} is not a JSON object")
    return cast("dict[str, object]", value)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0.05 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("it must be from 0.05 to 3600 seconds")
    return seconds
