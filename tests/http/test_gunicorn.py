"""The service under gunicorn with config/gunicorn.conf.py: its workers, its end, and its log."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.service.ports import free_port

ROOT = Path(__file__).parent.parent.parent

BODY = {"dag_id": "hello", "prefix": "etl", "start_date": "2017-09-01", "end_date": "2017-09-03T23:59:59"}

CATALOGUE = '[[dag]]\ndag_id = "hello"\nschedule = "0 12 * * *"\nstart_date = 2017-01-01T00:00:00Z\n'


class Gunicorn:
    """Two workers on one new database."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._log = folder / "log"
        (folder / "dags.toml").write_text(CATALOGUE)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DAGRUN_API_")}
        environment |= {"PYTHONPATH": os.pathsep.join(sys.path), "DAGRUN_API_PORT": str(self.port)}
        # A worker that is told to end while it is still starting does not hear it, and is killed after this time.
        environment |= {
            "DAGRUN_API_DAGS": "dags.toml",
            "WEB_CONCURRENCY": "2",
            "DAGRUN_API_SHUTDOWN_TIMEOUT": "5",
            **environ,
        }
        command = (sys.executable, "-m", "gunicorn", "--config", str(ROOT / "config/gunicorn.conf.py"))
        with self._log.open("wb") as output:
            self.process = subprocess.Popen(
                (*command, "dagrun_api:create_app()"), cwd=folder, env=environment, stdout=output, stderr=output
            )

    @property
    def log(self) -> str:
        return self._log.read_text()

    @property
    def workers(self) -> list[int]:
        """The process ids of all workers that there have been."""
        return [int(number) for number in re.findall(r"Booting worker with pid: (\d+)", self.log)]

    async def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < end, self.log
            await asyncio.sleep(0.02)

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Ask on a connection of its own."""
        async with ClientSession() as session, session.get(f"{self.address}{path}", headers=headers) as response:
            return response.status, response.headers["X-Request-ID"]


@contextmanager
def running(folder: Path, **environment: str) -> Generator[Gunicorn]:
    """Run gunicorn, and stop it with its workers at the end."""
    gunicorn = Gunicorn(folder, environment)
    try:
        yield gunicorn
    finally:
        gunicorn.process.terminate()
        assert gunicorn.process.wait(30) == 0, gunicorn.log
        assert "Traceback" not in gunicorn.log


@pytest.fixture
def gunicorn(tmp_path: Path) -> Iterator[Gunicorn]:
    with running(tmp_path) as gunicorn:
        yield gunicorn


async def test_two_workers_start_on_a_new_database(gunicorn: Gunicorn) -> None:
    await gunicorn.until(lambda: len(gunicorn.workers) == 2 and listens(gunicorn.port))
    assert (await gunicorn.get("/readyz"))[0] == 200
    async with (
        ClientSession() as session,
        session.post(f"{gunicorn.address}/api/v1/dag_runs", json=BODY) as response,
    ):
        assert response.status == 200
        assert len((await response.json())["response"]["dag_run_ids"]) == 3
    assert re.search(r"dagrun_api\.audit audit event=create_batch result=done .* runs_created=3", gunicorn.log)


async def test_each_request_has_a_line_with_its_id(gunicorn: Gunicorn) -> None:
    await gunicorn.until(lambda: listens(gunicorn.port))
    assert await gunicorn.get("/api/v1/dags", **{"X-Request-ID": "mine-1"}) == (200, "mine-1")
    line = r'^answered "GET /api/v1/dags HTTP/1\.1" status=200 duration=[0-9.]+ remote=127\.0\.0\.1 request_id=mine-1$'
    await gunicorn.until(lambda: re.search(line, gunicorn.log, re.MULTILINE) is not None)


async def test_a_token_in_an_address_is_not_in_the_log(tmp_path: Path) -> None:
    token = "s3cret-of-many-letters"
    with running(tmp_path, DAGRUN_API_TOKEN=token) as gunicorn:
        await gunicorn.until(lambda: listens(gunicorn.port))
        assert (await gunicorn.get(f"/api/v1/dags/{token}?token={token}"))[0] == 401
        await gunicorn.until(lambda: 'answered "GET /api/v1/dags/***?token=*** HTTP/1.1" status=401' in gunicorn.log)
        assert token not in gunicorn.log


async def test_malformed_http_leaves_a_line_and_no_traceback(gunicorn: Gunicorn) -> None:
    await gunicorn.until(lambda: listens(gunicorn.port))
    reader, writer = await asyncio.open_connection("127.0.0.1", gunicorn.port)
    writer.write(b"GET / HTTP/1.1\r\nHost : x\r\n\r\n")
    assert (await reader.readline()).split()[1] == b"400"
    writer.close()
    await gunicorn.until(lambda: "status=400" in gunicorn.log)


async def test_another_host_is_refused(gunicorn: Gunicorn) -> None:
    await gunicorn.until(lambda: listens(gunicorn.port))
    assert [(await gunicorn.get("/api/v1/dags", Host=host))[0] for host in ("evil.example", "localhost")] == [403, 200]


async def test_a_worker_that_is_killed_is_replaced(gunicorn: Gunicorn) -> None:
    await gunicorn.until(lambda: len(gunicorn.workers) == 2 and listens(gunicorn.port))
    os.kill(gunicorn.workers[0], signal.SIGKILL)
    await gunicorn.until(lambda: len(gunicorn.workers) == 3)
    assert (await gunicorn.get("/readyz"))[0] == 200


async def test_a_request_in_flight_is_answered_before_the_end(gunicorn: Gunicorn, tmp_path: Path) -> None:
    await gunicorn.until(lambda: listens(gunicorn.port))
    assert (await gunicorn.get("/readyz"))[0] == 200
    with closing(sqlite3.connect(tmp_path / "dagrun-api.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        async with ClientSession() as session:
            task = asyncio.create_task(session.post(f"{gunicorn.address}/api/v1/dag_runs", json=BODY))
            await asyncio.sleep(0.2)
            gunicorn.process.terminate()
            await gunicorn.until(lambda: "Handling signal: term" in gunicorn.log)
            # Workers look once a second whether they were told to end.
            await asyncio.sleep(1.2)
            assert not task.done()
            holder.execute("ROLLBACK")
            async with await task as response:
                assert response.status == 200
                assert len((await response.json())["response"]["dag_run_ids"]) == 3


def listens(port: int) -> bool:
    """Whether a process listens on the port, as the kernel tells it, so that none has to answer."""
    with Path("/proc/net/tcp").open() as table:
        return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A" for line in table)
