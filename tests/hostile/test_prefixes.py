"""A prefix is compared character by character, whatever the collation of the database."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dagrun_api.airflow.run_ids import build
from dagrun_api.model import NOBODY, AuditEntry, Prefix, RunFilter, Write
from tests.databases import postgres
from tests.databases.schemas import ddl, head_of
from tests.databases.worlds import OPTIONS, PostgresWorld, SQLiteWorld, SQLWorld

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
RELEASE = "2.11.2"

LOCALES = {
    "C.UTF-8": "TEMPLATE template0 LOCALE 'C.UTF-8'",
    "ICU en-US": "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'",
    # It ignores punctuation, and compares digits as numbers.
    "ICU shifted": "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US-u-ka-shifted-kn' LOCALE 'C.UTF-8'",
}

# What collations and patterns treat in ways of their own, often, and anything else, seldom.
_LETTERS = "aAbBäÄ\u0061\u0308éÉe\u0301ßſsS_%\\'\" -~.İıIi\u200d\u202e\U0001f480"
_any_letter = st.one_of(st.sampled_from(_LETTERS), st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
texts = st.text(_any_letter, max_size=12)


def _cut(text: str, length: int) -> str:
    return text[:length]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Run ids, and prefixes of which many are the beginning of one, or nearly."""
    run_ids = draw(st.lists(texts.filter(bool), min_size=20, max_size=40, unique=True))
    cut = st.builds(_cut, st.sampled_from(run_ids), st.integers(0, 12))
    turned = cut.map(str.swapcase)
    prefixes = draw(st.lists(st.one_of(cut, turned, texts), min_size=10, max_size=20, unique=True))
    return run_ids, prefixes


bounded = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    # To shrink what fails would take minutes of queries; the strings are short as they are.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="session")
def icu_server() -> Iterator[str]:
    """A server with the collations of ICU, where the distribution has one."""
    with postgres.server(distribution=True) as url:
        yield url


@pytest.fixture(params=["SQLite", *LOCALES])
async def world(request: pytest.FixtureRequest, tmp_path: Path, icu_server: str) -> AsyncIterator[SQLWorld]:
    async with AsyncExitStack() as stack:
        if request.param == "SQLite":
            yield await stack.enter_async_context(SQLiteWorld.open(RELEASE, tmp_path))
            return
        tables = ddl(RELEASE, "postgres") + f"INSERT INTO public.alembic_version VALUES ('{head_of(RELEASE)}');"
        try:
            url = await postgres.fresh_database(
                icu_server, f"prefixes {request.param}", tables, options=LOCALES[request.param]
            )
        except (asyncpg.FeatureNotSupportedError, asyncpg.InvalidParameterValueError, asyncpg.PostgresSyntaxError):
            if os.environ.get("CI") == "true":
                pytest.fail("CI must try the collations of ICU: apt-get install postgresql")
            pytest.skip(f"this PostgreSQL has no {request.param}: apt-get install postgresql")
        yield await stack.enter_async_context(PostgresWorld.open(url, OPTIONS))


@bounded
@given(drawn=pairs())
async def test_a_prefix_is_what_python_calls_one(world: SQLWorld, drawn: tuple[list[str], list[str]]) -> None:
    run_ids, prefixes = drawn
    await world.execute("DELETE FROM dag_run")
    for number, run_id in enumerate(run_ids):
        await world.add_run("a", run_id, NOON + number * timedelta(days=1))
    for prefix in prefixes:
        found = await world.store.runs(RunFilter(prefix=prefix), after=0, limit=100)
        assert [run.run_id for run in found] == [run_id for run_id in run_ids if run_id.startswith(prefix)]


@bounded
@given(drawn=pairs())
async def test_a_batch_is_told_by_its_whole_prefix(world: SQLWorld, drawn: tuple[list[str], list[str]]) -> None:
    names, asked = drawn
    await world.execute("DELETE FROM dag_run")
    await world.add_dag("a")
    for number, name in enumerate(names):
        date = NOON + number * timedelta(days=1)
        await world.add_run("a", f"{name}_0000001_{date:%Y-%m-%dT%H:%M:%S}", date)
    for prefix in [*names[:10], *asked]:
        counted = sum(part.total for part in await world.store.progress(Prefix(prefix), None))
        assert counted == names.count(prefix)


