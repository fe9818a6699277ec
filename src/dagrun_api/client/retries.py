"""What `retry` returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Retried", "retried"]


@dataclass(frozen=True, slots=True)
class Retried:
    """The result of `retry`: a number of runs for each outcome."""

    prefix: str
    requeued: int
    """Failed runs that had not started, and are queued now."""
    cleared: int
    """Failed runs that Airflow has cleared, so that their failed tasks run again."""
    left: int
    """Runs that are failed still."""
    requeued_dag_run_ids: tuple[str, ...]
    """The ids of those runs, at most 500 for each request."""
    cleared_dag_run_ids: tuple[str, ...]
    left_dag_run_ids: tuple[str, ...]
    """The ids of those that the last request left, at most 500."""
    warnings: tuple[str, ...]
    """Why runs were left, and what else to know, one sentence each."""
    truncated: bool = False
    """Whether runs are left that no request came to. A dry run looks at the first portion of a large batch only."""

    @property
    def number(self) -> int:
        """How many runs are back in the queue."""
        return self.requeued + self.cleared

    def after(self, before: Retried) -> Retried:
        """Return the result of both requests, of which the earlier one did not come to every run."""
        return Retried(
            self.prefix,
            before.requeued + self.requeued,
            before.cleared + self.cleared,
            self.left,
            before.requeued_dag_run_ids + self.requeued_dag_run_ids,
            before.cleared_dag_run_ids + self.cleared_dag_run_ids,
            self.left_dag_run_ids,
            self.warnings,
            self.truncated,
        )


def retried(data: Mapping[str, Any]) -> Retried:
    """Read the result of `retry`."""
    return Retried(
        prefix=data["prefix"],
        requeued=data["requeued"],
        cleared=data["cleared"],
        left=data["left"],
        requeued_dag_run_ids=tuple(data["requeued_dag_run_ids"]),
        cleared_dag_run_ids=tuple(data["cleared_dag_run_ids"]),
        left_dag_run_ids=tuple(data["left_dag_run_ids"]),
        warnings=tuple(data["warnings"]),
        truncated=bool(data["truncated"]),
    )
