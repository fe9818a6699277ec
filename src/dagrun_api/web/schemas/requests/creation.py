"""The body that creates runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from marshmallow import ValidationError, post_load

from dagrun_api.errors import InvalidRequest
from dagrun_api.model import MAX_ACTIVE_RUNS, MAX_BATCH, BatchRequest, RunToCreate
from dagrun_api.web.schemas.fields import (
    Count,
    JsonObject,
    Messages,
    RequestField,
    RunIdPrefix,
    Text,
    Truth,
    described,
)
from dagrun_api.web.schemas.instants import Instant
from dagrun_api.web.schemas.requests.schema import RequestSchema
from dagrun_api.web.schemas.requests.window import window_end, window_start
from dagrun_api.web.schemas.values import named

__all__ = ["CREATION", "FromListSchema", "InWindowSchema", "RunToCreateSchema"]

_DEFAULTS = BatchRequest(dag_id="")
"""The values of the keys that a body leaves out."""

_WINDOW = ("start_date", "end_date", "limit", "partial")
"""The keys that a list of runs excludes."""


class RunToCreateSchema(RequestSchema[RunToCreate]):
    """One run of an explicit list."""

    execution_date = Instant(
        required=True, metadata=described("The execution date of the run. A list has each date only once.")
    )
    conf = JsonObject(metadata=described("The conf of this run. Its keys override those of the common `conf`."))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> RunToCreate:
        return RunToCreate(**data)


class RunsToCreate(RequestField[tuple[RunToCreate, ...]]):
    """An explicit list of runs."""

    json_schema: Mapping[str, Any] = {
        "type": "array",
        "items": named("RunToCreate"),
        "minItems": 1,
        "maxItems": MAX_BATCH,
    }
    default_error_messages: Messages = {  # noqa: RUF012  # see fields.py
        "invalid": f"{{name}} must be a list of 1 to {MAX_BATCH} objects with an execution_date.",
        "item": "{name}[{index}] must be an object with an execution_date.",
        "in_item": "In {name}[{index}]: {error}",
    }
    schema = RunToCreateSchema()

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> tuple[RunToCreate, ...]:
        if not isinstance(value, list) or not 0 < len(cast("list[object]", value)) <= MAX_BATCH:
            raise self.make_error("invalid")
        return tuple(self._item(index, item) for index, item in enumerate(cast("list[object]", value)))

    def _item(self, index: int, item: object) -> RunToCreate:
        if not isinstance(item, dict):
            raise self.make_error("item", index=index)
        try:
            return self.schema.read(cast("dict[str, object]", item))
        except InvalidRequest as error:
            raise self.make_error("in_item", index=index, error=error) from error


def _runs(**more: Any) -> RunsToCreate:
    return RunsToCreate(
        metadata=described("An explicit list of runs, instead of a window, `limit` and `partial`."), **more
    )


class CreationSchema(RequestSchema[BatchRequest]):
    """The body that creates runs."""

    dag_id = Text(required=True, metadata=described("The DAG to create runs of."))
    prefix = RunIdPrefix(
        metadata=described(
            "The start of the run ids, and the name of the batch. Run ids are `<prefix>_<number>_<execution date>`. "
            "One underscore at the end of the prefix is dropped. The prefix may contain letters, digits and any of "
            "`_ . ~ : + -`. It must not contain `backfill` or the number and date of a run id, or start with a word "
            "that Airflow reserves for its own runs.",
            default=_DEFAULTS.prefix,
        )
    )
    start_date = window_start()
    end_date = window_end()
    limit = Count(
        1,
        MAX_BATCH,
        error_messages={"too_high": f"Limit cannot exceed {MAX_BATCH}"},
        metadata=described(
            "The maximum number of runs to create. Dates that already have a run do not count.",
            default=_DEFAULTS.limit,
        ),
    )
    # marshmallow's own `partial` belongs to instances; the field is not stored under its name.
    partial = Truth(  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType, reportIncompatibleVariableOverride]
        metadata=described(
            "What happens if the window needs more than `limit` runs: `false` creates nothing and answers 400, `true` "
            "creates the earliest ones.",
            default=_DEFAULTS.partial,
        )
    )
    conf = JsonObject(metadata=described("What the tasks see as `dag_run.conf`.", default=dict(_DEFAULTS.conf)))
    dry_run = Truth(
        metadata=described("Answer what the request would create, and write nothing.", default=_DEFAULTS.dry_run),
    )
    runs = _runs()
    max_active_runs = Count(
        1,
        MAX_ACTIVE_RUNS,
        metadata=described(
            "How many runs of the batch may be active at once. It makes the batch a native backfill, which holds back "
            "no scheduled run: on Airflow 3 and in the built-in database. A later request with the same DAG and prefix "
            "joins it, and sets its limit anew. It is for a window or a list."
        ),
    )
    run_backwards = Truth(
        metadata=described(
            "Whether the newest run starts first. It needs `max_active_runs`.", default=_DEFAULTS.run_backwards
        )
    )

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> BatchRequest:
        window = [name for name in _WINDOW if name in data]
        if "runs" in data and window:
            raise ValidationError(f"runs is an explicit list of runs: leave {', '.join(window)} out.", "runs")
        if "max_active_runs" in data and not data.keys() & {"runs", "start_date", "end_date"}:
            raise ValidationError(
                "max_active_runs is for a window or a list: send start_date, end_date or runs with it.",
                "max_active_runs",
            )
        if data.get("run_backwards") and "max_active_runs" not in data:
            raise ValidationError("run_backwards needs max_active_runs: send both.", "run_backwards")
        return BatchRequest(**data)


class InWindowSchema(CreationSchema):
    """Create the runs of a window or, without `start_date` and `end_date`, one run now."""

    class Meta:
        exclude = ("runs",)


class FromListSchema(CreationSchema):
    """Create the runs of an explicit list."""

    class Meta:
        exclude = _WINDOW

    runs = _runs(required=True)


CREATION = CreationSchema()
