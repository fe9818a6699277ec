"""A batch as a thing of its own: preview, progress, cancel; explicit lists; pausing; latest runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dagrun_api.batches.service import Service
from dagrun_api.model import Prefix
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import Api, Serve, answer, error

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
async def batch(world: MemoryWorld) -> None:
    await world.add_dag("a")
    await world.add_dag("b")
    for number, (dag_id, state) in enumerate([("a", "success"), ("a", "queued"), ("a", "running"), ("b", "failed")], 1):
        await world.add_run(dag_id, f"etl_{number:07d}_2017-09-01T12:00:00", NOON + number * DAY, state=state)


async def test_a_dry_run_shows_the_intervals(api: Api, world: MemoryWorld) -> None:
    await world.add_dag("a")
    body = {"dag_id": "a", "prefix": "etl", "start_date": "2017-09-01", "end_date": "2017-09-02", "dry_run": True}
    answered = await answer(await api.post("/api/v1/dag_runs", json=body))
    assert answered.pop("runs") == [
        {
            "run_id": "etl_0000001_2017-09-01T12:00:00",
            "execution_date": "2017-09-01 12:00:00",
            "data_interval_start": "2017-09-01 12:00:00",
            "data_interval_end": "2017-09-02 12:00:00",
            "run_after": "2017-09-02 12:00:00",
        }
    ]
    assert world.store.stored_runs == []
    assert answered == await answer(await api.post("/api/v1/dag_runs", json=body | {"dry_run": False}))


@pytest.mark.usefixtures("batch")
async def test_progress_in_all_and_in_each_dag(api: Api) -> None:
    assert await answer(await api.get("/api/v1/batches/etl_")) == {
        "prefix": "etl_",
        "total": 4,
        "states": {"failed": 1, "queued": 1, "running": 1, "success": 1},
        "percent_done": 50.0,
        "first_execution": "2017-09-02 12:00:00",
        "last_execution": "2017-09-05 12:00:00",
        "dags": [
            {
                "dag_id": "a",
                "total": 3,
                "states": {"queued": 1, "running": 1, "success": 1},
                "percent_done": 33.3,
                "first_execution": "2017-09-02 12:00:00",
                "last_execution": "2017-09-04 12:00:00",
            },
            {
                "dag_id": "b",
                "total": 1,
                "states": {"failed": 1},
                "percent_done": 100.0,
                "first_execution": "2017-09-05 12:00:00",
                "last_execution": "2017-09-05 12:00:00",
            },
        ],
    }
    one = await answer(await api.get("/api/v1/batches/etl?dag_id=b"))
    assert (one["total"], len(one["dags"])) == (1, 1)
    assert "No run has the prefix" in await error(await api.get("/api/v1/batches/etl?dag_id=c"), 404)
    assert "Unknown parameter" in await error(await api.get("/api/v1/batches/etl?dag=a"))


@pytest.mark.usefixtures("batch")
async def test_polling_costs_nothing_while_nothing_changes(api: Api, world: MemoryWorld) -> None:
    first = await api.get("/api/v1/batches/etl")
    etag = first.headers["ETag"]
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = await api.get("/api/v1/batches/etl", headers={"If-None-Match": known})
        assert (again.status, await again.read(), again.headers["ETag"]) == (304, b"", etag)
    await Service(world.store).cancel(Prefix("etl"), None)
    changed = await api.get("/api/v1/batches/etl", headers={"If-None-Match": etag})
    assert (changed.status, changed.headers["ETag"] == etag) == (200, False)


@pytest.mark.usefixtures("batch")
async def test_cancel_tells_how_many_of_each(api: Api) -> None:
    assert await answer(await api.post("/api/v1/batches/etl/cancel")) == {
        "prefix": "etl",
        "cancelled": 1,
        "started": 1,
        "ended": 2,
        "truncated": False,
        "cancelled_dag_run_ids": ["etl_0000002_2017-09-01T12:00:00"],
    }
    run = (await answer(await api.get("/api/v1/dag_runs/etl_0000002_2017-09-01T12:00:00")))["dag_run"]
    assert run["state"] == "failed"
    assert run["end_date"] != "None"
    await error(await api.post("/api/v1/batches/other/cancel"), 404)
    await error(await api.get("/api/v1/batches/etl/cancel"), 405)


@pytest.mark.usefixtures("batch")
async def test_pausing_and_letting_go_on(api: Api) -> None:
    for paused in (True, False):
        path = f"/api/v1/dags/a/paused/{str(paused).lower()}"
        assert await answer(await api.post(path)) == {"dag_id": "a", "is_paused": paused}
        dags = (await answer(await api.get("/api/v1/dags")))["dags"]
        assert {dag["dag_id"]: dag["is_active"] for dag in dags} == {"a": not paused, "b": True}
    assert await error(await api.post("/api/v1/dags/c/paused/true"), 404) == "Dag id c not found"
    await error(await api.post("/api/v1/dags/a/paused/maybe"), 404)
    await error(await api.get("/api/v1/dags/a/paused/true"), 405)


@pytest.mark.usefixtures("batch")
async def test_latest_runs(api: Api) -> None:
    runs = (await answer(await api.get("/api/v1/latest_runs")))["dag_runs"]
    assert [(run["dag_id"], run["id"]) for run in runs] == [("a", 3), ("b", 4)]


async def test_new_endpoints_need_the_token_too(serve: Serve) -> None:
    api = await serve(token="x")
    for method, path in (
        ("GET", "batches/etl"),
        ("POST", "batches/etl/cancel"),
        ("POST", "dags/a/paused/true"),
        ("GET", "latest_runs"),
    ):
        await error(await api.request(method, f"/api/v1/{path}"), 401)


async def test_an_explicit_list_with_a_conf_each(api: Api, world: MemoryWorld) -> None:
    await world.add_dag("a")
    runs: list[dict[str, Any]] = [
        {"execution_date": "2017-09-02T12:00:00", "conf": {"x": 1}},
        {"execution_date": "2017-09-01"},
    ]
    answered = await answer(await api.post("/api/v1/dag_runs", json={"dag_id": "a", "prefix": "l", "runs": runs}))
    assert answered["dag_run_ids"] == ["l_0000001_2017-09-01T00:00:00", "l_0000002_2017-09-02T12:00:00"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"runs": []}, "runs must be a list of 1 to 500 objects"),
        ({"runs": {}}, "runs must be a list"),
        ({"runs": "2017-09-01"}, "runs must be a list"),
        ({"runs": [{"execution_date": "2017-09-01"}] * 501}, "runs must be a list of 1 to 500"),
        ({"runs": ["2017-09-01"]}, "runs[0] must be an object with an execution_date"),
        ({"runs": [{"execution_date": "2017-09-01"}, {}]}, "In runs[1]: The key execution_date is required."),
        ({"runs": [{"execution_date": "soon"}]}, "In runs[0]: execution_date 'soon' is not a date"),
        ({"runs": [{"execution_date": "2017-09-01", "conf": 1}]}, "In runs[0]: conf must be a JSON object"),
        ({"runs": [{"execution_date": "2017-09-01", "x": 1}]}, "In runs[0]: Unknown key 'x'"),
        ({"runs": [{"execution_date": None}]}, "In runs[0]: The key execution_date must not be null"),
        ({"runs": [{"execution_date": "2017-09-01"}] * 2}, "twice"),
        (
            {"runs": [{"execution_date": "2017-09-01"}], "limit": 1, "end_date": "2017-09-02"},
            "leave end_date, limit out",
        ),
    ],
)
async def test_a_list_that_cannot_be(api: Api, world: MemoryWorld, change: dict[str, Any], told: str) -> None:
    await world.add_dag("a")
    assert told in await error(await api.post("/api/v1/dag_runs", json={"dag_id": "a", **change}))
    assert world.store.stored_runs == []
