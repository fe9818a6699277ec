"""What each token may do on every route. A refusal comes before the database is asked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import make_mocked_request

from dagrun_api import AccessToken, Settings, create_app
from dagrun_api.store import Store
from dagrun_api.web.openapi.document import document
from tests.contract.memory import MemoryStore
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import Api, Serve, answer, error

NOON = datetime(2017, 9, 19, 12, tzinfo=UTC)
RUN = "x_0000001_2017-09-19T12:00:00"

TOKENS = (
    AccessToken(name="old", token="t-old"),
    AccessToken(name="reader", token="t-reader", access="read"),
    AccessToken(name="etl", token="t-etl", dags=("etl_*",)),
    AccessToken(name="etl-reader", token="t-etl-reader", access="read", dags=("etl_*",)),
)

READS = [
    "dags",
    "dags/etl_a",
    "latest_runs",
    "about",
    "dags/etl_a/ticks?start_date=2017-09-19",
    "dag_runs",
    "dag_runs?dag_id=etl_a",
    f"dag_runs/{RUN}?dag_id=etl_a",
    "batches?dag_id=etl_a",
    "batches/x?dag_id=etl_a",
    "openapi.json",
]
WRITES = [
    "dag_runs",
    "dags/etl_a/paused/true",
    "dags/etl_a/paused/false",
    "batches/x/cancel?dag_id=etl_a",
    "batches/x/retry?dag_id=etl_a",
    "batches/y/paused/true?dag_id=etl_a",
]
BODY: dict[str, Any] = {
    "dag_id": "etl_a",
    "prefix": "y",
    "start_date": "2017-09-20",
    "end_date": "2017-09-20",
    "max_active_runs": 1,
}


@pytest.fixture
async def api(serve: Serve, world: MemoryWorld) -> Api:
    for dag_id in ("etl_a", "etl_b", "other"):
        await world.add_dag(dag_id)
        await world.add_run(dag_id, RUN, NOON)
    return await serve(token="t-default", tokens=TOKENS)


async def ask(api: Api, token: str, path: str, method: str = "GET", **more: Any) -> ClientResponse:
    return await api.request(method, f"/api/v1/{path}", headers={"Authorization": f"Bearer t-{token}"}, **more)


async def post(api: Api, token: str, path: str) -> ClientResponse:
    return await ask(api, token, path, "POST", json=BODY if path == "dag_runs" else None)


@pytest.mark.parametrize("token", ["default", "old"])
async def test_a_token_without_limits_may_do_everything(api: Api, token: str) -> None:
    for path in READS:
        assert (await ask(api, token, path)).status == 200, path
    for path in WRITES:
        assert (await post(api, token, path)).status == 200, path


async def test_a_read_only_token_reads_everything_and_writes_nothing(api: Api, world: MemoryWorld) -> None:
    for path in READS:
        assert (await ask(api, "reader", path)).status == 200, path
        assert (await ask(api, "reader", path, "HEAD")).status == 200, path
    with patch.object(MemoryStore, "batch", side_effect=AssertionError):
        for path in WRITES:
            response = await post(api, "reader", path)
            assert "token reader may only read" in await error(response, 403), path
            assert "WWW-Authenticate" not in response.headers
    assert len(world.store.stored_runs) == 3
    assert not any(dag.is_paused for dag in world.store.stored_dags.values())


async def test_a_read_only_token_may_not_make_a_dry_run(api: Api) -> None:
    response = await ask(api, "reader", "dag_runs", "POST", json=BODY | {"dry_run": True})
    assert "dry runs included" in await error(response, 403)


@pytest.mark.parametrize("path", ["dags", "nowhere", "dag_runs/x"])
async def test_an_unknown_path_is_a_404_for_every_token(api: Api, path: str) -> None:
    assert (await ask(api, "reader", path, "POST")).status in (404, 405)


async def test_a_read_only_token_is_refused_before_the_body_is_read(api: Api) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    head = b"POST /api/v1/dag_runs HTTP/1.1\r\nHost: x\r\nAuthorization: t-reader\r\nContent-Length: 9\r\n"
    writer.write(head + b"Expect: 100-continue\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 403")
    assert b"connection: close" in (await reader.read()).lower()
    writer.close()
    await writer.wait_closed()


# --- tokens for some DAGs ---


@pytest.mark.parametrize("token", ["etl", "etl-reader"])
async def test_a_limited_token_sees_only_its_dags(api: Api, token: str) -> None:
    dags = (await answer(await ask(api, token, "dags")))["dags"]
    assert [dag["dag_id"] for dag in dags] == ["etl_a", "etl_b"]
    runs = (await answer(await ask(api, token, "latest_runs")))["dag_runs"]
    assert [run["dag_id"] for run in runs] == ["etl_a", "etl_b"]
    for path in ("dag_runs?dag_id=etl_b", f"dag_runs/{RUN}?dag_id=etl_b", "batches/x?dag_id=etl_b", "openapi.json"):
        assert (await ask(api, token, path)).status == 200, path


@pytest.mark.parametrize("token", ["etl", "etl-reader"])
@pytest.mark.parametrize("path", ["dag_runs", f"dag_runs/{RUN}", "batches/x", "dag_runs/unknown", "batches/unknown"])
async def test_a_limited_token_must_name_one_of_its_dags(api: Api, world: MemoryWorld, token: str, path: str) -> None:
    with untouched(world):
        assert "etl_* only: add ?dag_id=" in await error(await ask(api, token, path), 403)
        sentence = await error(await ask(api, token, f"{path}?dag_id=other"), 403)
        assert "etl_* only, not for 'other': name one of them" in sentence
        unheard_of = await error(await ask(api, token, f"{path}?dag_id=unheard_of"), 403)
        assert unheard_of == sentence.replace("other", "unheard_of", 1)
        assert (await ask(api, token, f"{path}?dag_id=ETL_a")).status == 403


@pytest.mark.parametrize("token", ["etl", "etl-reader"])
async def test_a_limited_token_sees_the_details_of_its_dags_only(api: Api, world: MemoryWorld, token: str) -> None:
    for path in ("about", "dags/etl_b"):
        assert (await ask(api, token, path)).status == 200, path
    with untouched(world):
        for dag_id in ("other", "unheard_of"):
            assert "name one of them" in await error(await ask(api, token, f"dags/{dag_id}"), 403)


async def test_a_limited_token_writes_to_its_dags_only(api: Api, world: MemoryWorld) -> None:
    for path in WRITES:
        assert (await post(api, "etl", path)).status == 200, path
    with untouched(world):
        for body in ({"dag_id": "other"}, {"dag_id": "unheard_of"}, {"dag_id": "other", "dry_run": True}):
            assert "etl_* only" in await error(await ask(api, "etl", "dag_runs", "POST", json=body), 403)
        for path in (
            "dags/other/paused/true",
            "dags/unheard_of/paused/true",
            "batches/x/cancel?dag_id=other",
            "batches/x/retry?dag_id=other",
        ):
            assert "name one of them" in await error(await ask(api, "etl", path, "POST"), 403)
        assert "add ?dag_id=" in await error(await ask(api, "etl", "batches/x/cancel", "POST"), 403)


async def test_the_limits_of_a_body_apply_before_its_dag_is_checked(api: Api) -> None:
    response = await ask(api, "etl", "dag_runs", "POST", data=b" " * 100_000)
    assert response.status == 413
    assert "required" in await error(await ask(api, "etl", "dag_runs", "POST", json={}))


async def test_no_route_is_forgotten() -> None:
    router = create_app(Settings(pages=False)).router
    judged = {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")}
    for method, paths in (("GET", READS), ("POST", WRITES)):
        for path in paths:
            found = await router.resolve(make_mocked_request(method, f"/api/v1/{path}"))
            assert found.route.resource is not None
            judged.add((method, found.route.resource.canonical))
    routes = {(each.method, each.resource.canonical) for each in router.routes() if each.resource is not None}
    assert {(method, path) for method, path in routes if method != "HEAD"} == judged


def test_each_operation_that_can_be_forbidden_says_so() -> None:
    for path, item in document()["paths"].items():
        for operation in item.values():
            assert ("403" in operation["responses"]) is (path not in ("/healthz", "/readyz")), path


# --- rotation ---


async def test_a_new_token_works_beside_the_old_one(serve: Serve, world: MemoryWorld) -> None:
    both = await serve(tokens=TOKENS[:2])
    assert [(await ask(both, name, "dags")).status for name in ("old", "reader", "etl")] == [200, 200, 401]
    after = await serve(tokens=TOKENS[1:2])
    assert [(await ask(after, name, "dags")).status for name in ("old", "reader", "etl")] == [401, 200, 401]


async def test_a_token_configured_as_a_digest_works(serve: Serve) -> None:
    hashed = replace(TOKENS[0], token=None, sha256=TOKENS[0].digest.hex())
    api = await serve(tokens=(hashed,))
    assert (await ask(api, "old", "dags")).status == 200
    assert (await api.get("/api/v1/dags", headers={"Authorization": str(hashed.sha256)})).status == 401


async def test_a_host_application_passes_tokens_by_name(world: MemoryWorld, aiohttp_client: Any) -> None:
    app = web.Application()
    app.add_subapp("/airflow", create_app(store=world.store, tokens=TOKENS[1:2]))
    client: Api = await aiohttp_client(app)
    headers = {"Authorization": "t-reader"}
    assert (await client.get("/airflow/api/v1/dags")).status == 401
    assert (await client.get("/airflow/api/v1/dags", headers=headers)).status == 200
    assert (await client.post("/airflow/api/v1/dag_runs", headers=headers)).status == 403


def untouched(world: MemoryWorld) -> Any:
    """Fail a test that uses the store."""
    never: dict[str, Any] = {name: _never for name in vars(Store) if not name.startswith("_")}
    return patch.multiple(world.store, **never)


def _never(*_: object, **__: object) -> None:
    raise AssertionError("the store was asked")
