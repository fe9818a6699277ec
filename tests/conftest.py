"""Fixtures for all tests."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from dagrun_api.store import StoreOptions
from tests.databases import postgres
from tests.databases.schemas import postgres_ddl
from tests.databases.worlds import OPTIONS, MemoryWorld, PostgresWorld, SQLiteWorld, World

pytest_plugins = ["pytester"]

LAYOUTS = (
    "standalone",
    "1.10.15",
    "2.0.2",
    "2.1.4",
    "2.2.5",
    "2.3.4",
    "2.6.3",
    "2.11.2",
    "3.0.6",
    "3.1.8",
    "3.2.2",
    "3.3.2",
    "3.4.0b2",
)
"""The layouts that every backend is held to the contract in."""

NEAR_LAYOUTS = ("2.0.2", "2.1.4", "2.2.5", "2.3.4", "2.6.3", "3.0.6", "3.1.8", "3.2.2", "3.3.2")
"""The layouts that differ little from a neighbour: `make soak` holds them to the contract, `make test` the others."""

LONG = ("airflow", "dist", "fuzz", "soak")
"""The markers of tests that have targets of their own in the Makefile."""

WORLDS = (
    "memory",
    *(f"{backend}-{layout}" for backend in ("sqlite", "postgres") for layout in LAYOUTS),
    # The store on a pool that it shares with a host.
    *(f"shared-{layout}" for layout in ("standalone", "2.11.2", "3.4.0b2")),
)


def pytest_configure() -> None:
    """Let the processes of the tests hear Ctrl-C; those of a background job inherit that it is ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked as long, unless a marker expression names it."""
    for item in items:
        if "contract" in item.path.parts and _is_near(item):
            item.add_marker("soak")
    asked: str = config.option.markexpr
    unasked = [name for name in LONG if name not in asked]
    left_out = [item for item in items if any(map(item.get_closest_marker, unasked))]
    if left_out:
        items[:] = [item for item in items if item not in set(left_out)]
        config.hook.pytest_deselected(items=left_out)


def _is_near(item: pytest.Item) -> bool:
    parameters = (
        item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
    )
    return any(isinstance(each, str) and each.partition("-")[2] in NEAR_LAYOUTS for each in parameters)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes `make test` uses: one more than there are processors, since some tests wait.

    Each process starts its own PostgreSQL. A given one serves a single process: some tests end all its connections.
    """
    return 1 if os.environ.get(postgres.GIVEN) else min((os.cpu_count() or 1) + 1, 8)


@pytest.fixture
def pytester(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Other suites run without the plugins that they do not need, whose imports would take longer than the tests."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:schemathesis -p no:hypothesispytest -p no:pytest_cov -p no:anyio")
    return pytester


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a real PostgreSQL server; where there is none, the whole run stops with one sentence."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgres.server())
        except postgres.NoServerError as error:
            # Not pytest.exit, which a worker of pytest-xdist reports as an error of its own.
            request.session.shouldstop = str(error)
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        yield url


@pytest.fixture(scope="session")
def postgres_layouts(postgres_server: str) -> dict[str, str]:
    """The URLs of databases with the tables of each layout; made when first asked for."""
    return _Databases(postgres_server)


class _Databases(dict[str, str]):
    def __init__(self, server: str) -> None:
        super().__init__()
        self._server = server

    def __missing__(self, release: str) -> str:
        with asyncio.Runner() as runner:
            self[release] = runner.run(self._make(release))
        return self[release]

    async def _make(self, release: str) -> str:
        name = "layout_" + release.replace(".", "_")
        if release == "standalone":
            return await postgres.fresh_database(self._server, name)
        return await postgres.fresh_database(self._server, name, postgres_ddl(release))


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest) -> str | None:
    """The URL of the database for the world that a test asks for; None when that is not on PostgreSQL.

    Not asynchronous, since from within an asynchronous fixture no other can be asked for.
    """
    name = request.node.callspec.params.get("world", "") if hasattr(request.node, "callspec") else ""
    backend, _, layout = str(name).partition("-")
    if backend not in ("postgres", "shared"):
        return None
    layouts: dict[str, str] = request.getfixturevalue("postgres_layouts")
    return layouts[layout]


@pytest.fixture(params=WORLDS)
async def world(request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str | None) -> AsyncIterator[World]:
    """Each store, over each layout."""
    async with AsyncExitStack() as stack:
        yield await open_world(stack, str(request.param), tmp_path, postgres_url)


async def open_world(
    stack: AsyncExitStack, name: str, folder: Path, postgres_url: str | None, *, audit_log: bool = False
) -> World:
    """Open the world of this name."""
    backend, _, layout = name.partition("-")
    options = OPTIONS if layout != "standalone" else StoreOptions(lock_timeout=2, query_timeout=5, catalogue=())
    options = replace(options, audit_log=audit_log)
    if backend == "memory":
        return MemoryWorld()
    if backend == "sqlite":
        return await stack.enter_async_context(SQLiteWorld.open(layout, folder, options))
    assert postgres_url is not None
    if backend == "shared":
        return await stack.enter_async_context(PostgresWorld.open_on_shared_pool(postgres_url, options))
    return await stack.enter_async_context(PostgresWorld.open(postgres_url, options))
