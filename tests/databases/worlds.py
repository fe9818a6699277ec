"""Worlds: a store on a database of some layout, and ways to insert DAGs and runs without the store."""

from __future__ import annotations

import json
import sqlite3
import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from dagrun_api.airflow.layout import Generation, Layout
from dagrun_api.model import DagRun, Write
from dagrun_api.sqlstore.store import SQLStore
from dagrun_api.store import Store, StoreOptions
from dagrun_api_postgres import open_store as open_postgres
from dagrun_api_postgres import store_on
from dagrun_api_sqlite.connect import open_store as open_sqlite
from dagrun_api_sqlite.timestamps import to_text
from tests.contract.memory import MemoryStore, StoredDag
from tests.databases.pools import host_pool
from tests.databases.schemas import sqlite_database

__all__ = [
    "OPTIONS",
    "SERIALIZED",
    "Audited",
    "MemoryWorld",
    "PostgresWorld",
    "SQLWorld",
    "SQLiteWorld",
    "World",
    "serialized",
]

OPTIONS = StoreOptions(lock_timeout=2, query_timeout=5)


def serialized(schedule: object = "0 12 * * *", **more: object) -> str:
    """Return a serialized DAG; a string is a cron with data intervals, a mapping a timetable as it stands."""
    if isinstance(schedule, str):
        schedule = {
            "__type": "airflow.timetables.interval.CronDataIntervalTimetable",
            "__var": {"expression": schedule, "timezone": "UTC"},
        }
    if schedule is None:
        schedule = {"__type": "airflow.timetables.simple.NullTimetable", "__var": {}}
    return json.dumps({"__version": 1, "dag": {"timetable": schedule, "timezone": "UTC", "tasks": [], **more}})


SERIALIZED = serialized()


@dataclass(frozen=True)
class Audited:
    """A row of Airflow's log: the columns that every layout has."""

    dag_id: str | None
    owner: str
    extra: dict[str, object]


class World(ABC):
    """A database whose contents a test arranges."""

    @property
    @abstractmethod
    def store(self) -> Store:
        """The store under test."""

    @property
    @abstractmethod
    def state_at_birth(self) -> str:
        """The state of a new run."""

    @abstractmethod
    async def add_dag(
        self,
        dag_id: str,
        *,
        serialized: str | None = SERIALIZED,
        is_paused: bool = False,
        is_live: bool = True,
        full_path: str | None = "dags/hello.py",
    ) -> None:
        """Insert a DAG, or replace its serialized form."""

    @abstractmethod
    async def audited(self) -> list[Audited]:
        """Return the rows of Airflow's log about the service's writes, the oldest first."""

    async def reach(self, dag_id: str, date: datetime) -> None:  # noqa: B027  # it does nothing in most worlds
        """Let the schedule of the DAG reach a date, if that decides which runs may be created (Airflow 1.10)."""

    @abstractmethod
    async def add_run(
        self,
        dag_id: str,
        run_id: str,
        date: datetime,
        *,
        state: str | None = "success",
        external: bool = True,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
    ) -> DagRun:
        """Insert a run, as another writer would."""


class MemoryWorld(World):
    """The reference model."""

    @property
    def state_at_birth(self) -> str:
        return self._store.state_at_birth

    def __init__(self, state_at_birth: str = "queued") -> None:
        self._store = MemoryStore(state_at_birth)

    @property
    def store(self) -> MemoryStore:
        return self._store

    async def add_dag(
        self,
        dag_id: str,
        *,
        serialized: str | None = SERIALIZED,
        is_paused: bool = False,
        is_live: bool = True,
        full_path: str | None = "dags/hello.py",
    ) -> None:
        self.store.stored_dags[dag_id] = StoredDag(dag_id, full_path, is_live, is_paused, serialized=serialized)

    async def add_run(
        self,
        dag_id: str,
        run_id: str,
        date: datetime,
        *,
        state: str | None = "success",
        external: bool = True,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
    ) -> DagRun:
        run = self.store.add(DagRun(0, dag_id, run_id, state, date, start_date, end_date, external))
        if self.state_at_birth == "queued":
            self.store.queued[run.id] = date
        dates = ("data_interval_start", "data_interval_end", "run_after")
        self.store.details[run.id] = {**dict.fromkeys(dates, date), "conf": "{}"}
        return run

    async def audited(self) -> list[Audited]:
        found: list[Audited] = []
        for entry in self.store.audited:
            actor = entry.actor
            extra: dict[str, object] = {"request_id": actor.request_id, "remote": actor.remote, **entry.counts}
            if entry.prefix is not None:
                extra["prefix"] = entry.prefix
            if entry.backfill_ids:
                extra["backfill_ids"] = list(entry.backfill_ids)
            if entry.write in (Write.PAUSE, Write.UNPAUSE, Write.PAUSE_BACKFILL, Write.UNPAUSE_BACKFILL):
                extra["is_paused"] = entry.write in (Write.PAUSE, Write.PAUSE_BACKFILL)
            found.append(Audited(entry.dag_id, f"dagrun-api:{actor.token}" if actor.token else "dagrun-api", extra))
        return found


