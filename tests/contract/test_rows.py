"""New rows, column by column: Airflow's scheduler reads every one of them."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dagrun_api.airflow.layout import Generation
from dagrun_api.model import PlannedRun
from dagrun_api_sqlite.timestamps import to_text
from tests.conftest import WORLDS
from tests.databases.worlds import SQLiteWorld, SQLWorld

NOON = datetime(2017, 9, 19, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = datetime(2017, 12, 1, 1, 2, 3, 4, tzinfo=UTC)
CONF = {"key": "é", "n": [1, 2.5, None, True]}


pytestmark = pytest.mark.parametrize("world", [name for name in WORLDS if name != "memory"], indirect=True)


async def created(world: SQLWorld) -> dict[str, Any]:
    await world.add_dag("a")
    spec = PlannedRun("x_0000001_2017-09-19T12:00:00", NOON, NOON, NOON + DAY, NOON + DAY + timedelta(seconds=1))
    async with world.store.batch("a") as batch:
        await batch.insert([spec], CONF, NOW)
    (row,) = await world.runs_of("a")
    return row


async def test_dates_are_written_as_airflow_writes_them(world: SQLWorld) -> None:
    row = await created(world)
    wanted = {
        world.layout.date_column: NOON,
        "data_interval_start": NOON,
        "data_interval_end": NOON + DAY,
        "run_after": NOON + DAY + timedelta(seconds=1),
        "queued_at": NOW,
        "updated_at": NOW,
        "created_at": NOW,
    }
    for name, date in wanted.items():
        if name in row:
            stored = row[name].replace(tzinfo=UTC) if isinstance(row[name], datetime) else row[name]
            assert stored == (to_text(date) if isinstance(world, SQLiteWorld) else date), name
    if world.state_at_birth == "running":
        assert row["start_date"] == (to_text(NOW) if isinstance(world, SQLiteWorld) else NOW)
    assert to_text(NOW) == "2017-12-01 01:02:03.000004"


async def test_a_run_is_born_queued_manual_and_external(world: SQLWorld) -> None:
    row = await created(world)
    assert (row["dag_id"], row["run_id"], row["state"]) == ("a", "x_0000001_2017-09-19T12:00:00", world.state_at_birth)
    assert row.get("run_type", "manual") == "manual"
    assert row.get("external_trigger", True) in (True, 1)
    assert row.get("triggered_by", "REST_API") == "REST_API"
    assert row.get("triggering_user_name", "dagrun-api") == "dagrun-api"
    assert row.get("span_status", "not_started") == "not_started"
    assert row.get("clear_number", 0) == 0


async def test_columns_that_would_end_a_run_or_scheduler_stay_null(world: SQLWorld) -> None:
    row = await created(world)
    left_alone = (
        "dag_hash",
        "bundle_version",
        "context_carrier",
        *(["start_date"] if world.state_at_birth == "queued" else []),
        "end_date",
        "creating_job_id",
        "scheduled_by_job_id",
        "last_scheduling_decision",
        "backfill_id",
        "partition_key",
        "partition_date",
    )
    assert {name: row[name] for name in left_alone if row.get(name) is not None} == {}


async def test_conf_is_what_the_release_reads(world: SQLWorld) -> None:
    conf = (await created(world))["conf"]
    if world.layout.generation in (Generation.AIRFLOW_1, Generation.AIRFLOW_2):
        assert isinstance(conf, bytes)
        assert conf[:2] == b"\x80\x02", "protocol 2, which every Python of Airflow reads"
        assert pickle.loads(conf) == CONF  # noqa: S301  # our own bytes, in a test
    else:
        assert isinstance(conf, str)
        assert json.loads(conf) == CONF


async def test_the_newest_log_template_and_dag_version_are_named(world: SQLWorld) -> None:
    row = await created(world)
    if "log_template_id" in row:
        assert row["log_template_id"] == 2
    if "created_dag_version_id" in row:
        ((version,),) = await world.execute("SELECT id FROM dag_version WHERE dag_id = ?", ["a"])
        assert row["created_dag_version_id"] == version
