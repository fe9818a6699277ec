"""The page of a batch, as a visitor sees it."""

from __future__ import annotations

from playwright.async_api import Locator, Page, Route

__all__ = ["cells", "fail_after_a_portion"]


def cells(page: Page, dag_id: str = "") -> Locator:
    """Return the cells of the map, of one DAG or of all."""
    return page.get_by_role("list", name=f"Runs by execution date{dag_id and f': {dag_id}'}").get_by_role("link")


async def fail_after_a_portion(page: Page, requests: str, portion: dict[str, object]) -> None:
    """Answer the first of the requests with a portion; then close the dialog, and refuse the second."""
    portions = 0

    async def answer(route: Route) -> None:
        nonlocal portions
        portions += 1
        if portions == 1:
            await route.fulfill(json={"response": portion})
        else:
            await page.keyboard.press("Escape")
            await route.fulfill(status=503, json={"response": {"error": "The database is locked."}})

    await page.route(requests, answer)
