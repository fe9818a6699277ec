"""Asking an Airflow release: it is installed, makes its tables in both databases, and serializes its timetables."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.airflow.deployment import Deployment
from tests.airflow.installation import CACHE, Say, install
from tests.airflow.metadata import Database, PostgreSQL, SQLite
from tests.airflow.processes import Processes
from tests.airflow.releases import Release
from tests.databases import postgres

__all__ = ["Facts", "ask"]

INSIDE = Path(__file__).with_name("inside.py")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a release says of itself."""

    dump: str
    """Of its tables on PostgreSQL, by pg_dump."""
    sqlite: Path
    """The file with its tables on SQLite."""
    head: str
    """The alembic head of a new database."""
    heads: Mapping[str, str]
    """Release -> alembic head, from the table in its code."""
    classes: Sequence[str]
    """The paths of its timetables."""
    schedules: Sequence[Mapping[str, Any]]
    """How it serializes the schedule of a DAG, with a name for each case."""
    failed: Mapping[str, str]
    """The cases that it refuses, and with which words."""


def ask(release: Release, say: Say, cache: Path = CACHE) -> Facts:
    """Return what a release says of itself.

    Raises InstallationError, NoServerError, OSError, and RuntimeError with all that a failed command said.
    """
    installation = install(release, say, cache)
    home = cache / release.version / "facts"
    shutil.rmtree(home, ignore_errors=True)
    with Processes(home / "processes") as processes, postgres.server() as server:

        def migrated(database: Database, name: str) -> Deployment:
            say(f"Airflow {release.version} makes its tables on {name}")
            (home / name).mkdir()
            airflow = Deployment(installation, database, home / name, processes)
            airflow.migrate()
            return airflow

        on_postgres = PostgreSQL(server, f"facts_{release.version.replace('.', '_')}")
        migrated(on_postgres, "postgres")
        on_sqlite = SQLite(home / "airflow.db")
        airflow = migrated(on_sqlite, "sqlite")
        say(f"Airflow {release.version} serializes its timetables")
        airflow.python(INSIDE, str(home / "answer.json"))
        ((head,),) = on_postgres.rows("SELECT version_num FROM alembic_version")
        if on_sqlite.rows("SELECT version_num FROM alembic_version") != [(head,)]:
            raise RuntimeError("the two databases have different alembic heads")
        answer = json.loads((home / "answer.json").read_text())
        return Facts(postgres.dump(on_postgres.address), on_sqlite.path, str(head), **answer)
