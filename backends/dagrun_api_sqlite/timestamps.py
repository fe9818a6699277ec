"""Timestamps as Airflow stores them in SQLite: text, in UTC without an offset, with a space and always six decimals.

They are compared as text, so another form breaks the order and the search for duplicates; SQLAlchemy 1.x, which Airflow
2 uses, cannot even read most other forms. Reading is lenient, because other tools write rows too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from dagrun_api.instants import texts

__all__ = ["from_text", "to_text", "to_texts"]

_WITHOUT_FRACTION, _WITH_FRACTION = len("2017-09-19 12:00:00"), len("2017-09-19 12:00:00.000000")


def to_text(instant: datetime) -> str:
    """Return the one form that Airflow reads and compares: `2017-09-19 12:00:00.000000`."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def to_texts(instants: Sequence[datetime]) -> list[str]:
    """Return the same for many instants, in a fifth of the time."""
    found = texts(instants, separator=" ")
    return [_completed(text, instant) for text, instant in zip(found, instants, strict=True)]


def _completed(text: str, instant: datetime) -> str:
    if len(text) == _WITHOUT_FRACTION:
        return text + ".000000"
    # A longer text has an offset, because the instant is not in UTC.
    return text if len(text) == _WITH_FRACTION else to_text(instant)


def from_text(value: object) -> datetime | None:
    """Return the instant in UTC; None for NULL, and for a value that is not a timestamp."""
    if not isinstance(value, str):
        return None
    try:
        # Reading a text with an offset takes a tenth of the time of adding the time zone afterwards.
        return datetime.fromisoformat(value + "Z")
    except ValueError:
        return _from_any_text(value)


def _from_any_text(value: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(value)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
