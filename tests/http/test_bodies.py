"""What the body of a POST may contain. Anything else writes nothing, and the error says what to send instead."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.databases.worlds import MemoryWorld, serialized
from tests.http.conftest import Api, Serve, answer, error

WINDOW = {"dag_id": "a", "prefix": "etl_", "start_date": "2017-09-01", "end_date": "2017-09-02"}


@pytest.fixture(autouse=True)
async def dag(world: MemoryWorld) -> None:
    await world.add_dag("a")


async def refused(api: Api, world: MemoryWorld, body: bytes, status: int = 400) -> str:
    sentence = await error(await api.post("/api/v1/dag_runs", data=body), status)
    assert world.store.stored_runs == []
    return sentence


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "not valid JSON"),
        (b"dag_id=a&prefix=b", "not valid JSON"),
        (b'{"dag_id": "a"', "not valid JSON"),
        (b'{"dag_id": "a",}', "not valid JSON"),
        (b"{'dag_id': 'a'}", "not valid JSON"),
        (b'\xff\xfe{"dag_id": "a"}', "not UTF-8"),
        (b'\xef\xbb\xbf{"dag_id": "a"}', "not valid JSON"),
        ('{"dag_id": "a"}'.encode("utf-16"), "not UTF-8"),
        (b"[]", "not a JSON object"),
        (b'"a"', "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"7", "not a JSON object"),
        (b'{"dag_id": "a", "dag_id": "a"}', 'has the key "dag_id" twice'),
        (b'{"dag_id": "a", "conf": {"x": {"y": 1, "y": 2}}}', 'has the key "y" twice'),
        (b'{"dag_id": "a", "conf": {"x": NaN}}', "holds NaN"),
        (b'{"dag_id": "a", "conf": {"x": Infinity}}', "holds Infinity"),
        (b'{"dag_id": "a", "conf": {"x": 1e400}}', "beyond 64 bits"),
        (b'{"dag_id": "a", "conf": {"x": 9223372036854775808}}', "beyond 64 bits"),
        (b'{"dag_id": "a", "conf": {"x": -9223372036854775809}}', "beyond 64 bits"),
        (b'{"dag_id": "a", "conf": {"x": ' + b"9" * 5000 + b"}}", "beyond 64 bits"),
        (b'{"dag_id": "a", "conf": {"x": "\\u0000"}}', "NUL"),
        (b'{"dag_id": "a", "conf": {"\\u0000": 1}}', "NUL"),
        (b'{"dag_id": "a\\u0000"}', "NUL"),
        (b'{"dag_id": "a", "conf": {"x": "\\ud800"}}', "surrogate"),
        (b"[" * 60_000, "nested deeper than 64"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "nested deeper than 64"),
        (b'{"dag_id": "a", "conf": {"x": ' + b"[" * 70 + b"]" * 70 + b"}}", "nested deeper than 64"),
        (b"{}", "The key dag_id is required."),
        (b'{"prefix": "a"}', "The key dag_id is required."),
        (b'{"dag_id": "a", "end_dat": "2017-01-01"}', "Unknown key 'end_dat'; the known ones are dag_id, prefix"),
    ],
)
async def test_a_body_that_is_not_a_valid_object_is_refused(
    api: Api, world: MemoryWorld, body: bytes, told: str
) -> None:
    assert told in await refused(api, world, body)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"dag_id": 7}, "dag_id must be a string, not 7."),
        ({"dag_id": None}, "The key dag_id must not be null"),
        ({"dag_id": ""}, "Dag id  not found"),
        ({"dag_id": "x" * 300}, "not found"),
        ({"prefix": ""}, "must not be empty"),
        ({"prefix": "_"}, "must not be empty"),
        ({"prefix": None}, "The key prefix must not be null"),
        ({"prefix": "MyBackFill"}, 'cannot contain the word "backfill"'),
        ({"prefix": "a b"}, "may only contain"),
        ({"prefix": "a/b"}, "may only contain"),
        ({"prefix": "é"}, "may only contain"),
        ({"prefix": "a\n"}, "may only contain"),
        ({"prefix": "a..b"}, "two dots"),
        ({"prefix": "a_0000001_2017-09-01T12:00:00"}, "the number and date of a run id"),
        ({"prefix": "a_999999999999999999_2017-01-01T0_"}, "the number and date of a run id"),
        ({"prefix": "scheduled__"}, "scheduled__, which Airflow reserves"),
        ({"prefix": "asset_triggered__x"}, "reserves"),
        ({"prefix": "dataset_triggered_" + "_"}, "reserves"),
        ({"prefix": "x" * 223}, "at most 250"),
        ({"start_date": "yesterday"}, "start_date 'yesterday' is not a date; send one such as 2017-09-01T12:00:00"),
        ({"start_date": ""}, "is not a date"),
        ({"start_date": 1504224000}, "is not a date"),
        ({"start_date": None}, "The key start_date must not be null"),
        ({"start_date": "2017-02-30"}, "is not a date"),
        ({"start_date": "2017-09-01T25:00:00"}, "is not a date"),
        ({"start_date": "2017-09-01x12:00:00"}, "is not a date"),
        ({"start_date": "2017-09-01T12:00:60"}, "is not a date"),
        ({"start_date": "٢٠١٧-09-01"}, "is not a date"),
        ({"start_date": "0001-01-01T00:00:00+14:00"}, "is not a date"),
        ({"end_date": "9999-12-31T23:00:00-10:00"}, "is not a date"),
        ({"end_date": "2017-08-01"}, "start_date 2017-09-01T00:00:00Z is after end_date 2017-08-01T23:59:59.999999Z"),
        ({"start_date": "2117-01-01T00", "end_date": "2117-01-01T00"}, "lies in the future"),
        ({"limit": 0}, "limit must be a whole number from 1 to 500, not 0."),
        ({"limit": -1}, "whole number"),
        ({"limit": 501}, "Limit cannot exceed 500"),
        ({"limit": "501"}, "Limit cannot exceed 500"),
        ({"limit": 1.0}, "whole number"),
        ({"limit": True}, "whole number"),
        ({"limit": "ten"}, "whole number"),
        ({"limit": None}, "The key limit must not be null"),
        ({"partial": "maybe"}, "partial must be true or false"),
        ({"partial": 1}, "partial must be true or false"),
        ({"dry_run": None}, "The key dry_run must not be null"),
        ({"conf": None}, "The key conf must not be null"),
        ({"conf": [1]}, "conf must be a JSON object"),
        ({"conf": "[1]"}, "conf must be a JSON object"),
        ({"conf": "{"}, "conf is not valid JSON"),
        ({"conf": '{"a": 1, "a": 2}'}, "twice"),
        ({"conf": '{"a": "\\u0000"}'}, "NUL"),
        ({"conf": "x" * 1000}, "conf is not valid JSON"),
        ({"limit": 1}, "more than 1 runs to create"),
    ],
)
async def test_an_invalid_value_is_refused(api: Api, world: MemoryWorld, change: dict[str, Any], told: str) -> None:
    sentence = await refused(api, world, json.dumps(WINDOW | change).encode())
    assert told in sentence
    assert len(sentence) < 500


@pytest.mark.parametrize(
    "change",
    [
        {"start_date": "2017-09-01T00:00:00"},
        {"start_date": "2017-09-01T00:00:00Z"},
        {"start_date": "2017-09-01 02:00:00.000+02:00"},
        {"start_date": "20170901T000000"},
        {"start_date": "2017-W35-5"},
        {"limit": "500", "partial": "TRUE", "dry_run": "false"},
        {"conf": '{"a": {"b": [1, 2.5, null, true, "é"]}}'},
        {"conf": {}},
        {"prefix": "etl"},
        {"prefix": "A.b~c:d+e-f_"},
        {"prefix": "manual__"},
        {"prefix": "scheduled_"},
    ],
)
async def test_a_valid_value_is_accepted(api: Api, world: MemoryWorld, change: dict[str, Any]) -> None:
    answered = await answer(await api.post("/api/v1/dag_runs", json=WINDOW | change))
    assert len(answered["dag_run_ids"]) == 2
    assert [run.execution_date for run in world.store.stored_runs] == [
        datetime(2017, 9, day, 12, tzinfo=UTC) for day in (1, 2)
    ]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
async def test_json_is_json_whatever_the_content_type_says(api: Api, content_type: str) -> None:
    data = json.dumps(WINDOW).encode()
    response = await api.post("/api/v1/dag_runs", data=data, headers={"Content-Type": content_type})
    assert len((await answer(response))["dag_run_ids"]) == 2


async def test_a_key_of_the_body_is_refused_in_the_query(api: Api, world: MemoryWorld) -> None:
    response = await api.post("/api/v1/dag_runs?dry_run=true", json={"dag_id": "a"})
    assert "Unknown parameter 'dry_run'; this endpoint has no parameters" in await error(response)
    assert world.store.stored_runs == []


async def test_one_trailing_underscore_is_dropped(api: Api) -> None:
    for prefix, expected in (("p", "p_0000001"), ("q_", "q_0000001"), ("r__", "r__0000001")):
        body = WINDOW | {"prefix": prefix, "dry_run": True}
        answered = await answer(await api.post("/api/v1/dag_runs", json=body))
        assert answered["dag_run_ids"][0].startswith(expected)


async def test_the_answer_has_every_key(api: Api) -> None:
    await api.post("/api/v1/dag_runs", json=WINDOW | {"end_date": "2017-09-01"})
    answered = await answer(await api.post("/api/v1/dag_runs", json=WINDOW | {"limit": 5, "partial": True}))
    assert answered == {
        "dag_run_ids": ["etl_0000002_2017-09-02T12:00:00"],
        "skipped": 1,
        "skipped_dag_run_ids": ["etl_0000001_2017-09-01T12:00:00"],
        "truncated": False,
        "warnings": [],
        "run_type": "manual",
        "backfill_id": "None",
        "max_active_runs": "None",
    }


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2017-09-01", "2017-09-30", range(1, 31)),
        ("2017-09-03", "2017-09-03", [3]),
        ("20170903", "2017-W35-7", [3]),
        ("2017-09-01", "2017-09-03T11:59:59", [1, 2]),
        ("2017-09-01T12:00:01", "2017-09-03", [2, 3]),
        ("2017-09-03T12:00:00Z", "2017-09-03T12:00:00Z", [3]),
    ],
)
async def test_a_date_without_a_time_is_the_whole_day(api: Api, start: str, end: str, days: Iterable[int]) -> None:
    ids = [f"etl_{place:07d}_2017-09-{day:02d}T12:00:00" for place, day in enumerate(days, 1)]
    for more in ({"dry_run": True}, {}):
        body = {"dag_id": "a", "prefix": "etl", "start_date": start, "end_date": end, **more}
        assert (await answer(await api.post("/api/v1/dag_runs", json=body)))["dag_run_ids"] == ids
    ticks = await answer(await api.get("/api/v1/dags/a/ticks", params={"start_date": start, "end_date": end}))
    assert [tick["dag_run"]["run_id"] for tick in ticks["ticks"]] == ids


async def test_a_date_in_a_list_is_its_first_instant(api: Api) -> None:
    body = {"dag_id": "a", "prefix": "etl", "runs": [{"execution_date": "2017-09-03"}]}
    created = await answer(await api.post("/api/v1/dag_runs", json=body))
    assert created["dag_run_ids"] == ["etl_0000001_2017-09-03T00:00:00"]


async def test_a_day_may_reach_beyond_the_end_of_a_dag(api: Api, world: MemoryWorld) -> None:
    ends = {"end_date": datetime(2017, 9, 3, tzinfo=UTC).timestamp()}
    await world.add_dag("a", serialized=serialized("0 0,12 * * *", **ends))
    for start, dates in (("2017-09-02", ["02T00", "02T12", "03T00"]), ("2017-09-03", ["03T00"])):
        body = {"dag_id": "a", "prefix": "etl", "start_date": start, "end_date": "2017-09-03", "dry_run": True}
        created = await answer(await api.post("/api/v1/dag_runs", json=body))
        assert [run_id[-14:-6] for run_id in created["dag_run_ids"]] == [f"09-{each}" for each in dates]
    late = {"dag_id": "a", "start_date": "2017-09-02", "end_date": "2017-09-04"}
    assert "is after the end_date of the DAG" in await error(await api.post("/api/v1/dag_runs", json=late), 400)


async def test_a_body_beyond_the_limit_is_not_read_to_its_end(serve: Serve, world: MemoryWorld) -> None:
    api = await serve(max_body=2000)
    sentence = await error(await api.post("/api/v1/dag_runs", data=b" " * 2001), 413)
    assert "2000 bytes" in sentence

    async def endless() -> AsyncGenerator[bytes]:
        while True:
            yield b" " * 1000
            await asyncio.sleep(0)

    assert "2000 bytes" in await error(await api.post("/api/v1/dag_runs", data=endless()), 413)
    assert world.store.stored_runs == []
    fits = json.dumps(WINDOW).encode().ljust(2000)
    assert (await api.post("/api/v1/dag_runs", data=fits)).status == 200


async def test_a_body_that_arrives_too_slowly_is_refused(serve: Serve, world: MemoryWorld) -> None:
    api = await serve(body_timeout=0.2)

    async def trickle() -> AsyncGenerator[bytes]:
        for character in json.dumps(WINDOW):
            yield character.encode()
            await asyncio.sleep(0.1)

    assert "0.2 seconds" in await error(await api.post("/api/v1/dag_runs", data=trickle()), 408)
    assert world.store.stored_runs == []


async def test_a_client_that_waits_for_100_continue_gets_it(api: Api) -> None:
    response = await api.post("/api/v1/dag_runs", json=WINDOW, expect100=True)
    assert len((await answer(response))["dag_run_ids"]) == 2


async def test_any_other_expectation_is_ignored(api: Api) -> None:
    response = await api.post("/api/v1/dag_runs", json=WINDOW, headers={"Expect": "the-unexpected"})
    assert len((await answer(response))["dag_run_ids"]) == 2
