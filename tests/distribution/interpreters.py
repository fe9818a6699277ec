"""The Pythons of this machine that really run, whichever way they were installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["VERSIONS", "interpreters"]

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
"""The versions that a wheel is tried on, where they are found."""


def interpreters() -> dict[str, Path | None]:
    """Return version -> a Python of that version, or None where none runs; this one for its own."""
    return {version: next(filter(_Runs(version), _candidates(version)), None) for version in VERSIONS}


def _candidates(version: str) -> Iterator[Path]:
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        yield Path(sys.executable)
    name = f"python{version}"
    if found := shutil.which(name):
        yield Path(found)
    # pyenv puts a program of this name on the path that refuses to run while another version is selected.
    root = os.environ.get("PYENV_ROOT") or _answer("pyenv", "root") or str(Path.home() / ".pyenv")
    yield from sorted(Path(root, "versions").glob(f"{version}.*/bin/{name}"), reverse=True)
    if found := _answer("uv", "python", "find", "--system", version):
        yield Path(found)


class _Runs:
    """Whether a candidate is what its name says, and can make a virtual environment."""

    def __init__(self, version: str) -> None:
        self._version = version

    def __call__(self, python: Path) -> bool:
        program = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
        return _answer(str(python), "-c", program) == self._version


def _answer(*command: str) -> str | None:
    """What a command prints; None when there is no such command, or it fails."""
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ended.stdout.strip() if ended.returncode == 0 else None
