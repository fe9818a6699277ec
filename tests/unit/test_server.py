from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import stat
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession, UnixConnector, web

from dagrun_api.errors import ConfigurationError, Unavailable
from dagrun_api.serving import server, sockets
from dagrun_api.settings import Settings
from tests.service.process import ServiceProcess
from tests.unit.serving import Serving, application, port

TOKEN = "s3cret"
EVERYBODY = "0.0.0.0"  # noqa: S104


# --- stopping ---


async def test_a_request_in_flight_is_answered_before_the_end(serving: Serving) -> None:
    async with ClientSession() as session:
        async with serving() as address:
            task = asyncio.create_task(session.get(f"{address}/wait?seconds=0.3"))
            await asyncio.sleep(0.1)
        response = await task
        assert response.status == 200
        assert await response.json() == {"draining": True}


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
from dagrun_api.serving import server, sockets
from dagrun_api.settings import Settings
from tests.unit.serving import application
server.create_app = application
sys.exit(server.run(Settings(port=0, log_format={style!r}, shutdown_timeout={patience})))
"""


def start(folder: Path, style: str = "text", patience: float = 30) -> ServiceProcess:
    """Start the stand-in in a process of its own, for an `async with`."""
    text = PROGRAM.format(folder=str(Path(__file__).parent.parent.parent), style=style, patience=patience)
    return ServiceProcess.start(folder, program=(sys.executable, "-c", text))


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


# --- starting ---


async def failing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(server, "create_app", application)
    with pytest.raises(ConfigurationError) as caught:
        await asyncio.wait_for(server.serve(settings), 5)
    return str(caught.value)


async def test_a_port_in_use_is_reported_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        assert await failing(Settings(port=taken), monkeypatch) == (
            f"Cannot listen on 127.0.0.1 port {taken}: another process uses it; choose another with --host or --port."
        )


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("192.0.2.1", "this machine has no such address"),
        ("no-such-host.invalid", "the name is unknown"),
        ("a" * 70, "the name is unknown"),
    ],
)
async def test_an_address_of_another_machine_is_reported(
    host: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"Cannot listen on {host} port 8080: {reason}" in await failing(Settings(host=host), monkeypatch)


async def test_several_processes_may_share_a_port_with_reuse_port(serving: Serving) -> None:
    async with serving(reuse_port=True) as address:
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            other.bind(("127.0.0.1", port(address)))


async def test_an_error_at_the_start_is_raised_after_the_cleanup(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []

    def broken(settings: Settings) -> web.Application:
        async def first(app: web.Application) -> AsyncIterator[None]:
            yield
            closed.append("first")

        async def second(app: web.Application) -> AsyncIterator[None]:
            if not closed:
                raise Unavailable("The database does not answer.")
            yield

        app = application(settings)
        app.cleanup_ctx.extend([first, second])
        return app

    monkeypatch.setattr(server, "create_app", broken)
    with pytest.raises(Unavailable, match=r"^The database does not answer\.$"):
        await server.serve(Settings(port=0))
    assert closed == ["first"]
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.parametrize(
    ("host", "token", "warned"), [("127.0.0.1", None, 0), (EVERYBODY, TOKEN, 0), (EVERYBODY, None, 1)]
)
async def test_listening_to_everybody_without_a_token_logs_a_warning(
    serving: Serving, caplog: pytest.LogCaptureFixture, host: str, token: str | None, warned: int
) -> None:
    async with serving(host=host, token=token):
        warnings = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert len(warnings) == warned
    assert all(each.startswith("ANYONE who can reach http://0.0.0.0:") for each in warnings)
    assert TOKEN not in caplog.text


async def test_the_first_line_shows_address_database_and_token(
    serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(database="postgresql://u:hunter2@h/db", token=TOKEN) as address:
        line = caplog.records[0].getMessage()
    assert line == f"Listening on {address} (database postgresql://u:***@h/db, API at /api/v1, token required)"


@pytest.mark.parametrize(("mode", "warned"), [(0o600, 0), (0o640, 0), (0o644, 1), (0o604, 1)])
async def test_a_token_file_that_everybody_may_read_logs_a_warning(
    serving: Serving, tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int, warned: int
) -> None:
    path = tmp_path / "a.ini"
    path.write_text("[token:nightly]\ntoken = hunter2\n", "utf-8")
    path.chmod(mode)
    loaded = Settings.load({"config": path}, {})
    async with serving(tokens=loaded.tokens, token_file=loaded.token_file, host=EVERYBODY):
        warnings = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert warnings == [f"Every user of this machine can read {path}, which holds tokens: chmod 600."] * warned
    assert "token required" in caplog.text
    assert "hunter2" not in caplog.text


# --- other sockets ---


async def test_a_unix_socket_is_served_without_a_warning(
    serving: Serving, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "api.sock"
    async with serving(unix_socket=path) as address:
        assert address == f"unix:{path}"
        assert stat.S_ISSOCK(path.stat().st_mode)
        async with (
            ClientSession(connector=UnixConnector(str(path))) as session,
            session.get("http://localhost/wait?seconds=0") as response,
        ):
            assert response.status == 200
    assert "ANYONE" not in caplog.text


async def test_a_unix_socket_left_behind_is_replaced(serving: Serving, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "api.sock"))
    async with serving(unix_socket=tmp_path / "api.sock"):
        pass


async def test_a_unix_socket_in_use_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(tmp_path / "api.sock"))
        other.listen()
        message = await failing(Settings(unix_socket=tmp_path / "api.sock"), monkeypatch)
    assert message.endswith("another process uses it; choose another with --unix-socket.")


async def test_a_unix_socket_in_a_missing_directory_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await failing(Settings(unix_socket=tmp_path / "no" / "api.sock"), monkeypatch)
    assert "there is no such directory" in message


async def test_a_path_too_long_for_a_unix_socket_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    message = await failing(Settings(unix_socket=tmp_path / ("a" * 120)), monkeypatch)
    assert "its path is too long" in message


async def test_a_socket_from_systemd_replaces_host_and_port(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    given = socket.create_server(("127.0.0.1", 0))
    number = given.getsockname()[1]
    monkeypatch.setattr(sockets, "FIRST_INHERITED", given.detach())
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
    monkeypatch.setenv("LISTEN_FDS", "1")
    async with serving(host="192.0.2.1") as address, ClientSession() as session:
        assert port(address) == number
        async with session.get(f"{address}/wait?seconds=0") as response:
            assert response.status == 200
        assert "LISTEN_FDS" not in os.environ


async def test_a_socket_meant_for_another_process_is_not_used(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LISTEN_PID", "1")
    monkeypatch.setenv("LISTEN_FDS", "1")
    async with serving() as address:
        assert address.startswith("http://127.0.0.1:")


# --- the access log ---


async def test_each_request_is_logged_without_headers_and_secrets(
    serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving() as address, ClientSession(headers={"Authorization": TOKEN}) as session:
        await (await session.get(f"{address}/wait?seconds=0&token={TOKEN}")).read()
    record = next(each for each in caplog.records if each.name == "dagrun_api.access")
    logged = record.__dict__
    assert (logged["method"], logged["path"], logged["status"]) == ("GET", "/wait?seconds=0&token=***", 200)
    assert (logged["remote"], logged["request_id"]) == ("127.0.0.1", "-")
    assert 0 <= logged["duration"] < 1
    assert TOKEN not in caplog.text


# --- uvloop ---


def test_uvloop_is_used_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "uvloop.py").write_text("def new_event_loop(): ...", "utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    factory = server.loop_factory()
    assert factory is not None
    assert factory.__module__ == "uvloop"
