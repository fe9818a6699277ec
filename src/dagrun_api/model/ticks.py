"""The ticks of a schedule, each with the run that stands on its date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from dagrun_api.model.runs import STATES, DagRun

__all__ = ["Tick", "TickPage"]


class Tick(NamedTuple):
    """One tick, and what became of it."""

    execution_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime
    run_after: datetime
    is_due: bool
    """Whether its run may start now."""
    dag_run: DagRun | None
    """The run on its date, whatever created it."""

    @property
    def fate(self) -> str:
        """The state of its run; without a run `missing`, or `not_due` as long as it may not start."""
        if self.dag_run is not None:
            return self.dag_run.state or "None"
        return "missing" if self.is_due else "not_due"


@dataclass(frozen=True, slots=True)
class TickPage:
    """Consecutive ticks of a window that ends at `end`. The next page starts at `next_start`; None: there is none."""

    ticks: list[Tick]
    end: datetime
    next_start: datetime | None
    notes: list[str]
    """What the timetable says about the ticks, as sentences."""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many of these ticks are missing, not due, and in each state."""
        return dict.fromkeys(("missing", "not_due", *STATES), 0) | Counter(tick.fate for tick in self.ticks)
