"""The OpenAPI document names the statuses of each operation: those that can happen, and no others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from aiohttp import ClientResponse

from dagrun_api import AccessToken
from dagrun_api.errors import Unavailable, WritesRefused
from dagrun_api.web.openapi import document
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import Serve

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
RUN = "etl_0000001_2017-09-01T12:00:00"
STORE = ("dags", "runs", "runs_named", "latest_runs", "batch", "set_paused", "progress", "cancel", "ready")
WRITING = ("batch", "set_paused", "cancel")

SOUND = {
    "GET /api/v1/dags": "",
    "GET /api/v1/dag_runs": "",
    "POST /api/v1/dag_runs": '{"dag_id": "a", "dry_run": true}',
    "GET /api/v1/dag_runs/{dag_run_id}": "",
    "GET /api/v1/latest_runs": "",
    "POST /api/v1/dags/{dag_id}/paused/{paused}": "",
    "GET /api/v1/batches/{prefix}": "",
    "POST /api/v1/batches/{prefix}/cancel": "",
    "GET /api/v1/openapi.json": "",
    "GET /healthz": "",
    "GET /readyz": "",
}
"""A request for each operation that is accepted, with its body."""

DOCUMENTED = [
    (f"{method.upper()} {path}", int(status))
    for path, item in document()["paths"].items()
    for method, operation in item.items()
    for status in operation["responses"]
]


async def slow() -> AsyncGenerator[bytes]:
    yield b"{"
    await asyncio.sleep(5)


@pytest.fixture
def ask(serve: Serve, world: MemoryWorld) -> Callable[[str, int], Awaitable[ClientResponse]]:
    """Make a request of a kind that should get a status."""

    async def ask(name: str, status: int) -> ClientResponse:
        await world.add_dag("a")
        await world.add_run("a", RUN, NOON)
        method, _, path = name.partition(" ")
        gone = status == 404
        path = path.format(
            dag_run_id="no" if gone else RUN,
            prefix="no" if gone else "etl",
            dag_id="no" if gone else "a",
            paused="true",
        )
        data: object = SOUND[name]
        headers: dict[str, str] = {}
        settings: dict[str, object] = {"token": "t"} if status == 401 else {}
        with ExitStack() as stack:
            match status:
                case 304:
                    headers["If-None-Match"] = "*"
                case 403:
                    settings["tokens"] = (AccessToken(name="limited", token="t", access="read", dags=("z",)),)
                    headers["Authorization"] = "t"
                case 400:
                    path, data = f"{path}?unknown=1", "{}"
                case 408:
                    settings["body_timeout"] = 0.1
                    data = slow()
                case 409 if "dag_run_id" in name:
                    await world.add_run("b", RUN, NOON)
                case 413:
                    data = b" " * 70_000
                case 409 | 500 | 503:
                    raised = {409: WritesRefused("x"), 500: RuntimeError("x"), 503: Unavailable("x")}[status]
                    for each in WRITING if status == 409 else STORE:
                        stack.enter_context(patch.object(world.store, each, side_effect=raised))
                case _:
                    pass
            api = await serve(**settings)
            return await api.request(method, path, data=data, headers=headers)

    return ask


def test_each_operation_has_a_sound_request() -> None:
    assert {name for name, _ in DOCUMENTED} == set(SOUND)


@pytest.mark.parametrize(("name", "status"), DOCUMENTED)
async def test_each_documented_status_can_happen(
    ask: Callable[[str, int], Awaitable[ClientResponse]], name: str, status: int
) -> None:
    response = await ask(name, status)
    assert response.status == status, await response.text()


@pytest.mark.parametrize("status", [200, 304, 400, 401, 403, 404, 408, 409, 413, 500, 503])
@pytest.mark.parametrize("name", SOUND)
async def test_no_other_status_happens(
    ask: Callable[[str, int], Awaitable[ClientResponse]], name: str, status: int
) -> None:
    response = await ask(name, status)
    assert (name, response.status) in DOCUMENTED
