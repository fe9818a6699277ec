"""A server that plays the part of Airflow's REST API that clears runs."""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from dagrun_api.model import DagRun
from tests.contract.memory import MemoryStore

__all__ = ["PASSWORD", "USER", "FakeAirflow"]

USER = "robot"
PASSWORD = "hunter2 hunter2"

Trouble = Callable[[str], Awaitable[web.StreamResponse | None]]
"""Given a run id, returns what is answered instead of clearing the run; None clears it."""


class FakeAirflow:
    """Clears runs of a store, for those who log in."""

    def __init__(self, store: MemoryStore) -> None:
        self.tokens = 0
        """How many tokens were given out; only the last one is valid."""
        self.fixed_token: str | None = None
        self.asked: list[tuple[str, Any]] = []
        """The paths and bodies of what was asked, logins apart."""
        self.at_once = self.most_at_once = 0
        self.trouble: dict[str, Trouble] = {}
        """Run id -> what happens instead."""
        self.succeeded: set[str] = set()
        """The runs none of whose tasks has failed."""
        self.headers: Counter[str] = Counter()
        self._store = store
        self.app = web.Application(middlewares=[self._counted])
        self.app.router.add_post("/team/auth/token", self._log_in)
        for version in ("v1", "v2"):
            self.app.router.add_post(f"/team/api/{version}/dags/{{dag}}/dagRuns/{{run:.+}}/clear", self._clear)
        self.app.router.add_post("/team/api/v2/dags/{dag}/clearDagRuns", self._clear_many)

    @web.middleware
    async def _counted(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.headers.update(request.headers.keys())
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await handler(request)
        finally:
            self.at_once -= 1

    async def _log_in(self, request: web.Request) -> web.Response:
        if await request.json() != {"username": USER, "password": PASSWORD}:
            return web.json_response({"detail": f"no {PASSWORD}"}, status=401)
        self.tokens += 1
        return web.json_response({"access_token": f"token-{self.tokens}"}, status=201)

    def _is_known(self, request: web.Request) -> bool:
        if self.fixed_token is not None:
            return request.headers["Authorization"] == f"Bearer {self.fixed_token}"
        basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        expected = f"Basic {basic}" if "/api/v1/" in request.path else f"Bearer token-{self.tokens}"
        return request.headers["Authorization"] == expected

    async def _clear(self, request: web.Request) -> web.StreamResponse:
        if not self._is_known(request):
            return web.json_response({"detail": PASSWORD}, status=401)
        body, run_id = await request.json(), request.match_info["run"]
        self.asked.append((request.path, body))
        if instead := await self._troubled(run_id):
            return instead
        return web.json_response(self._cleared(request.match_info["dag"], run_id))

    async def _clear_many(self, request: web.Request) -> web.StreamResponse:
        if not self._is_known(request):
            return web.json_response({"detail": PASSWORD}, status=401)
        body = await request.json()
        self.asked.append((request.path, body))
        run_ids = [each["dag_run_id"] for each in body["dag_runs"]]
        for run_id in run_ids:
            # All or none of them.
            if instead := await self._troubled(run_id):
                return instead
        return web.json_response({"dag_runs": [self._cleared(request.match_info["dag"], each) for each in run_ids]})

    async def _troubled(self, run_id: str) -> web.StreamResponse | None:
        await asyncio.sleep(0)
        return await self.trouble[run_id](run_id) if run_id in self.trouble else None

    def _cleared(self, dag_id: str, run_id: str) -> dict[str, str]:
        runs = self._store.stored_runs
        place = next(place for place, run in enumerate(runs) if (run.dag_id, run.run_id) == (dag_id, run_id))
        if run_id in self.succeeded:
            return {"dag_run_id": run_id, "state": "failed"}
        run: DagRun = runs[place]
        runs[place] = run._replace(state="queued", start_date=None, end_date=None)
        return {"dag_run_id": run_id, "state": "queued"}
