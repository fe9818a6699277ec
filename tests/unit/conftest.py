"""The real server, in the process of the tests; and files of settings."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dagrun_api.serving import server as serving_server
from dagrun_api.settings import Settings
from dagrun_api_pytest import Server
from tests.unit.reading import Writer
from tests.unit.serving import Serving, application
from tests.unit.site import Site
from tests.unit.test_command_line import CONFIG


@pytest.fixture
def server(tmp_path: Path) -> Generator[Server]:
    """Serve the example DAGs, beside this thread."""
    with Server(tmp_path / "dagrun-api.db", CONFIG / "dags.toml") as server:
        yield server


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Site:
    """Provide the command line for that service."""
    return Site(tmp_path, server.url)


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Serving:
    """Serve the stand-in in this process, and stop it by a signal; gives its address."""
    monkeypatch.setattr(serving_server, "create_app", application)
    caplog.set_level(logging.INFO)

    @asynccontextmanager
    async def serving(expect: int = 0, **options: object) -> AsyncGenerator[str]:
        settings = Settings(**{"port": 0, "shutdown_timeout": 5.0} | options)  # type: ignore[arg-type]
        caplog.clear()
        task = asyncio.create_task(serving_server.serve(settings))
        async with asyncio.timeout(5):
            while not (found := re.search(r"Listening on (\S+?),? ", caplog.text)):
                if task.done():
                    break
                await asyncio.sleep(0.005)
        if found is None:
            await task
            raise AssertionError("it ended by itself")
        try:
            yield found[1]
        finally:
            # A second signal would end the tests themselves.
            if not task.done() and "Stopping" not in caplog.text:
                os.kill(os.getpid(), signal.SIGTERM)
            assert await task == expect

    return serving


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    """Write files of settings."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write
