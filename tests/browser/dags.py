"""The list of DAGs, as a visitor sees it."""

from __future__ import annotations

from playwright.async_api import Locator, Page

__all__ = ["links", "rows"]


def rows(page: Page) -> Locator:
    """Return the rows of the table, a DAG in each."""
    return page.get_by_role("table", name="DAGs", exact=True).locator("tbody").get_by_role("row")


def links(page: Page) -> Locator:
    """Return the links to the DAGs, in the order of the rows."""
    return rows(page).get_by_role("rowheader").get_by_role("link")
