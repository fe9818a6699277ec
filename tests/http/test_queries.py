"""The lists and the single run: filters, pages, and wrong queries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from yarl import URL

from tests.databases.worlds import MemoryWorld
from tests.http.conftest import Api, answer, error

NOON = datetime(2017, 9, 19, 12, tzinfo=UTC)
DAY = timedelta(days=1)


async def run_ids(api: Api, query: str) -> list[str]:
    answered = await answer(await api.get(f"/api/v1/dag_runs?{query}"))
    return [run["run_id"] for run in answered["dag_runs"]]


@pytest.fixture
async def three(world: MemoryWorld) -> None:
    await world.add_run("a", "x_1", NOON, state="queued")
    await world.add_run("a", "x_2", NOON + DAY, external=False)
    await world.add_run("b", "y%1", NOON, state="running")


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["x_1", "x_2", "y%1"]),
        ("limit=2", ["x_1", "x_2"]),
        ("limit=002", ["x_1", "x_2"]),
        ("start=1", ["x_2", "y%1"]),
        ("start=0000000000000000000000000001", ["x_2", "y%1"]),
        ("start=x_2", ["y%1"]),
        ("start=9223372036854775807", []),
        ("state=queued", ["x_1"]),
        ("state=failed", []),
        ("external_trigger=TRUE", ["x_1", "y%1"]),
        ("external_trigger=0", ["x_2"]),
        ("prefix=x_", ["x_1", "x_2"]),
        ("prefix=y%25", ["y%1"]),
        ("prefix=X_", []),
        ("prefix=", ["x_1", "x_2", "y%1"]),
        ("dag_id=b", ["y%1"]),
        ("dag_id=a&state=success&external_trigger=false&prefix=x&limit=100&start=1", ["x_2"]),
    ],
)
async def test_filters(api: Api, query: str, expected: list[str]) -> None:
    assert await run_ids(api, query) == expected


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("limit=0", "limit must be a whole number from 1 to 100, not '0'."),
        ("limit=101", "limit must be at most 100, not '101'."),
        ("limit=-1", "whole number"),
        ("limit=1.5", "whole number"),
        ("limit=", "whole number"),
        ("limit=٣", "whole number"),
        ("limit=" + "9" * 5000, "at most 100"),
        ("state=done", "queued, running, success, failed"),
        ("state=", "queued, running, success, failed"),
        ("external_trigger=maybe", "true or false"),
        ("start=nope", "neither a number nor the id of a run"),
        ("start=", "start must be"),
        ("start=9223372036854775808", "at most 9223372036854775807"),
        ("start=a%00b", "start must be"),
        ("prefix=a%00b", "NUL"),
        ("limit=1&limit=1", "'limit' is given more than once"),
        ("stat=queued", "Unknown parameter 'stat'; the known ones are start, limit, state"),
    ],
)
async def test_a_bad_query_gets_an_error_that_says_what_to_send(api: Api, query: str, told: str) -> None:
    assert told in await error(await api.get(f"/api/v1/dag_runs?{query}"))


async def test_a_start_that_several_dags_have_needs_a_dag_id(api: Api, world: MemoryWorld) -> None:
    await world.add_run("a", "same", NOON)
    await world.add_run("b", "same", NOON)
    await world.add_run("b", "later", NOON + DAY)
    assert "several DAGs: a, b" in await error(await api.get("/api/v1/dag_runs?start=same"))
    assert await run_ids(api, "start=same&dag_id=b") == ["later"]


async def test_pages_are_linked_until_the_last(api: Api, world: MemoryWorld) -> None:
    for number in range(7):
        await world.add_run("a", f"r&{number}", NOON + number * DAY)
    await world.add_run("b", "other", NOON)
    url: str | None = "/api/v1/dag_runs?limit=3&dag_id=a&prefix=r%26"
    seen: list[str] = []
    pages = 0
    while url is not None:
        response = await api.get(url)
        seen += [run["run_id"] for run in (await answer(response))["dag_runs"]]
        pages += 1
        link = response.links.get("next")
        url = str(link["url"]).partition(str(api.make_url("/")).rstrip("/"))[2] if link else None
    assert seen == [f"r&{number}" for number in range(7)]
    assert pages == 3


@pytest.mark.parametrize(
    "run_id", ["a/b", "a b", "a?b#c", "é", "100%", "..", "a%2Fb", "'; DROP TABLE dag_run", "{x}", "+"]
)
async def test_a_run_id_may_contain_any_character(api: Api, world: MemoryWorld, run_id: str) -> None:
    await world.add_run("a", run_id, NOON)
    response = await api.get(URL(f"/api/v1/dag_runs/{quote(run_id, safe='').replace('.', '%2E')}", encoded=True))
    assert (await answer(response)) == {"dag_run": {**(await answer(response))["dag_run"], "run_id": run_id}}


@pytest.mark.parametrize("name", ["a/b", "{x}", "100%", "..", "é", "a\nb"])
async def test_a_dag_id_and_a_prefix_may_contain_any_character(api: Api, world: MemoryWorld, name: str) -> None:
    await world.add_dag(name)
    await world.add_run(name, f"{name}_0000001_2017-09-01T12:00:00", NOON, state="queued")
    segment = quote(name, safe="").replace(".", "%2E")
    paused = await api.post(URL(f"/api/v1/dags/{segment}/paused/true", encoded=True))
    assert await answer(paused) == {"dag_id": name, "is_paused": True}
    found = await answer(await api.get(URL(f"/api/v1/batches/{segment}", encoded=True)))
    assert (found["prefix"], found["total"]) == (name, 1)
    assert (await answer(await api.post(URL(f"/api/v1/batches/{segment}/cancel", encoded=True))))["cancelled"] == 1


async def test_a_run_id_of_several_dags_needs_a_dag_id(api: Api, world: MemoryWorld) -> None:
    for dag_id in ("a", "b"):
        await world.add_run(dag_id, "same", NOON)
    assert "a, b" in await error(await api.get("/api/v1/dag_runs/same"), 409)
    assert (await answer(await api.get("/api/v1/dag_runs/same?dag_id=b")))["dag_run"]["dag_id"] == "b"
    assert await error(await api.get("/api/v1/dag_runs/same?dag_id=c"), 404) == "Dag run id not found"
    assert "Unknown parameter" in await error(await api.get("/api/v1/dag_runs/same?dagid=b"))


@pytest.mark.parametrize("run_id", ["a%00b", "%25ff", "a%25FFb", "x" * 4000])
async def test_an_id_that_no_run_can_have_is_not_found(api: Api, run_id: str) -> None:
    response = await api.get(URL(f"/api/v1/dag_runs/{run_id}", encoded=True))
    assert await error(response, 404) == "Dag run id not found"


@pytest.mark.parametrize(
    "address", ["dag_runs/%ff", "dag_runs/a%ED%a0%80", "dags?a%c3=1", "dag_runs?dag_id=%ff", "%ff"]
)
async def test_an_address_that_is_not_utf_8_is_refused(api: Api, address: str) -> None:
    assert "not UTF-8" in await error(await api.get(URL(f"/api/v1/{address}", encoded=True)))


async def test_an_address_in_utf_8_may_hold_any_character(api: Api, world: MemoryWorld) -> None:
    await world.add_run("ü\U0001f480 %FF", "r", NOON)
    response = await api.get(URL("/api/v1/dag_runs?dag_id=%c3%bc%F0%9F%92%80+%25FF", encoded=True))
    assert [run["run_id"] for run in (await answer(response))["dag_runs"]] == ["r"]


async def test_absent_values_are_the_word_none(api: Api, world: MemoryWorld) -> None:
    await world.add_run("a", "r", NOON, state=None)
    run = (await answer(await api.get("/api/v1/dag_runs/r")))["dag_run"]
    assert (run["state"], run["start_date"], run["end_date"]) == ("None", "None", "None")


async def test_a_paused_dag_is_not_active(api: Api, world: MemoryWorld) -> None:
    await world.add_dag("a", is_paused=True, full_path=None)
    (dag,) = (await answer(await api.get("/api/v1/dags")))["dags"]
    known = {"is_draining": False, "full_path": "None", "last_execution": "None"}
    planned = {"schedule": "0 12 * * *", "next_run_after": "None"}
    assert dag == {"is_active": False, "dag_id": "a", **known, **planned}
    assert "Unknown parameter 'x'" in await error(await api.get("/api/v1/dags?x=1"))
