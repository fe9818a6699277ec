"""The pages of Airflow itself: the addresses of those of a DAG and of a run, in each release.

| Airflow | a DAG | a run |
| --- | --- | --- |
| 1.10 with `rbac = False` | `/admin/airflow/tree?dag_id=` | `/admin/airflow/graph?dag_id=&execution_date=` |
| 1.10 with `rbac = True`, 2.0 to 2.2 | `/tree?dag_id=` | `/graph?dag_id=&execution_date=` |
| 2.3 to 2.11 | `/dags/<dag id>/grid` | `/dags/<dag id>/grid?dag_run_id=&base_date=` |
| 3 | `/dags/<dag id>` | `/dags/<dag id>/runs/<run id>` |

Nothing in the tables of 1.10 tells which of its two user interfaces is in use. Without `rbac`, all addresses begin with
`/admin`, also that of the front page, so the operator gives it as part of the site.

The grid shows the newest runs up to `base_date`. Without that parameter, older releases would not find an older run;
2.3.0 chooses no run, but shows this one as the newest.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from urllib.parse import quote, urlencode

from dagrun_api.airflow.layout import Generation, Layout

__all__ = ["Pages", "dag_page", "pages_of", "run_page"]


class Pages(Enum):
    """A family of releases whose pages have the same addresses."""

    TWO_KINDS = "1.10"
    GRAPH = "2.0 to 2.2"
    GRID = "2.3 to 2.11"
    RUNS = "3"


def pages_of(layout: Layout) -> Pages | None:
    """Return the family of a layout; None for the built-in database, which has no Airflow."""
    match layout.generation:
        case Generation.STANDALONE:
            return None
        case Generation.AIRFLOW_1:
            return Pages.TWO_KINDS
        case Generation.AIRFLOW_2:
            # This column is as old as the grid.
            return Pages.GRID if layout.has("dag_run", "log_template_id") else Pages.GRAPH
        case Generation.AIRFLOW_3:
            return Pages.RUNS


def dag_page(site: str, pages: Pages, dag_id: str) -> str:
    """Return the address of the page of a DAG; `site` is that of Airflow, without a slash at its end."""
    match pages:
        case Pages.TWO_KINDS | Pages.GRAPH:
            return f"{_views(site, pages)}/tree?{_query(dag_id=dag_id)}"
        case Pages.GRID:
            return f"{site}/dags/{_segment(dag_id)}/grid"
        case Pages.RUNS:
            return f"{site}/dags/{_segment(dag_id)}"


def run_page(site: str, pages: Pages, dag_id: str, run_id: str, date: datetime | None) -> str | None:
    """Return the address of the page of a run; None if its execution date is missing where it is needed."""
    at = None if date is None else date.isoformat()
    match pages:
        case Pages.TWO_KINDS | Pages.GRAPH:
            return at and f"{_views(site, pages)}/graph?{_query(dag_id=dag_id, execution_date=at)}"
        case Pages.GRID:
            return f"{dag_page(site, pages, dag_id)}?{_query(dag_run_id=run_id, base_date=at)}"
        case Pages.RUNS:
            return f"{dag_page(site, pages, dag_id)}/runs/{_segment(run_id)}"


def _views(site: str, pages: Pages) -> str:
    return f"{site}/airflow" if pages is Pages.TWO_KINDS and site.endswith("/admin") else site


def _segment(text: str) -> str:
    return quote(text, safe="")


def _query(**parameters: str | None) -> str:
    given = {name: value for name, value in parameters.items() if value is not None}
    return urlencode(given, quote_via=quote, safe="")
