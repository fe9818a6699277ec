"""The privileges that native backfills and retries need, and that a database user may not have."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from dagrun_api.errors import PrivilegeMissing, WritesRefused
from dagrun_api.store import Store

__all__ = ["named", "require", "to_retry"]


@asynccontextmanager
async def named(store: Store) -> AsyncGenerator[None]:
    """Raise a missing privilege as `WritesRefused` with its name, if native backfills need it and nothing else does."""
    try:
        yield
    except PrivilegeMissing as error:
        if not (await store.describe()).missing:
            await require(store, error)
        raise


@asynccontextmanager
async def to_retry(store: Store) -> AsyncGenerator[None]:
    """Raise a missing privilege as `WritesRefused` with its name, if retries need it and nothing else does."""
    try:
        yield
    except PrivilegeMissing as error:
        found = await store.describe()
        if found.missing or not found.retry_missing:
            raise
        raise WritesRefused(
            f"The database user lacks privileges to retry runs: grant {', '.join(found.retry_missing)}."
        ) from error


async def require(store: Store, cause: PrivilegeMissing | None = None) -> None:
    """Raise `WritesRefused` if the database user lacks a privilege that native backfills need."""
    missing = (await store.describe()).backfill_missing
    if missing:
        raise WritesRefused(
            f"The database user lacks privileges for native backfills: grant {', '.join(missing)}. Batches without "
            "max_active_runs, under another prefix, need none of them."
        ) from cause
