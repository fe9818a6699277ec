"""What the API answers. These schemas shape answers, and the OpenAPI document is made from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from marshmallow import Schema, fields

from dagrun_api.model import MAX_BATCH, STATES, RunType
from dagrun_api.web.schemas.columns import (
    Column,
    Listing,
    NumberOrNone,
    Opposite,
    Stamp,
    Texts,
    TruthOrNone,
    Word,
    WordedTruth,
)
from dagrun_api.web.schemas.fields import described

__all__ = [
    "AboutSchema",
    "BatchProgressSchema",
    "BatchResultSchema",
    "CancellationSchema",
    "DagDetailSchema",
    "DagSchema",
    "DryRunResultSchema",
    "PausedBatchSchema",
    "PausedSchema",
    "PlannedRunSchema",
    "ProgressSchema",
    "RetrySchema",
    "RunSchema",
    "TickSchema",
    "TicksSchema",
    "dumped",
]

_NONE_YET = "`None` if there is none yet."


class DagSchema(Schema):
    """A DAG in a list."""

    is_active = Opposite(attribute="is_paused", metadata=described("Whether the DAG is not paused."))
    dag_id = fields.String(metadata=described("The id of the DAG.", examples=["hello"]))
    full_path = Word(metadata=described("The file that defines the DAG, as Airflow stores it; `None` if unknown."))
    last_execution = Stamp(metadata=described(f"The latest execution date of its runs. {_NONE_YET}"))
    is_draining = fields.Boolean(
        metadata=described("Whether Airflow 3.4 or later finishes its runs, and creates no scheduled ones.")
    )


class DagDetailSchema(DagSchema):
    """A DAG with its schedule. What the database does not say is the word `None`."""

    schedule = Word(
        metadata=described("The schedule: a cron, a duration or the name of a timetable.", examples=["0 12 * * *"])
    )
    timezone = Word(metadata=described("The time zone of the DAG.", examples=["Europe/Amsterdam"]))
    start_date = Stamp(metadata=described("The first execution date for which Airflow runs any of its tasks."))
    end_date = Stamp(metadata=described("The last execution date for which Airflow runs any of its tasks."))
    max_active_runs = NumberOrNone(metadata=described("How many of its runs may be active at once."))
    active_runs = fields.Integer(
        metadata=described("How many of its runs are queued or running, whatever created them.", minimum=0)
    )
    next_execution = Stamp(
        metadata=described("The execution date of the next scheduled run. `None` if no further one is planned.")
    )
    next_run_after = Stamp(metadata=described("When the scheduler may create that run, if nothing holds it back."))
    catchup = TruthOrNone(metadata=described("Whether Airflow creates the scheduled runs that it has missed."))
    owners = Word(metadata=described("The owners of its tasks."))
    description = Word(metadata=described("The description of the DAG."))
    has_import_errors = fields.Boolean(
        metadata=described("Whether Airflow failed to import its file the last time. Since Airflow 2.2.")
    )
    unlistable = Word(
        metadata=described("Why its schedule has no ticks to list, as a sentence; `None` if they can be listed.")
    )


class RunSchema(Schema):
    """A DAG run. Other programs may have left out anything but the id; such a value is the word `None`."""

    id = fields.Integer(metadata=described("The number of the run. Newer runs have higher numbers.", format="int64"))
    dag_id = Word(metadata=described("The DAG of the run.", examples=["hello"]))
    run_id = Word(metadata=described("The run id, unique within the DAG."))
    state = Word(metadata=described("The state. Other programs may have written other words.", examples=list(STATES)))
    execution_date = Stamp(metadata=described("The execution date, which Airflow 3 calls the logical date."))
    start_date = Stamp(metadata=described(f"When Airflow started the run. {_NONE_YET}"))
    end_date = Stamp(metadata=described(f"When the run ended. {_NONE_YET}"))
    external_trigger = WordedTruth(
        metadata=described("`False` if the schedule of the DAG created the run, otherwise `True`.")
    )


class RunOrNone(Column[object]):
    """A run as in a list of runs, or the word `None`."""

    json_schema: ClassVar[Mapping[str, Any]] = {"oneOf": [{"$ref": "#/components/schemas/DagRun"}, {"const": "None"}]}

    def column(self, values: Sequence[Any]) -> Sequence[object]:
        runs = iter(Listing(RunSchema()).dump([value for value in values if value is not None]))
        return ["None" if value is None else next(runs) for value in values]


class TickSchema(Schema):
    """A tick of a schedule, and the run on its date."""

    execution_date = Stamp(metadata=described("The execution date."))
    data_interval_start = Stamp(metadata=described("The start of the data interval."))
    data_interval_end = Stamp(metadata=described("The end of the data interval."))
    run_after = Stamp(metadata=described("The earliest time at which Airflow may start the run."))
    is_due = fields.Boolean(metadata=described("Whether that time has come."))
    dag_run = RunOrNone(metadata=described("The run on this execution date, whatever created it; `None` without one."))


class TicksSchema(Schema):
    """The ticks of one page, and how many of them are in each state."""

    ticks: fields.List[Any] = fields.List(
        fields.Nested(TickSchema), metadata=described("The ticks, in the order of the schedule.", maxItems=MAX_BATCH)
    )
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(metadata={"minimum": 0}),
        metadata=described(
            "How many of these ticks have no run although they are due (`missing`), have none because they are not due "
            "yet (`not_due`), and have a run in each state."
        ),
    )
    warnings = Texts(attribute="notes", metadata=described("What the timetable says about these ticks."))


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
    run_type = fields.String(
        attribute="run_type.value",
        metadata=described(
            "`backfill` if the runs do not count when Airflow 3 decides whether to create a scheduled run, otherwise "
            "`manual`.",
            enum=[each.value for each in RunType],
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


class ProgressSchema(Schema):
    """The progress of a batch in one DAG."""

    dag_id = fields.String(metadata=described("The DAG."))
    total = fields.Integer(metadata=described("How many runs the batch has.", minimum=1))
    states = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(metadata={"minimum": 1}),
        metadata=described("How many runs are in each state. States without runs are left out."),
    )
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
    first_execution = Stamp(metadata=described("The earliest execution date."))
    last_execution = Stamp(metadata=described("The latest execution date."))
    first_queued = Stamp(
        metadata=described("When the first run was put into the queue; `None` before Airflow 2.1, which has none.")
    )
    last_ended = Stamp(metadata=described(f"When the last run ended, of those that have. {_NONE_YET}"))
    backfill_id = NumberOrNone(
        metadata=described("The native backfill of the runs; `None` if they are ordinary runs, or of several DAGs.")
    )
    max_active_runs = NumberOrNone(metadata=described("How many of its runs may be active at once."))
    is_paused = TruthOrNone(metadata=described("Whether it is paused, so that none of its runs starts."))


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
        metadata=described("Whether this request did not come to every run; send it again to go on.")
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


class PausedSchema(Schema):
    """Whether a DAG is paused."""

    dag_id = fields.String(metadata=described("The DAG."))
    is_paused = fields.Boolean(metadata=described("Whether the DAG is paused now."))


class PausedBatchSchema(Schema):
    """Whether a batch is paused."""

    prefix = fields.String(metadata=described("The prefix as sent in the request."))
    is_paused = fields.Boolean(metadata=described("Whether its native backfills are paused now."))
    dag_ids = Texts(metadata=described("The DAGs of these backfills."))


class AboutSchema(Schema):
    """What a client may ask of this installation."""

    version = fields.String(metadata=described("The version of this service."))
    backend = fields.String(metadata=described("The kind of database.", examples=["PostgreSQL", "SQLite"]))
    airflow = Word(
        metadata=described(
            "The first release of Airflow that has these tables, or its major version if they are not known. `None` "
            "for the built-in database.",
            examples=["3.1", "1.10"],
        )
    )
    head = Word(metadata=described("The revision of Airflow's tables (the alembic head)."))
    writable = fields.Boolean(metadata=described("Whether runs could be created now."))
    reason = Word(metadata=described("Why not, as a sentence; `None` if they could."))
    native_backfills = fields.Boolean(
        metadata=described(
            "Whether a batch can be one of Airflow's own backfills, which do not hold back the schedule."
        )
    )
    retries = fields.String(
        metadata=described(
            "Which failed runs `retry` puts back into the queue: with `airflow` all, because Airflow's own API clears "
            "them; with `database` only those that never started (in the built-in database all); with `none` no run, "
            "because the service may not write.",
            enum=["airflow", "database", "none"],
        )
    )


def dumped(schema: Schema, value: object) -> dict[str, object]:
    """Return a model value as JSON data; with a schema for many, the result is a list in spite of its type."""
    return cast("dict[str, object]", schema.dump(value))
