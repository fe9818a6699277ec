"""axe, which finds what keeps people with disabilities from using a page."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from playwright.async_api import Page

__all__ = ["IN_BOTH_SCHEMES", "violations"]

_AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
_GUIDELINES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
_CONTRAST = ["color-contrast", "link-in-text-block"]

IN_BOTH_SCHEMES = pytest.mark.parametrize(
    ("dark", "rules"), [(False, _GUIDELINES), (True, _CONTRAST)], ids=["light", "dark"]
)
"""All rules in the light scheme, and in the dark one those about colours."""


async def violations(page: Page, rules: list[str]) -> list[str]:
    """Return what axe finds in a page as it is."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_AXE)
    result: dict[str, Any] = await page.evaluate("rules => axe.run({runOnly: rules})", rules)
    assert result["passes"], rules
    return [
        f"{each['id']} {node['target']} {node['failureSummary']}"
        for each in result["violations"]
        for node in each["nodes"]
    ]
