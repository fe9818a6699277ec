"""The README files, and the blocks of code in them."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["PAGES", "ROOT", "block", "blocks", "text"]

ROOT = Path(__file__).parents[2]

PAGES = ("README.md", "src/README.md", "backends/README.md", "config/README.md", "tests/README.md")


def text(page: str) -> str:
    """Return what a page says."""
    return (ROOT / page).read_text()


def blocks(language: str, page: str = "README.md") -> list[str]:
    """Return the blocks of a language in a page, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text(page), re.DOTALL | re.MULTILINE)


def block(language: str, part: str, page: str = "README.md") -> str:
    """Return the one block of a page that contains this part."""
    (found,) = (each for each in blocks(language, page) if part in each)
    return found
