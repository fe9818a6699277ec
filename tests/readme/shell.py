"""Run commands as a reader who has installed the package."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.service.process import clean_environment

__all__ = ["BIN", "running", "shell"]

BIN = Path(sys.executable).parent

_PATIENCE = 180.0
"""Seconds until commands serve that first install the package, on a busy machine."""


def shell(commands: str, folder: Path, *, status: int = 0, **environ: str) -> str:
    """Run commands to their end and return everything that they print."""
    done = subprocess.run(
        ["bash", "-euc", commands],
        cwd=folder,
        env={**_environment(), "PYTHONUNBUFFERED": "1", **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == status, done.stdout
    return done.stdout


@contextmanager
def running(commands: str, folder: Path, url: str) -> Generator[None]:
    """Run commands that serve until Ctrl-C; the block begins when this address answers."""
    process = subprocess.Popen(["bash", "-euc", commands], cwd=folder, env=_environment(), start_new_session=True)
    try:
        _wait_until_answering(url, process)
        yield
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)


def _wait_until_answering(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310
            return
        except (urllib.error.URLError, ConnectionError):
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.1)


def _environment() -> dict[str, str]:
    return {**clean_environment(), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
