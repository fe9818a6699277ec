"""What every store promises about reading."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.model import DagRun, RunFilter
from tests.databases.worlds import SQLWorld, World, serialized

NOON = datetime(2017, 9, 19, 12, tzinfo=UTC)
DAY = timedelta(days=1)


async def test_dags_come_by_id_with_their_newest_execution_date(world: World) -> None:
    for dag_id in ("b", "a", "B", "a_b", "a-b", "ä"):
        await world.add_dag(dag_id)
    await world.add_run("a", "r1", NOON)
    await world.add_run("a", "r2", NOON + DAY)
    await world.add_run("a", "r3", NOON - DAY)
    dags = await world.store.dags()
    assert [dag.dag_id for dag in dags] == sorted(["b", "a", "B", "a_b", "a-b", "ä"])
    assert {dag.dag_id: dag.last_execution for dag in dags if dag.last_execution} == {"a": NOON + DAY}


async def test_only_live_dags_are_listed_and_may_get_runs(world: World) -> None:
    await world.add_dag("live", full_path="dags/live.py", is_paused=True)
    await world.add_dag("gone", is_live=False)
    (dag,) = await world.store.dags()
    assert (dag.dag_id, dag.full_path, dag.is_paused, dag.last_execution) == ("live", "dags/live.py", True, None)
    for dag_id in ("gone", "never"):
        async with world.store.batch(dag_id) as batch:
            assert batch.dag is None
        assert await world.store.target_dag(dag_id) is None


async def test_a_run_is_read_as_it_was_written(world: World) -> None:
    start, end = NOON + timedelta(microseconds=2190813), NOON + DAY
    written = await world.add_run("a", "r1", NOON, state="running", external=False, start_date=start, end_date=end)
    assert await world.store.runs(RunFilter(), after=0, limit=10) == [written]
    for dag_id in (None, "a"):
        (named,) = await world.store.runs_named("r1", dag_id, limit=10)
        assert {name: getattr(named, name) for name in written._fields} == written._asdict()
    assert await world.store.runs_named("r1", "b", limit=10) == []
    assert await world.store.runs_named("r2", None, limit=10) == []


async def test_pages_follow_each_other_by_id_without_a_gap_or_a_repeat(world: World) -> None:
    runs = [await world.add_run(f"dag{n % 3}", f"run{n}", NOON + n * DAY) for n in range(7)]
    seen: list[DagRun] = []
    after = 0
    while page := await world.store.runs(RunFilter(), after=after, limit=3):
        seen += page
        after = page[-1].id
    assert seen == runs


async def test_pages_may_begin_with_the_newest_run(world: World) -> None:
    runs = [await world.add_run(dag_id, f"r{place}", NOON + place * DAY) for place, dag_id in enumerate("ababa")]
    for wanted, expected in ((RunFilter(), runs), (RunFilter(dag_id="a"), runs[::2])):
        found: list[DagRun] = []
        after = 2**63 - 1
        while page := await world.store.runs(wanted, after=after, limit=2, newest_first=True):
            found += page
            after = page[-1].id
        assert found == expected[::-1]


async def test_filters_narrow_and_combine(world: World) -> None:
    one = await world.add_run("a", "x_1", NOON, state="queued")
    two = await world.add_run("a", "x_2", NOON + DAY, state="success", external=False)
    three = await world.add_run("b", "x_1", NOON, state="queued")

    async def listed(wanted: RunFilter) -> list[int]:
        return [run.id for run in await world.store.runs(wanted, after=0, limit=10)]

    assert await listed(RunFilter(dag_id="a")) == [one.id, two.id]
    assert await listed(RunFilter(state="queued")) == [one.id, three.id]
    assert await listed(RunFilter(external_trigger=False)) == [two.id]
    assert await listed(RunFilter(external_trigger=True)) == [one.id, three.id]
    assert await listed(RunFilter(prefix="x_1")) == [one.id, three.id]
    assert await listed(RunFilter(dag_id="a", state="queued", external_trigger=True, prefix="x_")) == [one.id]


@pytest.mark.parametrize("prefix", ["a_", "a%", "a\\", "A_", "a.", "é", "'", "a_b~"])
async def test_a_prefix_is_literal_and_case_sensitive(world: World, prefix: str) -> None:
    names = ["a_b", "aXb", "A_b", "a%b", "a\\b", "a.b", "a_b~c", "éa", "eé", "'; DROP TABLE dag_run;--", "ab"]
    for number, name in enumerate(names):
        await world.add_run("dag", name, NOON + number * DAY)
    found = await world.store.runs(RunFilter(prefix=prefix), after=0, limit=100)
    assert [run.run_id for run in found] == [name for name in names if name.startswith(prefix)]


async def test_rows_with_holes_are_listed_all_the_same(world: World) -> None:
    await world.add_run("a", "r1", NOON, state="success" if _needs_state(world) else None)
    (run,) = await world.store.runs(RunFilter(), after=0, limit=10)
    assert (run.start_date, run.end_date) == (None, None)
    assert run.state in (None, "success")


async def test_a_run_id_may_stand_in_several_dags(world: World) -> None:
    await world.add_run("b", "same", NOON)
    await world.add_run("a", "same", NOON)
    assert [run.dag_id for run in await world.store.runs_named("same", None, limit=10)] == ["a", "b"]
    assert len(await world.store.runs_named("same", None, limit=1)) == 1


async def test_the_newest_serialized_form_is_the_one_that_counts(world: World) -> None:
    await world.add_dag("a", serialized=serialized("0 1 * * *"))
    before = await world.store.serialized_dag("a")
    await world.add_dag("a", serialized=serialized("0 2 * * *"))
    after = await world.store.serialized_dag("a")
    assert before is not None
    assert after is not None
    assert "0 2 * * *" in str(after.data)
    assert before.key != after.key
    async with world.store.batch("a") as batch:
        assert batch.dag is not None
        assert batch.dag.serialized_key == after.key
        assert batch.dag == await world.store.target_dag("a")
    assert await world.store.serialized_dag("never") is None


async def test_what_is_there_is_counted_and_described(world: World) -> None:
    await world.add_dag("a")
    await world.add_run("a", "r1", NOON)
    assert await world.store.counts() == (1, 1)
    assert (await world.store.describe()).writable
    await world.store.ready()


def _needs_state(world: World) -> bool:
    return isinstance(world, SQLWorld) and world.layout.columns["dag_run"]["state"].required
