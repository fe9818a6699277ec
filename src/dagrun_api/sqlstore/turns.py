"""The turns that the writers of one process take for each DAG, before any of them takes a connection.

Without them, a few writers that wait for one locked row would hold every connection, and stop other DAGs and reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from dagrun_api.errors import Locked

__all__ = ["Turns"]


class Turns:
    """One queue for each DAG that is being written to; `patience` is in seconds."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        # A lock is kept for as long as somebody holds it or waits for it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.waiting = 0
        """Writers that wait for their turn."""

    @asynccontextmanager
    async def of(self, dag_id: str) -> AsyncGenerator[bool]:
        """Take the turn on a DAG; yield whether it had to wait for it. Raises `Locked` when it takes too long."""
        lock = self._locks.setdefault(dag_id, asyncio.Lock())
        has_to_wait = lock.locked()
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await lock.acquire()
        except TimeoutError as error:
            raise Locked("Other requests are writing to this DAG; repeat the request in a moment.") from error
        finally:
            self.waiting -= 1
        try:
            yield has_to_wait
        finally:
            lock.release()
