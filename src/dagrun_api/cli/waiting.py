"""Waiting for a batch: a progress bar where somebody watches and rich is installed, else a line for each change."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from dagrun_api.cli.output import in_states, note, summary
from dagrun_api.client import Client, Progress

__all__ = ["wait"]

Show = Callable[[Progress], None]


async def wait(client: Client, prefix: str, dag_id: str | None, *, poll: float) -> Progress:
    """Return how a batch ended, and show on stderr how it gets there."""
    last: Progress | None = None
    with _bar(prefix) if sys.stderr.isatty() else _lines() as show:
        async for progress in client.watch(prefix, dag_id, poll=poll):
            show(progress)
            last = progress
    assert last is not None  # noqa: S101  # for the type checkers; it yields at least once
    return last


@contextmanager
def _lines() -> Generator[Show]:
    yield lambda progress: note(summary(progress))


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
            bar.update(task, total=progress.total, completed=progress.ended, states=in_states(progress))

        yield update
