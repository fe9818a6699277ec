"""What the schemas of all requests share, and the query of an endpoint without parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NoReturn, TypeVar, cast

from marshmallow import Schema, ValidationError, post_load

from dagrun_api.errors import InvalidRequest
from dagrun_api.web.schemas.fields import shown

__all__ = ["LIMITED_TOKEN", "NO_QUERY", "NoQuery", "QuerySchema", "RequestSchema"]

T = TypeVar("T")

LIMITED_TOKEN = "A token that is limited to some DAGs must name one of them."  # noqa: S105  # a sentence, no secret


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


NO_QUERY = NoQuerySchema()
