"""Which batches a page lists, found by the run ids of their last runs.

A batch has no row of its own: it is the runs of one DAG whose ids are `<prefix>_<number>_<execution date>`. Its last
run, the one whose run id comes last, stands for it. So a page is found by walking down the runs from the newest one,
and by asking for each run of a batch whether it is the last. The work for a page is bounded by the numbers below,
however many runs there are; a page that is not full is then followed by another one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dagrun_api.airflow.run_ids import parsed
from dagrun_api.model import BatchKey

__all__ = ["IDS", "RUNS", "STEPS", "Search", "Step", "search"]

RUNS = 5_000
"""A page ends with the batch that brings the runs of its batches to this number; the progress reads all of them."""

IDS = 30_000
"""A page ends after this many ids of runs, those of scheduled runs included."""

STEPS = 500
"""A page ends after this many runs of batches that the walk had to look at one by one."""


class Step(NamedTuple):
    """A row of the statements `newest_batches` and `newest_batches_of_dag`."""

    id: int
    dag_id: str | None
    run_id: str | None
    is_last: bool
    """Whether it is the last run of its batch."""
    below: int | None
    """The highest id below those that were looked at; None if there is none."""


class Search(NamedTuple):
    """The batches of one page, and where the next one starts."""

    found: list[BatchKey]
    next_start: int | None
    """The next page has the batches whose last run has an id below this one; None at the end."""


def search(rows: Iterable[Step], limit: int) -> Search:
    """Return the page of at most `limit` batches that the steps of a walk lead to."""
    found: list[BatchKey] = []
    runs = last_id = 0
    step: Step | None = None
    steps = -1
    for steps, step in enumerate(rows):  # noqa: B007  # the last one matters
        if not step.is_last or step.dag_id is None:
            continue
        if len(found) == limit or runs >= RUNS:
            return Search(found, last_id)
        prefix, number = parsed(step.run_id or "")
        found.append(BatchKey(step.dag_id, prefix))
        runs += number
        last_id = step.id
    if step is None:
        return Search(found, None)
    if steps == STEPS:
        return Search(found, step.id)
    return Search(found, step.below + 1 if step.below is not None else None)
