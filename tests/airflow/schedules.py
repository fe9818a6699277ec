"""A schedule beside a batch of its DAG: its own runs, and those of the batch, from the dates in the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from .dagfiles import TICK
from .metadata import instant
from .sites import Site


@dataclass(frozen=True, slots=True)
class Span:
    """A run of a batch, from its start to its end."""

    date: datetime
    start: datetime
    end: datetime


def ticks(site: Site, dag_id: str) -> list[datetime]:
    """Return the dates of the runs that the schedule of a DAG created."""
    column = site.airflow.generation.date_column
    query = f"SELECT {column} FROM dag_run WHERE dag_id = $1 AND run_id LIKE 'scheduled%' ORDER BY 1"
    return [instant(at) for (at,) in site.airflow.rows(query, dag_id)]


def loses_ticks(dates: list[datetime]) -> bool:
    """Tell whether these dates of a TICKING schedule leave out a tick.

    They need not be in step: when Airflow is late, and the file is parsed meanwhile, the next tick counts from then.
    """
    return any(later - earlier >= 2 * TICK for earlier, later in pairwise(dates))


def spans(site: Site, dag_id: str, prefix: str) -> list[Span]:
    """Return the runs of a batch that has ended, in the order in which they started."""
    column = site.airflow.generation.date_column
    query = (
        f"SELECT {column}, start_date, end_date FROM dag_run WHERE dag_id = $1 AND run_id LIKE $2 ORDER BY start_date"
    )
    return [Span(*map(instant, row)) for row in site.airflow.rows(query, dag_id, f"{prefix}%")]


def most_at_once(runs: list[Span]) -> int:
    """Return the greatest number of these runs that were running at the same time."""
    return max(sum(other.start <= run.start < other.end for other in runs) for run in runs)
