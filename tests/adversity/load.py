"""Clients of all kinds at once, and a record of what they were answered."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import ClientError, ClientSession

from tests.adversity.service import posted
from tests.service.process import ServiceProcess

__all__ = ["SIZE", "Load"]

SIZE = 200
"""Runs in a batch of a DAG that has a tick each minute."""

_START = datetime(2000, 1, 1, tzinfo=UTC)


class Load:
    """What clients do to a service; `is_excused` says whether a request that began then may be answered with 503."""

    def __init__(self, service: ServiceProcess, is_excused: Callable[[float], bool]) -> None:
        self._service = service
        self._is_excused = is_excused
        self._numbers = itertools.count()
        self._is_over = False
        self.statuses: Counter[int] = Counter()
        self.wrong: list[str] = []
        """Answers that should not have been."""
        self.complete: set[str] = set()
        """Prefixes of the batches that were answered with 200."""
        self.hung_up = 0

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Let all clients work for as long as this is entered, and finish what they are at."""
        self._is_over = False
        async with ClientSession() as session, asyncio.TaskGroup() as group:
            kinds = [self._create, self._create, self._repeat, self._read, self._read, self._watch, self._err]
            for kind in kinds:
                group.create_task(self._again(kind, session))
            group.create_task(self._again(self._hang_up, session))
            yield
            self._is_over = True

    async def _again(
        self, kind: Callable[[ClientSession], Coroutine[None, None, None]], session: ClientSession
    ) -> None:
        while not self._is_over:
            await kind(session)
            await asyncio.sleep(0.02)

    async def _create(self, session: ClientSession) -> None:
        body = _batch(next(self._numbers))
        # As a client that has to have its batch: again until it is there.
        while True:
            status, answer = await self._ask(session, "POST", "/api/v1/dag_runs", json=body)
            if status == 200:
                break
            await asyncio.sleep(0.2)
        if len(answer["dag_run_ids"]) + answer["skipped"] != SIZE:
            self.wrong.append(f"{body['prefix']}: {len(answer['dag_run_ids'])} + {answer['skipped']} runs")
        self.complete.add(body["prefix"])

    async def _repeat(self, session: ClientSession) -> None:
        for prefix in list(itertools.islice(self.complete, 3)):
            body = _batch(int(prefix[1:-1]))
            status, answer = await self._ask(session, "POST", "/api/v1/dag_runs", json=body)
            if status == 200 and (answer["dag_run_ids"], answer["skipped"]) != ([], SIZE):
                self.wrong.append(f"a repetition of {prefix} created {len(answer['dag_run_ids'])} runs")

    async def _read(self, session: ClientSession) -> None:
        for path in ("dags", "dag_runs?dag_id=a&limit=100", "latest_runs", "dag_runs?state=queued&limit=5"):
            await self._ask(session, "GET", f"/api/v1/{path}")

    async def _watch(self, session: ClientSession) -> None:
        for prefix in list(itertools.islice(self.complete, 5)):
            status, answer = await self._ask(session, "GET", f"/api/v1/batches/{prefix}?dag_id=a")
            if status == 200 and answer["total"] != SIZE:
                self.wrong.append(f"{prefix} has {answer['total']} runs")
        await self._ask(session, "GET", "/readyz")
        await self._ask(session, "GET", "/healthz", may_be_away=False)

    async def _err(self, session: ClientSession) -> None:
        await self._ask(session, "POST", "/api/v1/dag_runs", 400, may_be_away=False, data=b"[" * 5000)
        await self._ask(session, "GET", "/api/v1/dag_runs?limit=x", 400, may_be_away=False)
        await self._ask(session, "GET", "/api/v1/nothing", 404, may_be_away=False)
        await self._ask(session, "DELETE", "/api/v1/dag_runs", 405, may_be_away=False)
        await self._ask(session, "GET", "/api/v1/dag_runs/unknown", 404)

    async def _hang_up(self, _: ClientSession) -> None:
        number = next(self._numbers)
        request = posted("/api/v1/dag_runs", _batch(number))
        writer = (await asyncio.open_connection("127.0.0.1", self._service.port))[1]
        # One goes in the middle of its body, one after it, one after a moment more.
        writer.write(request[: -20 if number % 3 == 0 else None])
        await asyncio.sleep(0.02 if number % 3 == 2 else 0)
        writer.transport.abort()
        self.hung_up += 1
        # Nobody waits for these batches: more of them than the DAG takes one after the other would use the pool up.
        await asyncio.sleep(0.2)

    async def _ask(
        self,
        session: ClientSession,
        method: str,
        path: str,
        expected: int = 200,
        *,
        may_be_away: bool = True,
        **more: Any,
    ) -> tuple[int, dict[str, Any]]:
        began = time.monotonic()
        try:
            async with session.request(method, f"{self._service.address}{path}", **more) as response:
                answer: dict[str, Any] = (await response.json())["response"]
                status = response.status
        except (ClientError, TimeoutError, ValueError) as error:
            self.wrong.append(f"{method} {path}: {error!r}")
            return 0, {}
        self.statuses[status] += 1
        allowed = {expected, 503} if may_be_away and self._is_excused(began) else {expected}
        if status not in allowed:
            self.wrong.append(f"{method} {path}: {status} {answer}")
        return status, answer


def _batch(number: int) -> dict[str, str]:
    start = _START + number * SIZE * timedelta(minutes=1)
    end = start + (SIZE - 1) * timedelta(minutes=1)
    return {"dag_id": "a", "prefix": f"p{number}_", "start_date": start.isoformat(), "end_date": end.isoformat()}
