"""Which generation of tables a database holds."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from dagrun_api.airflow.audit import audit_columns
from dagrun_api.airflow.layout import MARKER_TABLE, TABLES, Column, Generation, Layout, detect
from dagrun_api.airflow.releases import HEADS, release_of
from dagrun_api.airflow.rows import run_columns, shared_columns
from dagrun_api.errors import ConfigurationError, WritesRefused
from tests.databases.schemas import RELEASES, ddl, head_of

Columns = dict[str, dict[str, Column]]


def columns_of(release: str) -> Columns:
    """Return the columns of a release as SQLite describes them."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(ddl(release, "sqlite"))
        return {
            table: {
                name: Column(type_, required=bool(not_null) and default is None and not key)
                for _, name, type_, not_null, default, key in connection.execute(f"PRAGMA table_info({table})")
            }
            for table in TABLES
        }


@pytest.mark.parametrize("release", RELEASES)
def test_each_release_is_recognized_by_its_columns(release: str) -> None:
    layout = detect(columns_of(release), head_of(release))
    assert layout.generation.value.split()[1].startswith(release.split(".")[0])
    assert layout.refusal is None
    assert str(release_of(head_of(release))) in layout.name


@pytest.mark.parametrize("release", RELEASES)
def test_a_new_row_gives_every_column_that_is_required(release: str) -> None:
    layout = detect(columns_of(release), head_of(release))
    required = {name for name, column in layout.columns["dag_run"].items() if column.required}
    assert required <= {*run_columns(layout), *shared_columns(layout)}


@pytest.mark.parametrize("head", [None, "ffffffffffff"])
def test_an_unknown_head_may_be_read_but_not_written(head: str | None) -> None:
    layout = detect(columns_of("3.1.8"), head)
    assert layout.generation is Generation.AIRFLOW_3
    with pytest.raises(WritesRefused, match="allow_unknown_schema"):
        layout.require_writable()
    detect(columns_of("3.1.8"), head, allow_unknown=True).require_writable()


def test_an_unknown_required_column_prevents_writes() -> None:
    columns = columns_of("3.1.8")
    columns["dag_run"]["tenant"] = Column("text", required=True)
    columns["dag_run"]["note"] = Column("text")
    layout = detect(columns, head_of("3.1.8"), allow_unknown=True)
    with pytest.raises(WritesRefused, match="tenant"):
        layout.require_writable()


@pytest.mark.parametrize("release", RELEASES)
def test_a_row_of_the_log_gives_every_column_that_is_required(release: str) -> None:
    columns = columns_of(release)
    layout = detect(columns, head_of(release), audit_log=True)
    assert layout.refusal is None
    assert layout.has_audit
    assert {name for name, column in columns["log"].items() if column.required} <= set(audit_columns(layout))
    assert {"dttm", "dag_id", "event", "owner", "extra"} <= set(audit_columns(layout))


def test_the_built_in_database_never_writes_to_a_table_named_log() -> None:
    columns = columns_of("3.1.8") | {MARKER_TABLE: {"version": Column("integer")}}
    assert not detect(columns, None).has_audit
    with pytest.raises(ConfigurationError, match="does not have Airflow's table log"):
        detect(columns, None, audit_log=True)


def test_an_unknown_log_column_matters_only_to_the_audit_log() -> None:
    columns = columns_of("3.1.8")
    columns["log"]["tenant"] = Column("text", required=True)
    detect(columns, head_of("3.1.8")).require_writable()
    with pytest.raises(WritesRefused, match="The table log requires columns that this version does not know: tenant"):
        detect(columns, head_of("3.1.8"), audit_log=True).require_writable()


@pytest.mark.parametrize("missing", ["dag", "dag_run"])
def test_without_airflows_tables_it_is_no_database_of_airflow(missing: str) -> None:
    with pytest.raises(ConfigurationError, match="no tables of Airflow"):
        detect(columns_of("3.1.8") | {missing: {}}, None)


@pytest.mark.parametrize("names", [{"execution_date", "logical_date"}, {"start_date"}, {"execution_date"}])
def test_tables_that_no_release_has_are_refused(names: set[str]) -> None:
    columns = columns_of("3.1.8") | {"dag_run": {name: Column("text") for name in names}}
    with pytest.raises(ConfigurationError, match="migrate"):
        detect(columns, None)


def test_every_head_is_a_revision_and_every_release_a_version() -> None:
    assert all(len(head) == 12 for head in HEADS)
    assert all(release.count(".") == 2 for release in HEADS.values())
    assert Layout(Generation.STANDALONE, {}).name == "standalone"
