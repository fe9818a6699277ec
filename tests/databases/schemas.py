"""The tables of real Airflow releases that the tests need, as a fresh installation makes them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from packaging.version import Version

from dagrun_api.airflow.layout import MARKER_TABLE, TABLES
from dagrun_api.airflow.releases import HEADS

__all__ = ["FOLDER", "READ", "REFUSED", "RELEASES", "ddl", "head_of", "postgres_ddl", "serialized", "sqlite_database"]

FOLDER = Path(__file__).parent.parent / "schemas"

_BACKFILLS = ("backfill", "backfill_dag_run")

READ = (*(name for name in TABLES if name not in (MARKER_TABLE, *_BACKFILLS)), "dag_bundle", *_BACKFILLS)
"""The tables that are read or written, and those that their rows refer to."""

REFUSED = ("connection", "variable", "xcom", "xcom_v1", "xcom_v2")
"""Tables with secrets, which the rights of the service must not reach; Airflow 3.4 has two in place of xcom."""

RELEASES = tuple(sorted({path.stem.rpartition("-")[0] for path in FOLDER.glob("*.sql")}))


def ddl(release: str, dialect: str) -> str:
    """Return the table definitions of a release, for sqlite or postgres."""
    return (FOLDER / f"{release}-{dialect}.sql").read_text()


def serialized(release: str) -> list[dict[str, Any]]:
    """Return schedules as a release serializes them in a DAG, each with a name as `case`; none if it was not asked."""
    path = FOLDER / "serialized" / f"{release}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def postgres_ddl(release: str) -> str:
    """Return what makes the tables of a release on PostgreSQL, with the rows that a fresh installation holds."""
    tables = ddl(release, "postgres")
    rows = f"INSERT INTO public.alembic_version VALUES ('{head_of(release)}');"
    if "CREATE TABLE public.log_template" in tables:
        rows += "INSERT INTO public.log_template VALUES (1, 'old', '', now()), (2, 'new', '', now());"
    if "CREATE TABLE public.dag_bundle" in tables:
        rows += "INSERT INTO public.dag_bundle (name, active) VALUES ('dags', true);"
    return tables + rows


@cache
def sqlite_database(release: str) -> bytes:
    """Return the content of an SQLite file with the tables of a release, and the rows of a fresh installation."""
    tables = ddl(release, "sqlite")
    with closing(sqlite3.connect(":memory:")) as connection, connection:
        connection.executescript(tables)
        connection.execute("INSERT INTO alembic_version VALUES (?)", [head_of(release)])
        if "CREATE TABLE log_template" in tables:
            connection.execute("INSERT INTO log_template VALUES (1, 'old', '', '2020-01-01 00:00:00.000000')")
            connection.execute("INSERT INTO log_template VALUES (2, 'new', '', '2020-01-01 00:00:00.000000')")
        connection.commit()
        return connection.serialize()


def head_of(release: str) -> str:
    """Return the alembic head of a release."""

    older = [(Version(first), head) for head, first in HEADS.items() if Version(first) <= Version(release)]
    return max(older)[1]
