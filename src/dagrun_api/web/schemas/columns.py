"""A fast path for answers: marshmallow fields that convert a whole column of a list at once.

marshmallow itself converts value after value, which takes 0.9 ms for a page of 100 runs. Column after column, with the
same fields of the same schemas, it is 0.1 ms. The rest of the request takes about 0.4 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar, cast

from marshmallow import Schema, fields
from orjson import Fragment

from dagrun_api.instants import texts
from dagrun_api.web.schemas.values import named, or_absent

__all__ = [
    "Column",
    "JsonOrNone",
    "Listing",
    "Named",
    "NumberOrNone",
    "Opposite",
    "SecondsOrNone",
    "Stamp",
    "StampOrNone",
    "State",
    "Texts",
    "TruthOrNone",
    "Word",
    "WordOrNone",
    "WordedTruth",
]

T = TypeVar("T")


class Column(fields.Field[T]):
    """A field of an answer that converts many values at once, so that a list takes one step for each column."""

    json_schema: Mapping[str, Any] = {}
    """What the OpenAPI document says about this kind of field."""

    def column(self, values: Sequence[Any]) -> Sequence[object]:
        """Return each value as it stands in an answer."""
        return values

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> object:
        return self.column([value])[0]


class Named(Column[object]):
    """A value of a kind that has a name in the OpenAPI document, shown unchanged."""

    def __init__(self, name: str, *, metadata: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(metadata=metadata, **kwargs)  # pyright: ignore[reportUnknownMemberType]
        self.json_schema = named(name)


class Opposite(Column[bool], fields.Boolean):
    """A truth value, shown as its opposite."""

    def column(self, values: Sequence[Any]) -> Sequence[object]:
        return [not value for value in values]


class Word(Column[str]):
    """A text that is hardly ever absent; then it is the word `None`, which is a text as well."""

    json_schema: Mapping[str, Any] = {"type": "string"}

    def column(self, values: Sequence[Any]) -> Sequence[object]:
        return ["None" if value is None else value for value in values]


class WordOrNone(Word):
    """A text, or the word `None`."""

    json_schema: Mapping[str, Any] = or_absent({"type": "string"})


class State(Word):
    """The state of a run, or any other word that is stored in its place."""

    json_schema: Mapping[str, Any] = {"anyOf": [named("RunState"), {"type": "string"}]}


class NumberOrNone(Word):
    """A whole number, or the word `None`."""

    json_schema: Mapping[str, Any] = or_absent({"type": "integer"})


class SecondsOrNone(Word):
    """A number of seconds, or the word `None`."""

    json_schema: Mapping[str, Any] = or_absent({"type": "number"})


class JsonOrNone(Word):
    """The text of a JSON object, shown as that object, or the word `None`."""

    json_schema: Mapping[str, Any] = or_absent(named("Conf"))

    def column(self, values: Sequence[Any]) -> Sequence[object]:
        return ["None" if value is None else Fragment(value) for value in values]


class TruthOrNone(Word):
    """A truth value, or the word `None`."""

    json_schema: Mapping[str, Any] = or_absent({"type": "boolean"})


class WordedTruth(Column[bool]):
    """A truth value, shown as the word `True` or `False`."""

    json_schema: Mapping[str, Any] = named("ExternalTrigger")

    def column(self, values: Sequence[Any]) -> Sequence[object]:
        return ["True" if value else "False" for value in values]


class StampOrNone(Word):
    """An instant, shown as `2017-09-19 12:00:00` in UTC, or the word `None`."""

    json_schema: Mapping[str, Any] = or_absent(named("Timestamp"))

    def column(self, values: Sequence[Any]) -> Sequence[object]:
        return super().column(texts(values, separator=" "))


class Stamp(StampOrNone):
    """An instant that is never absent."""

    json_schema: Mapping[str, Any] = named("Timestamp")


class Texts(fields.List[str]):
    """A list of texts, shown unchanged."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.String(), **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> list[str]:
        return list(value)


class Listing:
    """Dumps lists with a schema whose fields are columns, texts, whole numbers or truth values."""

    def __init__(self, schema: Schema) -> None:
        given = cast("dict[str, fields.Field[object]]", schema.dump_fields)  # pyright: ignore[reportUnknownMemberType]
        self._blank: dict[str, Any] = dict.fromkeys(given)
        self._columns = [(name, attrgetter(field.attribute or name), _column(field)) for name, field in given.items()]

    def dump(self, values: Sequence[object]) -> list[dict[str, object]]:
        """Return what the `dump` of the schema would return for each of these values."""
        # A copy for each takes two thirds of the time of a dict from names and values.
        dumped = [self._blank.copy() for _ in values]
        for name, take, column in self._columns:
            for each, value in zip(dumped, column(list(map(take, values))), strict=True):
                each[name] = value
        return dumped


def _column(field: fields.Field[object]) -> Callable[[Sequence[Any]], Iterable[object]]:
    if isinstance(field, Column):
        return field.column
    if isinstance(field, fields.String | fields.Integer | fields.Boolean):
        return _as_they_stand
    raise TypeError(f"{type(field).__name__} cannot convert a column")


def _as_they_stand(values: Sequence[Any]) -> Sequence[object]:
    return values
