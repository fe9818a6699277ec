"""Where Airflow's own pages of a DAG and of a run are. Real Airflows are asked in `tests/airflow`."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from dagrun_api.airflow.layout import MARKER_TABLE, Column, detect
from dagrun_api.airflow.pages import Pages, dag_page, pages_of, run_page
from tests.databases.schemas import RELEASES, head_of
from tests.unit.test_layout import columns_of

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
SITE = "https://airflow.example.com/data"
QUOTED = "2017-09-01T12%3A00%3A00%2B00%3A00"


@pytest.mark.parametrize("release", RELEASES)
def test_each_release_has_its_pages(release: str) -> None:
    major, minor = map(int, release.split(".")[:2])
    since_2 = Pages.RUNS if major == 3 else Pages.GRID if minor >= 3 else Pages.GRAPH
    found = pages_of(detect(columns_of(release), head_of(release)))
    assert found is (Pages.TWO_KINDS if major == 1 else since_2)


def test_the_built_in_database_has_none() -> None:
    columns = columns_of("3.1.8") | {MARKER_TABLE: {"version": Column("integer")}}
    assert pages_of(detect(columns, None)) is None


@pytest.mark.parametrize(
    ("pages", "dag", "run"),
    [
        (Pages.TWO_KINDS, "/tree?dag_id=a", f"/graph?dag_id=a&execution_date={QUOTED}"),
        (Pages.GRAPH, "/tree?dag_id=a", f"/graph?dag_id=a&execution_date={QUOTED}"),
        (Pages.GRID, "/dags/a/grid", f"/dags/a/grid?dag_run_id=r_1&base_date={QUOTED}"),
        (Pages.RUNS, "/dags/a", "/dags/a/runs/r_1"),
    ],
)
def test_the_pages_are_below_the_site(pages: Pages, dag: str, run: str) -> None:
    assert dag_page(SITE, pages, "a") == SITE + dag
    assert run_page(SITE, pages, "a", "r_1", NOON) == SITE + run


def test_airflow_1_without_rbac_has_them_below_admin() -> None:
    site = f"{SITE}/admin"
    assert dag_page(site, Pages.TWO_KINDS, "a") == f"{site}/airflow/tree?dag_id=a"
    found = run_page(site, Pages.TWO_KINDS, "a", "r", NOON)
    assert found == f"{site}/airflow/graph?dag_id=a&execution_date={QUOTED}"
    # Any other Airflow may have such an address for another reason.
    assert dag_page(site, Pages.GRAPH, "a") == f"{site}/tree?dag_id=a"


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
        Pages.TWO_KINDS: None,
        Pages.GRAPH: None,
        Pages.GRID: f"{SITE}/dags/a/grid?dag_run_id=r",
        Pages.RUNS: f"{SITE}/dags/a/runs/r",
    }
