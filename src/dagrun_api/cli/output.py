"""Printing: lines for people, a JSON document for programs."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

__all__ = ["counted", "creation", "note", "plain", "print_json", "print_line", "time"]


def print_line(text: str) -> None:
    """Print a line on stdout."""
    print(text)  # noqa: T201


def note(text: str) -> None:
    """Print a line on stderr, to keep it apart from the results."""
    print(plain(text), file=sys.stderr, flush=True)  # noqa: T201


def print_json(document: Mapping[str, object]) -> None:
    """Print a JSON document; its values may be datetimes and dataclasses."""
    json.dump(document, sys.stdout, default=_jsonable, indent=2)
    sys.stdout.write("\n")


def plain(text: str) -> str:
    """Return the text with control characters escaped: what other programs wrote must not steer the terminal."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)


def counted(number: int, what: str) -> str:
    """Return a number with its noun: `1 run`, `2 runs`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def creation(run_ids: Sequence[str]) -> str:
    """Return a sentence about the runs that a request created."""
    number = f"Created {counted(len(run_ids), 'run')}"
    match run_ids:
        case []:
            return f"{number}."
        case [only]:
            return f"{number}: {only}."
        case _:
            return f"{number}: {run_ids[0]} to {run_ids[-1]}."


def time(instant: datetime | None) -> str:
    """Return an instant in UTC as a table shows it: to the second, and without seconds if there are none."""
    if instant is None:
        return "-"
    return f"{instant:%Y-%m-%d %H:%M:%S}" if instant.second else f"{instant:%Y-%m-%d %H:%M}"


def _jsonable(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
