"""One Airflow and one of our services for each release and database, kept for all tests of the pair."""

from __future__ import annotations

import signal
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from .dagfiles import DAILY, dag_file
from .deployment import Deployment
from .installation import Installation, NoPythonError, install
from .metadata import Database, PostgreSQL, SQLite
from .places import SINCE_2, Kind, Place
from .processes import Processes
from .releases import Release
from .service import Service
from .sites import Site


@pytest.fixture(scope="session")
def ends_orderly() -> Iterator[None]:
    """Let a SIGTERM end the session as Ctrl-C does: with everything stopped that it started."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session", params=SINCE_2, ids=str)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    place: Place = request.param
    release = place.release
    installation = _installed(release)
    request.getfixturevalue("ends_orderly")
    home = tmp_path_factory.mktemp(f"airflow-{place}", numbered=False)
    database: Database
    if place.kind is Kind.SQLITE:
        database = SQLite(home / "airflow.db")
    else:
        name = f"dagrun_api_airflow_{uuid.uuid4().hex[:12]}"
        database = PostgreSQL(request.getfixturevalue("postgres_server"), name)
    with ExitStack() as stack:
        processes = stack.enter_context(Processes(home / "processes"))
        airflow = Deployment(installation, database, home, processes)
        airflow.migrate()
        since = datetime.now(UTC) - timedelta(minutes=2)
        airflow.parse(dag_file(release.major, airflow.seen, since))
        scheduler = airflow.start(rest=place.kind is Kind.POSTGRESQL)
        airflow.until("each daily DAG has its scheduled run", lambda: all(map(airflow.states, DAILY)), 90)
        yield Site(airflow, scheduler, Service.start(processes, database.url))


@pytest.fixture
def installed() -> Callable[[Release], Installation]:
    """Installs a release; skips the test where that is optional and no Python fits."""
    return _installed


@pytest.fixture
def database(postgres_server: str) -> Iterator[PostgreSQL]:
    """A database for the Airflow of one test."""
    database = PostgreSQL(postgres_server, f"dagrun_api_airflow_{uuid.uuid4().hex[:12]}")
    yield database
    database.drop()


@pytest.fixture
def processes(ends_orderly: None, database: PostgreSQL, tmp_path: Path) -> Iterator[Processes]:
    """What one test starts; it ends before its database is deleted."""
    with Processes(tmp_path / "processes") as processes:
        yield processes


def _installed(release: Release) -> Installation:
    try:
        return install(release, print)
    except NoPythonError as error:
        if not release.is_optional:
            raise
        pytest.skip(str(error))


@pytest.fixture(autouse=True)
def unharmed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold after each test that the scheduler is the process that it was, and that nothing made it stumble."""
    if "site" not in request.fixturenames:
        yield
        return
    site: Site = request.getfixturevalue("site")
    yield
    assert site.scheduler.alive, f"the scheduler died\n{site.scheduler.tail(80)}"
    for log in (site.scheduler.log, *site.airflow.logs_of_parsing(), site.service.running.log):
        text = log.read_text(errors="replace")
        begin = text.find("Traceback")
        assert begin < 0, f"{log}:\n{text[max(0, begin - 500) : begin + 5000]}"