class SQLWorld(World):
    """A database with tables; `release` is an Airflow release, or standalone."""

    url: str
    """The URL by which a service opens it."""

    def __init__(self, store: Store, layout: Layout) -> None:
        self._store = store
        self.layout = layout

    @property
    def store(self) -> Store:
        return self._store

    @abstractmethod
    async def execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement, with `?` for each value, and commit."""

    @property
    def state_at_birth(self) -> str:
        """The state of a new run: Airflow before 2.1 ignores queued runs."""
        return "queued" if self.layout.has("dag_run", "queued_at") else "running"

    async def reach(self, dag_id: str, date: datetime) -> None:
        if self.layout.generation is Generation.AIRFLOW_1:
            await self.add_run(dag_id, f"scheduled__{date.isoformat()}", date, external=False)

    async def insert(self, table: str, values: Mapping[str, object]) -> None:
        """Insert a row, without the columns that this layout does not have."""
        columns = self.layout.columns[table]
        known = {name: _fitting(value, columns[name].type) for name, value in values.items() if name in columns}
        names, places = ", ".join(known), ", ".join("?" for _ in known)
        await self.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", list(known.values()))

    async def update_dag(self, dag_id: str, values: Mapping[str, object]) -> None:
        """Set columns of the row of a DAG, as far as this layout has them."""
        known = {name: value for name, value in values.items() if name in self.layout.columns["dag"]}
        settings = ", ".join(f"{name} = ?" for name in known)
        if known:
            await self.execute(f"UPDATE dag SET {settings} WHERE dag_id = ?", [*known.values(), dag_id])

    async def add_task_instance(self, dag_id: str, run_id: str, date: datetime) -> None:
        """Insert a task instance of a run, as the scheduler does when it starts the run."""
        filling: dict[str, object] = {"boolean": False, "uuid": uuid.uuid4(), "json": "{}", "jsonb": "{}", "bytea": b""}
        row: dict[str, object] = {}
        for name, column in self.layout.columns["task_instance"].items():
            if column.required:
                text = "varchar" in column.type.lower() or "char" in column.type or column.type == "text"
                row[name] = filling.get(column.type, "x" if text else 0)
        known = {"id": uuid.uuid4(), "dag_id": dag_id, "task_id": "t", "run_id": run_id, "execution_date": date}
        await self.insert("task_instance", row | known)

    async def runs_of(self, dag_id: str) -> list[dict[str, Any]]:
        """Return the raw rows of a DAG's runs, ordered by id."""
        names = list(self.layout.columns["dag_run"])
        rows = await self.execute(f"SELECT {', '.join(names)} FROM dag_run WHERE dag_id = ? ORDER BY id", [dag_id])
        return [dict(zip(names, row, strict=True)) for row in rows]

    async def log_rows(self) -> list[dict[str, Any]]:
        """Return the raw rows of Airflow's log, ordered by id."""
        names = list(self.layout.columns["log"])
        rows = await self.execute(f"SELECT {', '.join(names)} FROM log ORDER BY id")
        return [dict(zip(names, row, strict=True)) for row in rows]

    async def audited(self) -> list[Audited]:
        return [Audited(row["dag_id"], row["owner"], json.loads(row["extra"])) for row in await self.log_rows()]

    async def add_dag(
        self,
        dag_id: str,
        *,
        serialized: str | None = SERIALIZED,
        is_paused: bool = False,
        is_live: bool = True,
        full_path: str | None = "dags/hello.py",
    ) -> None:
        await self.execute("DELETE FROM serialized_dag WHERE dag_id = ?", [dag_id])
        await self.execute("DELETE FROM dag WHERE dag_id = ?", [dag_id])
        flags = {"is_paused": is_paused, "is_active": is_live, "is_stale": not is_live, "is_subdag": False}
        # What is NOT NULL without a default in some layout.
        fixed = {"bundle_name": "dags", "max_active_tasks": 16, "concurrency": 16, "max_consecutive_failed_dag_runs": 0}
        more = {"has_task_concurrency_limits": False, "fail_fast": False, "timetable_partitioned": False}
        later = {
            "exceeds_max_non_backfill": False,
            "timetable_type": "",
            "timetable_periodic": True,
            "partition_mapper_info": "{}",
        }
        await self.insert("dag", {"dag_id": dag_id, "fileloc": full_path, **flags, **fixed, **more, **later})
        if serialized is not None:
            await self.add_version(dag_id, serialized)

    async def add_version(self, dag_id: str, text: str) -> None:
        """Insert the newest serialized form of a DAG."""
        now = datetime.now(UTC)
        row: dict[str, object] = {
            "dag_id": dag_id,
            "data": text,
            "dag_hash": uuid.uuid4().hex,
            "fileloc": "",
            "fileloc_hash": 0,
            "created_at": now,
            "last_updated": now,
        }
        if self.layout.generation is Generation.AIRFLOW_3:
            ((newest,),) = await self.execute(
                "SELECT coalesce(max(version_number), 0) FROM dag_version WHERE dag_id = ?", [dag_id]
            )
            version = uuid.uuid4()
            row |= {"id": uuid.uuid4(), "dag_version_id": version}
            await self.insert(
                "dag_version",
                {
                    "id": version,
                    "dag_id": dag_id,
                    "version_number": newest + 1,
                    "bundle_name": "dags",
                    "created_at": now,
                    "last_updated": now,
                },
            )
        await self.insert("serialized_dag", row)

    async def add_run(
        self,
        dag_id: str,
        run_id: str,
        date: datetime,
        *,
        state: str | None = "success",
        external: bool = True,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
    ) -> DagRun:
        await self.insert(
            "dag_run",
            {
                "dag_id": dag_id,
                "run_id": run_id,
                self.layout.date_column: date,
                "state": state,
                "start_date": start_date,
                "end_date": end_date,
                "external_trigger": external,
                "run_type": "manual" if external else "scheduled",
                "queued_at": date,
                "data_interval_start": date,
                "data_interval_end": date,
                "run_after": date,
                "clear_number": 0,
                "span_status": "not_started",
                **({"conf": "{}"} if self.layout.generation is Generation.STANDALONE else {}),
            },
        )
        ((number,),) = await self.execute("SELECT max(id) FROM dag_run")
        return DagRun(number, dag_id, run_id, state, date, start_date, end_date, external)


