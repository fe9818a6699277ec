"""A service that is told to end: what it has accepted is finished, and another takes over."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest
from aiohttp import ClientError, ClientSession, TCPConnector
from asyncpg.transaction import Transaction

from dagrun_api.client import Client
from tests.adversity.figures import Figures
from tests.adversity.service import posted, serving
from tests.adversity.waiting import until
from tests.databases.worlds import PostgresWorld, SQLWorld
from tests.service.process import ServiceProcess

BODY = {"dag_id": "a", "prefix": "etl_", "start_date": "2017-01-01", "end_date": "2017-01-20T23:59:59"}

REHEARSAL = {**BODY, "end_date": "2018-05-15T23:59:59", "dry_run": True}
"""It takes long enough to be under way when its process is told to end."""

everywhere = pytest.mark.parametrize("world", ["sqlite-2.11.2", "postgres-3.1.8"], indirect=True)
on_postgres = pytest.mark.parametrize("world", ["postgres-3.1.8"], indirect=True)


@on_postgres
async def test_a_batch_in_flight_is_answered_before_the_end(world: PostgresWorld, tmp_path: Path) -> None:
    await world.add_dag("a")
    holder = await world.another()
    async with serving(world.url, tmp_path) as service, ClientSession() as session:
        transaction = await held(holder)
        task = asyncio.create_task(session.post(f"{service.address}/api/v1/dag_runs", json=BODY))
        await waits_for_the_dag(world)
        service.terminate()
        await until("it stops", lambda: "Stopping" in service.log)
        # Longer than aiohttp itself would wait.
        await asyncio.sleep(1.5)
        assert not task.done()
        await transaction.rollback()
        response = await task
        assert response.status == 200
        assert len((await response.json())["response"]["dag_run_ids"]) == 20
        assert await service.ended() == 0
        assert "Traceback" not in service.log
    await holder.close()
    assert len(await world.runs_of("a")) == 20


@pytest.mark.parametrize("world", ["sqlite-2.11.2"], indirect=True)
async def test_a_body_on_its_way_is_answered_before_the_end(world: SQLWorld, tmp_path: Path) -> None:
    await world.add_dag("a")
    async with serving(world.url, tmp_path) as service:
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        head, _, body = posted("/api/v1/dag_runs", BODY).partition(b"\r\n\r\n")
        writer.write(head + b"\r\nExpect: 100-continue\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body[:20])
        service.terminate()
        await until("it stops", lambda: "Stopping" in service.log)
        await asyncio.sleep(0.1)
        writer.write(body[20:])
        answer = await reader.read()
        writer.close()
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert b"Connection: close" in answer
        assert await service.ended() == 0
    assert len(await world.runs_of("a")) == 20


@on_postgres
async def test_a_batch_that_outlasts_the_shutdown_leaves_nothing(world: PostgresWorld, tmp_path: Path) -> None:
    await world.add_dag("a")
    holder = await world.another()
    options = ("--shutdown-timeout=0.3", "--lock-timeout=60", "--query-timeout=60")
    async with serving(world.url, tmp_path, *options) as service, ClientSession() as session:
        transaction = await held(holder)
        task = asyncio.create_task(session.post(f"{service.address}/api/v1/dag_runs", json=BODY))
        await waits_for_the_dag(world)
        began = time.monotonic()
        service.terminate()
        assert await service.ended() == 1
        assert time.monotonic() - began < 10, "it does not wait for the lock"
        with pytest.raises(ClientError):
            await task
        assert "cut off: 1" in service.log
        await transaction.rollback()
    await holder.close()
    assert await world.runs_of("a") == []


async def held(holder: asyncpg.Connection[asyncpg.Record]) -> Transaction:
    """Hold the DAG that a batch is for."""
    transaction = holder.transaction()
    await transaction.start()
    await holder.execute("SELECT 1 FROM dag WHERE dag_id = 'a' FOR UPDATE")
    return transaction


async def waits_for_the_dag(world: PostgresWorld) -> None:
    blocked = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'dagrun-api' AND wait_event_type = 'Lock'"
    await until("it waits for the DAG", lambda: world.execute(blocked))


@pytest.mark.parametrize("world", ["sqlite-2.11.2"], indirect=True)
async def test_it_says_that_it_is_not_ready_before_it_stops_to_listen(world: SQLWorld, tmp_path: Path) -> None:
    await world.add_dag("a")
    async with serving(world.url, tmp_path, "--drain-delay=1.5") as service, ClientSession() as session:
        service.terminate()
        ready = 200
        while ready == 200:
            async with session.get(f"{service.address}/readyz") as response:
                ready = response.status
        assert ready == 503
        # A client that comes while the word spreads is served, on a connection of its own.
        async with (
            ClientSession() as another,
            another.post(f"{service.address}/api/v1/dag_runs", json=BODY) as response,
        ):
            assert response.status == 200
        assert await service.ended() == 0
        # That it is not ready says nothing about the database.
        assert "unavailable" not in service.log
        with pytest.raises(ClientError):
            await session.get(f"{service.address}/readyz")


@pytest.mark.soak
@everywhere
async def test_it_is_gone_as_soon_as_it_is_told_to_end(world: SQLWorld, tmp_path: Path, figures: Figures) -> None:
    await world.add_dag("a")
    for number in range(10):
        async with serving(world.url, tmp_path) as service, ClientSession() as session:
            requests = [session.get(f"{service.address}/api/v1/dags") for _ in range(5)]
            create = session.post(f"{service.address}/api/v1/dag_runs", json={**BODY, "prefix": f"p{number}_"})
            assert {response.status for response in await asyncio.gather(*requests, create)} == {200}
            began = time.monotonic()
            service.terminate()
            assert await service.ended() == 0
            figures.longest("longest from SIGTERM to the end of the process", time.monotonic() - began)
            figures.count("processes that ended by themselves on SIGTERM")
            # A thread of a connection that was left open would keep it for ever.
            assert time.monotonic() - began < 10
            assert "Traceback" not in service.log
            assert "Warning" not in service.log


class Loop:
    """A client that asks again and again, each time on a new connection."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.is_done = False
        self.asked = self.lost = 0

    async def ask(self) -> None:
        async with ClientSession(connector=TCPConnector(force_close=True)) as session:
            while not self.is_done:
                self.asked += 1
                try:
                    async with session.post(f"{self._address}/api/v1/dag_runs", json=REHEARSAL) as response:
                        assert response.status == 200
                except ClientError:
                    self.lost += 1

    async def ask_with_our_client(self) -> None:
        number = 0
        async with Client(self._address, backoff=0.05) as client:
            while not self.is_done:
                self.asked += 1
                number += 1
                created = await client.create("a", prefix=f"p{number}_", start_date="2017-01-01", end_date="2017-01-02")
                assert len(created.dag_run_ids) + created.skipped == 2


