"""What the API takes and gives: the one source for validation, for answers, and for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from marshmallow import RAISE, Schema, ValidationError, fields, post_load
from multidict import MultiMapping

from dagrun_api.airflow.layout import STATES
from dagrun_api.errors import InvalidRequest
from dagrun_api.model import MAX_BATCH, MAX_PAGE, BatchRequest, RunFilter, RunWish
from dagrun_api.web.columns import Opposite, Stamp, Texts, Word, WordedTruth
from dagrun_api.web.fields import Choice, Count, Instant, JsonObject, Start, Text, Truth, shown

__all__ = [
    "BatchProgressSchema",
    "BatchResultSchema",
    "BatchSchema",
    "CancellationSchema",
    "DagSchema",
    "DryRunResultSchema",
    "NoQuery",
    "NoQuerySchema",
    "PausedSchema",
    "PlannedRunSchema",
    "ProgressSchema",
    "RunQuery",
    "RunQuerySchema",
    "RunSchema",
    "RunWishSchema",
    "RunWishes",
    "RunsQuery",
    "RunsQuerySchema",
    "dumped",
    "from_body",
    "from_query",
]

T = TypeVar("T")


class DagSchema(Schema):
    """A DAG in a list."""

    is_active = Opposite(attribute="is_paused")
    dag_id = fields.String()
    full_path = Word()
    last_execution = Stamp()


class RunSchema(Schema):
    """A DAG run."""

    id = fields.Integer()
    dag_id = Word()
    run_id = Word()
    state = Word()
    execution_date = Stamp()
    start_date = Stamp()
    end_date = Stamp()
    external_trigger = WordedTruth()


@dataclass(frozen=True, slots=True)
class NoQuery:
    """No parameters."""


class NoQuerySchema(Schema):
    """The query where there are no parameters."""

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> NoQuery:
        return NoQuery(**data)


@dataclass(frozen=True, slots=True)
class RunsQuery:
    """Which page of which runs."""

    wanted: RunFilter
    start: int | str
    limit: int


class RunsQuerySchema(Schema):
    """The query of a list of runs."""

    start = Start(load_default=0)
    limit = Count(1, MAX_PAGE, load_default=50)
    state = Choice(STATES)
    external_trigger = Truth()
    prefix = Text()
    dag_id = Text()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> RunsQuery:
        start, limit = data.pop("start"), data.pop("limit")
        return RunsQuery(RunFilter(**data), start, limit)


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Which DAG's run of that id."""

    dag_id: str | None = None


class RunQuerySchema(Schema):
    """The query of one run."""

    dag_id = Text()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> RunQuery:
        return RunQuery(**data)


class RunWishSchema(Schema):
    """One run of an explicit list."""

    execution_date = Instant(required=True)
    conf = JsonObject()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> RunWish:
        return RunWish(**data)


class RunWishes(fields.Field[tuple[RunWish, ...]]):
    """An explicit list of runs."""

    schema = RunWishSchema()

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> tuple[RunWish, ...]:
        if not isinstance(value, list) or not 0 < len(cast("list[object]", value)) <= MAX_BATCH:
            raise ValidationError(f"{self.name} must be a list of 1 to {MAX_BATCH} objects with an execution_date.")
        return tuple(self._one(place, wish) for place, wish in enumerate(cast("list[object]", value)))

    def _one(self, place: int, wish: object) -> RunWish:
        if not isinstance(wish, dict):
            raise ValidationError(f"{self.name}[{place}] must be an object with an execution_date.")
        try:
            return from_body(self.schema, cast("dict[str, object]", wish), RunWish)
        except InvalidRequest as error:
            raise ValidationError(f"In {self.name}[{place}]: {error}") from error


class BatchSchema(Schema):
    """The body that creates runs."""

    dag_id = Text(required=True)
    prefix = Text()
    start_date = Instant()
    end_date = Instant()
    limit = Count(1, MAX_BATCH, too_high=f"Limit cannot exceed {MAX_BATCH}")
    # marshmallow's own `partial` belongs to instances; the field is not stored under its name.
    partial = Truth()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType, reportIncompatibleVariableOverride]
    conf = JsonObject()
    dry_run = Truth()
    runs = RunWishes()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> BatchRequest:
        window = [name for name in ("start_date", "end_date", "limit", "partial") if name in data]
        if "runs" in data and window:
            raise ValidationError(f"runs names the runs itself: leave {', '.join(window)} out.", "runs")
        return BatchRequest(**data)


