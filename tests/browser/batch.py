"""The page of a batch, as a visitor sees it."""

from __future__ import annotations

from playwright.async_api import Locator, Page

__all__ = ["cells"]


def cells(page: Page, dag_id: str = "") -> Locator:
    """Return the cells of the map, of one DAG or of all."""
    return page.get_by_role("list", name=f"Runs by execution date{dag_id and f': {dag_id}'}").get_by_role("link")
