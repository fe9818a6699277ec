"""The report of `dagrun-api check`: what the database is, and what may be done with it."""

from __future__ import annotations

from typing import TextIO

from dagrun_api.errors import ConfigurationError
from dagrun_api.loading import open_store
from dagrun_api.model import Description
from dagrun_api.settings import Settings
from dagrun_api.timetables import versions

__all__ = ["report"]


async def report(settings: Settings, out: TextIO) -> int:
    """Connect, write the report, and change nothing; raises DagrunApiError saying what is wrong."""
    async with open_store(settings, create=False) as store:
        found = await store.describe()
    for name, value in _lines(settings, found):
        out.write(f"{name:<10} {value}\n")
    if found.refusal is not None or not found.writable:
        out.flush()
        raise ConfigurationError(found.refusal or "Nothing may be written to this database.")
    return 0


def _lines(settings: Settings, found: Description) -> list[tuple[str, object]]:
    head = f" (head {found.head})" if found.head else ""
    return [
        ("database", f"{settings.safe_database} ({found.backend})"),
        ("schema", f"{found.generation}{head}"),
        ("reads", "yes"),
        ("writes", "yes" if found.writable and found.refusal is None else "no"),
        ("DAGs", found.dags),
        ("runs", found.runs),
        *versions().items(),
    ]
