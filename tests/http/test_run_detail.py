"""One run in full over HTTP: how figures, absent values and a conf look, and who keeps a conf to themselves."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.client.details import run_detail
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import Api, Serve, answer

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)


async def test_a_run_that_has_ended_is_told_in_full(api: Api, world: MemoryWorld) -> None:
    begun = NOON + timedelta(days=1)
    await world.add_run("a", "r", NOON, start_date=begun, end_date=begun + timedelta(seconds=60.25))
    world.store.details[1]["conf"] = '{"why": ["late data"]}'
    run = (await answer(await api.get("/api/v1/dag_runs/r")))["dag_run"]
    dates = {name: run[name] for name in ("data_interval_start", "data_interval_end", "run_after", "queued_at")}
    assert dates == dict.fromkeys(dates, "2017-09-01 12:00:00")
    assert (run["duration"], run["conf"]) == (60.25, {"why": ["late data"]})


async def test_what_is_not_known_is_the_word_none(api: Api, world: MemoryWorld) -> None:
    await world.add_run("a", "r", NOON, state="running", start_date=NOON)
    world.store.details.clear()
    world.store.queued.clear()
    run = (await answer(await api.get("/api/v1/dag_runs/r")))["dag_run"]
    names = ("data_interval_start", "data_interval_end", "run_after", "queued_at", "duration", "conf")
    assert {name: run[name] for name in names} == dict.fromkeys(names, "None")


async def test_lists_have_none_of_it(api: Api, world: MemoryWorld) -> None:
    await world.add_dag("a")
    await world.add_run("a", "r", NOON)
    for path in ("dag_runs", "latest_runs"):
        ((listed,),) = (await answer(await api.get(f"/api/v1/{path}"))).values()
        assert not {"conf", "duration", "run_after", "queued_at"} & set(listed)


async def test_without_show_conf_nobody_sees_a_conf(serve: Serve, world: MemoryWorld) -> None:
    await world.add_run("a", "r", NOON)
    world.store.details[1]["conf"] = '{"password": "s3cret"}'
    api = await serve(show_conf=False)
    response = await api.get("/api/v1/dag_runs/r")
    assert "s3cret" not in await response.text()
    assert (await answer(response))["dag_run"]["conf"] == "None"


@pytest.mark.parametrize(
    "conf",
    [
        '{"a": 123456789012345678901234567890, "b": 1e400, "c": 1.00}',
        '{"a": ' + "[" * 600 + "]" * 600 + "}",
        '{"a": "\\u2028\\u0000", "b": "💀</script>"}',
    ],
)
async def test_a_conf_is_shown_as_it_stands(api: Api, world: MemoryWorld, conf: str) -> None:
    await world.add_run("a", "r", NOON)
    world.store.details[1]["conf"] = conf
    response = await api.get("/api/v1/dag_runs/r")
    assert conf in await response.text()
    assert (await answer(response))["dag_run"]["conf"] == json.loads(conf)


def test_the_client_reads_what_an_older_service_tells() -> None:
    old = {
        "id": 1,
        "dag_id": "a",
        "run_id": "r",
        "state": "success",
        "execution_date": "2017-09-01 12:00:00",
        "start_date": "None",
        "end_date": "None",
        "external_trigger": "True",
    }
    run = run_detail(old)
    assert (run.execution_date, run.run_after, run.duration, run.conf) == (NOON, None, None, None)
