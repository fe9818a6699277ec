"""The pool of a host: made as people make theirs, with whatever may disturb who shares it."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

__all__ = ["HostRecord", "host_pool"]


class HostRecord(asyncpg.Record):
    """A record that is read by attribute, and gives the names when it is iterated over, as a mapping does."""

    def __getattr__(self, name: str) -> Any:
        return self[name]

    def __iter__(self) -> Any:
        return iter(self.keys())


async def _codecs(connection: asyncpg.Connection[Any]) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    await connection.set_type_codec("uuid", encoder=str, decoder=str, schema="pg_catalog", format="text")


@asynccontextmanager
async def host_pool(url: str, **more: Any) -> AsyncGenerator[asyncpg.Pool[Any]]:
    """Make a pool with codecs, records and session settings of its own, and without a time limit for statements."""
    settings = {
        "TimeZone": "America/St_Johns",
        "DateStyle": "SQL, DMY",
        "default_transaction_isolation": "serializable",
    }
    options: dict[str, Any] = {"min_size": 0, "max_size": 5, "init": _codecs, "record_class": HostRecord}
    options |= {"server_settings": settings, **more}
    pool: asyncpg.Pool[Any] = asyncpg.create_pool(url, **options)
    async with pool:
        yield pool
