"""Databases to measure on: the tables of real Airflow releases, with as many DAGs and runs as a large installation."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.databases import postgres
from tests.databases.schemas import postgres_ddl
from tests.databases.worlds import PostgresWorld, SQLiteWorld, SQLWorld, serialized

from dagrun_api.store import StoreOptions

__all__ = ["BIG", "BIG_RUNS", "DAGS", "FIRST", "FRESH", "RUNS", "Crowd", "open_crowd"]

DAGS = 1_000
RUNS = 1_000_000
BIG = "big"
BIG_RUNS = 100_000
FRESH = 400
"""DAGs without runs, each for one batch."""

FIRST = datetime(2010, 1, 1, tzinfo=UTC)
_TEMPLATE = "template"
_LONG = StoreOptions(query_timeout=600)

_NUMBERS = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count})"


@dataclass
class Crowd:
    """One database: `dag1` to `dag1000` share a million runs, `big` has 100,000, `fresh1` to `fresh400` have none."""

    name: str
    url: str
    world: SQLWorld
    used: int = 0

    def next_fresh(self) -> str:
        """Return a DAG that has no runs yet."""
        self.used += 1
        if self.used > FRESH:
            raise LookupError("every fresh DAG was used")
        return f"fresh{self.used}"


def end_of(runs: int) -> datetime:
    """Return the date behind so many runs of one DAG, a minute apart."""
    return FIRST + timedelta(minutes=runs + 1)


@asynccontextmanager
async def open_crowd(name: str, release: str, folder: Path, server: str | None, runs: int) -> AsyncGenerator[Crowd]:
    """Make the database (on this PostgreSQL server; None: an SQLite file) and fill it."""
    if server is None:
        async with SQLiteWorld.open(release, folder, _LONG) as world:
            await _fill(world, runs)
            yield Crowd(name, f"sqlite:///{world.path}", world)
    else:
        url = await postgres.fresh_database(server, "crowd_" + release.replace(".", "_"), postgres_ddl(release))
        async with PostgresWorld.open(url, _LONG) as world:
            await _fill(world, runs)
            yield Crowd(name, url, world)


async def _fill(world: SQLWorld, runs: int) -> None:
    minutely = serialized("* * * * *")
    await world.add_dag(_TEMPLATE, serialized=minutely)
    await world.add_run(_TEMPLATE, "scheduled__template", FIRST, external=False)
    for family, count in (("dag", DAGS), ("fresh", FRESH)):
        await _multiply_dag(world, f"'{family}' || n", count)
    await _multiply_dag(world, f"'{BIG}'", 1)
    await _multiply_runs(world, f"'dag' || (n % {DAGS} + 1)", runs)
    await _multiply_runs(world, f"'{BIG}'", BIG_RUNS)
    for table in ("dag_run", "serialized_dag", "dag_version", "dag"):
        if world.layout.columns[table]:
            await world.execute(f"DELETE FROM {table} WHERE dag_id = ?", [_TEMPLATE])
    if isinstance(world, PostgresWorld):
        await world.execute("VACUUM ANALYZE")
        await world.execute("CHECKPOINT")
    else:
        await world.execute("ANALYZE")


async def _multiply_dag(world: SQLWorld, dag_id: str, count: int) -> None:
    new_id = "gen_random_uuid()" if isinstance(world, PostgresWorld) else "lower(hex(randomblob(16)))"
    await _multiply(world, "dag", count, {"dag_id": dag_id})
    if not world.layout.columns["dag_version"]:
        await _multiply(world, "serialized_dag", count, {"dag_id": dag_id})
        return
    await _multiply(world, "dag_version", count, {"dag_id": dag_id, "id": new_id})
    version = f"(SELECT v.id FROM dag_version v WHERE v.dag_id = {dag_id})"
    await _multiply(world, "serialized_dag", count, {"dag_id": dag_id, "id": new_id, "dag_version_id": version})


async def _multiply_runs(world: SQLWorld, dag_id: str, count: int) -> None:
    when = f"timestamptz '{FIRST:%Y-%m-%d}' + n * interval '1 minute'"
    if not isinstance(world, PostgresWorld):
        when = f"strftime('%Y-%m-%d %H:%M:%f', '{FIRST:%Y-%m-%d}', n || ' minutes') || '000'"
    run = {"dag_id": dag_id, "run_id": f"'scheduled__' || {when}", world.layout.date_column: when}
    await _multiply(world, "dag_run", count, run)


async def _multiply(world: SQLWorld, table: str, count: int, changed: Mapping[str, str]) -> None:
    """Insert so many copies of the template's row with some columns changed: to expressions over the number n."""
    columns = [name for name in world.layout.columns[table] if name != "id" or name in changed]
    values = ", ".join(changed.get(name, f"t.{name}") for name in columns)
    numbers = _NUMBERS.format(count=count)
    await world.execute(
        f"{numbers} INSERT INTO {table} ({', '.join(columns)}) "
        f"SELECT {values} FROM n JOIN {table} t ON t.dag_id = '{_TEMPLATE}'"
    )
