"""A proxy to cut, and what is counted under faults and shown at the end of a long run."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tests.adversity.figures import Figures
from tests.adversity.proxy import Proxy, proxied
from tests.databases.worlds import PostgresWorld

_FIGURES = pytest.StashKey[Figures]()


@pytest.fixture
async def proxy(world: PostgresWorld) -> AsyncGenerator[Proxy]:
    """A proxy before the database of the world, which has a DAG."""
    await world.add_dag("a")
    async with proxied(world.url) as proxy:
        yield proxy


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """What this session counts."""
    return request.config.stash.setdefault(_FIGURES, Figures())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show what was counted, where more was tried than usual."""
    if "soak" in config.option.markexpr and _FIGURES in config.stash:
        terminalreporter.section("figures")
        for line in config.stash[_FIGURES].lines():
            terminalreporter.write_line(line)
