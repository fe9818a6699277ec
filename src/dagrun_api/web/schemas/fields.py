"""The kinds of values that the API takes, as marshmallow fields; their errors are whole sentences.

Each says as `json_schema` what the OpenAPI document has to say of its kind; the `description` in it goes behind the one
that a field has by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, cast

from marshmallow import ValidationError, fields

from dagrun_api.airflow.run_ids import check_prefix
from dagrun_api.errors import InvalidRequest
from dagrun_api.model import Prefix
from dagrun_api.web import strict_json

__all__ = [
    "BatchName",
    "Choice",
    "Count",
    "Instant",
    "JsonObject",
    "Start",
    "Text",
    "Truth",
    "described",
    "shown",
]

_MAX_ID = 2**63 - 1

_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d|\d{8}|\d{4}-?W\d\d(-?\d)?)"
    r"([T ]\d\d(:?\d\d(:?\d\d([.,]\d+)?)?)?(Z|[+-]\d\d(:?\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)

_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


def described(description: str, **more: Any) -> dict[str, Any]:
    """Return a field's `metadata`: what it means, for the OpenAPI document, and what else that says of it."""
    return {"description": description, **more}


def shown(value: object) -> str:
    """Return a value as an error may quote it: in ASCII, and not at length."""
    text = ascii(value)
    return text if len(text) <= 80 else text[:77] + "..."


class Text(fields.Field[str]):
    """Any text without NUL characters, which no database of ours can hold."""

    json_schema: ClassVar[Mapping[str, Any]] = {"type": "string", "pattern": "^[^\\u0000]*$"}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError(f"{self.name} must be a string, not {shown(value)}.")
        if "\0" in value:
            raise ValidationError(f"{self.name} must not hold a NUL character.")
        return value


class BatchName(Text):
    """The prefix of new run ids, which is the name of their batch."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Prefix:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return check_prefix(text)
        except InvalidRequest as error:
            raise ValidationError(str(error)) from error


class Choice(Text):
    """One of a few words."""

    json_schema: ClassVar[Mapping[str, Any]] = {"type": "string"}

    def __init__(self, words: tuple[str, ...], *, metadata: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(metadata={**metadata, "enum": list(words)}, **kwargs)  # pyright: ignore[reportUnknownMemberType]
        self._words = words

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if value not in self._words:
            raise ValidationError(f"{self.name} must be one of {', '.join(self._words)}, not {shown(value)}.")
        return cast("str", value)


class Count(fields.Field[int]):
    """A whole number between two bounds, also as digits."""

    json_schema: ClassVar[Mapping[str, Any]] = {
        "type": "integer",
        "description": "A string of digits is taken for the number.",
    }

    def __init__(
        self, low: int, high: int, *, metadata: Mapping[str, Any], too_high: str | None = None, **kwargs: Any
    ) -> None:
        bounds = {"minimum": low, "maximum": high}
        super().__init__(metadata={**metadata, **bounds}, **kwargs)  # pyright: ignore[reportUnknownMemberType]
        self._low = low
        self._high = high
        self._too_high = too_high

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        number = _whole(value)
        if number is None or number < self._low:
            raise ValidationError(
                f"{self.name} must be a whole number from {self._low} to {self._high}, not {shown(value)}."
            )
        if number > self._high:
            raise ValidationError(self._too_high or f"{self.name} must be at most {self._high}, not {shown(value)}.")
        return number


class Start(fields.Field[int | str]):
    """The run to start after: digits are a numeric id, anything else a run id."""

    json_schema: ClassVar[Mapping[str, Any]] = {"type": ["integer", "string"]}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int | str:
        text = cast("str", value)
        number = _whole(text)
        if number is None:
            if not text or "\0" in text:
                raise ValidationError("start must be the numeric id or the run id of the run to start after.")
            return text
        if number > _MAX_ID:
            raise ValidationError(f"start must be at most {_MAX_ID}, not {shown(value)}.")
        return number


class Truth(fields.Field[bool]):
    """True or false, also as words in any case, or 1 and 0."""

    json_schema: ClassVar[Mapping[str, Any]] = {
        "type": "boolean",
        "description": "The words `true` and `false` in any case, and the strings `1` and `0`, are taken as well.",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        truth = _TRUTHS.get(value.lower()) if isinstance(value, str) else None
        if truth is None:
            raise ValidationError(f"{self.name} must be true or false, not {shown(value)}.")
        return truth


class Instant(fields.Field[datetime]):
    """A date in ISO 8601, UTC where it has no offset."""

    json_schema: ClassVar[Mapping[str, Any]] = {
        "type": "string",
        "format": "date-time",
        "description": "Any date in ISO 8601 is taken, with or without a time and an offset; it is UTC without one.",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        if isinstance(value, str) and _DATE.fullmatch(value):
            try:
                instant = datetime.fromisoformat(value.upper())
                return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
            except (ValueError, OverflowError):
                pass
        raise ValidationError(
            f"{self.name} {shown(value)} is not a date; send one such as 2017-09-01T12:00:00 (UTC), with an offset if "
            "you like."
        )


class JsonObject(fields.Field[dict[str, object]]):
    """A JSON object, or a string that holds one."""

    json_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "description": "A string that holds a JSON object is taken for it.",
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[str, object]:
        if isinstance(value, str):
            value = _parsed(value, str(self.name))
        if not isinstance(value, dict):
            raise ValidationError(f"{self.name} must be a JSON object, or a string that holds one, not {shown(value)}.")
        return cast("dict[str, object]", value)


def _parsed(text: str, name: str) -> object:
    loads: Callable[[str, str], object] = strict_json.loads
    try:
        return loads(text, name)
    except InvalidRequest as error:
        raise ValidationError(str(error)) from error


def _whole(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    # More digits than any bound of ours has need not be read, and int() refuses some thousands of them.
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        digits = value.lstrip("0") or "0"
        return int(digits) if len(digits) <= 19 else 10**19
    return None
