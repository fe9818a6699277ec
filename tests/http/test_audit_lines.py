"""The audit log: one line for each write, with the sender and the result."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import pytest

from dagrun_api.errors import OutcomeUnknown, Unavailable
from dagrun_api.logs import AUDIT_LOGGER, JsonFormatter, TextFormatter
from dagrun_api.settings.tokens import AccessToken
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import Api, Serve

CHAPTER = Path(__file__).parents[2] / "config/README.md"
WINDOW = {"dag_id": "a", "prefix": "etl_", "start_date": "2017-09-01", "end_date": "2017-09-03T23:59:59"}
HOSTILE = 'a\r\n2026-01-01T00:00:00.000Z INFO     dagrun_api.audit audit event="forged"\x1b[2J\u2028\u202e'


@pytest.fixture
async def api(serve: Serve, world: MemoryWorld) -> Api:
    await world.add_dag("a")
    return await serve()


@pytest.fixture(autouse=True)
def listening(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, AUDIT_LOGGER)


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Return the audit lines so far in the JSON format, and clear them."""
    formatter = JsonFormatter()
    found = [json.loads(formatter.format(record)) for record in caplog.records if record.name == AUDIT_LOGGER]
    caplog.clear()
    for line in found:
        del line["time"]
        assert (line.pop("logger"), line.pop("message")) == (AUDIT_LOGGER, "audit")
    return found


async def create(api: Api, **more: object) -> int:
    response = await api.post("/api/v1/dag_runs", json=WINDOW | more, headers={"X-Request-ID": "id-1"})
    return response.status


COMMON = {"level": "info", "result": "done", "token": "-", "remote": "127.0.0.1", "request_id": "id-1"}
CREATED = {
    "event": "create_batch",
    "dag_id": "a",
    "prefix": "etl",
    "start_date": "2017-09-01T00:00:00Z",
    "end_date": "2017-09-03T23:59:59Z",
}


