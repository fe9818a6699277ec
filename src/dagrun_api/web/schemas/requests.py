"""What the API takes: the one source for validation, and for what the OpenAPI document says of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, cast

from marshmallow import RAISE, Schema, ValidationError, fields, post_load
from multidict import MultiMapping

from dagrun_api.errors import InvalidRequest
from dagrun_api.model import MAX_BATCH, MAX_PAGE, STATES, BatchRequest, RunFilter, RunToCreate
from dagrun_api.web.schemas.fields import (
    BatchName,
    Choice,
    Count,
    Instant,
    JsonObject,
    Start,
    Text,
    Truth,
    described,
    shown,
)

__all__ = [
    "BatchSchema",
    "NoQuery",
    "NoQuerySchema",
    "RunQuery",
    "RunQuerySchema",
    "RunToCreateSchema",
    "RunsQuery",
    "RunsQuerySchema",
    "RunsToCreate",
    "from_body",
    "from_query",
]

T = TypeVar("T")

_ABSENT = BatchRequest(dag_id="")
"""What counts where a key of the body is absent."""

_FOR_SOME = "A token that is for some DAGs only has to name one of them."


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

    start = Start(
        load_default=0,
        metadata=described(
            "The run to start after: digits are its `id`, anything else its run id, which needs `dag_id` where several "
            "DAGs have it. The header `Link` has it ready."
        ),
    )
    limit = Count(1, MAX_PAGE, load_default=50, metadata=described("How many runs a page holds at most."))
    state = Choice(STATES, metadata=described("Runs in this state."))
    external_trigger = Truth(
        metadata=described("`true` for runs that the schedule did not make, `false` for those that it did.")
    )
    prefix = Text(metadata=described("Runs whose run id starts with this, to the letter."))
    dag_id = Text(metadata=described(f"Runs of this DAG. {_FOR_SOME}"))

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

    dag_id = Text(metadata=described(f"The DAG that is meant, where several have it. {_FOR_SOME}"))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> RunQuery:
        return RunQuery(**data)


class RunToCreateSchema(Schema):
    """One run of an explicit list."""

    execution_date = Instant(required=True, metadata=described("The date that the run stands for; each only once."))
    conf = JsonObject(metadata=described("Its own conf, which goes over the common one, key by key."))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> RunToCreate:
        return RunToCreate(**data)


class RunsToCreate(fields.Field[tuple[RunToCreate, ...]]):
    """An explicit list of runs."""

    json_schema: ClassVar[Mapping[str, Any]] = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/RunToCreate"},
        "minItems": 1,
        "maxItems": MAX_BATCH,
    }
    schema = RunToCreateSchema()

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> tuple[RunToCreate, ...]:
        if not isinstance(value, list) or not 0 < len(cast("list[object]", value)) <= MAX_BATCH:
            raise ValidationError(f"{self.name} must be a list of 1 to {MAX_BATCH} objects with an execution_date.")
        return tuple(self._one(place, wish) for place, wish in enumerate(cast("list[object]", value)))

    def _one(self, place: int, wish: object) -> RunToCreate:
        if not isinstance(wish, dict):
            raise ValidationError(f"{self.name}[{place}] must be an object with an execution_date.")
        try:
            return from_body(self.schema, cast("dict[str, object]", wish), RunToCreate)
        except InvalidRequest as error:
            raise ValidationError(f"In {self.name}[{place}]: {error}") from error


class BatchSchema(Schema):
    """The body that creates runs."""

    dag_id = Text(required=True, metadata=described("The DAG to create runs of."))
    prefix = BatchName(
        metadata=described(
            "What the run ids begin with, which are `<prefix>_<number>_<execution date>`; one underscore at its end is "
            "dropped. Letters, digits and the characters `_ . ~ : + -`; not `backfill`, nor a word that Airflow keeps "
            "for its own runs. It is the name of the batch.",
            default=_ABSENT.prefix,
        )
    )
    start_date = Instant(metadata=described("Where the window begins, inclusive; now, without it."))
    end_date = Instant(metadata=described("Where the window ends, inclusive; now, without it."))
    limit = Count(
        1,
        MAX_BATCH,
        too_high=f"Limit cannot exceed {MAX_BATCH}",
        metadata=described(
            "How many runs to create at most; dates that have a run do not count.",
            default=_ABSENT.limit,
        ),
    )
    # marshmallow's own `partial` belongs to instances; the field is not stored under its name.
    partial = Truth(  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType, reportIncompatibleVariableOverride]
        metadata=described(
            "What to do when the window holds more than `limit`: `false` creates nothing and answers 400, `true` "
            "creates the earliest.",
            default=_ABSENT.partial,
        )
    )
    conf = JsonObject(metadata=described("What the tasks see as `dag_run.conf`.", default=dict(_ABSENT.conf)))
    dry_run = Truth(
        metadata=described("Answer what would be created, and write nothing.", default=_ABSENT.dry_run),
    )
    runs = RunsToCreate(metadata=described("The runs themselves, instead of a window, `limit` and `partial`."))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> BatchRequest:
        window = [name for name in ("start_date", "end_date", "limit", "partial") if name in data]
        if "runs" in data and window:
            raise ValidationError(f"runs names the runs itself: leave {', '.join(window)} out.", "runs")
        return BatchRequest(**data)


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
