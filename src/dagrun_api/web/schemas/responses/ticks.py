"""Answers about the ticks of a schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields

from dagrun_api.model import MAX_BATCH
from dagrun_api.web.schemas.columns import Column, Listing, Named, Stamp, Texts
from dagrun_api.web.schemas.fields import described
from dagrun_api.web.schemas.responses.runs import RunSchema
from dagrun_api.web.schemas.values import named, or_absent

__all__ = ["TickSchema", "TicksSchema"]


_RUNS = Listing(RunSchema())


class RunOrNone(Column[object]):
    """A run as in a list of runs, or the word `None`."""

    json_schema: Mapping[str, Any] = or_absent(named("DagRun"))

    def column(self, values: Sequence[Any]) -> Sequence[object]:
        runs = iter(_RUNS.dump([value for value in values if value is not None]))
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
    counts = Named(
        "TickCounts", metadata=described("How many of these ticks have no run, and how many have one in each state.")
    )
    warnings = Texts(attribute="notes", metadata=described("What the timetable says about these ticks."))
