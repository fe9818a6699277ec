"""A clone of this repository, as a newcomer has it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.readme.page import ROOT

__all__ = ["clone"]


def clone(folder: Path) -> Path:
    """Copy what is under version control, as it is now; return the folder."""
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, files.split("\0")):
        if (ROOT / name).exists():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    return folder
