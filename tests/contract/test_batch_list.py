"""The list of batches, on every store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagrun_api.airflow import batch_search
from dagrun_api.batches.service import Service
from dagrun_api.model import BatchKey, BatchRequest, Prefix
from tests.databases.worlds import MemoryWorld, SQLWorld, World

FIRST = datetime(2017, 9, 1, 12, tzinfo=UTC)
TOP = 2**31


def key(dag_id: str, prefix: str) -> BatchKey:
    return BatchKey(dag_id, Prefix(prefix))


async def add(world: World, dag_id: str, run_id: str, days: int, *, external: bool = True) -> None:
    await world.add_run(dag_id, run_id, FIRST + timedelta(days=days), external=external)


async def create(world: World, dag_id: str, prefix: str, days: range) -> None:
    """Create a batch of runs."""
    for number, day in enumerate(days, 1):
        date = FIRST + timedelta(days=day)
        await add(world, dag_id, f"{prefix}_{number:07d}_{date:%Y-%m-%dT%H:%M:%S}", day)


async def listed(world: World, dag_id: str | None = None, *, limit: int = 50) -> list[BatchKey]:
    """Return the batches on all pages; no page may be longer than asked for, and each starts below the one before."""
    found: list[BatchKey] = []
    start: int | None = TOP
    while start is not None:
        page = await world.store.batches(dag_id, start=start, limit=limit)
        assert len(page.batches) <= limit
        assert page.next_start is None or page.next_start < start
        start = page.next_start
        found += [key(str(each.progress.dag_id), each.prefix) for each in page.batches]
    return found


@pytest.fixture(autouse=True)
async def dags(world: World) -> None:
    for dag_id in "ab":
        await world.add_dag(dag_id)


async def test_batches_are_listed_the_newest_first(world: World) -> None:
    await create(world, "a", "etl", range(3))
    await create(world, "b", "etl", range(2))
    await create(world, "a", "other", range(5, 7))
    assert await listed(world) == [key("a", "other"), key("b", "etl"), key("a", "etl")]
    assert await listed(world, "a") == [key("a", "other"), key("a", "etl")]
    # A batch that gets further runs moves to the top.
    await add(world, "a", "etl_0000004_2018-09-01T12:00:00", 365)
    assert await listed(world) == [key("a", "etl"), key("a", "other"), key("b", "etl")]


async def test_each_batch_is_listed_with_its_progress(world: World) -> None:
    for dag_id, prefix, days in (("a", "etl", 3), ("b", "etl", 2), ("a", "etl_daily", 0)):
        await create(world, dag_id, prefix, range(10 * days, 10 * days + days + 1))
    page = await world.store.batches(None, start=TOP, limit=50)
    assert [(each.prefix, [each.progress]) for each in page.batches] == [
        (Prefix(prefix), await world.store.progress(Prefix(prefix), dag_id))
        for dag_id, prefix in (("a", "etl_daily"), ("b", "etl"), ("a", "etl"))
    ]
    assert [each.progress.total for each in page.batches] == [1, 3, 4]


async def test_pages_of_any_length_hold_each_batch_once(world: World) -> None:
    for number in range(7):
        await create(world, "ab"[number % 2], f"etl{number}", range(10 * number, 10 * number + 1 + number % 3))
    everything = await listed(world)
    assert [each.prefix for each in everything] == [f"etl{number}" for number in range(6, -1, -1)]
    for limit in (1, 2, 3, 7):
        assert await listed(world, limit=limit) == everything
        assert await listed(world, "a", limit=limit) == [each for each in everything if each.dag_id == "a"]


async def test_the_last_page_has_no_next_one(world: World) -> None:
    for number in range(3):
        await create(world, "a", f"etl{number}", range(10 * number, 10 * number + 2))
    for dag_id in (None, "a"):
        assert (await world.store.batches(dag_id, start=TOP, limit=3)).next_start is None
        assert (await world.store.batches(dag_id, start=TOP, limit=2)).next_start is not None


async def test_nothing_is_listed_where_there_is_no_batch(world: World) -> None:
    assert await listed(world) == []
    await add(world, "a", "scheduled__2017-09-01T12:00:00+00:00", 0, external=False)
    await add(world, "a", "manual__2017-09-02T12:00:00+00:00", 1)
    await add(world, "a", "triggered_by_hand", 2)
    assert await listed(world) == await listed(world, "a") == await listed(world, "nobody") == []


@pytest.mark.parametrize(
    "run_id",
    [
        "etl_000001_2017-09-01T12:00:00",  # six digits
        "etl_0000000000000000001_2017-09-01T12:00:00",  # nineteen
        "etl0000001_2017-09-01T12:00:00",
        "_0000001_2017-09-01T12:00:00",
        "etl_0000001_2017-09-01T12:00:00+00:00",
        "etl_0000001_2017-09-01T12:00:00.5",
        "etl_0000001_2017-09-01 12:00:00",
        "etl_000000x_2017-09-01T12:00:00",
        "etl_0000001_2017-09-0xT12:00:00",
        "etl_0000001_2017-09-01T12:00:00\n",
    ],
)
async def test_run_ids_that_only_look_alike_are_no_batch(world: World, run_id: str) -> None:
    await add(world, "a", run_id, 0)
    assert await listed(world) == await listed(world, "a") == []


@pytest.mark.parametrize(
    ("run_id", "prefix"),
    [
        ("etl_0000001_2017-09-01T12:00:00.123456", "etl"),
        ("etl_12345678_2017-09-01T12:00:00", "etl"),
        ("etl_000000000000000001_2017-09-01T12:00:00", "etl"),
        ("etl__0000001_2017-09-01T12:00:00", "etl_"),
        ("etl_1_0000001_2017-09-01T12:00:00", "etl_1"),
        ("etl_1234567_0000001_2017-09-01T12:00:00", "etl_1234567"),
        ("scheduled_0000001_2017-09-01T12:00:00", "scheduled"),
        ("scheduledx_0000001_2017-09-01T12:00:00", "scheduledx"),
        ("zz_0000001_2017-09-01T12:00:00", "zz"),
        ("*[?_0000001_2017-09-01T12:00:00", "*[?"),
        ("é%_0000001_2017-09-01T12:00:00", "é%"),
        ("a b\nc_0000001_2017-09-01T12:00:00", "a b\nc"),
    ],
)
async def test_the_prefix_is_all_before_number_and_date(world: World, run_id: str, prefix: str) -> None:
    await add(world, "a", run_id, 0)
    assert await listed(world) == await listed(world, "a") == [key("a", prefix)]


async def test_a_batch_whose_last_run_is_not_the_newest_is_listed(world: World) -> None:
    await add(world, "a", "etl_0000003_2017-09-01T12:00:00", 0)
    await add(world, "a", "etl_0000002_2017-09-02T12:00:00", 1)
    await add(world, "b", "etl_0000001_2017-09-01T12:00:00", 0)
    await add(world, "a", "etl_0000001_2017-09-03T12:00:00", 2)
    assert await listed(world) == [key("b", "etl"), key("a", "etl")]
    assert await listed(world, limit=1) == [key("b", "etl"), key("a", "etl")]


PARTS = st.sampled_from(["etl", "etl_0", "etl_0000001", "e", "scheduled_", "é"])
NUMBERS = st.sampled_from(["0000001", "0000002", "0000009", "0000010", "9999999", "10000000", "000001"])
TAILS = st.sampled_from(["", ".000001", "+00:00", "x"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    runs=st.lists(st.tuples(st.sampled_from("ab"), PARTS, NUMBERS, TAILS, st.booleans()), max_size=14),
    limit=st.integers(1, 4),
)
async def test_any_runs_give_the_batches_of_the_model(
    world: World, runs: list[tuple[str, str, str, str, bool]], limit: int
) -> None:
    if not isinstance(world, SQLWorld):
        pytest.skip("the model itself")
    model = MemoryWorld()
    await world.execute("DELETE FROM dag_run")
    seen: set[tuple[str, str]] = set()
    for day, (dag_id, part, number, tail, is_scheduled) in enumerate(runs):
        run_id = f"{'scheduled__' if is_scheduled else ''}{part}_{number}_2017-09-01T12:00:00{tail}"
        if (dag_id, run_id) in seen:
            continue
        seen.add((dag_id, run_id))
        for each in (world, model):
            await add(each, dag_id, run_id, day)
    for chosen in (None, "a"):
        assert await listed(world, chosen, limit=limit) == await listed(model, chosen)


async def test_a_list_reads_a_bounded_number_of_runs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    if not isinstance(world, SQLWorld):
        pytest.skip("the model reads everything")
    for number in range(4):
        await create(world, "ab"[number % 2], f"etl{number}", range(10 * number, 10 * number + 5))
        for day in range(5, 9):
            await add(world, "ab"[number % 2], f"scheduled__{number}{day}", 10 * number + day, external=False)
    everything = await listed(world)
    assert len(everything) == 4
    for name, value in (("RUNS", 6), ("IDS", 3), ("STEPS", 2)):
        with monkeypatch.context() as patch:
            for module in (batch_search, "dagrun_api.sqlstore.store"):
                target = f"{module}.{name}" if isinstance(module, str) else f"{module.__name__}.{name}"
                patch.setattr(target, value)
            assert await listed(world) == everything
            pages = await world.store.batches(None, start=TOP, limit=50)
            assert len(pages.batches) < 4
            assert pages.next_start is not None


async def test_a_gap_in_the_ids_is_stepped_over(world: World) -> None:
    if not isinstance(world, SQLWorld):
        pytest.skip("the model gives ids itself")
    await create(world, "a", "old", range(2))
    await create(world, "a", "new", range(5, 7))
    await world.execute("UPDATE dag_run SET id = id + 1000000000 WHERE run_id LIKE 'new%'")
    pages = [await world.store.batches(None, start=TOP, limit=50)]
    assert pages[0].next_start is not None
    pages.append(await world.store.batches(None, start=pages[0].next_start, limit=50))
    assert [[each.prefix for each in page.batches] for page in pages] == [["new"], ["old"]]
    assert pages[1].next_start is None


async def test_a_dag_with_a_strange_id_has_no_batches(world: World) -> None:
    page = await Service(world.store).batches("a\0", start=TOP, limit=5)
    assert (page.batches, page.next_start) == ([], None)
    await create(world, "a", "etl", range(1))
    assert (await Service(world.store).batches("a' OR 1=1 --", start=TOP, limit=5)).batches == []


async def test_a_native_backfill_is_listed_as_one(world: World) -> None:
    if world.state_at_birth != "queued" or not (await world.store.describe()).native_backfills:
        pytest.skip("this store has no native backfills")
    wanted = BatchRequest("a", Prefix("etl"), FIRST, FIRST + timedelta(days=2), max_active_runs=3)
    created = await Service(world.store).create_batch(wanted)
    (batch,) = (await world.store.batches(None, start=TOP, limit=5)).batches
    assert (batch.progress.backfill_id, batch.progress.max_active_runs) == (created.backfill_id, 3)
