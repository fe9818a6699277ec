"""What stands in the database: DAGs and their runs, and what a reader may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, NewType

__all__ = ["DEFAULT_PREFIX", "MAX_PAGE", "STATES", "Dag", "DagRun", "Page", "Prefix", "RunDetail", "RunFilter"]

Prefix = NewType("Prefix", str)
"""The name of a batch, without the underscore that joins it to a number; `airflow.run_ids.canonical` makes it."""

DEFAULT_PREFIX = Prefix("manual")
"""The prefix of a batch that the client gives no name."""

MAX_PAGE = 100
"""Runs that one page of a list may hold."""


STATES = ("queued", "running", "success", "failed")
"""The states a run can be in (Airflow 2.1 and later; before that, no run is queued)."""


class Dag(NamedTuple):
    """A DAG in the DagBag, as `GET /dags` shows it."""

    dag_id: str
    full_path: str | None
    is_paused: bool
    is_draining: bool
    """Whether Airflow finishes its runs and creates no scheduled ones (Airflow 3.4)."""
    last_execution: datetime | None
    """The newest execution (logical) date of its runs."""
    schedule: str | None = None
    """The schedule as a text, if its row tells."""
    next_run_after: datetime | None = None
    """When the scheduler may create its next run, if its row tells."""


class DagRun(NamedTuple):
    """A run that stands in the database. Airflow before 2.2 allows NULL in every column but the id."""

    id: int
    dag_id: str | None
    run_id: str | None
    state: str | None
    execution_date: datetime | None
    start_date: datetime | None
    end_date: datetime | None
    external_trigger: bool


@dataclass(frozen=True, slots=True)
class RunDetail:
    """A run as its whole row describes it; what its Airflow does not keep there is None."""

    id: int
    dag_id: str | None
    run_id: str | None
    state: str | None
    execution_date: datetime | None
    start_date: datetime | None
    end_date: datetime | None
    external_trigger: bool
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None
    run_after: datetime | None = None
    queued_at: datetime | None = None
    conf: str | None = None
    """The text of a JSON object: nothing is lost that a float or a nested dict could not hold."""
    airflow_url: str | None = None
    """The address of its page in Airflow, which the store does not know."""

    @property
    def duration(self) -> float | None:
        """The seconds from its start to its end; None until it has ended."""
        if self.start_date is None or self.end_date is None:
            return None
        return (self.end_date - self.start_date).total_seconds()


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs to list; a field that is None selects all."""

    dag_id: str | None = None
    state: str | None = None
    external_trigger: bool | None = None
    prefix: str | None = None
    """What the run id starts with, as literal text."""

    def chosen(self) -> dict[str, object]:
        """Return the conditions that are set, by name."""
        conditions = {
            "dag_id": self.dag_id,
            "state": self.state,
            "external_trigger": self.external_trigger,
            "prefix": self.prefix,
        }
        return {name: value for name, value in conditions.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Page:
    """Consecutive runs by id. The next page starts after `last_id`; None means that this is the last one."""

    runs: list[DagRun]
    last_id: int | None
