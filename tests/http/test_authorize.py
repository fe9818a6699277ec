"""A host that identifies users itself, and says what they may do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

import dagrun_api
from dagrun_api import Rights, Settings, create_app
from dagrun_api.errors import ConfigurationError
from dagrun_api.web.runtime import RUNTIME
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import AiohttpClient, Api, answer, error

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

REDIRECTS = (web.HTTPFound, web.HTTPSeeOther)

USER = web.RequestKey("user", str)

USERS = {
    "anna": Rights("anna", kind="user"),
    "rita": Rights("rita", may_write=False, kind="user"),
    "emil": Rights("Emil Ö.", dags=("etl_*",), kind="user"),
    "nemo": Rights("nemo", dags=(), kind="user"),
}


@web.middleware
async def signed_in(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let known users in under their names, as a host would."""
    request[USER] = request.headers.get("X-User", "")
    return await handler(request)


async def rights_of(request: web.Request) -> Rights | None:
    return USERS.get(request[USER])


@pytest.fixture
async def api(world: MemoryWorld, aiohttp_client: AiohttpClient) -> Api:
    for dag_id in ("etl_a", "other"):
        await world.add_dag(dag_id)
    host = web.Application(middlewares=[signed_in])
    dagrun_api.setup(host, prefix="/airflow", settings=Settings(), store=world.store, authorize=rights_of)
    return await aiohttp_client(host)


def by(user: str) -> dict[str, str]:
    return {"X-User": user}


async def test_an_unknown_user_gets_a_401_and_nothing_else(api: Api, world: MemoryWorld) -> None:
    for headers in ({}, by("nobody"), {"Authorization": "anna"}):
        refused = await api.get("/airflow/api/v1/dags", headers=headers)
        assert "sign in" in await error(refused, 401)
        await error(await api.post("/airflow/api/v1/dag_runs", json={"dag_id": "etl_a"}, headers=headers), 401)
    assert world.store.stored_runs == []


async def test_each_user_has_their_own_rights(api: Api) -> None:
    path, body = "/airflow/api/v1/dag_runs", {"dag_id": "other"}
    assert (await api.post(path, json=body, headers=by("anna"))).status == 200
    assert "The user rita may only read" in await error(await api.post(path, json=body, headers=by("rita")), 403)
    assert "The user Emil Ö. is for the DAGs etl_*" in await error(
        await api.post(path, json=body, headers=by("emil")), 403
    )
    for user, seen in (("rita", ["etl_a", "other"]), ("emil", ["etl_a"]), ("nemo", [])):
        dags = (await answer(await api.get("/airflow/api/v1/dags", headers=by(user))))["dags"]
        assert [dag["dag_id"] for dag in dags] == seen


async def test_the_log_has_the_name_of_the_user(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "dagrun_api.audit"):
        await api.post("/airflow/api/v1/dag_runs", json={"dag_id": "etl_a"}, headers=by("emil"))
    (line,) = [record for record in caplog.records if record.name == "dagrun_api.audit"]
    assert line.__dict__["token"] == "Emil Ö."


async def test_probes_are_for_everybody(api: Api) -> None:
    for probe in ("/airflow/healthz", "/airflow/readyz"):
        assert (await api.get(probe)).status == 200


async def served(aiohttp_client: AiohttpClient, world: MemoryWorld, authorize: Any) -> Api:
    await world.add_dag("a")
    return await aiohttp_client(create_app(Settings(), store=world.store, authorize=authorize))


@pytest.mark.parametrize(
    "trouble", [RuntimeError("hunter2"), KeyError("user"), ConnectionRefusedError("redis"), TimeoutError()]
)
async def test_a_hook_that_raises_is_a_500_that_lets_nothing_through(
    trouble: Exception, world: MemoryWorld, aiohttp_client: AiohttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(request: web.Request) -> Rights | None:
        raise trouble

    api = await served(aiohttp_client, world, broken)
    said = await error(await api.post("/api/v1/dag_runs", json={"dag_id": "a"}), 500)
    assert "hunter2" not in said
    assert world.store.stored_runs == []
    assert type(trouble).__name__ in caplog.text


@pytest.mark.parametrize("returned", [True, "anna", {"name": "anna"}, Rights])
async def test_a_hook_that_returns_no_rights_lets_nothing_through(
    returned: object, world: MemoryWorld, aiohttp_client: AiohttpClient
) -> None:
    async def careless(request: web.Request) -> object:
        return returned

    api = await served(aiohttp_client, world, careless)
    await error(await api.post("/api/v1/dag_runs", json={"dag_id": "a"}), 500)
    await error(await api.get("/api/v1/dags"), 500)
    assert world.store.stored_runs == []


async def test_a_hook_that_is_not_a_coroutine_refuses_all(world: MemoryWorld, aiohttp_client: AiohttpClient) -> None:
    api = await served(aiohttp_client, world, lambda request: USERS["anna"])  # pyright: ignore[reportUnknownLambdaType]
    await error(await api.get("/api/v1/dags"), 500)


async def test_an_http_exception_of_the_hook_keeps_its_status(
    world: MemoryWorld, aiohttp_client: AiohttpClient
) -> None:
    async def refusing(request: web.Request) -> Rights | None:
        raise web.HTTPTooManyRequests

    api = await served(aiohttp_client, world, refusing)
    await error(await api.get("/api/v1/dags"), 429)


@pytest.mark.parametrize(
    ("raised", "status"),
    [
        (web.HTTPFound("/login?next=1"), 302),
        (web.HTTPSeeOther("/login"), 303),
        (web.HTTPNoContent(), 204),
        (web.HTTPForbidden(), 403),
        (web.HTTPBadGateway(), 502),
        (RuntimeError(), 500),
    ],
)
async def test_what_a_hook_raises_is_counted_with_its_status(
    raised: Exception, status: int, world: MemoryWorld, aiohttp_client: AiohttpClient
) -> None:
    async def elsewhere(request: web.Request) -> Rights | None:
        raise raised

    api = await served(aiohttp_client, world, elsewhere)
    response = await api.get("/api/v1/dags", headers={"X-Request-ID": "mine"}, allow_redirects=False)
    assert response.status == status
    assert response.headers.get("Location") == (raised.headers["Location"] if isinstance(raised, REDIRECTS) else None)
    assert (response.headers["X-Request-ID"], response.headers["Server"]) == ("mine", "dagrun-api")
    counted = api.app[RUNTIME].metrics.exposition("")[0].decode()
    assert [line for line in counted.splitlines() if "requests_total{" in line] == [
        f'dagrun_api_requests_total{{method="GET",route="/api/v1/dags",status="{status}"}} 1.0'
    ]


async def test_tokens_and_a_hook_exclude_each_other() -> None:
    with pytest.raises(ConfigurationError, match="either by tokens or by authorize"):
        create_app(Settings(token="t"), authorize=rights_of)
