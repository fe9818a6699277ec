"""What the commands print: tables for readers, one JSON document for scripts."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from dagrun_api.client import Created, Dag, PlannedRun, Progress, Run
from dagrun_api.model import STATES

__all__ = [
    "Table",
    "counted",
    "dag_row",
    "in_states",
    "note",
    "plain",
    "planned_row",
    "print_json",
    "print_line",
    "print_progress",
    "print_table",
    "run_row",
    "runs_created",
    "summary",
    "total_of",
]


class Table:
    """Rows below headings; columns widen as rows come, and never narrow."""

    def __init__(self, *headings: str) -> None:
        self._headings: Sequence[str] | None = headings
        self._widths = [len(heading) for heading in headings]

    def print(self, rows: Iterable[Sequence[str]]) -> None:
        """Print the next rows, before the first of them the headings."""
        lines = [[plain(cell) for cell in row] for row in rows]
        if self._headings is not None:
            lines.insert(0, list(self._headings))
            self._headings = None
        for line in lines:
            self._widths = [max(width, len(cell)) for width, cell in zip(self._widths, line, strict=True)]
        for line in lines:
            print_line("  ".join(cell.ljust(width) for cell, width in zip(line, self._widths, strict=True)).rstrip())


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print all rows at once."""
    Table(*headings).print(rows)


def print_line(text: str) -> None:
    """Print a line on stdout."""
    print(text)  # noqa: T201


def note(text: str) -> None:
    """Print a line on stderr, where it does not get among the results."""
    print(plain(text), file=sys.stderr, flush=True)  # noqa: T201


def print_json(document: Mapping[str, object]) -> None:
    """Print a document; its values may be those of the client."""
    json.dump(document, sys.stdout, default=_jsonable, indent=2)
    sys.stdout.write("\n")


def plain(text: str) -> str:
    """Return a text that does nothing to a terminal: rows of others may hold anything."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)


def dag_row(dag: Dag) -> Sequence[str]:
    """Return a DAG as a row."""
    return (dag.dag_id, "active" if dag.is_active else "paused", _time(dag.last_execution), dag.full_path or "-")


def run_row(run: Run) -> Sequence[str]:
    """Return a run as a row."""
    dates = (run.execution_date, run.start_date, run.end_date)
    return (str(run.id), run.dag_id or "-", run.run_id or "-", run.state or "-", *map(_time, dates))


def planned_row(run: PlannedRun) -> Sequence[str]:
    """Return a run that is not there yet as a row."""
    return (run.run_id, *map(_time, (run.data_interval_start, run.data_interval_end, run.run_after)))


def summary(progress: Progress) -> str:
    """Return how far a batch is, in a line."""
    percent = f"{progress.percent_done:g} %"
    return f"{progress.prefix}: {progress.ended} of {progress.total} ended ({percent}): {in_states(progress)}"


def in_states(progress: Progress) -> str:
    """Return how many runs of a batch are in each state."""
    return ", ".join(f"{number} {state}" for state, number in progress.states.items() if number)


def counted(number: int, what: str) -> str:
    """Return `1 run`, `2 runs`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def runs_created(created: Created) -> str:
    """Return which runs a creation made."""
    run_ids = created.dag_run_ids
    number = f"{counted(len(run_ids), 'run')} created"
    if len(run_ids) < 2:
        return ", ".join((number, *run_ids))
    return f"{number}, {run_ids[0]} to {run_ids[-1]}"


def print_progress(progress: Progress) -> None:
    """Print how far a batch is, and how far each of its DAGs."""
    print_line(plain(summary(progress)))
    states = [*STATES, *sorted(set(progress.states) - set(STATES))]
    rows = [
        (
            dag.dag_id,
            *(str(dag.states.get(state, 0)) for state in states),
            _time(dag.first_execution),
            _time(dag.last_execution),
        )
        for dag in progress.dags
    ]
    headings = [plain(state).upper() for state in states]
    print_table(["DAG", *headings, "FIRST EXECUTION", "LAST EXECUTION"], rows)


def total_of(calls: Sequence[Created]) -> Created:
    """Return what came of several calls for one window, as if it had been one."""
    run_ids = tuple(run_id for each in calls for run_id in each.dag_run_ids)
    ours = set(run_ids)
    skipped = tuple({run_id: None for each in calls for run_id in each.skipped_dag_run_ids if run_id not in ours})
    *before, last = calls
    # The last call walked over the whole window, and skipped what those before it had created.
    skipped_number = max(0, last.skipped - sum(len(each.dag_run_ids) for each in before))
    warnings = tuple(dict.fromkeys(warning for each in calls for warning in each.warnings))
    return Created(run_ids, skipped_number, skipped[:500], last.truncated, warnings, last.runs)


def _time(instant: datetime | None) -> str:
    return "-" if instant is None else str(instant.replace(tzinfo=None))


def _jsonable(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"{type(value).__name__} is not for JSON")
