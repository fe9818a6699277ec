"""Answers about batches."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from dagrun_api.model import MAX_BATCH
from dagrun_api.web.schemas.columns import Named, NumberOrNone, StampOrNone, Texts, TruthOrNone
from dagrun_api.web.schemas.fields import described
from dagrun_api.web.schemas.responses.schema import NONE_YET

__all__ = [
    "BatchProgressSchema",
    "BatchSchema",
    "CancellationSchema",
    "PausedBatchSchema",
    "ProgressSchema",
    "RetrySchema",
]


class ProgressSchema(Schema):
    """The progress of a batch in one DAG."""

    dag_id = fields.String(metadata=described("The DAG."))
    total = fields.Integer(metadata=described("How many runs the batch has.", minimum=1))
    states = Named("StateCounts", metadata=described("How many runs are in each state."))
    cancelled = fields.Integer(
        metadata=described("How many of the failed runs never started, such as cancelled ones.", minimum=0)
    )
    percent_done = fields.Float(
        metadata=described(
            "The percentage of runs that have ended, successfully or not. It is 100 only if all have ended.",
            minimum=0,
            maximum=100,
        )
    )
    first_execution = StampOrNone(metadata=described("The earliest execution date."))
    last_execution = StampOrNone(metadata=described("The latest execution date."))
    first_queued = StampOrNone(
        metadata=described("When the first run was put into the queue; `None` before Airflow 2.1, which has none.")
    )
    last_ended = StampOrNone(metadata=described(f"When the last run ended, of those that have. {NONE_YET}"))
    backfill_id = NumberOrNone(
        metadata=described("The native backfill of the runs; `None` if they are ordinary runs, or of several DAGs.")
    )
    max_active_runs = NumberOrNone(metadata=described("How many of its runs may be active at once."))
    is_paused = TruthOrNone(metadata=described("Whether it is paused, so that none of its runs starts."))


class BatchSchema(ProgressSchema):
    """A batch of one DAG, and its progress."""

    prefix = fields.String(metadata=described("What its run ids begin with: `<prefix>_<number>_<execution date>`."))


class BatchProgressSchema(ProgressSchema):
    """The progress of a batch, in total and for each DAG."""

    class Meta:
        exclude = ("dag_id",)

    prefix = fields.String(metadata=described("The prefix as sent in the request."))
    dags: fields.List[Any] = fields.List(
        fields.Nested(ProgressSchema), metadata=described("The same for each DAG with runs of this prefix.")
    )


class CancellationSchema(Schema):
    """The result of cancelling a batch."""

    prefix = fields.String(metadata=described("The prefix as sent in the request."))
    cancelled = fields.Integer(metadata=described("How many runs had not started; they are `failed` now.", minimum=0))
    started = fields.Integer(
        metadata=described("How many runs had started, or were about to start; Airflow keeps them.", minimum=0)
    )
    ended = fields.Integer(metadata=described("How many runs had already ended.", minimum=0))
    truncated = fields.Boolean(
        metadata=described(
            "Whether the time ran out before every run of a large batch was looked at. Those that were not count as "
            "started; send the request again to go on."
        )
    )
    cancelled_dag_run_ids = Texts(
        attribute="run_ids", metadata=described(f"The cancelled runs, at most {MAX_BATCH}.", maxItems=MAX_BATCH)
    )


class PausedBatchSchema(Schema):
    """Whether a batch is paused."""

    prefix = fields.String(metadata=described("The prefix as sent in the request."))
    is_paused = fields.Boolean(metadata=described("Whether its native backfills are paused now."))
    dag_ids = Texts(metadata=described("The DAGs of these backfills."))


class RetrySchema(Schema):
    """The result of retrying a batch."""

    prefix = fields.String(metadata=described("The prefix as sent in the request."))
    requeued = fields.Integer(
        metadata=described("How many failed runs without any task instance are queued again.", minimum=0)
    )
    cleared = fields.Integer(
        metadata=described("How many failed runs Airflow has cleared, so that their failed tasks run again.", minimum=0)
    )
    left = fields.Integer(
        metadata=described("How many runs are failed still; `warnings` says why they were left.", minimum=0)
    )
    truncated = fields.Boolean(
        metadata=described(
            "Whether this request did not come to every run; send it again to go on. `left` counts these runs as well."
        )
    )
    requeued_dag_run_ids = Texts(
        attribute="requeued_run_ids", metadata=described(f"Those runs, at most {MAX_BATCH}.", maxItems=MAX_BATCH)
    )
    cleared_dag_run_ids = Texts(
        attribute="cleared_run_ids", metadata=described(f"Those runs, at most {MAX_BATCH}.", maxItems=MAX_BATCH)
    )
    left_dag_run_ids = Texts(
        attribute="left_run_ids", metadata=described(f"Those runs, at most {MAX_BATCH}.", maxItems=MAX_BATCH)
    )
    warnings = Texts(metadata=described("Why runs were left, and what else to know, one sentence each."))
