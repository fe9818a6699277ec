"""A real browser, real services on SQLite files with the tables of Airflow, and a visitor who looks at their pages."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from itertools import count

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
    """A service, and the database of the Airflow behind it."""

    address: str
    airflow: SQLiteWorld


@pytest.fixture(scope="session")
def chromium() -> str:
    """The program; where it is missing the tests are skipped, but on CI they fail."""
    path = program()
    if path is None and os.environ.get("CI") == "true":
        pytest.fail("There is no Chromium here, and on CI these tests must not be left out: apt-get install chromium")
    if path is None:
        pytest.skip("there is no Chromium here: apt-get install chromium")
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncGenerator[Browser]:
    async with launched(chromium) as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Site]:
    """A service without tokens, which all tests share: each has DAGs of its own in it."""
    folder = tmp_path_factory.mktemp("site")
    async with (
        SQLiteWorld.open("2.11.2", folder) as airflow,
        ServiceProcess.start(folder, "--database", airflow.url, "--lock-timeout", "0.1") as service,
    ):
        yield Site(service.address, airflow)


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser) -> AsyncGenerator[Visit]:
    """Open pages; at the end none of them may have done what no page may do."""
    visitor = Visitor(browser)
    try:
        yield visitor.open
    finally:
        await visitor.leave()
    assert visitor.complaints == []


@pytest.fixture
def dag_id() -> str:
    """The id of a DAG that no other test has."""
    return f"dag_{next(_NUMBERS):03}"
