"""Answers to requests that create runs."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from dagrun_api.model import MAX_BATCH
from dagrun_api.web.schemas.columns import Named, NumberOrNone, Stamp, Texts
from dagrun_api.web.schemas.fields import described

__all__ = ["BatchResultSchema", "DryRunResultSchema", "PlannedRunSchema"]


class BatchResultSchema(Schema):
    """The result of a request that creates runs."""

    dag_run_ids = Texts(metadata=described("The created runs, ordered by number."), attribute="run_ids")
    skipped = fields.Integer(
        metadata=described("How many dates already had a run, which the request did not change.", minimum=0)
    )
    skipped_dag_run_ids = Texts(
        metadata=described(f"The existing runs on those dates, at most {MAX_BATCH}.", maxItems=MAX_BATCH),
        attribute="skipped_run_ids",
    )
    truncated = fields.Boolean(
        metadata=described("Whether runs were left out because of `limit`. The same request then creates more.")
    )
    warnings = Texts(metadata=described("Sentences for the caller, for example that the DAG is paused."))
    run_type = Named(
        "RunType",
        attribute="run_type.value",
        metadata=described(
            "`backfill` if the runs do not count when Airflow 3 decides whether to create a scheduled run, otherwise "
            "`manual`.",
        ),
    )
    backfill_id = NumberOrNone(
        metadata=described(
            "The native backfill that the runs went into, as Airflow's pages number it; `None` if they are ordinary "
            "runs, or in a dry run that would create one."
        )
    )
    max_active_runs = NumberOrNone(metadata=described("Its limit, which holds for the whole batch."))


class PlannedRunSchema(Schema):
    """A run as a dry run shows it."""

    run_id = fields.String(metadata=described("The run id."))
    execution_date = Stamp(attribute="logical_date", metadata=described("The execution date."))
    data_interval_start = Stamp(metadata=described("The start of the data interval."))
    data_interval_end = Stamp(metadata=described("The end of the data interval."))
    run_after = Stamp(metadata=described("The earliest time at which Airflow may start the run."))


class DryRunResultSchema(BatchResultSchema):
    """The result of a request that creates runs, or what it would be if this is a dry run."""

    runs: fields.List[Any] = fields.List(
        fields.Nested(PlannedRunSchema),
        metadata=described("The runs in detail; in a dry run only.", maxItems=MAX_BATCH),
    )
