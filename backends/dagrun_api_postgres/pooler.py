"""A pooler such as PgBouncer between the service and the server.

In transaction mode it gives each transaction any of its connections to the server. What a client leaves in a session,
such as a prepared statement, is then missing in the next transaction.
"""

from __future__ import annotations

import logging
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias
from uuid import uuid4

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from dagrun_api.errors import ConfigurationError
from dagrun_api_postgres.statements import BACKEND, HAS_CACHE

__all__ = ["is_pooled", "may_cache", "refuse_cache"]

_Raw: TypeAlias = "asyncpg.Connection[Any] | PoolConnectionProxy[Any]"

_TRIES = 3
"""How often a statement is used again. Once is enough if no other client of the pooler is busy."""

_NOT_KEPT = (asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError)

logger = logging.getLogger(__name__)


async def is_pooled(raw: _Raw) -> bool:
    """Return whether a pooler holds the connection to the server: it tells its clients other process ids."""
    return bool(await raw.fetchval(BACKEND) != raw.get_server_pid())


async def may_cache(one: _Raw, other: AbstractAsyncContextManager[_Raw], wanted: bool | None) -> bool:
    """Return whether to cache prepared statements behind this pooler; `wanted` is the option `statement_cache`.

    Raises `ConfigurationError` if they are wanted and do not work. The two connections must not cache any.
    """
    if wanted is None:
        logger.info("A pooler such as PgBouncer is in front of the database: the statement cache is off.")
    elif wanted and not await _keeps_statements(one, other):
        raise ConfigurationError(
            "The pooler in front of the database (such as PgBouncer in transaction mode) does not keep prepared "
            "statements: leave statement_cache out, or turn it off."
        )
    return wanted is True


async def refuse_cache(pool: asyncpg.Pool[Any], patience: float) -> None:
    """Raise `ConfigurationError` if the pool of a host caches statements that a pooler does not keep."""
    try:
        async with pool.acquire(timeout=patience) as one:
            if not await is_pooled(one) or not await one.fetchval(HAS_CACHE):
                return
            works = await _keeps_statements(one, pool.acquire(timeout=patience))
    except _NOT_KEPT:
        works = False
    if not works:
        raise ConfigurationError(
            "The pooler in front of the database (such as PgBouncer in transaction mode) does not keep the prepared "
            "statements of this pool: make the pool with statement_cache_size=0."
        )


async def _keeps_statements(one: _Raw, other: AbstractAsyncContextManager[_Raw]) -> bool:
    """Return whether a prepared statement still works after another client has begun a transaction.

    In transaction mode that one takes the connection to the server on which the statement was prepared.
    """
    try:
        async with other as another:
            for _ in range(_TRIES):
                # Without a name it would not be kept anyway.
                statement = await one.prepare(BACKEND, name=f"dagrun_api_{uuid4().hex}")
                await statement.fetchval()
                async with another.transaction():
                    await another.execute(BACKEND)
                    await statement.fetchval()
    except (*_NOT_KEPT, TimeoutError):
        # The time is over if the pooler has a single connection to the server, or the pool one to the pooler.
        return False
    return True
