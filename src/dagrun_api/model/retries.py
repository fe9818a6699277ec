"""Retrying a batch: the failed runs, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Cleared", "FailedRun", "RequeuedRun", "Retry"]


class FailedRun(NamedTuple):
    """A failed run of a batch."""

    dag_id: str
    run_id: str
    is_requeueable: bool
    """Whether the database alone can put it back into the queue: it has no task instance."""


class RequeuedRun(NamedTuple):
    """A failed run that is back in the queue."""

    dag_id: str
    run_id: str


@dataclass(frozen=True, slots=True)
class Cleared:
    """What became of the runs that Airflow was asked to clear."""

    runs: list[FailedRun]
    """The runs that are back in the queue."""
    refusals: Mapping[str, int] = field(default_factory=dict[str, int])
    """Why others are not: a sentence, and how many runs it is about."""
    untried: int = 0
    """How many of them time ran out for."""


@dataclass(frozen=True, slots=True)
class Retry:
    """What became of the failed runs of a batch that was retried."""

    requeued: int
    """How many are back in the queue by the database alone."""
    cleared: int
    """How many Airflow has cleared."""
    left: int
    """How many are failed still."""
    truncated: bool
    """Whether there are runs that this call did not come to; another one continues."""
    requeued_run_ids: list[str]
    """The runs that are back in the queue, the first 500."""
    cleared_run_ids: list[str]
    left_run_ids: list[str]
    """The runs that are failed still, the first 500."""
    warnings: list[str]

    @property
    def counts(self) -> dict[str, int]:
        """The number of each kind, by name."""
        return {"requeued": self.requeued, "cleared": self.cleared, "left": self.left}
