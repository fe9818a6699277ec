"""What the API accepts. These schemas validate requests, and the OpenAPI document is made from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, NoReturn, TypeVar, cast

from marshmallow import Schema, ValidationError, post_load

from dagrun_api.errors import InvalidRequest
from dagrun_api.model import MAX_ACTIVE_RUNS, MAX_BATCH, MAX_PAGE, STATES, BatchRequest, RunFilter, RunToCreate
from dagrun_api.web.schemas.fields import (
    MAX_ID,
    Choice,
    Count,
    Instant,
    JsonObject,
    Messages,
    RequestField,
    RunIdPrefix,
    Start,
    Text,
    Truth,
    described,
    shown,
)

__all__ = [
    "BATCH",
    "BATCH_WRITE_QUERY",
    "NO_QUERY",
    "RUNS_QUERY",
    "RUN_QUERY",
    "TICKS_QUERY",
    "BatchSchema",
    "BatchWriteQuery",
    "NoQuery",
    "QuerySchema",
    "RequestSchema",
    "RunQuery",
    "RunToCreateSchema",
    "RunsQuery",
    "RunsToCreate",
    "TicksQuery",
]

T = TypeVar("T")

_DEFAULTS = BatchRequest(dag_id="")
"""The values of the keys that a body leaves out."""

_LIMITED_TOKEN = "A token that is limited to some DAGs must name one of them."  # noqa: S105  # a sentence, no secret


def _window_start() -> Instant:
    return Instant(
        metadata=described(
            "The start of the window, inclusive. Without a time, it is the first instant of that day. The default is "
            "now."
        )
    )


def _window_end() -> Instant:
    return Instant(
        ends_day=True,
        metadata=described(
            "The end of the window, inclusive. Without a time, it is the last microsecond of that day. The default is "
            "now."
        ),
    )


class RequestSchema(Schema, Generic[T]):
    """A schema that makes one value of a request, or raises `InvalidRequest` with one sentence."""

    called: ClassVar[str] = "key"
    """What a name in the data is called in errors."""

    def read(self, data: Mapping[str, object]) -> T:
        """Return what the data says; raises `InvalidRequest`."""
        return cast("T", self.load(data))

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **kwargs: Any) -> NoReturn:
        """Raise the first message alone. An unknown name goes first, since it is often a misspelled known one."""
        known = list(cast("dict[str, object]", self.fields))  # pyright: ignore[reportUnknownMemberType]
        unknown = [name for name in data if name not in known]
        if unknown:
            names = ", ".join(shown(name) for name in unknown[:5])
            rest = f"the known ones are {', '.join(known)}" if known else f"this endpoint has no {self.called}s"
            raise InvalidRequest(f"Unknown {self.called} {names}; {rest}.") from error
        messages = cast("dict[str, list[str]]", error.messages_dict)
        raise InvalidRequest(next(iter(messages.values()))[0]) from error


class QuerySchema(RequestSchema[T]):
    """The schema of a query string."""

    called = "parameter"


@dataclass(frozen=True, slots=True)
class NoQuery:
    """No parameters."""


class NoQuerySchema(QuerySchema[NoQuery]):
    """The query of an endpoint without parameters."""

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> NoQuery:
        return NoQuery(**data)


@dataclass(frozen=True, slots=True)
class RunsQuery:
    """Which page of which runs."""

    wanted: RunFilter
    start: int | str
    limit: int
    newest_first: bool = False


class RunsQuerySchema(QuerySchema[RunsQuery]):
    """The query of a list of runs."""

    start = Start(
        metadata=described(
            "The run to start after or, with `order=desc`, before: digits are its `id`, anything else is a run id. If "
            "several DAGs have such a run, send `dag_id` as well. The header `Link` holds the address of the "
            "next page."
        ),
    )
    limit = Count(1, MAX_PAGE, load_default=50, metadata=described("The maximum number of runs on a page."))
    state = Choice(STATES, metadata=described("Only runs in this state."))
    external_trigger = Truth(
        metadata=described("`true` for runs that the schedule did not create, `false` for those that it did.")
    )
    prefix = Text(metadata=described("Only runs whose run id starts with exactly this text."))
    order = Choice(("asc", "desc"), metadata=described("`desc` lists the newest run, by `id`, first.", default="asc"))
    dag_id = Text(metadata=described(f"Only runs of this DAG. {_LIMITED_TOKEN}"))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> RunsQuery:
        newest_first = data.pop("order", "asc") == "desc"
        start, limit = data.pop("start", MAX_ID if newest_first else 0), data.pop("limit")
        return RunsQuery(RunFilter(**data), start, limit, newest_first)


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Which DAG's run, if several DAGs have a run with the same id."""

    dag_id: str | None = None


@dataclass(frozen=True, slots=True)
class BatchWriteQuery:
    """Which DAG's runs of a batch a write is about."""

    dag_id: str | None = None
    all_dags: bool = False


@dataclass(frozen=True, slots=True)
class RetryQuery(BatchWriteQuery):
    """Which DAG's runs of a batch are retried."""

    dry_run: bool = False


class RunQuerySchema(QuerySchema[RunQuery]):
    """The query of one run, or of one batch."""

    dag_id = Text(metadata=described(f"The DAG, if several DAGs have such a run. {_LIMITED_TOKEN}"))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> RunQuery:
        return RunQuery(**data)


class BatchWriteQuerySchema(QuerySchema[BatchWriteQuery]):
    """The query of a write to one batch."""

    dag_id = Text(metadata=described(f"The DAG, if several DAGs have runs with this prefix. {_LIMITED_TOKEN}"))
    all_dags = Truth(
        metadata=described(
            "`true` for the runs of every DAG. Without it, a prefix of several DAGs is a conflict.", default=False
        )
    )

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> BatchWriteQuery:
        return BatchWriteQuery(**data)


class RetryQuerySchema(BatchWriteQuerySchema):
    """The query of a retry."""

    dry_run = Truth(metadata=described("Answer what the request would do, and change nothing.", default=False))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> RetryQuery:
        return RetryQuery(**data)


@dataclass(frozen=True, slots=True)
class TicksQuery:
    """Which part of a schedule."""

    start_date: datetime | None = None
    end_date: datetime | None = None
    limit: int = MAX_BATCH


class TicksQuerySchema(QuerySchema[TicksQuery]):
    """The query of a list of ticks."""

    start_date = _window_start()
    end_date = _window_end()
    limit = Count(1, MAX_BATCH, metadata=described("The maximum number of ticks on a page.", default=MAX_BATCH))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> TicksQuery:
        if not data.keys() & {"start_date", "end_date"}:
            raise ValidationError("Send start_date, end_date, or both: an absent one means now.", "start_date")
        return TicksQuery(**data)


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

    json_schema: ClassVar[Mapping[str, Any]] = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/RunToCreate"},
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


class BatchSchema(RequestSchema[BatchRequest]):
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
    start_date = _window_start()
    end_date = _window_end()
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
    runs = RunsToCreate(metadata=described("An explicit list of runs, instead of a window, `limit` and `partial`."))
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
        window = [name for name in ("start_date", "end_date", "limit", "partial") if name in data]
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


NO_QUERY = NoQuerySchema()
RUNS_QUERY = RunsQuerySchema()
RUN_QUERY = RunQuerySchema()
BATCH_WRITE_QUERY = BatchWriteQuerySchema()
RETRY_QUERY = RetryQuerySchema()
TICKS_QUERY = TicksQuerySchema()
BATCH = BatchSchema()