class BatchResultSchema(Schema):
    """What came of it."""

    dag_run_ids = Texts(attribute="run_ids")
    skipped = fields.Integer()
    skipped_dag_run_ids = Texts(attribute="skipped_run_ids")
    truncated = fields.Boolean()
    warnings = Texts()


class PlannedRunSchema(Schema):
    """A run as a dry run shows it."""

    run_id = fields.String()
    execution_date = Stamp(attribute="logical_date")
    data_interval_start = Stamp()
    data_interval_end = Stamp()
    run_after = Stamp()


class DryRunResultSchema(BatchResultSchema):
    """What would come of it."""

    runs: fields.List[Any] = fields.List(fields.Nested(PlannedRunSchema))


class ProgressSchema(Schema):
    """How far a batch is in one DAG."""

    dag_id = fields.String()
    total = fields.Integer()
    states = fields.Dict(keys=fields.String(), values=fields.Integer())
    percent_done = fields.Float()
    first_execution = Stamp()
    last_execution = Stamp()


class BatchProgressSchema(ProgressSchema):
    """How far a batch is, in all and in each DAG."""

    class Meta:
        exclude = ("dag_id",)

    prefix = fields.String()
    dags: fields.List[Any] = fields.List(fields.Nested(ProgressSchema))


class CancellationSchema(Schema):
    """What became of the runs of a batch that was cancelled."""

    prefix = fields.String()
    cancelled = fields.Integer()
    started = fields.Integer()
    ended = fields.Integer()
    cancelled_dag_run_ids = Texts()


class PausedSchema(Schema):
    """Whether a DAG is paused."""

    dag_id = fields.String()
    is_paused = fields.Boolean()


def dumped(schema: Schema, value: object) -> dict[str, object]:
    """Return a model value as JSON has it; a list of them with a schema for many, whatever the type says."""
    return cast("dict[str, object]", schema.dump(value))


def from_query(schema: Schema, query: MultiMapping[str], result: type[T]) -> T:
    """Return what a query string says; raises `InvalidRequest` for an unknown parameter, or one given twice."""
    for name in query:
        if len(query.getall(name)) > 1:
            raise InvalidRequest(f"The parameter {shown(name)} is given more than once; send it once.")
    return _loaded(schema, dict(query), result, "parameter")


def from_body(schema: Schema, body: Mapping[str, object], result: type[T]) -> T:
    """Return what a JSON object says; raises `InvalidRequest`."""
    return _loaded(schema, body, result, "key")


def _loaded(schema: Schema, data: Mapping[str, object], result: type[T], called: str) -> T:
    known = cast("dict[str, fields.Field[object]]", schema.fields)  # pyright: ignore[reportUnknownMemberType]
    unknown = [name for name in data if name not in known]
    if unknown:
        names = ", ".join(shown(name) for name in unknown[:5])
        raise InvalidRequest(f"Unknown {called} {names}; {_known(called, known)}.")
    missing = [name for name, field in known.items() if field.required and name not in data]
    if missing:
        raise InvalidRequest(f"The {called} {missing[0]} is required.")
    empty = [name for name, value in data.items() if value is None]
    if empty:
        raise InvalidRequest(f"The {called} {empty[0]} must not be null; leave it out, or give it a value.")
    try:
        loaded = cast("object", schema.load(data, unknown=RAISE))
    except ValidationError as error:
        messages = cast("dict[str, list[str]]", error.messages_dict)
        raise InvalidRequest(next(iter(messages.values()))[0]) from error
    assert isinstance(loaded, result)  # noqa: S101  # for the type checkers; each schema makes just one thing
    return loaded


def _known(called: str, names: Collection[str]) -> str:
    return f"the ones known are {', '.join(names)}" if names else f"there is no {called} here"
