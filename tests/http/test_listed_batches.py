"""The list of batches: its pages, and wrong queries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from yarl import URL

from dagrun_api.settings.tokens import AccessToken
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import Api, Serve, answer, error

NOON = datetime(2017, 9, 19, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def five(world: MemoryWorld) -> None:
    for number in range(1, 6):
        date = NOON + timedelta(days=number)
        await world.add_run("ab"[number % 2], f"etl{number}_0000001_{date:%Y-%m-%dT%H:%M:%S}", date, state="failed")


async def prefixes(api: Api, query: str) -> list[str]:
    answered = await answer(await api.get(f"/api/v1/batches{query}"))
    return [batch["prefix"] for batch in answered["batches"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["etl5", "etl4", "etl3", "etl2", "etl1"]),
        ("?limit=2", ["etl5", "etl4"]),
        ("?start=4", ["etl3", "etl2", "etl1"]),
        ("?start=0", []),
        ("?dag_id=b", ["etl5", "etl3", "etl1"]),
        ("?dag_id=b&limit=1&start=5", ["etl3"]),
        ("?dag_id=unknown", []),
    ],
)
async def test_batches_are_chosen(api: Api, query: str, expected: list[str]) -> None:
    assert await prefixes(api, query) == expected


async def test_a_batch_has_the_progress_that_it_has_alone(api: Api) -> None:
    (batch, *_) = (await answer(await api.get("/api/v1/batches?limit=1")))["batches"]
    (alone,) = (await answer(await api.get("/api/v1/batches/etl5?dag_id=b")))["dags"]
    assert batch == {"prefix": "etl5", **alone}
    assert (batch["dag_id"], batch["states"], batch["percent_done"]) == ("b", {"failed": 1}, 100.0)


async def test_links_lead_through_all_pages(api: Api) -> None:
    found: list[str] = []
    address: str | None = "/api/v1/batches?limit=2&dag_id=b"
    while address:
        response = await api.get(URL(address, encoded=True))
        found += [batch["prefix"] for batch in (await answer(response))["batches"]]
        link = response.links.get("next")
        address = str(URL(str(link["url"])).relative()) if link else None
    assert found == ["etl5", "etl3", "etl1"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?limit=0", "limit must be a whole number from 1 to 100, not '0'."),
        ("?limit=101", "limit must be at most 100, not '101'."),
        ("?start=etl5", "start must be a whole number from 0"),
        ("?state=failed", "Unknown parameter 'state'; the known ones are start, limit, dag_id."),
    ],
)
async def test_a_wrong_query_says_what_to_send(api: Api, query: str, told: str) -> None:
    assert told in await error(await api.get(f"/api/v1/batches{query}"))


async def test_a_limited_token_names_its_dag(serve: Serve) -> None:
    api = await serve(tokens=(AccessToken(name="b", token="secret", dags=("b",)),))
    headers = {"Authorization": "secret"}
    assert "add ?dag_id= to name one" in await error(await api.get("/api/v1/batches", headers=headers), 403)
    assert (await api.get("/api/v1/batches?dag_id=b", headers=headers)).status == 200
