"""`dagrun-api serve` as a process: start it on a free port, wait until it listens, read its log, stop or kill it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

__all__ = ["PROGRAM", "ServiceProcess", "clean_environment", "serving"]

PROGRAM = (sys.executable, "-m", "dagrun_api")
"""What runs the command line of the package."""

_PATIENCE = 30.0
"""Seconds that a process may take to start or to stop on a busy machine."""


class ServiceProcess:
    """A service that was started; `async with` waits until it listens, and kills it at the end of the block."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log

    @classmethod
    def start(
        cls,
        folder: Path,
        *options: str,
        port: int = 0,
        program: Sequence[str] = PROGRAM,
        environ: Mapping[str, str] | None = None,
        stdout: Path | None = None,
        pass_fds: Sequence[int] = (),
    ) -> Self:
        """Start `serve` with these options in a folder, which gets its log, and do not wait.

        `program`: another command line that takes the same arguments. `stdout`: a file for standard output alone.
        """
        log = folder / f"service-{time.monotonic_ns()}.log"
        with log.open("ab") as errors, (stdout or log).open("ab") as output:
            process = subprocess.Popen(
                [*program, "serve", "--port", str(port), *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                cwd=folder,
                env=clean_environment() | dict(environ or {}),
                pass_fds=pass_fds,
            )
        return cls(process, log)

    async def __aenter__(self) -> Self:
        try:
            await asyncio.to_thread(self.wait_until_listening)
        except BaseException:
            self.kill()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.kill()

    @property
    def address(self) -> str:
        """The URL that it listens on, without a path; empty until it listens."""
        found = re.search(r'Listening on (http://[^\s,"]+)', self.log)
        return found[1] if found else ""

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    @property
    def log(self) -> str:
        """Everything that it has written to stderr, and to stdout where that has no file of its own."""
        return self._log.read_text("utf-8")

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def wait_until_listening(self) -> None:
        """Return when it listens; raise AssertionError with its log when it does not."""
        end = time.monotonic() + _PATIENCE
        while not self.address:
            assert self.is_alive, f"the service stopped\n{self.log}"
            assert time.monotonic() < end, f"the service does not listen\n{self.log}"
            time.sleep(0.01)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def terminate(self) -> None:
        """Ask it to stop."""
        self.signal(signal.SIGTERM)

    def kill(self) -> None:
        """Stop it as a power cut would: nothing of it runs any more, and nothing is cleaned up."""
        self._process.kill()
        self._process.wait()

    def wait(self, patience: float = _PATIENCE) -> int:
        """Return its exit status when it has stopped."""
        try:
            return self._process.wait(patience)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the service does not stop\n{self.log}") from None

    async def ended(self) -> int:
        """Return its exit status when it has stopped; the event loop runs meanwhile."""
        return await asyncio.to_thread(self.wait)

    @property
    def arguments(self) -> str:
        """Its command line, which every user of the machine can read."""
        return Path(f"/proc/{self.pid}/cmdline").read_text()

    @property
    def memory(self) -> int:
        """Bytes of resident memory."""
        return int(self._status("VmRSS").split()[0]) * 1024

    @property
    def processor_seconds(self) -> float:
        """How long it has been at work."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    @property
    def threads(self) -> int:
        return int(self._status("Threads"))

    @property
    def open_files(self) -> int:
        """How many file descriptors it has open."""
        return len(list(self._descriptors()))

    @property
    def sockets(self) -> int:
        count = 0
        for each in self._descriptors():
            # It may be closed while we look.
            with suppress(FileNotFoundError):
                count += str(each.readlink()).startswith("socket:")
        return count

    def _descriptors(self) -> Generator[Path]:
        return Path(f"/proc/{self.pid}/fd").iterdir()

    def _status(self, name: str) -> str:
        text = Path(f"/proc/{self.pid}/status").read_text()
        return next(line for line in text.splitlines() if line.startswith(f"{name}:")).partition(":")[2].strip()


@contextmanager
def serving(
    folder: Path,
    *options: str,
    port: int = 0,
    program: Sequence[str] = PROGRAM,
    environ: Mapping[str, str] | None = None,
    stdout: Path | None = None,
) -> Generator[ServiceProcess]:
    """Serve until the end of the block; a service that still runs there must stop with status 0."""
    service = ServiceProcess.start(folder, *options, port=port, program=program, environ=environ, stdout=stdout)
    try:
        service.wait_until_listening()
        yield service
        if service.is_alive:
            service.terminate()
            assert service.wait() == 0, service.log[-5000:]
    finally:
        service.kill()


def clean_environment() -> dict[str, str]:
    """Return the environment without what sets an option of a service, or changes where Python finds its modules."""
    strange = ("DAGRUN_API_", "AIRFLOW", "PYTHON")
    return {name: value for name, value in os.environ.items() if not name.startswith(strange)}
