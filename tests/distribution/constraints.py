"""The versions that config/constraints*.txt name."""

from __future__ import annotations

import re
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["pins"]


def pins(file: Path) -> dict[str, Requirement]:
    """Return name -> what the file names for it: a version, and where it is needed."""
    found = map(Requirement, re.findall(r"^(\w.*?)(?: \\)?$", file.read_text(), re.MULTILINE))
    return {canonicalize_name(each.name): each for each in found}
