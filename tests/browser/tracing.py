"""How long the tasks of a page keep its thread busy."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Page

__all__ = ["LONGEST", "traced"]

LONGEST = 200
"""Milliseconds for which a task of the page may keep it from answering a key."""


@asynccontextmanager
async def traced(page: Page) -> AsyncGenerator[list[float]]:
    """Trace the tasks of the page; at the end the list holds how many milliseconds of a processor each of them took.

    The other work of the machine does not count. The page itself would see it in its `longtask` entries.
    """
    tasks: list[float] = []
    browser = page.context.browser
    assert browser is not None
    await browser.start_tracing(categories=["toplevel", "__metadata"])
    try:
        yield tasks
        # What the last step left to do is done before the page is idle.
        await page.evaluate("new Promise((resolve) => setTimeout(() => requestIdleCallback(resolve), 50))")
    finally:
        tasks += _durations(json.loads(await browser.stop_tracing())["traceEvents"])


def _durations(events: list[dict[str, Any]]) -> list[float]:
    """Return what the tasks of the threads that run pages took. A task of a microsecond has no duration."""
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    return [
        event.get("tdur", 0) / 1000
        for event in events
        if event["name"] == "ThreadControllerImpl::RunTask" and (event["pid"], event["tid"]) in threads
    ]
