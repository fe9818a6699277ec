"""Answers about runs."""

from __future__ import annotations

from marshmallow import Schema, fields

from dagrun_api.web.schemas.columns import (
    JsonOrNone,
    SecondsOrNone,
    StampOrNone,
    State,
    Word,
    WordedTruth,
    WordOrNone,
)
from dagrun_api.web.schemas.fields import described
from dagrun_api.web.schemas.responses.schema import NONE_YET

__all__ = ["RunDetailSchema", "RunSchema"]


class RunSchema(Schema):
    """A DAG run. Other programs may have left out anything but the id; such a value is the word `None`."""

    id = fields.Integer(metadata=described("The number of the run. Newer runs have higher numbers.", format="int64"))
    dag_id = Word(metadata=described("The DAG of the run.", examples=["hello"]))
    run_id = Word(metadata=described("The run id, unique within the DAG."))
    state = State(metadata=described("The state. Other programs may have written other words."))
    execution_date = StampOrNone(metadata=described("The execution date, which Airflow 3 calls the logical date."))
    start_date = StampOrNone(metadata=described(f"When Airflow started the run. {NONE_YET}"))
    end_date = StampOrNone(metadata=described(f"When the run ended. {NONE_YET}"))
    external_trigger = WordedTruth(
        metadata=described("`False` if the schedule of the DAG created the run, otherwise `True`.")
    )


class RunDetailSchema(RunSchema):
    """A DAG run in full. What the database does not say is the word `None`."""

    data_interval_start = StampOrNone(metadata=described("The start of the data interval. Since Airflow 2.2."))
    data_interval_end = StampOrNone(metadata=described("The end of the data interval. Since Airflow 2.2."))
    run_after = StampOrNone(
        metadata=described("The earliest time at which Airflow may start the run. Since Airflow 3.")
    )
    queued_at = StampOrNone(metadata=described("When the run was last put into the queue. Since Airflow 2.1."))
    duration = SecondsOrNone(
        metadata=described("The seconds from its start to its end; `None` until it has ended.", examples=[60.25])
    )
    conf = JsonOrNone(
        metadata=described(
            "The conf of the run, since Airflow 3: before, Airflow stores a pickle, which is never read. `None` also "
            "if the option `show_conf` is off."
        )
    )
    airflow_url = WordOrNone(
        metadata=described("The address of its page in Airflow; `None` if the option `airflow_url` is not set.")
    )
