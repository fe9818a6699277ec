"""A batch as a thing of its own: preview, progress, cancel; explicit lists; pausing; latest runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dagrun_api.batches.service import Service
from dagrun_api.model import Prefix
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import Api, Serve, answer, error

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


LIMITED = {
    "dag_id": "a",
    "prefix": "x",
    "start_date": "2017-09-01",
    "end_date": "2017-09-02",
    "max_active_runs": "2",
}

ORDINARY = {"backfill_id": "None", "max_active_runs": "None", "is_paused": "None"}


@pytest.fixture
async def batch(world: MemoryWorld) -> None:
    await world.add_dag("a")
    await world.add_dag("b")
    for number, (dag_id, state) in enumerate([("a", "success"), ("a", "queued"), ("a", "running"), ("b", "failed")], 1):
        await world.add_run(dag_id, f"etl_{number:07d}_2017-09-01T12:00:00", NOON + number * DAY, state=state)


async def test_a_dry_run_shows_the_intervals(api: Api, world: MemoryWorld) -> None:
    await world.add_dag("a")
    body = {"dag_id": "a", "prefix": "etl", "start_date": "2017-09-01", "end_date": "2017-09-01", "dry_run": True}
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
        "cancelled": 1,
        "percent_done": 50.0,
        "first_execution": "2017-09-02 12:00:00",
        "last_execution": "2017-09-05 12:00:00",
        "first_queued": "2017-09-02 12:00:00",
        "last_ended": "None",
        **ORDINARY,
        "dags": [
            {
                "dag_id": "a",
                "total": 3,
                "states": {"queued": 1, "running": 1, "success": 1},
                "cancelled": 0,
                "percent_done": 33.3,
                "first_execution": "2017-09-02 12:00:00",
                "last_execution": "2017-09-04 12:00:00",
                "first_queued": "2017-09-02 12:00:00",
                "last_ended": "None",
                **ORDINARY,
            },
            {
                "dag_id": "b",
                "total": 1,
                "states": {"failed": 1},
                "cancelled": 1,
                "percent_done": 100.0,
                "first_execution": "2017-09-05 12:00:00",
                "last_execution": "2017-09-05 12:00:00",
                "first_queued": "2017-09-05 12:00:00",
                "last_ended": "None",
                **ORDINARY,
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
    await Service(world.store).cancel(Prefix("etl"), "a")
    changed = await api.get("/api/v1/batches/etl", headers={"If-None-Match": etag})
    assert (changed.status, changed.headers["ETag"] == etag) == (200, False)


@pytest.mark.usefixtures("batch")
async def test_cancel_tells_how_many_of_each(api: Api) -> None:
    assert await answer(await api.post("/api/v1/batches/etl/cancel?all_dags=true")) == {
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
async def test_a_write_to_several_dags_must_say_so(api: Api) -> None:
    for path in ("cancel", "paused/true"):
        sentence = await error(await api.post(f"/api/v1/batches/etl/{path}"), 409)
        assert "a, b; add ?dag_id= to choose one, or ?all_dags=true" in sentence
    assert (await answer(await api.post("/api/v1/batches/etl/cancel?dag_id=b")))["cancelled"] == 0
    assert (await answer(await api.post("/api/v1/batches/etl/cancel?dag_id=b&all_dags=true")))["ended"] == 1


async def test_polling_sees_a_pause_and_another_limit(api: Api, world: MemoryWorld) -> None:
    await world.add_dag("a")
    await answer(await api.post("/api/v1/dag_runs", json=LIMITED))

    async def etag() -> str:
        return (await api.get("/api/v1/batches/x")).headers["ETag"]

    first = await etag()
    await answer(await api.post("/api/v1/batches/x/paused/true"))
    paused = await etag()
    world.store.backfills[1] = replace(world.store.backfills[1], max_active_runs=9)
    limited = await etag()
    assert len({first, paused, limited}) == 3


async def test_a_backfill_is_created_joined_paused_and_cancelled(api: Api, world: MemoryWorld) -> None:
    await world.add_dag("a")
    first = await answer(await api.post("/api/v1/dag_runs", json=LIMITED))
    assert (first["run_type"], first["backfill_id"], first["max_active_runs"]) == ("backfill", 1, 2)
    joined = await answer(
        await api.post("/api/v1/dag_runs", json=LIMITED | {"end_date": "2017-09-04", "max_active_runs": 3})
    )
    assert (len(joined["dag_run_ids"]), joined["backfill_id"]) == (2, 1)
    progress = await answer(await api.get("/api/v1/batches/x"))
    assert (progress["backfill_id"], progress["max_active_runs"], progress["is_paused"]) == (1, 3, False)
    paused = await answer(await api.post("/api/v1/batches/x_/paused/true"))
    assert paused == {"prefix": "x_", "is_paused": True, "dag_ids": ["a"]}
    assert (await answer(await api.get("/api/v1/batches/x")))["dags"][0]["is_paused"] is True
    await answer(await api.post("/api/v1/batches/x/cancel"))
    assert (await answer(await api.get("/api/v1/batches/x")))["is_paused"] is False
    assert (
        await error(await api.post("/api/v1/batches/x/paused/true"), 409)
        == "The batch x has ended: there is nothing to pause."
    )
    await answer(await api.post("/api/v1/batches/x/paused/false"))


@pytest.mark.usefixtures("batch")
async def test_an_ordinary_batch_cannot_be_paused_nor_joined(api: Api) -> None:
    assert "ordinary ones" in await error(await api.post("/api/v1/batches/etl/paused/true?dag_id=a"), 409)
    assert "ordinary ones" in await error(await api.post("/api/v1/dag_runs", json=LIMITED | {"prefix": "etl"}), 409)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"max_active_runs": 0}, "max_active_runs must be a whole number from 1 to 1000, not 0."),
        ({"max_active_runs": 1001}, "max_active_runs must be at most 1000, not 1001."),
        ({"max_active_runs": "many"}, "max_active_runs must be a whole number from 1 to 1000, not 'many'."),
        ({"max_active_runs": None}, "The key max_active_runs must not be null; leave it out, or give it a value."),
        ({"run_backwards": "down"}, "run_backwards must be true or false, not 'down'."),
    ],
)
async def test_a_bad_limit_is_told(api: Api, change: dict[str, object], sentence: str) -> None:
    assert await error(await api.post("/api/v1/dag_runs", json=LIMITED | change), 400) == sentence


async def test_a_limit_needs_a_window_and_backwards_needs_a_limit(api: Api) -> None:
    now = {"dag_id": "a", "max_active_runs": 2}
    assert "is for a window or a list" in await error(await api.post("/api/v1/dag_runs", json=now), 400)
    backwards = {"dag_id": "a", "start_date": "2017-09-01", "run_backwards": True}
    assert "run_backwards needs max_active_runs" in await error(await api.post("/api/v1/dag_runs", json=backwards), 400)


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
