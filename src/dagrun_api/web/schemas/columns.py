"""A fast path for answers: marshmallow fields that convert a whole column of a list at once.

marshmallow itself converts value after value, which takes 0.9 ms for a page of 100 runs. Column after column, with the
same fields of the same schemas, it is 0.1 ms. The rest of the request takes about 0.4 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, ClassVar, TypeVar, cast

from marshmallow import Schema, fields
from orjson import Fragment

from dagrun_api.instants import texts

__all__ = [
    "Column",
    "JsonOrNone",
    "Listing",
    "NumberOrNone",
    "Opposite",
    "SecondsOrNone",
    "Stamp",
    "Texts",
    "TruthOrNone",
    "Word",
    "WordedTruth",
]

T = TypeVar("T")


class Column(fields.Field[T]):
    """A field of an answer that converts many values at once, so that a list takes one step for each column."""

    json_schema: ClassVar[Mapping[str, Any]] = {}
    """What the OpenAPI document says about this kind of field."""

    def column(self, values: Sequence[Any]) -> Sequence[object]:
        """Return each value as it stands in an answer."""
        return values

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> object:
        return self.column([value])[0]


class Opposite(Column[bool], fields.Boolean):
    """A truth value, shown as its opposite."""

    def column(self, values: Sequence[Any]) -> Sequence[object]:
        return [not value for value in values]


class Word(Column[str]):
    """A text, shown as `None` if it is absent."""

    json_schema: ClassVar[Mapping[str, Any]] = {"type": "string"}

    def column(self, values: Sequence[Any]) -> Sequence[object]:
        return ["None" if value is None else value for value in values]


class NumberOrNone(Word):
    """A whole number, or the word `None`."""

    json_schema: ClassVar[Mapping[str, Any]] = {"oneOf": [{"type": "integer"}, {"const": "None"}]}


class SecondsOrNone(Word):
    """A number of seconds, or the word `None`."""

    json_schema: ClassVar[Mapping[str, Any]] = {"oneOf": [{"type": "number"}, {"const": "None"}]}


class JsonOrNone(Word):
    """The text of a JSON object, shown as that object, or the word `None`."""

    json_schema: ClassVar[Mapping[str, Any]] = {"oneOf": [{"type": "object"}, {"const": "None"}]}

    def column(self, values: Sequence[Any]) -> Sequence[object]:
        return ["None" if value is None else Fragment(value) for value in values]


class TruthOrNone(Word):
    """A truth value, or the word `None`."""

    json_schema: ClassVar[Mapping[str, Any]] = {"enum": [True, False, "None"]}


class WordedTruth(Column[bool]):
    """A truth value, shown as the word `True` or `False`."""

    json_schema: ClassVar[Mapping[str, Any]] = {"type": "string", "enum": ["True", "False"]}

    def column(self, values: Sequence[Any]) -> Sequence[object]:
        return ["True" if value else "False" for value in values]


class Stamp(Word):
    """An instant, shown as `2017-09-19 12:00:00` in UTC, or as `None` if it is absent."""

    json_schema: ClassVar[Mapping[str, Any]] = {
        "type": "string",
        "pattern": r"^(None|\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{6})?)$",
        "description": "In UTC, with a fraction only if it is not zero.",
    }

    def column(self, values: Sequence[Any]) -> Sequence[object]:
        return super().column(texts(values, separator=" "))


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
        self._names = list(given)
        self._columns = [(attrgetter(field.attribute or name), _column(field)) for name, field in given.items()]

    def dump(self, values: Sequence[object]) -> list[dict[str, object]]:
        """Return what the `dump` of the schema would return for each of these values."""
        columns = [column(list(map(take, values))) for take, column in self._columns]
        return [dict(zip(self._names, row, strict=False)) for row in zip(*columns, strict=True)]


def _column(field: fields.Field[object]) -> Callable[[Sequence[Any]], Iterable[object]]:
    if isinstance(field, Column):
        return field.column
    if isinstance(field, fields.String | fields.Integer | fields.Boolean):
        return _as_they_stand
    raise TypeError(f"{type(field).__name__} cannot convert a column")


def _as_they_stand(values: Sequence[Any]) -> Sequence[object]:
    return values
