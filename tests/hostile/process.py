"""A real service in a process of its own, with its log in a file, and its memory read from the kernel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

__all__ = ["LOOPS", "Process", "serving"]

LOOPS = ("asyncio", *(("uvloop",) if find_spec("uvloop") else ()))
"""The event loops that can be had here."""

_PATIENCE = 30

# The loop is chosen by what is installed, so it takes a hand inside to have the other.
_PROGRAM = """
import sys
from dagrun_api.cli import main as command_line
from dagrun_api.serving import server
if sys.argv.pop(1) == "asyncio":
    server.loop_factory = lambda: None
sys.exit(command_line.main())
"""


@dataclass(frozen=True, slots=True)
class Process:
    """A service that listens."""

    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    @property
    def memory(self) -> int:
        """Bytes of memory that the process holds now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) * 1024

    @property
    def sockets(self) -> int:
        """How many sockets it has open."""
        count = 0
        for each in Path(f"/proc/{self.process.pid}/fd").iterdir():
            # It may be closed while we look.
            with suppress(FileNotFoundError):
                count += str(each.readlink()).startswith("socket:")
        return count

    @property
    def arguments(self) -> str:
        """What every user of the machine can read of it."""
        return Path(f"/proc/{self.process.pid}/cmdline").read_text()

    def logged(self) -> str:
        """Everything that it has logged."""
        return self.log.read_text("utf-8")


@contextmanager
def serving(
    folder: Path, *flags: str, loop: str = "asyncio", environ: Mapping[str, str] | None = None
) -> Generator[Process]:
    """Start a service with these flags on a port of its own; it is stopped, and must stop well, at the end."""
    log = folder / "service.log"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("DAGRUN_API", "AIRFLOW"))}
    command = [sys.executable, "-c", _PROGRAM, loop, "serve", "--port", "0", *flags]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stderr=output, stdout=output, cwd=folder, env={**inherited, **(environ or {})}
        )
    try:
        yield Process(_port(process, log), log, process)
        process.terminate()
        assert process.wait(_PATIENCE) == 0, log.read_text("utf-8")[-5000:]
    finally:
        process.kill()
        process.wait()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    end = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < end:
        if found := re.search(r"Listening on http://[^:]+:(\d+)", log.read_text("utf-8")):
            return int(found[1])
        time.sleep(0.02)
    raise AssertionError(f"the service did not start\n{log.read_text('utf-8')}")
