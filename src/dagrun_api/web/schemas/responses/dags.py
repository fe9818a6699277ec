"""Answers about DAGs."""

from __future__ import annotations

from marshmallow import Schema, fields

from dagrun_api.web.schemas.columns import NumberOrNone, Opposite, StampOrNone, TruthOrNone, WordOrNone
from dagrun_api.web.schemas.fields import described
from dagrun_api.web.schemas.responses.schema import NONE_YET

__all__ = ["DagDetailSchema", "DagSchema", "PausedSchema"]


class DagSchema(Schema):
    """A DAG in a list."""

    is_active = Opposite(attribute="is_paused", metadata=described("Whether the DAG is not paused."))
    dag_id = fields.String(metadata=described("The id of the DAG.", examples=["hello"]))
    full_path = WordOrNone(
        metadata=described("The file that defines the DAG, as Airflow stores it; `None` if unknown.")
    )
    last_execution = StampOrNone(metadata=described(f"The latest execution date of its runs. {NONE_YET}"))
    is_draining = fields.Boolean(
        metadata=described("Whether Airflow 3.4 or later finishes its runs, and creates no scheduled ones.")
    )


class DagDetailSchema(DagSchema):
    """A DAG with its schedule. What the database does not say is the word `None`."""

    schedule = WordOrNone(
        metadata=described("The schedule: a cron, a duration or the name of a timetable.", examples=["0 12 * * *"])
    )
    timezone = WordOrNone(metadata=described("The time zone of the schedule.", examples=["Europe/Amsterdam"]))
    start_date = StampOrNone(metadata=described("The first execution date for which Airflow runs any of its tasks."))
    end_date = StampOrNone(metadata=described("The last execution date for which Airflow runs any of its tasks."))
    max_active_runs = NumberOrNone(metadata=described("How many of its runs may be active at once."))
    active_runs = fields.Integer(
        metadata=described("How many of its runs are queued or running, whatever created them.", minimum=0)
    )
    next_execution = StampOrNone(
        metadata=described("The execution date of the next scheduled run. `None` if no further one is planned.")
    )
    next_run_after = StampOrNone(
        metadata=described("When the scheduler may create that run, if nothing holds it back.")
    )
    catchup = TruthOrNone(metadata=described("Whether Airflow creates the scheduled runs that it has missed."))
    owners = WordOrNone(metadata=described("The owners of its tasks."))
    description = WordOrNone(metadata=described("The description of the DAG."))
    has_import_errors = fields.Boolean(
        metadata=described("Whether Airflow failed to import its file the last time. Since Airflow 2.2.")
    )
    unlistable = WordOrNone(
        metadata=described("Why its schedule has no ticks to list, as a sentence; `None` if they can be listed.")
    )
    airflow_url = WordOrNone(
        metadata=described("The address of its page in Airflow; `None` if the option `airflow_url` is not set.")
    )


class PausedSchema(Schema):
    """Whether a DAG is paused."""

    dag_id = fields.String(metadata=described("The DAG."))
    is_paused = fields.Boolean(metadata=described("Whether the DAG is paused now."))
