"""The API inside a host application."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from aiohttp import web
from aiohttp.typedefs import Middleware

import dagrun_api
from dagrun_api import Settings, create_app
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import AiohttpClient, answer, error

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def error_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A host that turns every exception into its own error page."""
    try:
        return await handler(request)
    except web.HTTPException as failure:
        return web.Response(status=failure.status, text="<h1>Oops</h1>", content_type="text/html")


async def hello(request: web.Request) -> web.Response:
    raise web.HTTPGone


@pytest.fixture
def host() -> web.Application:
    app = web.Application(middlewares=[error_pages], client_max_size=10)
    app.router.add_get("/hello", hello)
    return app


async def test_host_and_api_keep_their_own_error_pages_and_limits(
    host: web.Application, world: MemoryWorld, aiohttp_client: AiohttpClient
) -> None:
    await world.add_dag("a")
    dagrun_api.setup(host, prefix="/airflow", settings=Settings(), store=world.store)
    client = await aiohttp_client(host)
    await error(await client.get("/airflow/nowhere"), 404)
    response = await client.put("/airflow/api/v1/dags")
    await error(response, 405)
    assert response.headers["Allow"] == "GET, HEAD"
    assert (await client.post("/airflow/api/v1/dag_runs", json={"dag_id": "a"})).status == 200
    assert await (await client.get("/hello")).text() == "<h1>Oops</h1>"
    assert await (await client.get("/nowhere")).text() == "<h1>Oops</h1>"


@web.middleware
async def swallowing(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A host that handles every exception itself."""
    try:
        return await handler(request)
    except Exception:
        return web.Response(text="swallowed")


@web.middleware
async def cloning(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A host that passes on a clone of the request, as the middleware of a proxy does."""
    return await handler(request.clone(remote="192.0.2.1", headers={**request.headers, "X-Host": "x"}))


@pytest.mark.parametrize("middlewares", [[swallowing], [cloning], [swallowing, cloning], [cloning, error_pages]])
@pytest.mark.parametrize("client_max_size", [0, 10, 1024**2, 1024**3])
async def test_answers_and_limits_do_not_depend_on_the_host(
    middlewares: list[Middleware], client_max_size: int, world: MemoryWorld, aiohttp_client: AiohttpClient
) -> None:
    await world.add_dag("a")
    host = web.Application(middlewares=middlewares, client_max_size=client_max_size)
    dagrun_api.setup(host, prefix="/airflow", settings=Settings(token="t"), store=world.store)
    client = await aiohttp_client(host)
    api, token = "/airflow/api/v1", {"Authorization": "t", "X-Request-ID": "mine"}
    await error(await client.get(f"{api}/dags"), 401)
    await error(await client.get("/airflow/nowhere", headers=token), 404)
    await error(await client.put(f"{api}/dags", headers=token), 405)
    await error(await client.get(f"{api}/dags?x=1", headers=token), 400)
    await error(await client.post(f"{api}/dag_runs", data=b" " * 65_537, headers=token), 413)
    await error(await client.post(f"{api}/dag_runs", data=b"[" * 60_000, headers=token), 400)
    with patch.object(world.store, "dags", side_effect=RuntimeError("hunter2")):
        assert "hunter2" not in await error(await client.get(f"{api}/dags", headers=token), 500)
    fits = json.dumps({"dag_id": "a"}).encode().ljust(65_536)
    response = await client.post(f"{api}/dag_runs", data=fits, headers=token)
    assert len((await answer(response))["dag_run_ids"]) == 1
    assert response.headers["X-Request-ID"] == "mine"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "rot13"])
async def test_a_compressed_body_is_refused_inside_a_host_too(
    coding: str, world: MemoryWorld, aiohttp_client: AiohttpClient
) -> None:
    await world.add_dag("a")
    host = web.Application()
    host.add_subapp("/airflow", create_app(Settings(), store=world.store))
    client = await aiohttp_client(host)
    sound = b'{"dag_id": "a"}'
    body = {"gzip": gzip.compress(sound), "deflate": zlib.compress(sound)}.get(coding, sound)
    response = await client.post("/airflow/api/v1/dag_runs", data=body, headers={"Content-Encoding": coding})
    assert "without Content-Encoding" in await error(response, 400)
    assert world.store.stored_runs == []


async def test_the_body_limit_applies_even_if_the_host_has_none(
    world: MemoryWorld, aiohttp_client: AiohttpClient
) -> None:
    host = web.Application(client_max_size=0)
    host.add_subapp("/airflow", create_app(Settings(max_body=2000), store=world.store))
    client = await aiohttp_client(host)
    await error(await client.post("/airflow/api/v1/dag_runs", data=b" " * 5000), 413)


async def test_links_stay_below_the_prefix(
    host: web.Application, world: MemoryWorld, aiohttp_client: AiohttpClient
) -> None:
    from datetime import UTC, datetime

    for day in (1, 2):
        await world.add_run("a", f"r{day}", datetime(2017, 1, day, tzinfo=UTC))
    dagrun_api.setup(host, prefix="/airflow", settings=Settings(), store=world.store)
    client = await aiohttp_client(host)
    response = await client.get("/airflow/api/v1/dag_runs?limit=1")
    assert response.headers["Link"] == '</airflow/api/v1/dag_runs?limit=1&start=1>; rel="next"'


async def test_two_applications_in_one_process_are_independent(tmp_path: Path, aiohttp_client: AiohttpClient) -> None:
    catalogue = tmp_path / "dags.toml"
    catalogue.write_text('[[dag]]\ndag_id = "hello"\nschedule = "@daily"\n')
    host = web.Application()
    for name in ("one", "two"):
        dagrun_api.setup(
            host, prefix=f"/{name}", database=f"sqlite:///{tmp_path}/{name}.db", dags=catalogue, token=name
        )
    client = await aiohttp_client(host)
    one, two = {"Authorization": "one"}, {"Authorization": "two"}
    assert (await client.post("/one/api/v1/dag_runs", json={"dag_id": "hello"}, headers=one)).status == 200
    await error(await client.get("/two/api/v1/dag_runs", headers=one), 401)
    assert len((await answer(await client.get("/one/api/v1/dag_runs", headers=one)))["dag_runs"]) == 1
    assert (await answer(await client.get("/two/api/v1/dag_runs", headers=two)))["dag_runs"] == []


async def test_single_options_take_precedence_over_the_environment(
    tmp_path: Path, aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGRUN_API_DATABASE", "sqlite:////nowhere/at/all.db")
    monkeypatch.setenv("AIRFLOW__AIRFLOW_API_PLUGIN__AIRFLOW_API_AUTH", "from-outside")
    client = await aiohttp_client(create_app(database=f"sqlite:///{tmp_path}/own.db"))
    await error(await client.get("/api/v1/dags"), 401)
    assert (await client.get("/api/v1/dags", headers={"Authorization": "from-outside"})).status == 200


def test_a_bad_option_is_refused_at_once() -> None:
    with pytest.raises(dagrun_api.errors.ConfigurationError, match="por"):
        create_app(por=1)


async def test_a_store_of_the_host_is_left_open(world: MemoryWorld, aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(create_app(Settings(), store=world.store))
    await client.close()
    assert await world.store.dags() == []