@pytest.mark.soak
@everywhere
async def test_a_port_is_handed_over_almost_without_loss(world: SQLWorld, tmp_path: Path, figures: Figures) -> None:
    await world.add_dag("a")
    handovers = 5
    database, options = world.url, ("--reuse-port", "--lock-timeout=20")
    async with AsyncExitStack() as stack:
        current = await stack.enter_async_context(serving(database, tmp_path, *options))
        plain, ours = Loop(current.address), Loop(current.address)
        tasks = [asyncio.create_task(plain.ask()) for _ in range(3)]
        tasks.append(asyncio.create_task(ours.ask_with_our_client()))
        for _ in range(handovers):
            following = await stack.enter_async_context(serving(database, tmp_path, *options, port=current.port))
            assert following.address == current.address
            await asyncio.sleep(1)
            current.terminate()
            assert await current.ended() == 0
            current = following
        plain.is_done = ours.is_done = True
        await asyncio.gather(*tasks)
    assert plain.asked > 10
    assert ours.asked > 1
    # What the kernel has queued for a socket at the moment when it is closed is lost: one connection now and then.
    assert plain.lost <= handovers
    figures.count("requests during hand-overs, one connection each", plain.asked)
    figures.count("requests during hand-overs that were lost", plain.lost)
    figures.count("requests of our own client during hand-overs", ours.asked)
    figures.count("requests of our own client during hand-overs that were lost", 0)
    assert_no_fault(current)


def assert_no_fault(service: ServiceProcess) -> None:
    assert "Traceback" not in service.log
