"""Dates in requests, as a marshmallow field."""

# ruff: noqa: RUF012  # see fields.py

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from dagrun_api.web.schemas.fields import Messages, RequestField

__all__ = ["Instant"]

_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d|\d{8}|\d{4}-?W\d\d(-?\d)?)"
    r"(?P<time>[T ]\d\d(:?\d\d(:?\d\d([.,]\d+)?)?)?(Z|[+-]\d\d(:?\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)

_DAY = timedelta(days=1) - timedelta(microseconds=1)
"""From the first instant of a day to its last."""


class Instant(RequestField[datetime]):
    """A date in ISO 8601, in UTC if it has no offset.

    Without a time it is the first instant of the day or, with `ends_day`, the last microsecond.
    """

    json_schema: Mapping[str, Any] = {
        "anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}],
        "description": "Any ISO 8601 date is accepted, with or without a time and an offset. Without an offset it is "
        "in UTC.",
    }
    default_error_messages: Messages = {
        "invalid": "{name} {value} is not a date; send one such as 2017-09-01T12:00:00 (UTC), with an offset if you "
        "like."
    }

    def __init__(self, *, ends_day: bool = False, metadata: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(metadata=metadata, **kwargs)  # pyright: ignore[reportUnknownMemberType]
        self._ends_day = ends_day

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        found = _DATE.fullmatch(value) if isinstance(value, str) else None
        if found is not None:
            try:
                instant = datetime.fromisoformat(found[0].upper())
                instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
                return instant + _DAY if self._ends_day and found["time"] is None else instant
            except (ValueError, OverflowError):
                pass
        raise self.make_error("invalid", value=value)
