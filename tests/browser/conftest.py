"""A real browser, real services on SQLite files, and a visitor who opens their pages."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import Visitor, launched, program
from tests.databases.worlds import SQLiteWorld
from tests.service.process import ServiceProcess

Visit = Callable[..., Awaitable[Page]]

expect.set_options(timeout=20_000)

_NUMBERS = count(1)


@dataclass(frozen=True)
class Site:
    """A service and the database behind it."""

    address: str
    airflow: SQLiteWorld


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium; without it the tests are skipped, and on CI they fail."""
    path = program()
    if path is None and os.environ.get("CI") == "true":
        pytest.fail("Chromium is not installed, and CI must not skip these tests: apt-get install chromium")
    if path is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncGenerator[Browser]:
    async with launched(chromium) as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Site]:
    """Serve a site without tokens that all tests share; each test adds its own DAGs. It has no native backfills."""
    async with serving("2.11.2", tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def native_site(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Site]:
    """Serve a site of the same kind on the built-in database, which has native backfills."""
    async with serving("standalone", tmp_path_factory.mktemp("native")) as site:
        yield site


@asynccontextmanager
async def serving(release: str, folder: Path, *options: str) -> AsyncGenerator[Site]:
    """Serve a site on the tables of a release, with more options of the service."""
    async with (
        SQLiteWorld.open(release, folder) as airflow,
        ServiceProcess.start(folder, "--database", airflow.url, "--lock-timeout", "0.1", *options) as service,
    ):
        yield Site(service.address, airflow)


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser) -> AsyncGenerator[Visit]:
    """Open pages, and check at the end that none of them did what no page may do."""
    visitor = Visitor(browser)
    try:
        yield visitor.open
    finally:
        await visitor.leave()
    assert visitor.complaints == []


@pytest.fixture
def dag_id() -> str:
    """Return a DAG id that no other test uses."""
    return f"dag_{next(_NUMBERS):03}"
