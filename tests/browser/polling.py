"""What a page requests while time passes, and while nobody sees it."""

from __future__ import annotations

from playwright.async_api import Page

__all__ = ["hide", "requested_within", "unhide"]


async def requested_within(page: Page, time: str) -> list[str]:
    """Return the addresses that a page requests while a time (minutes:seconds) passes three times."""
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    for _ in range(3):
        await page.clock.fast_forward(time)
        # Requests are reported in order, so those made when the time was moved have been answered after this one.
        async with page.expect_response("**/icon.svg"):
            await page.evaluate("fetch('static/shared/icon.svg').then(() => null)")
    return [address for address in requested if not address.endswith("/icon.svg")]


async def hide(page: Page) -> None:
    """Let the page be in a tab that nobody sees."""
    await _set_hidden(page, "true")


async def unhide(page: Page) -> None:
    """Let the page be seen again."""
    await _set_hidden(page, "false")


async def _set_hidden(page: Page, value: str) -> None:
    await page.evaluate(f"Object.defineProperty(document, 'hidden', {{get: () => {value}, configurable: true}})")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
