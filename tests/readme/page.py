"""The README, and what stands in it."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["README", "ROOT", "block", "blocks"]

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    """Return the blocks of a language in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def block(language: str, part: str) -> str:
    """Return the one block that holds this part."""
    (found,) = (each for each in blocks(language) if part in each)
    return found
