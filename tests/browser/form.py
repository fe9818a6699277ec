"""The form that creates runs, as a visitor fills it in."""

from __future__ import annotations

import json
from typing import Any

from playwright.async_api import Page, Request

__all__ = ["choose_now", "enter", "fill", "preview", "recorded"]


async def fill(page: Page, start: str, end: str, name: str = "etl") -> None:
    """Fill in a range of whole days, and the name of the batch."""
    await page.get_by_label("From", exact=True).fill(start)
    await page.get_by_label("To (included)").fill(end)
    await page.get_by_label("Name", exact=True).fill(name)


async def enter(page: Page, label: str, text: str) -> None:
    """Write into a field; conf is unfolded first."""
    if label == "Conf" and not await page.get_by_label("Conf").is_visible():
        await page.locator("summary").filter(has_text="Conf").click()
    await page.get_by_label(label, exact=label != "Conf").fill(text)


async def choose_now(page: Page) -> None:
    await page.get_by_text("One run now", exact=True).click()


async def preview(page: Page) -> None:
    await page.get_by_role("button", name="Preview", exact=True).click()


def recorded(page: Page) -> list[dict[str, Any]]:
    """Return a list that gets the body of each request for runs that the page sends."""
    bodies: list[dict[str, Any]] = []

    def record(request: Request) -> None:
        if request.url.endswith("/dag_runs") and request.post_data:
            bodies.append(json.loads(request.post_data))

    page.on("request", record)
    return bodies
