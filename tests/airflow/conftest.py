"""One Airflow and one of our services for each release and database, kept for all tests of the pair."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from .dagfiles import dag_file
from .deployment import Deployment
from .installation import install
from .metadata import Database, PostgreSQL, SQLite
from .processes import Processes
from .releases import AIRFLOW_2, AIRFLOW_3, AIRFLOW_3_3, Release
from .service import Service
from .sites import Site

SWITCH = "DAGRUN_API_TEST_AIRFLOW"
HERE = Path(__file__).parent

Kind = Literal["sqlite", "postgresql"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave this folder out unless it was asked for: it installs and starts Airflow."""
    expression: str = config.option.markexpr
    if "airflow" in expression or os.environ.get(SWITCH) == "1":
        return
    ours = [item for item in items if HERE in item.path.parents]
    if ours:
        items[:] = [item for item in items if HERE not in item.path.parents]
        config.hook.pytest_deselected(items=ours)


PAIRS: list[tuple[Release, Kind]] = [
    (release, kind) for release in (AIRFLOW_2, AIRFLOW_3, AIRFLOW_3_3) for kind in ("sqlite", "postgresql")
]


@pytest.fixture(scope="session")
def ends_orderly() -> Iterator[None]:
    """Let a SIGTERM end the session as Ctrl-C does: with everything stopped that it started."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session", params=PAIRS, ids=[f"{release.version}-{kind}" for release, kind in PAIRS])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    release: Release
    kind: Kind
    release, kind = request.param
    request.getfixturevalue("ends_orderly")
    home = tmp_path_factory.mktemp(f"airflow-{release.version}-{kind}", numbered=False)
    database: Database
    if kind == "sqlite":
        database = SQLite(home / "airflow.db")
    else:
        name = f"dagrun_api_airflow_{uuid.uuid4().hex[:12]}"
        database = PostgreSQL(request.getfixturevalue("postgres_server"), name)
    with ExitStack() as stack:
        processes = stack.enter_context(Processes(home / "processes"))
        airflow = Deployment(install(release, print), database, home, processes)
        airflow.migrate()
        airflow.parse(dag_file(airflow.seen, datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)))
        scheduler = airflow.start()
        yield Site(airflow, scheduler, Service.start(processes, database))


@pytest.fixture(autouse=True)
def unharmed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold after each test that the scheduler is the process that it was, and that nothing made it stumble."""
    if "site" not in request.fixturenames:
        yield
        return
    site: Site = request.getfixturevalue("site")
    yield
    assert site.scheduler.alive, f"the scheduler died\n{site.scheduler.tail(80)}"
    assert "Traceback" not in site.scheduler.log.read_text(errors="replace"), site.scheduler.tail(80)
    log = site.service.running.log.read_text(errors="replace")
    assert "Traceback" not in log, f"the service stumbled\n{site.service.running.tail(80)}"
