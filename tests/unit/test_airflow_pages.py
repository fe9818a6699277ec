"""Where Airflow's own pages of a DAG and of a run are. Real Airflows are asked in `tests/airflow`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from dagrun_api.airflow.layout import MARKER_TABLE, Column, detect
from dagrun_api.airflow.pages import Pages, dag_page, pages_of, run_page
from tests.databases.schemas import RELEASES, head_of
from tests.unit.test_layout import columns_of

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
SITE = "https://airflow.example.com/data"


@pytest.mark.parametrize("release", RELEASES)
def test_each_release_has_its_pages(release: str) -> None:
    major, minor = map(int, release.split(".")[:2])
    expected = Pages.RUNS if major == 3 else Pages.GRID if (major, minor) >= (2, 3) else Pages.GRAPH
    found = pages_of(detect(columns_of(release), head_of(release)))
    assert found is (Pages.ADMIN if major == 1 else expected)


def test_airflow_1_with_users_has_the_pages_of_airflow_2() -> None:
    layout = detect(columns_of("1.10.15"), head_of("1.10.15"))
    with_users = replace(layout, columns={**layout.columns, "ab_user": {"id": Column("integer")}})
    assert pages_of(with_users) is Pages.GRAPH


def test_the_built_in_database_has_none() -> None:
    columns = columns_of("3.1.8") | {MARKER_TABLE: {"version": Column("integer")}}
    assert pages_of(detect(columns, None)) is None


@pytest.mark.parametrize(
    ("pages", "dag", "run"),
    [
        (
            Pages.ADMIN,
            "/admin/airflow/tree?dag_id=a",
            "/admin/airflow/graph?dag_id=a&execution_date=2017-09-01T12%3A00%3A00%2B00%3A00",
        ),
        (Pages.GRAPH, "/tree?dag_id=a", "/graph?dag_id=a&execution_date=2017-09-01T12%3A00%3A00%2B00%3A00"),
        (Pages.GRID, "/dags/a/grid", "/dags/a/grid?dag_run_id=r_1&base_date=2017-09-01T12%3A00%3A00%2B00%3A00"),
        (Pages.RUNS, "/dags/a", "/dags/a/runs/r_1"),
    ],
)
def test_the_pages_are_below_the_site(pages: Pages, dag: str, run: str) -> None:
    assert dag_page(SITE, pages, "a") == SITE + dag
    assert run_page(SITE, pages, "a", "r_1", NOON) == SITE + run


@pytest.mark.parametrize("pages", Pages)
@pytest.mark.parametrize("name", ["scheduled__2017-09-01T12:00:00+00:00", "a/b?c=d&e#f", "ä 💀%2F", "\x00'\"<>"])
def test_any_id_is_encoded(pages: Pages, name: str) -> None:
    for address in (dag_page(SITE, pages, name), run_page(SITE, pages, name, name, NOON)):
        assert address is not None
        assert address.isascii()
        parts = urlsplit(address)
        segments = [unquote(each) for each in parts.path.split("/")]
        assert parts.netloc == "airflow.example.com"
        assert name in segments or parse_qs(parts.query)["dag_id"] == [name]
    if pages is Pages.GRID:
        assert parse_qs(urlsplit(str(run_page(SITE, pages, "a", name, NOON))).query)["dag_run_id"] == [name]


def test_a_run_without_a_date_has_a_page_where_its_id_is_enough() -> None:
    found = {pages: run_page(SITE, pages, "a", "r", None) for pages in Pages}
    assert found == {
        Pages.ADMIN: None,
        Pages.GRAPH: None,
        Pages.GRID: f"{SITE}/dags/a/grid?dag_run_id=r",
        Pages.RUNS: f"{SITE}/dags/a/runs/r",
    }
