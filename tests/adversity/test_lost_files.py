"""SQLite files that are deleted or replaced under a service, or that it may not write."""

from __future__ import annotations

import dataclasses
import os
import pwd
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from aiohttp import ClientSession

from dagrun_api.batches.service import Service
from dagrun_api.cli.check import report
from dagrun_api.errors import DagrunApiError, Unavailable
from dagrun_api.model import BatchRequest, CatalogueDag, Prefix
from dagrun_api.settings import Settings
from dagrun_api.store import StoreOptions
from dagrun_api_sqlite import file, open_store
from tests.databases.schemas import sqlite_database
from tests.databases.worlds import SERIALIZED, SQLiteWorld
from tests.service.process import ServiceProcess

WINDOW = BatchRequest("a", Prefix("etl"), datetime(2017, 9, 1, tzinfo=UTC), datetime(2017, 9, 5, tzinfo=UTC))
LATER = datetime(2017, 9, 8, tzinfo=UTC)
OWN = StoreOptions(catalogue=(CatalogueDag("a", "dags/a.py", False, SERIALIZED),))


@pytest.fixture
def folder() -> Generator[Path]:
    """A folder that every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="dagrun-api-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def unprivileged() -> Generator[None]:
    """Be asked about permissions as a user who has not all of them, which root has."""
    if os.geteuid() != 0:
        yield
        return
    nobody = pwd.getpwnam("nobody").pw_uid
    os.setresuid(nobody, -1, -1)
    try:
        yield
    finally:
        os.setresuid(0, -1, -1)


def delete(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    copy.replace(path)


@pytest.mark.parametrize("lose", [delete, replace])
@pytest.mark.parametrize("own", [True, False])
async def test_a_lost_file_is_not_written_to(lose: Callable[[Path], None], own: bool, tmp_path: Path) -> None:
    async with SQLiteWorld.open("standalone" if own else "2.11.2", tmp_path, OWN if own else StoreOptions()) as world:
        if not own:
            await world.add_dag("a")
        service = Service(world.store)
        assert len((await service.create_batch(WINDOW)).run_ids) == 4
        kept = world.path.with_name("kept.db")
        os.link(world.path, kept)
        lose(world.path)
        asks: tuple[Callable[[], Awaitable[object]], ...] = (
            lambda: service.create_batch(dataclasses.replace(WINDOW, end_date=LATER)),
            lambda: service.cancel(Prefix("etl"), None),
            lambda: service.set_paused("a", True),
            service.dags,
            service.ready,
        )
        for ask in asks:
            with pytest.raises(Unavailable, match="deleted or replaced while the service runs"):
                await ask()
        # It is the same file again, and so there is nothing to fear.
        kept.replace(world.path)
        await service.ready()
        assert [part.states for part in await service.progress(Prefix("etl"), None)] == [{"queued": 4}]


@pytest.mark.parametrize("ending", ["-wal", "-shm"])
async def test_without_its_write_ahead_log_it_is_lost(ending: str, tmp_path: Path) -> None:
    async with SQLiteWorld.open("standalone", tmp_path, OWN) as world:
        service = Service(world.store)
        await service.create_batch(WINDOW)
        await service.dags()
        world.path.with_name(f"{world.path.name}{ending}").unlink()
        for ask in (service.ready, lambda: service.set_paused("a", True)):
            with pytest.raises(Unavailable, match="deleted or replaced while the service runs"):
                await ask()


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
async def test_other_users_who_come_and_go_lose_no_file(mode: str, tmp_path: Path) -> None:
    path = tmp_path / "2.11.2.db"
    path.write_bytes(sqlite_database("2.11.2"))
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA journal_mode = {mode}")
    async with open_store(f"sqlite:///{path}", StoreOptions()) as store:
        for number in range(3):
            with closing(sqlite3.connect(path)) as other:
                other.execute(f"PRAGMA user_version = {number}")
            await store.ready()
            assert await store.dags() == []


async def test_a_lost_file_is_a_503_that_names_no_path(tmp_path: Path) -> None:
    path = tmp_path / "lost.db"
    async with (
        ServiceProcess.start(tmp_path, "--database", f"sqlite:///{path}") as service,
        ClientSession() as session,
    ):
        path.unlink()
        for method, url in (("GET", "/readyz"), ("POST", "/api/v1/dags/a/paused/true")):
            async with session.request(method, f"{service.address}{url}") as response:
                assert response.status == 503
                assert str(path) not in await response.text()
        assert f"start the service again ({path})" in service.log


async def told(store_path: Path) -> list[str]:
    """Return what readiness and `check` say of a file."""
    said: list[str] = []
    async with open_store(f"sqlite:///{store_path}", StoreOptions()) as store:
        with unprivileged():
            try:
                await store.ready()
            except DagrunApiError as error:
                said.append(str(error))
            said.append((await store.describe()).refusal or "")
    return said


@pytest.fixture
async def airflow(folder: Path) -> AsyncGenerator[Path]:
    async with SQLiteWorld.open("2.11.2", folder) as world:
        world.path.chmod(0o666)
        folder.chmod(0o777)
        yield world.path


async def test_a_file_that_may_be_written_to_is_ready(airflow: Path) -> None:
    assert await told(airflow) == [""]


async def test_a_file_that_may_not_be_written_to_is_told(airflow: Path) -> None:
    airflow.chmod(0o444)
    assert await told(airflow) == ["The database file may not be written to by this process."] * 2


async def test_a_folder_that_may_not_be_written_to_is_told(airflow: Path) -> None:
    airflow.parent.chmod(0o555)
    sentence = "The folder of the database file may not be written to by this process; SQLite needs it as well."
    assert await told(airflow) == [sentence] * 2


async def test_a_full_disk_is_told(airflow: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # More than any disk has free.
    monkeypatch.setattr(file, "_LEAST_FREE", 2**62)
    assert await told(airflow) == ["The disk of the database file is full."] * 2
    out = StringIO()
    with pytest.raises(DagrunApiError, match="The disk of the database file is full"):
        await report(Settings(database=f"sqlite:///{airflow}"), out)
    assert "writes     no" in out.getvalue()
