"""Showing the progress of a batch: as text, and live on stderr while a command waits."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dagrun_api.cli.output import counted, note, plain, print_line
from dagrun_api.cli.tables import Column, print_rows
from dagrun_api.model import STATES

if TYPE_CHECKING:
    from dagrun_api.client import Client, DagProgress, Progress

__all__ = ["counts", "print_progress", "progress_columns", "showing", "wait"]

Show = Callable[["Progress"], None]


def print_progress(progress: Progress, output: str = "table") -> None:
    """Print the progress of a batch and of each of its DAGs."""
    if output == "csv":
        prefix: Column[DagProgress] = Column("prefix", None, lambda _: progress.prefix)
        print_rows([prefix, *progress_columns()], progress.dags, "csv")
        return
    print_line(plain(_summary(progress)))
    states = [*STATES, *sorted(set(progress.states) - set(STATES))]
    print_rows(progress_columns(states), progress.dags, "table")


def progress_columns(states: Sequence[str] = STATES) -> list[Column[DagProgress]]:
    """Return the columns about the progress of a batch in one DAG, with these states."""

    def number(state: str) -> Column[DagProgress]:
        return Column(state, plain(state).upper(), lambda dag: dag.states.get(state, 0))

    return [
        Column("dag_id", "DAG", lambda dag: dag.dag_id),
        Column("total", None, lambda dag: dag.total),
        *map(number, states),
        Column("cancelled", None, lambda dag: dag.cancelled),
        Column("percent_done", None, lambda dag: dag.percent_done),
        Column("first_execution", "FIRST EXECUTION", lambda dag: dag.first_execution, is_optional=True),
        Column("last_execution", "LAST EXECUTION", lambda dag: dag.last_execution, is_optional=True),
        Column("first_queued", None, lambda dag: dag.first_queued),
        Column("last_ended", None, lambda dag: dag.last_ended),
        Column("backfill_id", None, lambda dag: dag.backfill_id),
        Column("max_active_runs", None, lambda dag: dag.max_active_runs),
        Column("is_paused", None, lambda dag: dag.is_paused),
    ]


async def wait(client: Client, prefix: str, dag_id: str | None, *, poll: float) -> Progress:
    """Return the progress of a batch at its end, and show each change on stderr."""
    last: Progress | None = None
    with showing(prefix) as show:
        async for progress in client.watch(prefix, dag_id, poll=poll):
            show(progress)
            last = progress
    assert last is not None  # noqa: S101  # for the type checkers; `watch` yields at least once
    return last


@contextmanager
def showing(prefix: str) -> Generator[Show]:
    """Provide a function that shows the progress of a batch on stderr.

    A terminal with rich installed shows a progress bar; otherwise each call is a line.
    """
    with _bar(prefix) if sys.stderr.isatty() else _lines() as show:
        yield show


@contextmanager
def _lines() -> Generator[Show]:
    yield lambda progress: note(_summary(progress))


@contextmanager
def _bar(prefix: str) -> Generator[Show]:
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar
    except ImportError:
        with _lines() as show:
            yield show
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[states]}", markup=False),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(prefix, total=None, states="")

        def update(progress: Progress) -> None:
            bar.update(task, total=progress.total, completed=progress.ended, states=counts(progress.states))

        yield update


def _summary(progress: Progress) -> str:
    ended = f"{progress.ended} of {counted(progress.total, 'run')} ended ({progress.percent_done:g}%)"
    is_paused = any(dag.is_paused for dag in progress.dags) and progress.waiting
    return f"{progress.prefix}: {ended}: {counts(progress.states)}{', paused' if is_paused else ''}"


def counts(states: Mapping[str, int]) -> str:
    """Return how many runs are in each state, in the order in which a run passes them."""
    ordered = [*STATES, *sorted(set(states) - set(STATES))]
    return ", ".join(f"{states[state]} {state}" for state in ordered if states.get(state))
