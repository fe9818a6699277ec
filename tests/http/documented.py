"""The database of the OpenAPI examples, and how to get each answer in the document."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

from aiohttp import ClientResponse, web
from yarl import URL

from dagrun_api import AccessToken, Settings, create_app
from dagrun_api.airflow.clears import ClearApi
from dagrun_api.batches.service import Service
from dagrun_api.errors import Unavailable, WritesRefused
from dagrun_api.model import Cleared, DagRecord, Description, FailedRun, NativeBackfill, PlannedRun
from dagrun_api.web.openapi.document import document
from dagrun_api.web.runtime import RUNTIME
from tests.databases.worlds import MemoryWorld, serialized
from tests.http.conftest import AiohttpClient, Api

__all__ = [
    "NOW",
    "OPERATIONS",
    "Asked",
    "application",
    "ask",
    "content",
    "example_world",
    "is_as_shown",
    "provoke",
    "request_of",
]

NOW = datetime(2017, 9, 20, 18, 30, tzinfo=UTC)
"""The moment of every example."""

OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method, path, operation)
    for path, item in document()["paths"].items()
    for method, operation in item.items()
}
"""Operation -> its method, its path, and what the document says about it."""

_RUN = "etl_0000001_2017-09-01T12:00:00"
_STORE = (
    "dags",
    "dag",
    "runs_on",
    "describe",
    "runs",
    "runs_named",
    "latest_runs",
    "batch",
    "set_paused",
    "progress",
    "batches",
    "cancel",
    "failed",
    "requeue",
    "pause_backfills",
    "ready",
)
_WRITING = ("batch", "set_paused", "cancel", "requeue", "pause_backfills")
_REFUSED = {
    "list_batches": {"limit": "101"},
    "list_runs": {"limit": "101"},
    "list_ticks": {"start_date": "2017-09-01", "limit": "501"},
    "get_run": {"dag": "hello"},
    "get_batch": {"dag": "hello"},
    "cancel_batch": {"dag": "hello"},
    "retry_batch": {"dag": "hello"},
    "pause_batch": {"dag": "hello"},
}
_FORBIDDEN = {"list_ticks": {"start_date": "2017-09-01"}}
_FOR_EVERY_TOKEN = ("list_dags", "list_latest_runs", "get_about", "get_openapi", "get_metrics")
_WITHOUT_QUERY = ("get_openapi", "get_health", "get_readiness", "get_metrics")
_UNKNOWN = {"dag_run_id": "no", "prefix": "nightly", "dag_id": "goodbye"}
_RAISED = {
    409: WritesRefused(
        "This version was not tested with the schema of this Airflow (alembic head 0123456789ab); set "
        "allow_unknown_schema to write to it all the same, or wait while `airflow db migrate` is running."
    ),
    500: RuntimeError("x"),
    503: Unavailable("The database cannot be reached, or the connection to it was lost."),
}


@dataclass(frozen=True)
class Asked:
    """A request for an operation."""

    method: str
    template: str
    in_path: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: object = None
    data: object = None

    @property
    def path(self) -> str:
        """The path with its parameters filled in."""
        return self.template.format(**{name: quote(value, safe="") for name, value in self.in_path.items()})


class _Airflow:
    """Airflow's own API, which clears every run."""

    async def clear(self, runs: Sequence[FailedRun], api: ClearApi) -> Cleared:
        return Cleared(list(runs))


async def example_world() -> MemoryWorld:
    """Return the reference store with the DAGs and runs of the examples."""
    world = MemoryWorld()
    world.store.description = Description(
        "PostgreSQL", "Airflow 3", "3.1", "cc92b33c6709", True, None, native_backfills=True
    )
    await world.add_dag("hello", serialized=serialized(catchup=False))
    hello = world.store.stored_dags["hello"]
    hello.max_active_runs = 16
    noon_today = NOW.replace(hour=12, minute=0)
    hello.more = DagRecord(
        "hello",
        next_execution=noon_today,
        next_run_after=noon_today + timedelta(days=1),
        owners="airflow",
        description="Says hello every day at noon",
    )
    orders_dag = serialized("30 6 * * *")
    await world.add_dag("amsterdam_orders", serialized=orders_dag, is_paused=True, full_path="dags/shop/orders.py")
    noon, begun = datetime(2017, 9, 1, 12, tzinfo=UTC), datetime(2017, 9, 20, 18, 10, 2, 190813, tzinfo=UTC)
    day, ended = timedelta(days=1), begun + timedelta(minutes=1)
    scheduled = "scheduled__2017-09-19T12:00:00+00:00"
    await world.add_run("hello", scheduled, noon + 18 * day, external=False, start_date=begun, end_date=ended)
    await world.add_run("hello", _RUN, noon, start_date=begun, end_date=ended)
    for number, date in ((1, noon + 18 * day), (2, noon)):
        world.store.details[number] |= {"data_interval_end": date + day, "run_after": date + day}
    world.store.details[2]["conf"] = json.dumps({"why": "late data", "limits": {"rows": 1000}})
    await world.add_run("hello", "etl_0000002_2017-09-02T12:00:00", noon + day, state="running", start_date=begun)
    await world.add_run("hello", "etl_0000003_2017-09-03T12:00:00", noon + 2 * day, state="queued")
    early = noon - timedelta(hours=5.5)
    orders = "etl_0000001_2017-09-01T06:30:00"
    failed = await world.add_run("amsterdam_orders", orders, early, state="failed", start_date=begun, end_date=ended)
    world.store.has_tasks = True
    world.store.started.add(failed.id)
    july = datetime(2017, 7, 1, 4, 30, tzinfo=UTC)
    planned = PlannedRun("july_0000001_2017-07-01T04:30:00", july, july, july + day, july + day)
    async with world.store.batch("amsterdam_orders") as batch:
        await batch.insert([planned], {}, NOW, backfill=NativeBackfill(max_active_runs=1))
    return world


