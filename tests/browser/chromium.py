"""The browser of the distribution, and the rules that hold for every page that it opens."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, async_playwright

__all__ = ["Visitor", "launched", "program"]

_PATIENCE = 20_000.0
"""Milliseconds that something may take to appear on a busy machine."""

_ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


def program() -> str | None:
    """Return the path of Chromium; None when it is not installed."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), None)


@asynccontextmanager
async def launched(executable: str, *more: str) -> AsyncGenerator[Browser]:
    """Run a browser with a new profile, and with more arguments."""
    # Chromium refuses to run as root with its sandbox.
    arguments = [*_ARGUMENTS, *more, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=arguments)
        try:
            yield browser
        finally:
            await browser.close()


class Visitor:
    """Open pages as a new visitor, and note what no page may do."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._origin = ""
        self.complaints: list[str] = []
        """Console errors, violations of the content security policy, requests to other origins, and missing files."""

    async def open(self, address: str, *, dark: bool = False, width: int = 1280, zone: str | None = None) -> Page:
        """Open a page in a new browser context, so many CSS pixels wide, and in a time zone."""
        self._origin = "/".join(address.split("/")[:3])
        context = await self._browser.new_context(
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": 800},
            reduced_motion="reduce",
            timezone_id=zone,
        )
        self._contexts.append(context)
        context.set_default_timeout(_PATIENCE)
        await context.add_init_script(_TELL_VIOLATIONS)
        # The clock runs, and a test can move it forward instead of waiting.
        await context.clock.install()
        page = await context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error.stack}"))
        page.on("request", self._asked)
        page.on("response", self._answered)
        await page.goto(address)
        return page

    async def leave(self) -> None:
        """Close all pages."""
        for context in self._contexts:
            await context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        # The browser itself logs each status of 400 and above; a page cannot prevent that.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource: "):
            self.complaints.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(f"{self._origin}/"):
            self.complaints.append(f"elsewhere: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and "/static/" in response.url:
            self.complaints.append(f"missing: {response.url}")
