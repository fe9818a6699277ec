"""What a caller wants to be created, and the body of the request for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from dagrun_api.client.values import Instant, RunToCreate, to_text

__all__ = ["Wanted", "body"]


class Wanted(TypedDict, total=False):
    """The parameters of a batch; the service decides what is absent or None."""

    prefix: str | None
    start_date: Instant | None
    end_date: Instant | None
    limit: int | None
    partial: bool
    conf: Mapping[str, object] | None
    runs: Sequence[RunToCreate] | None
    """The runs as a list, instead of start_date, end_date, limit and partial."""
    max_active_runs: int | None
    """Create a backfill of Airflow's own, with so many runs active at once; only Airflow 3 and later have them."""
    run_backwards: bool
    """Whether the newest run of that backfill runs first."""


def body(dag_id: str, wanted: Wanted, *, dry_run: bool | None = None) -> dict[str, object]:
    """Return the body of the request; raises ValueError for a naive datetime."""
    start, end, runs = wanted.get("start_date"), wanted.get("end_date"), wanted.get("runs")
    whole: dict[str, object] = {
        **wanted,
        "dag_id": dag_id,
        "start_date": None if start is None else to_text(start),
        "end_date": None if end is None else to_text(end),
        "runs": None if runs is None else [_listed(each) for each in runs],
        # Older services do not know this key.
        "run_backwards": wanted.get("run_backwards") or None,
        "dry_run": dry_run,
    }
    return {name: value for name, value in whole.items() if value is not None}


def _listed(run: RunToCreate) -> dict[str, object]:
    conf = {} if run.conf is None else {"conf": run.conf}
    return {"execution_date": to_text(run.execution_date), **conf}
