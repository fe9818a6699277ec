"""Retrying a batch over HTTP, with a server that plays Airflow's API."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from dagrun_api import AccessToken
from dagrun_api.airflow_api import clearing, connection
from tests.databases.worlds import MemoryWorld
from tests.http.airflow import PASSWORD, USER, FakeAirflow
from tests.http.conftest import Api, Serve, answer, error

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
RETRY = "/api/v1/batches/etl/retry"

Play = Callable[[FakeAirflow], Awaitable[Api]]


def run_id(number: int) -> str:
    return f"etl_{number:07d}_{NOON + number * DAY:%Y-%m-%dT%H:%M:%S}"


async def fill(world: MemoryWorld, failed: int, *, dag_id: str = "a", airflow: str = "3.3") -> None:
    """Add a batch: so many runs whose tasks had failed, and one that never started."""
    world.store.description = replace(world.store.description, airflow=airflow)
    world.store.has_tasks = True
    await world.add_dag(dag_id)
    for number in range(1, failed + 2):
        date = NOON + number * DAY
        run = await world.add_run(dag_id, run_id(number), date, state="failed", end_date=date)
        if number <= failed:
            world.store.started.add(run.id)


@pytest.fixture
def airflow(world: MemoryWorld) -> FakeAirflow:
    return FakeAirflow(world.store)


@pytest.fixture
def play(serve: Serve, aiohttp_server: Callable[[web.Application], Awaitable[TestServer]]) -> Play:
    """Serve the API beside an Airflow."""

    async def play(airflow: FakeAirflow, **login: Any) -> Api:
        server = await aiohttp_server(airflow.app)
        login = login or {"airflow_username": USER, "airflow_password": PASSWORD}
        return await serve(airflow_url=str(server.make_url("/team/")), **login)

    return play


@pytest.fixture(autouse=True)
def no_secret_is_shown(caplog: pytest.LogCaptureFixture) -> Any:
    yield
    for secret in (PASSWORD, "token-1", "t0ken"):
        assert secret not in caplog.text


async def retried(api: Api, **query: str) -> dict[str, Any]:
    response = await api.post(RETRY, params=query)
    assert response.status == 200, await response.text()
    text = await response.text()
    for secret in (PASSWORD, "token-1", "t0ken"):
        assert secret not in text
    return await answer(response)


def counts(found: dict[str, Any]) -> tuple[int, int, int]:
    return found["requeued"], found["cleared"], found["left"]


async def states(api: Api) -> dict[str, int]:
    return dict((await answer(await api.get("/api/v1/batches/etl")))["states"])


# --- the answer ---


async def test_without_airflow_the_answer_says_what_to_set(world: MemoryWorld, api: Api) -> None:
    await fill(world, 2)
    assert await retried(api) == {
        "prefix": "etl",
        "requeued": 1,
        "cleared": 0,
        "left": 2,
        "truncated": False,
        "requeued_dag_run_ids": [run_id(3)],
        "cleared_dag_run_ids": [],
        "left_dag_run_ids": [run_id(1), run_id(2)],
        "warnings": [
            "Runs whose tasks have started are cleared by Airflow's own API, which this service is not set up to use "
            "(options airflow_url, and airflow_username and airflow_password, or airflow_token): clear them on "
            "Airflow's page."
        ],
    }


@pytest.mark.parametrize("release", ["3.0", "3.2", "3.3", "3.4", "3"])
async def test_airflow_3_clears_failed_tasks_only(
    release: str, world: MemoryWorld, airflow: FakeAirflow, play: Play
) -> None:
    await fill(world, 3, airflow=release)
    found = await retried(await play(airflow))
    assert counts(found) == (1, 3, 0)
    assert (found["cleared_dag_run_ids"], found["warnings"]) == ([run_id(1), run_id(2), run_id(3)], [])
    assert all(body["only_failed"] and not body["dry_run"] for _, body in airflow.asked)
    if release in ("3.3", "3.4"):
        assert [path for path, _ in airflow.asked] == ["/team/api/v2/dags/a/clearDagRuns"]
    else:
        assert len(airflow.asked) == 3
    assert airflow.tokens == 1


async def test_airflow_2_clears_whole_runs(world: MemoryWorld, airflow: FakeAirflow, play: Play) -> None:
    await fill(world, 2, airflow="2.10")
    found = await retried(await play(airflow))
    assert counts(found) == (1, 2, 0)
    assert found["warnings"] == ["Airflow 2 clears whole runs: tasks that had succeeded run again as well."]
    assert {path.rpartition("/dagRuns/")[0] for path, _ in airflow.asked} == {"/team/api/v1/dags/a"}
    assert [body for _, body in airflow.asked] == [{"dry_run": False}] * 2
    assert airflow.tokens == 0


@pytest.mark.parametrize("release", ["1.10", "2.0", "2.3"])
async def test_an_older_airflow_is_not_asked(
    release: str, world: MemoryWorld, airflow: FakeAirflow, play: Play
) -> None:
    await fill(world, 2, airflow=release)
    api = await play(airflow)
    assert (await answer(await api.get("/api/v1/about")))["retries"] == "database"
    found = await retried(api)
    assert counts(found) == (1, 0, 2)
    assert f"Airflow {release} has no API that clears runs" in found["warnings"][0]
    assert airflow.asked == []


async def test_about_says_that_airflow_retries(world: MemoryWorld, airflow: FakeAirflow, play: Play) -> None:
    await fill(world, 1)
    assert (await answer(await (await play(airflow)).get("/api/v1/about")))["retries"] == "airflow"


async def test_a_dry_run_asks_airflow_nothing_and_answers_the_same(
    world: MemoryWorld, airflow: FakeAirflow, play: Play
) -> None:
    await fill(world, 3)
    api = await play(airflow)
    rehearsed = await retried(api, dry_run="true")
    assert (airflow.asked, airflow.tokens) == ([], 0)
    assert await states(api) == {"failed": 4}
    assert await retried(api) == rehearsed
    assert await states(api) == {"queued": 4}


async def test_the_progress_and_its_etag_change(world: MemoryWorld, airflow: FakeAirflow, play: Play) -> None:
    await fill(world, 1)
    api = await play(airflow)
    before = await api.get("/api/v1/batches/etl")
    await retried(api)
    after = await api.get("/api/v1/batches/etl", headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status, (await answer(before))["cancelled"], (await answer(after))["cancelled"]) == (200, 2, 0)


async def test_ids_are_percent_encoded(world: MemoryWorld, airflow: FakeAirflow, play: Play) -> None:
    await fill(world, 1, dag_id="a ä?#%2F", airflow="3.1")
    assert counts(await retried(await play(airflow))) == (1, 1, 0)
    assert airflow.asked[0][0] == f"/team/api/v2/dags/a ä?#%2F/dagRuns/{run_id(1)}/clear"


async def test_a_large_batch_takes_several_requests(world: MemoryWorld, airflow: FakeAirflow, play: Play) -> None:
    await fill(world, 510)
    api = await play(airflow)
    first = await retried(api)
    assert counts(first) == (1, 500, 10)
    assert (first["truncated"], len(first["left_dag_run_ids"])) == (True, 10)
    assert first["warnings"] == []
    assert 1 < airflow.most_at_once <= 4
    second = await retried(api)
    assert (counts(second), second["truncated"]) == ((0, 10, 0), False)


# --- logging in ---


async def test_an_expired_token_is_fetched_anew(world: MemoryWorld, airflow: FakeAirflow, play: Play) -> None:
    await fill(world, 2, airflow="3.1")
    api = await play(airflow)
    assert counts(await retried(api)) == (1, 2, 0)
    airflow.tokens = 7
    for place, run in enumerate(world.store.stored_runs):
        world.store.stored_runs[place] = run._replace(state="failed")
    assert counts(await retried(api)) == (1, 2, 0)
    assert airflow.tokens == 8


async def test_a_token_is_sent_as_it_is(world: MemoryWorld, airflow: FakeAirflow, play: Any) -> None:
    for release in ("2.9", "3.1"):
        world.store.stored_runs.clear()
        await fill(world, 2, airflow=release)
        airflow.fixed_token = "t0ken"
        assert counts(await retried(await play(airflow, airflow_token="t0ken"))) == (1, 2, 0)
    assert airflow.tokens == 0


@pytest.mark.parametrize("release", ["2.9", "3.1", "3.3"])
@pytest.mark.parametrize(
    "login", [{"airflow_token": "t0ken-of-nobody"}, {"airflow_username": USER, "airflow_password": PASSWORD + "!"}]
)
async def test_wrong_credentials_leave_all(
    release: str, login: dict[str, str], world: MemoryWorld, airflow: FakeAirflow, play: Any
) -> None:
    await fill(world, 30, airflow=release)
    found = await retried(await play(airflow, **login))
    assert (counts(found), found["truncated"]) == ((1, 0, 30), False)
    assert len(found["warnings"]) == 1
    assert found["warnings"][0].startswith("30 runs are left: Airflow does not accept the credentials (401)")


# --- refusals and trouble ---


def answering(status: int, **more: Any) -> Callable[[str], Awaitable[web.StreamResponse]]:
    async def trouble(run_id: str) -> web.StreamResponse:
        return web.Response(status=status, text=f"{PASSWORD} {run_id}", **more)

    return trouble


async def hanging(run_id: str) -> web.StreamResponse:
    await asyncio.sleep(30)
    raise AssertionError(run_id)


@pytest.mark.parametrize("release", ["2.9", "3.1", "3.3"])
async def test_a_run_that_is_refused_keeps_no_other_from_being_cleared(
    release: str, world: MemoryWorld, airflow: FakeAirflow, play: Play
) -> None:
    await fill(world, 45, airflow=release)
    airflow.trouble = {run_id(2): answering(404), run_id(3): answering(500), run_id(44): answering(404)}
    airflow.trouble[run_id(9)] = answering(403)
    airflow.succeeded = {run_id(7)}
    found = await retried(await play(airflow))
    assert counts(found) == (1, 40, 5)
    assert found["left_dag_run_ids"] == [run_id(number) for number in (2, 3, 7, 9, 44)]
    told = [warning for warning in found["warnings"] if "left" in warning]
    assert sorted(told) == [
        "1 run is left: Airflow does not allow its user to clear them (403).",
        "1 run is left: Airflow has cleared nothing in them, because none of their tasks has failed: clear the whole "
        "runs on its page.",
        "1 run is left: Airflow's API answered 500.",
        "2 runs are left: Airflow does not know them (404); or airflow_url is wrong.",
    ]


async def test_a_redirect_is_not_followed(world: MemoryWorld, airflow: FakeAirflow, play: Play) -> None:
    await fill(world, 3, airflow="3.1")
    elsewhere = f"/team/api/v2/dags/a/dagRuns/{run_id(2)}/clear"
    airflow.trouble = {run_id(number): answering(307, headers={"Location": elsewhere}) for number in (1, 2, 3)}
    found = await retried(await play(airflow))
    assert counts(found) == (1, 0, 3)
    assert "airflow_url leads to another address (307)" in found["warnings"][0]


async def test_an_airflow_that_hangs_is_not_waited_for(
    world: MemoryWorld, airflow: FakeAirflow, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "TIMEOUT", 0.2)
    monkeypatch.setattr(clearing, "TIMEOUT", 0.2)
    monkeypatch.setattr(clearing, "PATIENCE", 0.3)
    await fill(world, 40, airflow="3.1")
    airflow.trouble = {run_id(number): hanging for number in range(2, 41)}
    api = await play(airflow)
    found = await retried(api)
    assert (counts(found), found["truncated"]) == ((1, 1, 39), True)
    assert any("did not answer within 0.2 seconds; it may clear them yet." in warning for warning in found["warnings"])
    # Nothing was cleared this time, so `truncated` does not say it.
    found = await retried(api)
    assert (counts(found), found["truncated"]) == ((0, 0, 39), False)
    assert "Not every run was tried (Airflow is asked for at most 500 at a time): retry again." in found["warnings"]


async def test_an_airflow_that_is_not_there_leaves_all(world: MemoryWorld, serve: Serve, unused_tcp_port: int) -> None:
    await fill(world, 3)
    url = f"http://127.0.0.1:{unused_tcp_port}"
    found = await retried(await serve(airflow_url=url, airflow_token="t0ken"))
    assert (counts(found), found["truncated"]) == ((1, 0, 3), False)
    assert found["warnings"] == ["3 runs are left: Airflow's API cannot be reached."]


@pytest.mark.parametrize("login", [{"airflow_username": USER, "airflow_password": PASSWORD}, {"airflow_token": "x"}])
@pytest.mark.parametrize("content", ["<html>", "[]", "{}", "null", '{"dag_runs": 1}', '{"dag_runs": [1, {}]}'])
async def test_what_is_not_airflow_is_told_apart(
    content: str, login: dict[str, str], world: MemoryWorld, serve: Serve, aiohttp_server: Any
) -> None:
    async def other(request: web.Request) -> web.Response:
        return web.Response(text=content)

    app = web.Application()
    app.router.add_post("/{path:.*}", other)
    server = await aiohttp_server(app)
    await fill(world, 3)
    found = await retried(await serve(airflow_url=str(server.make_url("")), **login))
    assert counts(found) == (1, 0, 3)
    assert "The address in airflow_url is not that of Airflow's API" in found["warnings"][0]


# --- who may ---


async def test_a_retry_is_refused_as_a_cancel_is(world: MemoryWorld, serve: Serve) -> None:
    await fill(world, 0)
    await fill(world, 0, dag_id="b")
    api = await serve(
        tokens=(
            AccessToken(name="reader", token="t0ken-r", access="read"),
            AccessToken(name="limited", token="t0ken-l", dags=("b*",)),
            AccessToken(name="writer", token="t0ken-w"),
        )
    )
    for query in ({}, {"dry_run": "true"}, {"dag_id": "a"}):
        for token in ("t0ken-r", "t0ken-l"):
            response = await api.post(RETRY, params=query, headers={"Authorization": token})
            await error(response, 403)
    await error(await api.post(RETRY), 401)
    writer = {"Authorization": "t0ken-w"}
    assert "Several DAGs" in await error(await api.post(RETRY, headers=writer), 409)
    assert "No run has" in await error(await api.post("/api/v1/batches/other/retry", headers=writer), 404)
    assert "dry_run" in await error(await api.post(RETRY, params={"dry_run": "maybe"}, headers=writer))
    limited = await api.post(RETRY, params={"dag_id": "b"}, headers={"Authorization": "t0ken-l"})
    assert (await answer(limited))["requeued"] == 1
    everything = await api.post(RETRY, params={"all_dags": "true"}, headers=writer)
    assert (await answer(everything))["requeued"] == 1


async def test_each_retry_is_a_line_of_the_audit_log(
    world: MemoryWorld, airflow: FakeAirflow, play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "dagrun_api.audit")
    await fill(world, 2)
    api = await play(airflow)
    for query in ({"dry_run": "true"}, {"dag_id": "a"}, {"dag_id": "a"}):
        await retried(api, **query)
    (line,) = [record for record in caplog.records if record.name == "dagrun_api.audit"]
    told = vars(line)
    assert (told["event"], told["result"], told["dag_id"], told["prefix"]) == ("retry_batch", "done", "a", "etl")
    assert (told["runs_requeued"], told["runs_cleared"], told["runs_left"]) == (1, 2, 0)
    text = await (await api.get("/metrics")).text()
    assert "dagrun_api_runs_requeued_total 1.0" in text
    assert "dagrun_api_runs_cleared_total 2.0" in text
    assert 'dagrun_api_writes_total{event="retry_batch",result="done"} 1.0' in text
