"""Answers about runs."""

from __future__ import annotations

from marshmallow import Schema, fields

from dagrun_api.web.schemas.columns import StampOrNone, State, Word, WordedTruth
from dagrun_api.web.schemas.fields import described
from dagrun_api.web.schemas.responses.schema import NONE_YET

__all__ = ["RunSchema"]


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
