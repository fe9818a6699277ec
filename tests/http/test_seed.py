"""The examples in the documentation of the original plugin, with the answers that it shows."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web

from tests.databases.worlds import MemoryWorld, serialized
from tests.http.conftest import Api, Serve, answer, error

SCHEDULED = datetime(2017, 9, 19, 12, tzinfo=UTC)
STARTED = datetime(2017, 9, 20, 18, 10, 2, 190813, tzinfo=UTC)


async def test_the_token_is_the_whole_authorization_header(serve: Serve) -> None:
    api = await serve(token="secret-token")
    assert (await api.get("/api/v1/dags", headers={"authorization": "secret-token"})).status == 200
    assert (await api.get("/api/v1/dags")).status == 401
    assert (await api.get("/api/v1/dags", headers={"authorization": "other"})).status == 401


async def test_a_json_body_is_accepted_and_a_form_is_not(api: Api, world: MemoryWorld) -> None:
    await world.add_dag("example_dag")
    taken = await api.post("/api/v1/dag_runs", data=b'{"dag_id":"example_dag","prefix":"prefix_value"}')
    assert taken.status == 200
    refused = await api.post("/api/v1/dag_runs", data={"dag_id": "example_dag", "prefix": "prefixvalue"})
    assert "form" in await error(refused)


async def test_dags(api: Api, world: MemoryWorld) -> None:
    await world.add_dag("hello", full_path="dags/hello.py")
    await world.add_run("hello", "scheduled__2017-09-19T12:00:00", SCHEDULED, external=False)
    response = await api.get("/api/v1/dags")
    expected = (
        b'{"response":{"dags":[{"is_active":true,"dag_id":"hello","full_path":"dags/hello.py",'
        b'"last_execution":"2017-09-19 12:00:00","is_draining":false,'
        b'"schedule":"0 12 * * *","next_run_after":"None"}]}}'
    )
    assert await response.read() == expected


async def test_dag_runs(api: Api, world: MemoryWorld) -> None:
    await world.add_run("hello", "scheduled__2017-09-19T12:00:00", SCHEDULED, external=False, start_date=STARTED)
    (run,) = (await answer(await api.get("/api/v1/dag_runs")))["dag_runs"]
    documented = {
        "external_trigger": "False",
        "execution_date": "2017-09-19 12:00:00",
        "end_date": "None",
        "start_date": "2017-09-20 18:10:02.190813",
        "state": "success",
        "run_id": "scheduled__2017-09-19T12:00:00",
    }
    assert run == documented | {"id": 1, "dag_id": "hello"}


async def test_creating_dag_runs(api: Api, world: MemoryWorld) -> None:
    await world.add_dag("example_dag", serialized=serialized("0 12 * * *"))
    body = {
        "dag_id": "example_dag",
        "prefix": "prefix",
        "start_date": "2017-09-01T12:00:00",
        "end_date": "2017-09-10T12:00:00",
    }
    answered = await answer(await api.post("/api/v1/dag_runs", json=body))
    assert answered["dag_run_ids"] == [
        "prefix_0000001_2017-09-01T12:00:00",
        "prefix_0000002_2017-09-02T12:00:00",
        "prefix_0000003_2017-09-03T12:00:00",
        "prefix_0000004_2017-09-04T12:00:00",
        "prefix_0000005_2017-09-05T12:00:00",
        "prefix_0000006_2017-09-06T12:00:00",
        "prefix_0000007_2017-09-07T12:00:00",
        "prefix_0000008_2017-09-08T12:00:00",
        "prefix_0000009_2017-09-09T12:00:00",
        # The seed prints eight digits here, against its own pattern of seven.
        "prefix_0000010_2017-09-10T12:00:00",
    ]


async def test_one_dag_run(api: Api, world: MemoryWorld) -> None:
    await world.add_run("hello", "prefix_0000001_2017-09-01T12:00:00", SCHEDULED, external=False, start_date=STARTED)
    answered = await answer(await api.get("/api/v1/dag_runs/prefix_0000001_2017-09-01T12:00:00"))
    documented = {
        "end_date": "None",
        "external_trigger": "False",
        "state": "success",
        "run_id": "prefix_0000001_2017-09-01T12:00:00",
        "execution_date": "2017-09-19 12:00:00",
        "start_date": "2017-09-20 18:10:02.190813",
    }
    assert answered["dag_run"].items() >= (documented | {"id": 1, "dag_id": "hello"}).items()


async def test_one_dag_run_that_does_not_exist(api: Api) -> None:
    response = await api.get("/api/v1/dag_runs/prefix_0000001_2017-09-01T12:00:00")
    assert response.status == web.HTTPNotFound.status_code
    assert await response.read() == b'{"response":{"error":"Dag run id not found"}}'


async def test_defaults_are_those_of_the_documentation(api: Api, world: MemoryWorld) -> None:
    await world.add_dag("a")
    for number in range(60):
        await world.add_run("a", f"run{number}", datetime(2017, 1, 1, number % 24, number, tzinfo=UTC))
    assert len((await answer(await api.get("/api/v1/dag_runs")))["dag_runs"]) == 50
    answered = await answer(await api.post("/api/v1/dag_runs", json={"dag_id": "a"}))
    assert answered["dag_run_ids"][0].startswith("manual_0000001_")
    assert (
        await error(await api.post("/api/v1/dag_runs", json={"dag_id": "a", "limit": 501})) == "Limit cannot exceed 500"
    )
    backfill = await api.post("/api/v1/dag_runs", json={"dag_id": "a", "prefix": "my_backfill_"})
    assert "backfill" in await error(backfill)
    assert await error(await api.post("/api/v1/dag_runs", json={"dag_id": "x"})) == "Dag id x not found"