_STEMS = ("etl", "etl_", "ETL", "etl_1", "e", "etl_0000001")
_ENDINGS = (
    "",
    "_0000001",
    "_0000001_2017-09-01",
    "_0000001_2017-09-01T12:00:00",
    "_999999999999999999_2017-01-01T0",
    "_0000001_2017-09-01T12:00:00.000001",
    "_1234567_2017-09-01T12:00:00\n",
    "_A",
    "_0",
    "~",
)


@st.composite
def nested(draw: st.DrawFn) -> list[str]:
    """Prefixes of which some are the beginning of a run id of another."""
    stem = draw(st.sampled_from(_STEMS))
    endings = st.lists(st.sampled_from(_ENDINGS), max_size=2).map("".join)
    return [stem + each for each in draw(st.lists(endings, min_size=6, max_size=20, unique=True))]


@bounded
@given(prefixes=nested())
async def test_two_prefixes_never_share_a_run(world: SQLWorld, prefixes: list[str]) -> None:
    await world.execute("DELETE FROM dag_run")
    await world.add_dag("a")
    for place, prefix in enumerate(prefixes):
        date = NOON + place * timedelta(days=1)
        (run_id,) = build(Prefix(prefix), place + 1, [date])
        await world.add_run("a", run_id, date, state="queued")
    for place, prefix in enumerate(prefixes):
        batch = Prefix(prefix)
        assert [part.total for part in await world.store.progress(batch, None)] == [1]
        async with world.store.batch("a") as opened:
            assert (await opened.last_run(batch)).number == place + 1
        entry = AuditEntry(NOON, Write.CANCEL, NOBODY, None, batch)
        found = await world.store.cancel(batch, ["a"], entry, after="", limit=10)
        assert [run.run_id for run in found] == build(batch, place + 1, [NOON + place * timedelta(days=1)])


@bounded
@given(prefixes=nested())
async def test_portions_of_a_batch_miss_no_run(world: SQLWorld, prefixes: list[str]) -> None:
    await world.execute("DELETE FROM dag_run")
    await world.add_dag("a")
    expected: dict[str, list[str]] = {}
    for place, prefix in enumerate(prefixes):
        dates = [NOON + (2 * place + each) * timedelta(days=1) for each in range(2)]
        # The second number has one digit more, and comes before the first one in most collations.
        expected[prefix] = [*build(Prefix(prefix), 9_999_999, dates[:1]), *build(Prefix(prefix), 10_000_000, dates[1:])]
        for run_id, date in zip(expected[prefix], dates, strict=True):
            await world.add_run("a", run_id, date, state="queued")
    for prefix, run_ids in expected.items():
        entry, after, found = AuditEntry(NOON, Write.CANCEL, NOBODY, None, Prefix(prefix)), "", list[str]()
        while portion := await world.store.cancel(Prefix(prefix), ["a"], entry, after=after, limit=1):
            after = portion[-1].run_id
            found.append(after)
        assert sorted(found) == sorted(run_ids)
    for prefix, run_ids in expected.items():
        entry, after, found = AuditEntry(NOON, Write.RETRY, NOBODY, None, Prefix(prefix)), "", list[str]()
        listed = await world.store.failed(Prefix(prefix), ["a"], after="", limit=10)
        while back := await world.store.requeue(Prefix(prefix), ["a"], entry, after=after, limit=1):
            after = back[-1].run_id
            found.append(after)
        assert found == [run.run_id for run in listed]
        assert sorted(found) == sorted(run_ids)


_LISTED = (
    "scheduled",
    "scheduledx",
    "Scheduled_",
    "SCHEDULED",
    "schedule",
    "schedule-d_",
    "zz",
    "etl_2017",
    "etl",
    "9",
)


async def test_a_list_has_the_batches_of_every_prefix(world: SQLWorld) -> None:
    await world.add_dag("a")
    for place, prefix in enumerate(_LISTED):
        dates = [NOON + (3 * place + each) * timedelta(days=1) for each in range(3)]
        for run_id, date in zip(build(Prefix(prefix), 1, dates[:2]), dates, strict=False):
            await world.add_run("a", run_id, date)
        await world.add_run("a", f"scheduled__{dates[2].isoformat()}", dates[2], external=False)
    for dag_id in (None, "a"):
        for limit in (1, 3, 50):
            found: list[str] = []
            start: int | None = 2**31
            while start is not None:
                page = await world.store.batches(dag_id, start=start, limit=limit)
                assert all(each.progress.total == 2 for each in page.batches)
                found += [each.prefix for each in page.batches]
                start = page.next_start
            assert found == list(reversed(_LISTED))
