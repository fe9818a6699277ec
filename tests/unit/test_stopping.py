"""How the server ends: on which signals, what it still answers, and with which status."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession

from tests.service.process import ServiceProcess
from tests.unit.serving import Serving, port


async def test_a_request_in_flight_is_answered_before_the_end(serving: Serving) -> None:
    async with ClientSession() as session:
        async with serving() as address:
            task = asyncio.create_task(session.get(f"{address}/wait?seconds=0.3"))
            await asyncio.sleep(0.1)
        response = await task
        assert response.status == 200
        assert await response.json() == {"draining": True}


async def test_connections_that_wait_at_the_end_are_answered(tmp_path: Path) -> None:
    async with start(tmp_path) as service:
        service.signal(signal.SIGSTOP)
        waiting = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(200)]
        for client in waiting:
            client.sendall(b"GET /wait?seconds=0 HTTP/1.1\r\nHost: x\r\n\r\n")
        service.terminate()
        service.signal(signal.SIGCONT)
        for client in waiting:
            assert client.recv(1000).startswith(b"HTTP/1.1 200 ")
            client.close()
        assert await service.ended() == 0


async def test_after_the_end_the_port_is_closed(serving: Serving) -> None:
    async with serving() as address:
        pass
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port(address))


async def test_a_draining_service_is_not_ready_but_listens(serving: Serving) -> None:
    async with ClientSession() as session, serving(drain_delay=0.3) as address:
        async with session.get(f"{address}/wait?seconds=0") as response:
            assert await response.json() == {"draining": False}
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.1)
        async with ClientSession() as another, another.get(f"{address}/wait?seconds=0") as response:
            assert await response.json() == {"draining": True}


async def test_idle_connections_do_not_hold_up_the_end(serving: Serving) -> None:
    async with ClientSession() as session:
        async with serving() as address:
            await (await session.get(f"{address}/wait?seconds=0")).read()
            _, idle = await asyncio.open_connection("127.0.0.1", port(address))
            started = time.monotonic()
        assert time.monotonic() - started < 1
        idle.close()


async def test_a_request_that_takes_too_long_is_cut_off_and_counted(
    serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    async with ClientSession() as session:
        async with serving(expect=1, shutdown_timeout=0.2) as address:
            task = asyncio.create_task(session.get(f"{address}/wait?seconds=60"))
            await asyncio.sleep(0.1)
            started = time.monotonic()
        assert time.monotonic() - started < 2
        with pytest.raises(ClientError):
            await task
    assert "Requests that are not finished after 0.2 s and are cut off: 1" in caplog.text


PROGRAM = """
import sys
sys.path[:0] = [{folder!r}]
from dagrun_api.serving import server
from dagrun_api.settings import Settings
from tests.unit.serving import application
server.create_app = application
sys.exit(server.run(Settings(port=0, log_format={style!r}, shutdown_timeout={patience})))
"""


def start(folder: Path, style: str = "text", patience: float = 30, wrapper: Sequence[str] = ()) -> ServiceProcess:
    """Start the stand-in in a process of its own, for an `async with`; a wrapper is a command that runs another."""
    text = PROGRAM.format(folder=str(Path(__file__).parent.parent.parent), style=style, patience=patience)
    return ServiceProcess.start(folder, program=(*wrapper, sys.executable, "-c", text))


async def test_a_signal_ends_the_process_with_status_0(tmp_path: Path) -> None:
    async with start(tmp_path, "json") as service:
        service.signal(signal.SIGINT)
        assert await service.ended() == 0
    first, *rest = [json.loads(line) for line in service.log.splitlines()]
    assert first["message"].startswith("Listening on http://127.0.0.1:")
    assert [each["level"] for each in rest] == ["info", "info"]


async def test_a_second_signal_stops_the_process_at_once(tmp_path: Path) -> None:
    async with start(tmp_path) as service, ClientSession() as session:
        task = asyncio.create_task(session.get(f"{service.address}/wait?seconds=60"))
        await asyncio.sleep(0.2)
        service.terminate()
        await asyncio.sleep(0.3)
        assert service.is_alive
        service.terminate()
        assert await service.ended() == 128 + signal.SIGTERM
        with pytest.raises(ClientError):
            await task
    assert "Traceback" not in service.log


async def test_a_process_that_cut_a_request_off_ends_with_status_1(tmp_path: Path) -> None:
    async with start(tmp_path, patience=0.1) as service:
        with socket.create_connection(("127.0.0.1", service.port)) as client:
            client.sendall(b"GET /wait?seconds=60 HTTP/1.1\r\nHost: x\r\n\r\n")
            await asyncio.sleep(0.2)
            service.terminate()
            assert await service.ended() == 1


async def test_what_ends_in_time_is_not_cut_off(serving: Serving, caplog: pytest.LogCaptureFixture) -> None:
    async with ClientSession() as session:
        async with serving(shutdown_timeout=0) as address:
            task = asyncio.create_task(session.get(f"{address}/wait?seconds=0.3"))
            await asyncio.sleep(0.1)
        assert (await task).status == 200
    assert "cut off" not in caplog.text


async def test_sighup_stops_the_process_and_says_so(tmp_path: Path) -> None:
    async with start(tmp_path) as service, ClientSession() as session:
        task = asyncio.create_task(session.get(f"{service.address}/wait?seconds=0.5"))
        await asyncio.sleep(0.2)
        service.signal(signal.SIGHUP)
        assert (await task).status == 200
        assert await service.ended() == 0
    assert "SIGHUP stops the service, like SIGTERM" in service.log


async def test_under_nohup_sighup_does_nothing(tmp_path: Path) -> None:
    async with start(tmp_path, wrapper=("nohup",)) as service, ClientSession() as session:
        service.signal(signal.SIGHUP)
        async with session.get(f"{service.address}/wait?seconds=0.2") as response:
            assert await response.json() == {"draining": False}
        service.terminate()
        assert await service.ended() == 0
