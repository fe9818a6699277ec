"""The pages of Airflow itself: the addresses of those of a DAG and of a run, in each release.

| tables | a DAG | a run |
| --- | --- | --- |
| 1.10 without users | `/admin/airflow/tree?dag_id=` | `/admin/airflow/graph?dag_id=&execution_date=` |
| 1.10 with users (`rbac = True`), 2.0 to 2.2 | `/tree?dag_id=` | `/graph?dag_id=&execution_date=` |
| 2.3 to 2.11 | `/dags/<dag id>/grid` | `/dags/<dag id>/grid?dag_run_id=&base_date=` |
| 3 | `/dags/<dag id>` | `/dags/<dag id>/runs/<run id>` |

The grid shows the newest runs up to `base_date`, and only a run that it shows can be chosen. Without that parameter,
the page of an older run would be that of its DAG.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from urllib.parse import quote, urlencode

from dagrun_api.airflow.layout import Generation, Layout

__all__ = ["Pages", "dag_page", "pages_of", "run_page"]


class Pages(Enum):
    """A family of releases whose pages have the same addresses."""

    ADMIN = "1.10 without users"
    GRAPH = "1.10 with users, 2.0 to 2.2"
    GRID = "2.3 to 2.11"
    RUNS = "3"


def pages_of(layout: Layout) -> Pages | None:
    """Return the family of a layout; None for the built-in database, which has no Airflow."""
    match layout.generation:
        case Generation.STANDALONE:
            return None
        case Generation.AIRFLOW_1:
            return Pages.GRAPH if layout.has("ab_user", "id") else Pages.ADMIN
        case Generation.AIRFLOW_2:
            # This column is as old as the grid.
            return Pages.GRID if layout.has("dag_run", "log_template_id") else Pages.GRAPH
        case Generation.AIRFLOW_3:
            return Pages.RUNS


def dag_page(site: str, pages: Pages, dag_id: str) -> str:
    """Return the address of the page of a DAG; `site` is that of Airflow, without a slash at its end."""
    match pages:
        case Pages.ADMIN:
            return f"{site}/admin/airflow/tree?{_query(dag_id=dag_id)}"
        case Pages.GRAPH:
            return f"{site}/tree?{_query(dag_id=dag_id)}"
        case Pages.GRID:
            return f"{site}/dags/{_segment(dag_id)}/grid"
        case Pages.RUNS:
            return f"{site}/dags/{_segment(dag_id)}"


def run_page(site: str, pages: Pages, dag_id: str, run_id: str, date: datetime | None) -> str | None:
    """Return the address of the page of a run; None if its execution date is missing where it is needed."""
    at = None if date is None else date.isoformat()
    match pages:
        case Pages.ADMIN | Pages.GRAPH:
            below = "/admin/airflow" if pages is Pages.ADMIN else ""
            return None if at is None else f"{site}{below}/graph?{_query(dag_id=dag_id, execution_date=at)}"
        case Pages.GRID:
            return f"{dag_page(site, pages, dag_id)}?{_query(dag_run_id=run_id, base_date=at)}"
        case Pages.RUNS:
            return f"{dag_page(site, pages, dag_id)}/runs/{_segment(run_id)}"


def _segment(text: str) -> str:
    return quote(text, safe="")


def _query(**parameters: str | None) -> str:
    given = {name: value for name, value in parameters.items() if value is not None}
    return urlencode(given, quote_via=quote, safe="")
