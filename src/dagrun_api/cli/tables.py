"""Rows of one kind as a table for people, or as CSV for programs."""

from __future__ import annotations

import csv
import dataclasses
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from dagrun_api.cli.output import plain, print_line, time

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["Column", "Listing", "print_rows", "print_value"]

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)

_GAP = 2
"""Spaces between two columns."""


@dataclass(frozen=True, slots=True)
class Column(Generic[T_contra]):
    """One column of a list."""

    name: str | None
    """The name of the field in CSV, as the API has it; None if only a table has the column."""
    heading: str | None
    """The heading in a table; None if only CSV has the column."""
    read: Callable[[T_contra], object]
    is_optional: bool = False
    """Whether a table leaves it out if it is wider than the terminal."""


class Listing(Generic[T]):
    """A list that is printed part by part; the columns of a table grow with the rows, and never shrink."""

    def __init__(self, columns: Sequence[Column[T]], output: str) -> None:
        self._is_csv = output == "csv"
        self._columns = [each for each in columns if (each.name if self._is_csv else each.heading) is not None]
        self._widths = [len(each.heading or "") for each in self._columns]
        self._has_begun = False

    def print(self, rows: Iterable[T]) -> None:
        """Print the next rows; the headings come before the first."""
        if self._is_csv:
            self._print_csv(rows)
        else:
            self._print_table(rows)
        self._has_begun = True

    def _print_csv(self, rows: Iterable[T]) -> None:
        writer = csv.writer(sys.stdout)
        if not self._has_begun:
            writer.writerow(each.name for each in self._columns)
        clean = plain if sys.stdout.isatty() else str
        writer.writerows([clean(_field(each.read(row))) for each in self._columns] for row in rows)

    def _print_table(self, rows: Iterable[T]) -> None:
        lines = [[plain(_cell(each.read(row))) for each in self._columns] for row in rows]
        self._widen(lines)
        if not self._has_begun:
            shown = self._fitting()
            self._columns, self._widths = [self._columns[at] for at in shown], [self._widths[at] for at in shown]
            lines = [[line[at] for at in shown] for line in lines]
            lines.insert(0, [each.heading or "" for each in self._columns])
        for line in lines:
            gap = " " * _GAP
            print_line(gap.join(cell.ljust(width) for cell, width in zip(line, self._widths, strict=True)).rstrip())

    def _widen(self, lines: Iterable[Sequence[str]]) -> None:
        for line in lines:
            self._widths = [max(width, len(cell)) for width, cell in zip(self._widths, line, strict=True)]

    def _fitting(self) -> list[int]:
        """Return the indexes of the columns that a terminal has room for, or all if it is not a terminal."""
        shown = list(range(len(self._columns)))
        if not sys.stdout.isatty():
            return shown
        room = shutil.get_terminal_size().columns
        for at in reversed(range(len(self._columns))):
            if sum(self._widths[each] + _GAP for each in shown) - _GAP <= room:
                break
            if self._columns[at].is_optional:
                shown.remove(at)
        return shown


def print_rows(columns: Sequence[Column[T]], rows: Iterable[T], output: str) -> None:
    """Print a whole list."""
    Listing(columns, output).print(rows)


def print_value(value: DataclassInstance, output: str, first: Mapping[str, object], hidden: Sequence[str]) -> None:
    """Print the fields of one value: in CSV as the only row, else below each other, in the words of the API.

    A table has the lines in `first` before the others, and no field that is hidden.
    """
    fields = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    if output == "csv":
        columns: list[Column[Mapping[str, object]]] = [Column(name, None, itemgetter(name)) for name in fields]
        print_rows(columns, [fields], output)
        return
    lines = {**first, **{name: each for name, each in fields.items() if name not in hidden}}
    width = max(map(len, lines))
    for name, each in lines.items():
        print_line(f"{name.ljust(width)}{' ' * _GAP}{plain(_cell(each))}")


def _cell(value: object) -> str:
    """Return a value as a table shows it."""
    if isinstance(value, datetime):
        return time(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _field(value) or "-"


def _field(value: object) -> str:
    """Return a value as CSV holds it: like the JSON document, and empty if there is none."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return json.dumps(dict(cast("Mapping[str, object]", value)), ensure_ascii=False)
    return "" if value is None else str(value)
