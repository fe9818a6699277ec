"""The kinds of values that the API accepts, as marshmallow fields. Every error message is a whole sentence.

The `json_schema` of a kind is what the OpenAPI document says about it. Its `description` follows the description of the
field itself.
"""

# marshmallow declares `default_error_messages` as a plain attribute, although it is one of the class.
# ruff: noqa: RUF012

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from marshmallow import ValidationError, fields

from dagrun_api.airflow.run_ids import check_prefix
from dagrun_api.errors import InvalidRequest
from dagrun_api.model import Prefix
from dagrun_api.web import strict_json
from dagrun_api.web.schemas.values import VALUES, named

__all__ = [
    "MAX_ID",
    "Choice",
    "Count",
    "JsonObject",
    "Messages",
    "RequestField",
    "RunIdPrefix",
    "Start",
    "Text",
    "Truth",
    "described",
    "shown",
]

T = TypeVar("T")

Messages = dict[str, Any]
"""Kind of error -> its sentence, a template that may use `{name}` and `{value}`."""

MAX_ID = 2**63 - 1
"""The highest id that a run can have."""

_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


def described(description: str, **more: Any) -> dict[str, Any]:
    """Return the `metadata` of a field: its meaning, and what else the OpenAPI document says about it."""
    return {"description": description, **more}


def shown(value: object) -> str:
    """Return a value as an error may quote it: in ASCII, and cut if it is long."""
    text = ascii(value)
    return text if len(text) <= 80 else text[:77] + "..."


class RequestField(fields.Field[T]):
    """A value in a request."""

    json_schema: Mapping[str, Any] = {}
    default_error_messages: Messages = {
        "required": "The key {name} is required.",
        "null": "The key {name} must not be null; leave it out, or give it a value.",
    }

    def make_error(self, key: str, *, value: object = None, **more: Any) -> ValidationError:
        return super().make_error(key, name=self.name, value=shown(value), **more)  # pyright: ignore[reportUnknownMemberType]


class Text(RequestField[str]):
    """Any text without NUL characters, which PostgreSQL cannot store."""

    json_schema: Mapping[str, Any] = {"type": "string", "pattern": "^[^\\u0000]*$"}
    default_error_messages: Messages = {
        "invalid": "{name} must be a string, not {value}.",
        "nul": "{name} must not contain a NUL character.",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid", value=value)
        if "\0" in value:
            raise self.make_error("nul")
        return value


class RunIdPrefix(Text):
    """The prefix of new run ids, which is the name of their batch."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Prefix:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return check_prefix(text)
        except InvalidRequest as error:
            raise ValidationError(str(error)) from error


class Choice(RequestField[str]):
    """One of a few words, which have a name in the OpenAPI document."""

    default_error_messages: Messages = {"invalid": "{name} must be one of {words}, not {value}."}

    def __init__(self, name: str, *, metadata: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(metadata=metadata, **kwargs)  # pyright: ignore[reportUnknownMemberType]
        self.json_schema = named(name)
        self._words: list[str] = VALUES[name]["enum"]

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if value not in self._words:
            raise self.make_error("invalid", value=value, words=", ".join(self._words))
        return cast("str", value)


class Count(RequestField[int]):
    """A whole number between two bounds, as a number or as a string of digits."""

    json_schema: Mapping[str, Any] = {
        "type": "integer",
        "description": "A string of digits is accepted as well.",
    }
    default_error_messages: Messages = {
        "invalid": "{name} must be a whole number from {low} to {high}, not {value}.",
        "too_high": "{name} must be at most {high}, not {value}.",
    }

    def __init__(self, low: int, high: int, *, metadata: Mapping[str, Any], **kwargs: Any) -> None:
        bounds = {"minimum": low, "maximum": high}
        super().__init__(metadata={**metadata, **bounds}, **kwargs)  # pyright: ignore[reportUnknownMemberType]
        self._low = low
        self._high = high

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        number = _whole(value)
        if number is None or number < self._low:
            raise self.make_error("invalid", value=value, low=self._low, high=self._high)
        if number > self._high:
            raise self.make_error("too_high", value=value, high=self._high)
        return number


class Start(RequestField[int | str]):
    """The run to start after: digits are a numeric id, anything else a run id."""

    json_schema: Mapping[str, Any] = {"type": ["integer", "string"]}
    default_error_messages: Messages = {
        "invalid": "{name} must be the numeric id or the run id of the run to start after.",
        "too_high": "{name} must be at most {high}, not {value}.",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int | str:
        text = cast("str", value)
        number = _whole(text)
        if number is None:
            if not text or "\0" in text:
                raise self.make_error("invalid")
            return text
        if number > MAX_ID:
            raise self.make_error("too_high", value=value, high=MAX_ID)
        return number


class Truth(RequestField[bool]):
    """True or false, also as a word in any case, or as the strings 1 and 0."""

    json_schema: Mapping[str, Any] = {
        "type": "boolean",
        "description": "The words `true` and `false` in any case, and the strings `1` and `0`, are accepted as well.",
    }
    default_error_messages: Messages = {"invalid": "{name} must be true or false, not {value}."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        truth = _TRUTHS.get(value.lower()) if isinstance(value, str) else None
        if truth is None:
            raise self.make_error("invalid", value=value)
        return truth


class JsonObject(RequestField[dict[str, object]]):
    """A JSON object, or a string that holds one."""

    json_schema: Mapping[str, Any] = {
        **named("Conf"),
        "description": "A string that holds a JSON object is accepted as well.",
    }
    default_error_messages: Messages = {
        "invalid": "{name} must be a JSON object, or a string that holds one, not {value}."
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[str, object]:
        if isinstance(value, str):
            try:
                value = strict_json.loads(value, str(self.name))
            except InvalidRequest as error:
                raise ValidationError(str(error)) from error
        if not isinstance(value, dict):
            raise self.make_error("invalid", value=value)
        return cast("dict[str, object]", value)


def _whole(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        digits = value.lstrip("0") or "0"
        # No bound has more digits than this, and int() refuses strings of some thousand digits.
        return int(digits) if len(digits) <= 19 else 10**19
    return None
