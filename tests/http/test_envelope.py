"""Every answer has the envelope, whatever goes wrong."""

from __future__ import annotations

import logging
import re
from unittest.mock import patch

import pytest

from dagrun_api.errors import ConfigurationError, SchemaMismatch, Unavailable, WritesRefused
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import Api, Serve, answer, error


@pytest.mark.parametrize(
    "path",
    [
        "/static",
        "/static/",
        "/reference/",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v1/dag_run",
        "/api/v1/dags/",
        "/api/v1/dag_runs/",
    ],
)
async def test_an_unknown_path_is_not_found(api: Api, path: str) -> None:
    assert "There is no" in await error(await api.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v1/dags", "GET, HEAD"),
        ("DELETE", "/api/v1/dag_runs", "GET, HEAD, POST"),
        ("PATCH", "/api/v1/dag_runs/x", "GET, HEAD"),
        ("POST", "/healthz", "GET, HEAD"),
    ],
)
async def test_a_wrong_method_gets_the_allowed_ones(api: Api, method: str, path: str, allowed: str) -> None:
    response = await api.request(method, path)
    assert response.headers["Allow"] == allowed
    assert allowed in await error(response, 405)


async def test_head_answers_like_get_without_a_body(api: Api) -> None:
    response = await api.head("/api/v1/dags")
    assert response.status == 200
    assert await response.read() == b""


async def test_a_valid_request_id_is_repeated_in_the_answer(api: Api) -> None:
    for path in ("/api/v1/dags", "/nowhere"):
        response = await api.get(path, headers={"X-Request-ID": "abc-123"})
        assert response.headers["X-Request-ID"] == "abc-123"
    for insane in ("a b", "x" * 200, "é", '"'):
        response = await api.get("/api/v1/dags", headers={"X-Request-ID": insane})
        assert re.fullmatch("[0-9a-f]{32}", response.headers["X-Request-ID"])


async def test_an_internal_error_says_only_where_to_look(
    api: Api, world: MemoryWorld, caplog: pytest.LogCaptureFixture
) -> None:
    with patch.object(world.store, "dags", side_effect=RuntimeError("secret detail")), caplog.at_level(logging.ERROR):
        response = await api.get("/api/v1/dags")
        sentence = await error(response, 500)
    request_id = response.headers["X-Request-ID"]
    assert request_id in sentence
    assert "secret" not in sentence
    assert request_id in caplog.text
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(
    ("raised", "status"),
    [
        (Unavailable("The database is away."), 503),
        (SchemaMismatch("The tables have changed."), 503),
        (ConfigurationError("Not a database of Airflow."), 503),
        (WritesRefused("This schema is unknown."), 409),
    ],
)
async def test_the_state_of_the_database_decides_the_status(
    api: Api, world: MemoryWorld, raised: Exception, status: int
) -> None:
    await world.add_dag("a")
    with patch.object(world.store, "batch", side_effect=raised):
        response = await api.post("/api/v1/dag_runs", json={"dag_id": "a"})
    assert await error(response, status) == str(raised)
    assert ("Retry-After" in response.headers) == (status == 503)


async def test_the_probes(api: Api, world: MemoryWorld) -> None:
    assert await answer(await api.get("/healthz")) == {"status": "alive"}
    assert await answer(await api.get("/readyz")) == {"status": "ready"}


async def test_not_ready_says_why(api: Api, world: MemoryWorld) -> None:
    with patch.object(world.store, "ready", side_effect=WritesRefused("This schema is unknown.")):
        assert await error(await api.get("/readyz"), 503) == "This schema is unknown."
    assert (await api.get("/healthz")).status == 200


async def test_the_prefix_of_all_paths_is_configurable(serve: Serve, world: MemoryWorld) -> None:
    api = await serve(prefix="/other/v9")
    assert (await api.get("/other/v9/dags")).status == 200
    assert (await api.get("/api/v1/dags")).status == 404
    assert "/other/v9/dag_runs" in (await (await api.get("/other/v9/openapi.json")).json())["paths"]