async def test_each_kind_of_write_has_its_line(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    assert await create(api) == 200
    for path in ("dags/a/paused/true", "batches/etl_/cancel", "batches/etl_/cancel?dag_id=a"):
        response = await api.post(f"/api/v1/{path}", headers={"X-Request-ID": "id-1"})
        assert response.status == 200
    counts = {"runs_cancelled": 3, "runs_started": 0, "runs_ended": 0}
    assert lines(caplog) == [
        {**COMMON, **CREATED, "runs_created": 3, "runs_skipped": 0},
        {**COMMON, "event": "set_paused", "dag_id": "a", "paused": True},
        {**COMMON, "event": "cancel_batch", "dag_id": "-", "prefix": "etl", **counts},
    ], "the second cancelling found nothing to cancel"


async def test_a_batch_that_only_skips_dates_has_a_line(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    await create(api)
    lines(caplog)
    await create(api)
    assert lines(caplog) == [{**COMMON, **CREATED, "runs_created": 0, "runs_skipped": 3}]


async def test_a_line_shows_a_missing_end_and_the_window_of_a_list(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    runs = [{"execution_date": "2017-09-02T12:00:00+02:00"}, {"execution_date": "2017-09-01T12:00:00"}]
    for body in ({"dag_id": "a"}, {"dag_id": "a", "runs": runs}):
        assert (await api.post("/api/v1/dag_runs", json=body)).status == 200
    trigger, listed = lines(caplog)
    assert (trigger["start_date"], trigger["end_date"], trigger["runs_created"]) == ("-", "-", 1)
    assert (listed["start_date"], listed["end_date"]) == ("2017-09-01T12:00:00Z", "2017-09-02T10:00:00Z")


async def test_a_request_that_writes_nothing_has_no_line(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    assert await create(api, dry_run=True) == 200
    assert await create(api, limit=1) == 400
    assert await create(api, dag_id="unknown") == 400
    for path in ("dags/unknown/paused/true", "batches/unknown/cancel"):
        assert (await api.post(f"/api/v1/{path}")).status == 404
    assert (await api.get("/api/v1/dags")).status == 200
    assert lines(caplog) == []


@pytest.mark.parametrize("path", ["dag_runs", "dags/a/paused/true", "batches/etl_/cancel"])
async def test_a_write_with_an_unknown_outcome_has_a_line_that_says_so(
    api: Api, world: MemoryWorld, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    await world.add_run("a", "etl_0000001_2017-09-01T12:00:00", datetime(2017, 9, 1, 12, tzinfo=UTC))
    lost = OutcomeUnknown("The connection to the database was lost.")
    with patch.multiple(world.store, **dict.fromkeys(("batch", "set_paused", "cancel"), _raising(lost))):
        response = await api.post(f"/api/v1/{path}", json=WINDOW, headers={"X-Request-ID": "id-1"})
        assert response.status == 503
        (line,) = lines(caplog)
        assert (line["result"], line["level"], line["request_id"]) == ("unknown", "warning", "id-1")
    with patch.object(world.store, "taken", _raising(lost)):
        dry = await api.post("/api/v1/dag_runs", json=WINDOW | {"dry_run": True})
        assert dry.status == 503
    assert lines(caplog) == [], "of a dry run it is known: nothing was written"


async def test_a_write_that_is_known_to_have_failed_has_no_line(
    api: Api, world: MemoryWorld, caplog: pytest.LogCaptureFixture
) -> None:
    with patch.object(world.store, "batch", side_effect=Unavailable("The database is away.")):
        assert await create(api) == 503
    assert lines(caplog) == []


async def test_a_write_that_was_cut_off_has_a_line(
    api: Api, world: MemoryWorld, caplog: pytest.LogCaptureFixture
) -> None:
    with patch.object(world.store, "batch", side_effect=asyncio.CancelledError), suppress(Exception):
        await create(api)
    (line,) = lines(caplog)
    assert (line["event"], line["result"]) == ("create_batch", "unknown")


async def test_a_write_that_ends_in_an_internal_error_has_a_line(
    api: Api, world: MemoryWorld, caplog: pytest.LogCaptureFixture
) -> None:
    with patch.object(world.store, "batch", side_effect=RuntimeError):
        assert await create(api) == 500
    (line,) = lines(caplog)
    assert line["result"] == "unknown"


async def test_a_line_shows_the_name_of_the_token_and_never_the_token(
    serve: Serve, world: MemoryWorld, caplog: pytest.LogCaptureFixture
) -> None:
    await world.add_dag("a")
    api = await serve(token="s3cret-1", tokens=(AccessToken(name="nightly", token="s3cret-2"),))
    for token in ("s3cret-1", "s3cret-2"):
        response = await api.post("/api/v1/dags/a/paused/true", headers={"Authorization": token})
        assert response.status == 200
    assert "s3cret" not in caplog.text
    assert [line["token"] for line in lines(caplog)] == ["default", "nightly"]


async def test_a_refused_write_is_logged_as_a_warning(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    tokens = (
        AccessToken(name="reader", token="t-reader", access="read"),
        AccessToken(name="etl", token="t-etl", dags=("etl_*",)),
    )
    api = await serve(tokens=tokens)
    for token in ("t-reader", "t-etl"):
        response = await api.post("/api/v1/dag_runs", json=WINDOW, headers={"Authorization": token})
        assert response.status == 403
    assert (await api.get("/api/v1/dag_runs", headers={"Authorization": "t-etl"})).status == 403
    first, second = lines(caplog)
    assert first["level"] == second["level"] == "warning"
    assert first["result"] == second["result"] == "refused"
    assert (first["token"], first["method"], first["path"]) == ("reader", "POST", "/api/v1/dag_runs")
    assert second["token"] == "etl"
    assert second["reason"].startswith("The token etl is for the DAGs etl_* only, not for 'a': ")


async def test_the_line_in_the_chapter_is_such_a_line(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    await create(api)
    (record,) = [record for record in caplog.records if record.name == AUDIT_LOGGER]
    (shown,) = re.findall(r"^\S+Z INFO +dagrun_api\.audit .*$", CHAPTER.read_text(), re.MULTILINE)
    names = [[part.partition("=")[0] for part in line.split()[1:]] for line in (TextFormatter().format(record), shown)]
    assert names[0] == names[1]


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
async def test_what_a_client_sends_cannot_forge_a_line(
    serve: Serve, world: MemoryWorld, caplog: pytest.LogCaptureFixture, formatter: logging.Formatter
) -> None:
    await world.add_dag(HOSTILE)
    api = await serve(tokens=(AccessToken(name="t", token="t"), AccessToken(name="r", token="r", access="read")))
    headers = {"Authorization": "t"}
    response = await api.post("/api/v1/dag_runs", json=WINDOW | {"dag_id": HOSTILE}, headers=headers)
    assert response.status == 200
    path = f"/api/v1/dags/{quote(HOSTILE, safe='')}/paused/true"
    assert (await api.post(path, headers=headers)).status == 200
    assert (await api.post(path, headers={"Authorization": "r"})).status == 403
    records = [record for record in caplog.records if record.name == AUDIT_LOGGER]
    assert len(records) == 3
    for record in records:
        line = formatter.format(record)
        assert len(line.splitlines()) == 1
        assert line.isprintable()
        if isinstance(formatter, JsonFormatter):
            assert json.loads(line)["event"] in ("create_batch", "set_paused", "write")
        else:
            assert line.split(" audit ", 1)[1].startswith("event=")
            assert ' event="forged"' not in line


def _raising(error: Exception) -> Any:
    def raising(*_: object, **__: object) -> None:
        raise error

    return raising
