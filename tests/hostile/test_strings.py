"""Strings that mean something to somebody, through every parameter, on a real database of each kind."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from unicodedata import normalize
from urllib.parse import quote

import pytest
from yarl import URL

from dagrun_api import Settings, create_app
from tests.databases.worlds import SQLWorld
from tests.hostile.conftest import AiohttpClient, Api
from tests.http.conftest import answer

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)

STRINGS = [
    "\0",
    "a\0b",
    "x" * 250,
    "x" * 251,
    "x" * 3000,
    "%",
    "_",
    "a%",
    "a_",
    "\\",
    "\\%",
    "'",
    '"',
    "''",
    "`",
    "';--",
    "'; DROP TABLE dag_run; --",
    "' OR '1'='1",
    "1; SELECT pg_sleep(10)",
    "$1",
    "?1",
    ":name",
    "{prefix}",
    "%s%n",
    "\U0001f480\u200d\U0001f525",
    "\u202eabc",
    "שלום",
    normalize("NFC", "e\u0301"),
    normalize("NFD", "\u00e9"),
    "a ",
    " a",
    "A",
    "a",
    "ß",
    "ss",
    "İ",
    "ı",
    "\ufeff",
    "\ufffe\uffff",
    "null",
    "None",
    "true",
    "[]",
    "-1",
    "1e3",
    "0x10",
    "٣",
    "../../etc/passwd",
    "a/b?c#d&e=f;g+h i",
    "\r\n\tX: y",
    "\x7f\x80\x1b[0m",
]


pytestmark = pytest.mark.parametrize(
    "world", ["sqlite-2.11.2", "postgres-2.11.2", "sqlite-standalone", "postgres-3.1.8"], indirect=True
)


@pytest.fixture
async def api(world: SQLWorld, aiohttp_client: AiohttpClient) -> Api:
    await world.add_dag("a")
    return await aiohttp_client(create_app(Settings(), store=world.store))


async def test_no_string_breaks_a_query_or_a_path(api: Api) -> None:
    for text in STRINGS:
        each = quote(text, safe="").replace(".", "%2E")
        for parameter in ("prefix", "dag_id", "start", "state", "limit", "external_trigger", each):
            response = await api.get(URL(f"/api/v1/dag_runs?{parameter}={each}", encoded=True))
            await answer(response)
            assert response.status in (200, 400)
            if parameter in ("prefix", "dag_id"):
                assert response.status == (400 if "\0" in text else 200)
        for path in (f"dag_runs/{each}", f"batches/{each}", f"dag_runs/x?dag_id={each}", f"batches/x?dag_id={each}"):
            response = await api.get(URL(f"/api/v1/{path}", encoded=True))
            await answer(response)
            assert response.status == (400 if "\0" in text and "dag_id" in path else 404)
        for path in (f"batches/{each}/cancel", f"batches/{each}/retry", f"dags/{each}/paused/true"):
            response = await api.post(URL(f"/api/v1/{path}", encoded=True))
            await answer(response)
            assert response.status == (200 if (text, path[:4]) == ("a", "dags") else 404)


async def test_no_string_breaks_a_batch_and_a_conf_keeps_every_one(api: Api, world: SQLWorld) -> None:
    window = {"dag_id": "a", "start_date": "2017-09-01T12:00:00", "end_date": "2017-09-01T12:00:00"}
    for text in STRINGS:
        for key in ("dag_id", "prefix", "start_date", "end_date", "limit", "partial", "conf", "dry_run", "runs", text):
            response = await api.post("/api/v1/dag_runs", json={**window, "dry_run": True, key: text})
            await answer(response)
            assert response.status in (200, 400)
    conf = {text: text for text in STRINGS if "\0" not in text}
    response = await api.post("/api/v1/dag_runs", json={**window, "conf": conf})
    assert len((await answer(response))["dag_run_ids"]) == 1
    (row,) = await world.runs_of("a")
    if isinstance(row["conf"], str):
        assert json.loads(row["conf"]) == conf


async def test_a_run_is_found_by_its_own_id_and_by_no_other(api: Api, world: SQLWorld) -> None:
    stored = [text for text in dict.fromkeys(STRINGS) if "\0" not in text and len(text) <= 250]
    for number, text in enumerate(stored):
        await world.add_run("a", text, NOON + number * timedelta(days=1))
    for text in stored:
        path = quote(text, safe="").replace(".", "%2E")
        found = await answer(await api.get(URL(f"/api/v1/dag_runs/{path}", encoded=True)))
        assert found.get("dag_run", {}).get("run_id") == text, found
        listed = await answer(await api.get("/api/v1/dag_runs", params={"prefix": text, "limit": "100"}))
        assert [run["run_id"] for run in listed["dag_runs"]] == [each for each in stored if each.startswith(text)]
    assert len((await answer(await api.get("/api/v1/dag_runs?limit=100")))["dag_runs"]) == len(stored)