def application(world: MemoryWorld, **settings: Any) -> web.Application:
    """Return the application on a world, at the moment of the examples."""

    async def stop_the_clock(app: web.Application) -> None:
        app[RUNTIME] = replace(app[RUNTIME], service=Service(world.store, clearing=_Airflow(), clock=lambda: NOW))

    app = create_app(Settings(**settings), store=world.store)
    app.on_startup.append(stop_the_clock)
    return app


def content(operation: str, status: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the examples of an answer of an operation, by name."""
    for media in OPERATIONS[operation][2]["responses"][str(status)].get("content", {}).values():
        yield from media["examples"].items()


def is_as_shown(answered: str, shown: Any) -> bool:
    """Return whether an answer is exactly the example or, if it has no envelope, contains its lines or keys."""
    if isinstance(shown, str):
        return set(shown.splitlines()) <= set(answered.splitlines())
    found = json.loads(answered)
    if "response" not in found:
        found = {name: value for name, value in found.items() if name in shown}
    return json.dumps(found, sort_keys=True) == json.dumps(shown, sort_keys=True)


def request_of(operation: str, example: str | None = None) -> Asked:
    """Return the request of an example, by default of the first one."""
    method, path, told = OPERATIONS[operation]
    name = example or next(iter(content(operation, 200)))[0]
    values: dict[str, dict[str, str]] = {"path": {}, "query": {}}
    for parameter in told["parameters"]:
        if name in parameter.get("examples", {}):
            value = parameter["examples"][name]["value"]
            values[parameter["in"]][parameter["name"]] = str(value).lower() if isinstance(value, bool) else str(value)
    bodies = told.get("requestBody", {"content": {}})["content"].get("application/json", {"examples": {}})["examples"]
    body = bodies[name]["value"] if name in bodies else None
    return Asked(method.upper(), path, values["path"], values["query"], body=body)


async def ask(api: Api, asked: Asked) -> ClientResponse:
    """Send a request."""
    url = URL(asked.path, encoded=True).extend_query(asked.query)
    return await api.request(asked.method, url, headers=asked.headers, json=asked.body, data=asked.data)


async def provoke(client: AiohttpClient, operation: str, status: int) -> ClientResponse:
    """Send a request to an operation that gets this status, if the operation has it."""
    world = await example_world()
    if (operation, status) == ("get_run", 409):
        await world.add_run("amsterdam_orders", _RUN, NOW)
    app = application(world, **_settings(operation, status))
    api = await client(app)
    if (operation, status) == ("get_readiness", 503):
        app[RUNTIME].draining.set()
    with _failing(world, status):
        return await ask(api, _changed(operation, status))


def _changed(operation: str, status: int) -> Asked:
    asked = request_of(operation)
    match status:
        case 304:
            return replace(asked, headers={"If-None-Match": "*"})
        case 400 if asked.body is not None:
            return replace(asked, body={"dag_id": "hello", "limit": 501})
        case 400 if operation in _WITHOUT_QUERY:
            return replace(asked, template=f"{asked.template}?%ff")
        case 400:
            return replace(asked, query=_REFUSED.get(operation, {"limit": "5"}))
        case 403 if operation in _FOR_EVERY_TOKEN:
            return replace(asked, headers={"Host": "evil.example"})
        case 403:
            return replace(asked, headers={"Authorization": "t"}, query=_FORBIDDEN.get(operation, {}))
        case 404:
            return replace(asked, in_path={name: _UNKNOWN.get(name, value) for name, value in asked.in_path.items()})
        case 405:
            return replace(asked, method="PUT")
        case 408 | 413:
            return replace(asked, body=None, data=_slow() if status == 408 else b" " * 70_000)
        case _:
            return replace(asked, headers={"X-Request-ID": "4f1c"})


def _settings(operation: str, status: int) -> dict[str, Any]:
    limited = AccessToken(name="etl", token="t", dags=("etl_*",))
    reader = AccessToken(name="dashboard", token="t", access="read")
    tokens = (limited if OPERATIONS[operation][0] == "get" else reader,)
    settings: dict[int, dict[str, Any]] = {
        401: {"token": "s3cret"},
        403: {} if operation in _FOR_EVERY_TOKEN else {"tokens": tokens},
    }
    return settings.get(status, {})


@contextmanager
def _failing(world: MemoryWorld, status: int) -> Generator[None]:
    with ExitStack() as stack:
        for name in {409: _WRITING, 500: _STORE, 503: _STORE}.get(status, ()):
            stack.enter_context(patch.object(world.store, name, side_effect=_RAISED[status]))
        yield


async def _slow() -> AsyncGenerator[bytes]:
    """Yield a body whose rest arrives too late, because the clock jumps."""
    yield b"{"
    await asyncio.sleep(0.05)
    loop = asyncio.get_running_loop()
    late = loop.time() + 11
    with patch.object(loop, "time", lambda: late):
        await asyncio.sleep(0.1)
    yield b"}"