class SQLiteWorld(SQLWorld):
    """A file."""

    def __init__(self, store: Store, layout: Layout, path: Path) -> None:
        super().__init__(store, layout)
        self.path = path
        self.url = f"sqlite:///{path}"

    async def execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            # No test has to survive a power cut.
            connection.execute("PRAGMA synchronous = OFF")
            return connection.execute(sql, [_sqlite(value) for value in values]).fetchall()

    @classmethod
    @asynccontextmanager
    async def open(cls, release: str, folder: Path, options: StoreOptions = OPTIONS) -> AsyncGenerator[SQLiteWorld]:
        """Open a new file with the tables of a release."""
        path = folder / f"{release}.db"
        if release != "standalone":
            path.write_bytes(sqlite_database(release))
        async with open_sqlite(f"sqlite:///{path}", options) as store:
            yield cls(store, store.layout, path)


class PostgresWorld(SQLWorld):
    """A database on the server."""

    def __init__(self, store: Store, layout: Layout, url: str, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        super().__init__(store, layout)
        self.url = url
        self._connection = connection

    async def execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        first, *rest = sql.split("?")
        numbered = first + "".join(f"${place}{part}" for place, part in enumerate(rest, 1))
        return await self.fetch(numbered, *values)

    async def fetch(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement with PostgreSQL's numbered parameters."""
        return [tuple(row) for row in await self._connection.fetch(sql, *values)]

    async def another(self) -> asyncpg.Connection[asyncpg.Record]:
        """Return one more connection, which the caller closes."""
        return await asyncpg.connect(self.url)

    async def clear(self) -> None:
        """Empty the tables that a test may have filled."""
        tables = (
            "task_instance",
            "backfill_dag_run",
            "dag_run",
            "backfill",
            "serialized_dag",
            "dag_version",
            "dag",
            "log",
        )
        # In one round trip, since each of some thousand tests begins with it.
        await self._connection.execute(";".join(f"DELETE FROM {name}" for name in tables if self.layout.columns[name]))

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, options: StoreOptions = OPTIONS) -> AsyncGenerator[PostgresWorld]:
        """Open a database that has Airflow's tables or gets the built-in ones, and empty it."""
        async with open_postgres(url, options) as store, cls._around(store, url) as world:
            yield world

    @classmethod
    @asynccontextmanager
    async def open_on_shared_pool(cls, url: str, options: StoreOptions = OPTIONS) -> AsyncGenerator[PostgresWorld]:
        """Do the same with a store on the pool of a host, which has its own settings."""
        async with host_pool(url) as pool, cls._around(await store_on(pool, options), url) as world:
            yield world

    @classmethod
    @asynccontextmanager
    async def _around(cls, store: SQLStore, url: str) -> AsyncGenerator[PostgresWorld]:
        connection = await asyncpg.connect(url)
        try:
            world = cls(store, store.layout, url, connection)
            await world.clear()
            yield world
        finally:
            await connection.close()


def _fitting(value: object, type_: str) -> object:
    is_naive = type_ == "timestamp without time zone"
    return value.replace(tzinfo=None) if is_naive and isinstance(value, datetime) else value


def _sqlite(value: object) -> object:
    if isinstance(value, datetime):
        return to_text(value)
    return value.hex if isinstance(value, uuid.UUID) else value
