from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from dagrun_api.errors import ConfigurationError, Unavailable
from dagrun_api.serving import server
from dagrun_api.settings import Settings
from tests.service.ports import free_port
from tests.service.process import ServiceProcess
from tests.unit.serving import Serving, application, exchange, failing, port

TOKEN = "s3cret"
EVERYBODY = "0.0.0.0"  # noqa: S104


# --- starting ---


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


async def test_a_taken_port_leaves_no_new_database_behind(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    database = f"sqlite:///{path}"
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        for settings in (
            Settings(database=database, port=taken),
            Settings(database=database, port=0, metrics_port=taken),
        ):
            with pytest.raises(ConfigurationError, match="another process uses it"):
                await server.serve(settings)
    assert not path.exists()


async def test_nobody_connects_before_the_database_is_open(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    number = free_port()

    def slow(settings: Settings) -> web.Application:
        async def opening(app: web.Application) -> AsyncIterator[None]:
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", number)
            with socket.socket() as other, pytest.raises(OSError, match="in use"):
                other.bind(("127.0.0.1", number))
            yield

        app = application(settings)
        app.cleanup_ctx.append(opening)
        return app

    monkeypatch.setattr(server, "create_app", slow)
    async with serving(port=number) as address:
        assert port(address) == number


async def test_nothing_is_left_to_be_imported_by_requests(tmp_path: Path) -> None:
    async with ServiceProcess.start(tmp_path, program=(sys.executable, "-c", LATE)) as service:
        for host in ("x", "xn--a", "xn--nxasmq6b"):
            for path in ("/", "/metrics", "/api/v1/dags", "/api/v1/dag_runs/%ff%0a", "/api/v1/openapi.json"):
                request = f"GET http://{host}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
                await exchange(service.address, request.encode("ascii"))
        async with (
            ClientSession(headers={"Content-Type": "application/json; charset=cp037"}) as session,
            session.post(f"{service.address}/api/v1/dag_runs", data=b"\xff") as response,
        ):
            assert response.status == 400
        service.terminate()
        assert await service.ended() == 0
    assert "imported late: []" in service.log


LATE = """
import sys
from dagrun_api.cli.main import main
from dagrun_api.serving import server
announce = server._announce
def announced(*arguments):
    global early
    announce(*arguments)
    early = set(sys.modules)
server._announce = announced
status = main()
print("imported late:", sorted(set(sys.modules) - early))
sys.exit(status)
"""


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
