"""Showing the progress of a batch: as text, and live on stderr while a command waits."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dagrun_api.cli.output import counted, note, plain, print_line, print_table, time
from dagrun_api.model import STATES

if TYPE_CHECKING:
    from dagrun_api.client import Client, Progress

__all__ = ["print_progress", "showing", "wait"]

Show = Callable[["Progress"], None]


def print_progress(progress: Progress) -> None:
    """Print the progress of a batch and of each of its DAGs."""
    print_line(plain(_summary(progress)))
    states = [*STATES, *sorted(set(progress.states) - set(STATES))]
    rows = [
        (
            dag.dag_id,
            *(str(dag.states.get(state, 0)) for state in states),
            time(dag.first_execution),
            time(dag.last_execution),
        )
        for dag in progress.dags
    ]
    headings = [plain(state).upper() for state in states]
    print_table(["DAG", *headings, "FIRST EXECUTION", "LAST EXECUTION"], rows)


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
            bar.update(task, total=progress.total, completed=progress.ended, states=_states(progress))

        yield update


def _summary(progress: Progress) -> str:
    ended = f"{progress.ended} of {counted(progress.total, 'run')} ended ({progress.percent_done:g}%)"
    return f"{progress.prefix}: {ended}: {_states(progress)}"


def _states(progress: Progress) -> str:
    return ", ".join(f"{number} {state}" for state, number in progress.states.items() if number)
