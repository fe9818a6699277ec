"""Clearing failed runs through Airflow's API: a few requests at once, within a limited time."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import groupby
from typing import cast
from urllib.parse import quote

import aiohttp

from dagrun_api.airflow.clears import ClearApi
from dagrun_api.airflow_api.connection import NOT_AIRFLOW, TIMEOUT, Connection, Login
from dagrun_api.airflow_api.refusals import Away, Refused, Unanswered
from dagrun_api.clearing import Clearing
from dagrun_api.model import Cleared, FailedRun
from dagrun_api.settings import Settings

__all__ = ["AirflowClearing", "open_clearing"]

logger = logging.getLogger(__name__)

PATIENCE = 12.0
"""Seconds after which no further request begins: with the last one, that is less than a client waits."""

_AT_ONCE = 4
"""Requests at once; an Airflow has few workers, and its own page needs them, too."""

_MANY = 20
"""Runs in one request."""

_HEADERS = {"User-Agent": "dagrun-api"}

_BACK = ("queued", "running")
_NOTHING = (
    "Airflow has cleared nothing in them, because none of their tasks has failed: clear the whole runs on its page."
)


@asynccontextmanager
async def open_clearing(settings: Settings) -> AsyncGenerator[Clearing | None]:
    """Provide Airflow's API as the settings say; None if they hold no credentials for it."""
    url = settings.airflow_url
    if url is None or not settings.has_airflow_login:
        yield None
        return
    timeout = aiohttp.ClientTimeout(total=TIMEOUT, sock_connect=TIMEOUT / 2)
    session = aiohttp.ClientSession(
        # Airflow's servers close a connection after some idle seconds, which must not meet the next request.
        connector=aiohttp.TCPConnector(keepalive_timeout=2.0),
        # Cookies of one answer have no place in the next request.
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=timeout,
        headers=_HEADERS,
    )
    async with session:
        login = Login(settings.airflow_username or "", settings.airflow_password or "", settings.airflow_token)
        yield AirflowClearing(Connection(session, url, login))


class AirflowClearing(Clearing):
    """Airflow's API on a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def clear(self, runs: Sequence[FailedRun], api: ClearApi) -> Cleared:
        call = _Call(self._connection, api, runs)
        await asyncio.gather(*(call.work() for _ in range(_AT_ONCE)))
        for reason, count in call.refusals.items():
            logger.warning("Airflow's API did not clear %d runs: %s", count, reason)
        # In the order in which they were asked for.
        cleared = [run for run in runs if run in call.cleared]
        return Cleared(cleared, call.refusals, len(runs) - len(cleared) - call.refusals.total())


class _Call:
    """One call: the requests that are still to be sent, and what came of the others."""

    def __init__(self, connection: Connection, api: ClearApi, runs: Sequence[FailedRun]) -> None:
        self.cleared: set[FailedRun] = set()
        self.refusals: Counter[str] = Counter()
        self._connection = connection
        self._api = api
        self._waiting = deque(_portions(runs, _MANY if api is ClearApi.MANY_RUNS else 1))
        self._end = asyncio.get_running_loop().time() + PATIENCE

    async def work(self) -> None:
        """Send requests one after the other, until there is none left or the time is over."""
        while self._waiting and asyncio.get_running_loop().time() < self._end:
            portion = self._waiting.popleft()
            try:
                self._add(portion, await self._ask(portion))
            except Away as refusal:
                # The others would not fare better.
                left = [portion, *self._waiting]
                self._waiting.clear()
                self.refusals[str(refusal)] += sum(map(len, left))
            except Unanswered as refusal:
                self.refusals[str(refusal)] += len(portion)
            except Refused as refusal:
                if len(portion) == 1:
                    self.refusals[str(refusal)] += 1
                else:
                    # One run that Airflow does not know makes it refuse all: each for itself, then.
                    self._waiting.extendleft([run] for run in reversed(portion))

    async def _ask(self, portion: Sequence[FailedRun]) -> Mapping[str, object]:
        """Return run id -> the state that Airflow says it has now."""
        dag = quote(portion[0].dag_id, safe="")
        if len(portion) > 1:
            body = {"dry_run": False, "only_failed": True, "dag_runs": [{"dag_run_id": run.run_id} for run in portion]}
            return _states(await self._connection.post(f"/api/v2/dags/{dag}/clearDagRuns", body))
        version, body = ("v1", {}) if self._api is ClearApi.WHOLE_RUNS else ("v2", {"only_failed": True})
        path = f"/api/{version}/dags/{dag}/dagRuns/{quote(portion[0].run_id, safe='')}/clear"
        answer = await self._connection.post(path, {"dry_run": False, **body})
        return {portion[0].run_id: answer.get("state")}

    def _add(self, portion: Sequence[FailedRun], states: Mapping[str, object]) -> None:
        for run in portion:
            state = states.get(run.run_id)
            if state in _BACK:
                self.cleared.add(run)
            else:
                self.refusals[NOT_AIRFLOW if state is None else _NOTHING] += 1


def _portions(runs: Sequence[FailedRun], size: int) -> list[list[FailedRun]]:
    """Return the runs in portions, each of one DAG."""
    found: list[list[FailedRun]] = []
    for _, group in groupby(runs, key=lambda run: run.dag_id):
        of_dag = list(group)
        found += [of_dag[start : start + size] for start in range(0, len(of_dag), size)]
    return found


def _states(answer: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    runs = answer.get("dag_runs")
    for run in cast("list[object]", runs) if isinstance(runs, list) else []:
        if isinstance(run, dict):
            told = cast("dict[str, object]", run)
            found[str(told.get("dag_run_id"))] = told.get("state")
    return found
