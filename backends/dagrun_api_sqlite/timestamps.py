"""Timestamps as Airflow keeps them in SQLite: text, UTC without an offset, with a space and always six decimals.

They are compared as text, so one in another form breaks order and duplicate detection; SQLAlchemy 1.x, which Airflow
2 uses, cannot even read most other forms. Reading is lenient: other tools write rows, too.
"""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["from_text", "to_text"]


def to_text(instant: datetime) -> str:
    """Return the one form that Airflow reads and compares: `2017-09-19 12:00:00.000000`."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def from_text(value: object) -> datetime | None:
    """Return the instant in UTC; None for NULL and for what is no timestamp at all."""
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
