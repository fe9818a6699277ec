"""A socket that outlives the service, as systemd holds it by config/dagrun-api.socket: a restart refuses nobody."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector

from tests.adversity.figures import Figures
from tests.databases.worlds import SQLWorld
from tests.service.process import ServiceProcess

ACTIVATE = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""
"""Hands the socket on as descriptor 3 to a program of the same process id, as systemd does."""


def activated(listening: socket.socket, database: str, folder: Path) -> ServiceProcess:
    """Start a service on a socket that another process has opened; the port of the options does not count."""
    return ServiceProcess.start(
        folder,
        "--database",
        database,
        port=1,
        program=(sys.executable, "-c", ACTIVATE, str(listening.fileno()), "-m", "dagrun_api"),
        pass_fds=(listening.fileno(),),
    )


@pytest.mark.soak
@pytest.mark.parametrize("world", ["sqlite-2.11.2", "postgres-3.1.8"], indirect=True)
async def test_a_restart_behind_a_socket_loses_no_connection(world: SQLWorld, tmp_path: Path, figures: Figures) -> None:
    await world.add_dag("a")
    restarts, asked, is_done = 10, 0, False
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"

        async def ask() -> None:
            """Ask again and again, each time on a new connection; raises when one is not answered."""
            nonlocal asked
            async with ClientSession(connector=TCPConnector(force_close=True)) as session:
                while not is_done:
                    async with session.get(f"{address}/api/v1/dags") as response:
                        assert response.status == 200
                    asked += 1

        tasks: list[asyncio.Task[None]] = []
        for _ in range(restarts):
            async with activated(listening, world.url, tmp_path) as service:
                assert service.address == address
                tasks = tasks or [asyncio.create_task(ask()) for _ in range(4)]
                before = asked
                while asked < before + 50:
                    assert not any(task.done() for task in tasks), service.log
                    await asyncio.sleep(0.01)
                service.terminate()
                assert await service.ended() == 0
        async with activated(listening, world.url, tmp_path):
            is_done = True
            await asyncio.gather(*tasks)
    figures.count("restarts behind a socket", restarts)
    figures.count("requests meanwhile, one connection each, all of them answered", asked)


async def test_a_client_may_come_before_the_service(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with ClientSession() as session:
            early = asyncio.create_task(session.get(f"{address}/readyz"))
            await asyncio.sleep(0.1)
            async with activated(listening, f"sqlite:///{tmp_path / 'own.db'}", tmp_path):
                assert (await early).status == 200


async def test_two_services_on_one_socket_answer_everyone(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'own.db'}"
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        async with (
            activated(listening, database, tmp_path) as first,
            activated(listening, database, tmp_path) as other,
            ClientSession(connector=TCPConnector(force_close=True)) as session,
        ):
            for _ in range(10):
                asked = [session.get(f"{first.address}/api/v1/dags") for _ in range(20)]
                for response in await asyncio.gather(*asked):
                    assert response.status == 200
                    response.release()
            for service in (first, other):
                service.terminate()
                assert await service.ended() == 0
            answered = sum(each.log.count("path=/api/v1/dags status=200") for each in (first, other))
    assert answered == 200
