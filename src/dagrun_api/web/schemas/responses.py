"""What the API gives: the one source for answers and for what the OpenAPI document says of them."""

from __future__ import annotations

from typing import Any, cast

from marshmallow import Schema, fields

from dagrun_api.model import MAX_BATCH, STATES
from dagrun_api.web.schemas.columns import Opposite, Stamp, Texts, Word, WordedTruth
from dagrun_api.web.schemas.fields import described

__all__ = [
    "BatchProgressSchema",
    "BatchResultSchema",
    "CancellationSchema",
    "DagSchema",
    "DryRunResultSchema",
    "PausedSchema",
    "PlannedRunSchema",
    "ProgressSchema",
    "RunSchema",
    "dumped",
]

_ABSENT = "`None` while there is none."


class DagSchema(Schema):
    """A DAG in a list."""

    is_active = Opposite(attribute="is_paused", metadata=described("Whether it is not paused."))
    dag_id = fields.String(metadata=described("Its name.", examples=["hello"]))
    full_path = Word(metadata=described("The file that defines it, as Airflow has it; `None` where that is not known."))
    last_execution = Stamp(metadata=described(f"The newest execution date among its runs. {_ABSENT}"))


class RunSchema(Schema):
    """A DAG run. Rows that others wrote may lack anything but the id: the word `None` stands for it."""

    id = fields.Integer(metadata=described("Its number in the database: later runs have higher ones.", format="int64"))
    dag_id = Word(metadata=described("The DAG that it is a run of.", examples=["hello"]))
    run_id = Word(metadata=described("Its name, which no other run of this DAG has."))
    state = Word(metadata=described("Where it stands; other writers may have put other words.", examples=list(STATES)))
    execution_date = Stamp(metadata=described("The date that it stands for, which Airflow 3 calls its logical date."))
    start_date = Stamp(metadata=described(f"When Airflow began to execute it. {_ABSENT}"))
    end_date = Stamp(metadata=described(f"When it ended. {_ABSENT}"))
    external_trigger = WordedTruth(metadata=described("`False` if the DAG's own schedule made it, else `True`."))


class BatchResultSchema(Schema):
    """What came of it."""

    dag_run_ids = Texts(metadata=described("The runs created, in order of their numbers."), attribute="run_ids")
    skipped = fields.Integer(metadata=described("How many dates had a run already, which was left alone.", minimum=0))
    skipped_dag_run_ids = Texts(
        metadata=described(f"The runs that stand on those dates; the first {MAX_BATCH}.", maxItems=MAX_BATCH),
        attribute="skipped_run_ids",
    )
    truncated = fields.Boolean(
        metadata=described(
            "Whether the window holds more than `limit`, so that the same request would create further runs."
        )
    )
    warnings = Texts(metadata=described("What the caller should know, as sentences: that the DAG is paused, for one."))


class PlannedRunSchema(Schema):
    """A run as a dry run shows it."""

    run_id = fields.String(metadata=described("The id that it would have."))
    execution_date = Stamp(attribute="logical_date", metadata=described("The date that it would stand for."))
    data_interval_start = Stamp(metadata=described("Where the time that it covers begins."))
    data_interval_end = Stamp(metadata=described("Where the time that it covers ends."))
    run_after = Stamp(metadata=described("The moment from which Airflow may execute it."))


class DryRunResultSchema(BatchResultSchema):
    """What came of it, or of a dry run would come of it."""

    runs: fields.List[Any] = fields.List(
        fields.Nested(PlannedRunSchema), metadata=described("The runs in full; only of a dry run.", maxItems=MAX_BATCH)
    )


class ProgressSchema(Schema):
    """How far a batch is in one DAG."""

    dag_id = fields.String(metadata=described("The DAG."))
    total = fields.Integer(metadata=described("How many runs the batch has.", minimum=1))
    states = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(metadata={"minimum": 1}),
        metadata=described("How many runs are in each state; a state without runs is left out."),
    )
    percent_done = fields.Float(
        metadata=described(
            "How many of a hundred have ended, well or not; 100 only when all have.", minimum=0, maximum=100
        )
    )
    first_execution = Stamp(metadata=described("The earliest execution date."))
    last_execution = Stamp(metadata=described("The latest execution date."))


class BatchProgressSchema(ProgressSchema):
    """How far a batch is, in all and in each DAG."""

    class Meta:
        exclude = ("dag_id",)

    prefix = fields.String(metadata=described("The prefix as it was asked for."))
    dags: fields.List[Any] = fields.List(
        fields.Nested(ProgressSchema), metadata=described("The same for each DAG that has runs of this prefix.")
    )


class CancellationSchema(Schema):
    """What became of the runs of a batch that was cancelled."""

    prefix = fields.String(metadata=described("The prefix as it was asked for."))
    cancelled = fields.Integer(metadata=described("How many had not started; they are `failed` now.", minimum=0))
    started = fields.Integer(
        metadata=described("How many had started, or were just about to; they are left to Airflow.", minimum=0)
    )
    ended = fields.Integer(metadata=described("How many had ended before.", minimum=0))
    cancelled_dag_run_ids = Texts(
        metadata=described(f"The runs that were cancelled; the first {MAX_BATCH}.", maxItems=MAX_BATCH)
    )


class PausedSchema(Schema):
    """Whether a DAG is paused."""

    dag_id = fields.String(metadata=described("The DAG."))
    is_paused = fields.Boolean(metadata=described("Whether it is paused now."))


def dumped(schema: Schema, value: object) -> dict[str, object]:
    """Return a model value as JSON has it; a list of them with a schema for many, whatever the type says."""
    return cast("dict[str, object]", schema.dump(value))
