"""A page of another site must not write through the browser of a user who can reach the service."""

from __future__ import annotations

import logging

import pytest

from tests.databases.worlds import MemoryWorld
from tests.http.conftest import Api, Serve, answer, error

PAUSE = "/api/v1/dags/{dag_id}/paused/true"


@pytest.fixture
async def api(serve: Serve) -> Api:
    return await serve(allowed_hosts="*")


@pytest.fixture
async def path(world: MemoryWorld) -> str:
    await world.add_dag("hello")
    return PAUSE.format(dag_id="hello")


OTHERS = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://service.example:8080", "Host": "service.example:8080"},
    {"Origin": "http://evil.example"},
    {"Origin": "http://service.example:9090", "Host": "service.example:8080"},
    {"Origin": "null"},
    {"Origin": "http://evil.example", "Authorization": "Basic dXNlcjpwYXNz"},
    {"Sec-Fetch-Site": "cross-site", "Authorization": ""},
    {"Origin": "http://service.example:port", "Host": "service.example"},
]
OURS = [
    {},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://proxy.example", "Host": "service:8080"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://service.example:8080", "Host": "service.example:8080"},
    {"Origin": "http://Service.Example", "Host": "service.example"},
    {"Origin": "https://service.example", "Host": "service.example:443"},
    {"Origin": "http://[::1]:8080", "Host": "[::1]:8080"},
    {"Origin": "http://front-end.example", "Authorization": "Bearer of-the-host"},
]


@pytest.mark.parametrize("headers", OTHERS, ids=str)
async def test_a_write_from_another_site_is_refused_and_logged(
    api: Api, path: str, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "dagrun_api.audit"):
        sentence = await error(await api.post(path, headers=headers), 403)
    assert "set a token" in sentence
    assert [each.__dict__["result"] for each in caplog.records] == ["refused"]
    (dag,) = (await answer(await api.get("/api/v1/dags")))["dags"]
    assert dag["is_active"] is True


@pytest.mark.parametrize("headers", OURS, ids=str)
async def test_the_services_own_page_and_other_clients_may_write(api: Api, path: str, headers: dict[str, str]) -> None:
    assert (await api.post(path, headers=headers)).status == 200


@pytest.mark.parametrize("headers", OTHERS, ids=str)
async def test_a_request_with_a_token_is_no_forgery(serve: Serve, path: str, headers: dict[str, str]) -> None:
    api = await serve(token="s3cret")
    assert (await api.post(path, headers=headers)).status == 401
    assert (await api.post(path, headers=headers | {"Authorization": "s3cret"})).status == 200
    assert (await api.post(path, headers=headers | {"Authorization": "Bearer s3cret"})).status == 200


async def test_reading_is_allowed_from_other_sites(api: Api) -> None:
    response = await api.get("/api/v1/dags", headers={"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"})
    assert response.status == 200
    assert "Access-Control-Allow-Origin" not in response.headers
