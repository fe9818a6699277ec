"""Real services for clients who mean no good: one for each event loop, and those that a test starts for itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from tests.hostile.service import LOOPS, serving
from tests.service.process import ServiceProcess

Api = TestClient[web.Request, web.Application]
AiohttpClient = Callable[[web.Application], Awaitable[Api]]
Start = Callable[..., AbstractContextManager[ServiceProcess]]

CATALOGUE = """
[[dag]]
dag_id = "hello"
schedule = "0 12 * * *"

[[dag]]
dag_id = "minutely"
schedule = "* * * * *"

[[dag]]
dag_id = "by_hand"
"""


@pytest.fixture(scope="session", params=LOOPS)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service on an SQLite file of its own, which must be alive and without a traceback at the end."""
    folder = tmp_path_factory.mktemp("service")
    with serving(folder, "--dags", str(catalogue(folder)), loop=request.param) as process:
        yield process
        assert process.is_alive
        assert "Traceback" not in process.log


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """What a test with random input counts, printed at its end."""
    counted: Counter[str] = Counter()
    yield counted
    told = ", ".join(f"{count} {name}" for name, count in counted.items())
    print(f"\n{request.node.name}: {told}", flush=True)


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start a service with more flags."""
    return partial(serving, tmp_path, "--dags", str(catalogue(tmp_path)))


def catalogue(folder: Path) -> Path:
    """Write the catalogue of a database of our own."""
    path = folder / "dags.toml"
    path.write_text(CATALOGUE, "utf-8")
    return path
