"""Sockets other than a host and port: a path, and what systemd hands over."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest
from aiohttp import ClientSession, UnixConnector

from dagrun_api.serving import sockets
from dagrun_api.settings import Settings
from tests.unit.serving import Serving, failing, port


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
