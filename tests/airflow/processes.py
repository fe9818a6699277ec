"""The processes of a test: started with their output in files, and all of them gone at the end."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import uuid
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

MARK = "DAGRUN_API_TEST_RUN"
"""In the environment of everything that we start, and so of everything that those processes start."""


@dataclass(frozen=True, slots=True)
class Running:
    """One process that we started, the leader of a session of its own."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def tail(self, lines: int = 40) -> str:
        """Return the end of what it wrote, for a message that has to explain a failure."""
        last = self.log.read_text(errors="replace").splitlines()[-lines:]
        state = "running" if self.alive else f"ended with status {self.process.returncode}"
        return "\n".join([f"--- {self.name} ({state}), the last lines of {self.log}:", *last])


class Processes:
    """Starts processes and, when it is left, ends them and everything that they started."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.mark = uuid.uuid4().hex
        self.running: list[Running] = []

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> Running:
        """Start a process in the background."""
        log = self.logs / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                env={**env, MARK: self.mark},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        running = Running(name, log, process)
        self.running.append(running)
        return running

    def run(self, command: Sequence[str], env: Mapping[str, str], deadline: float = 120) -> str:
        """Run a command to its end and return its standard output; raises RuntimeError with all it said."""
        answer = subprocess.run(
            command,
            env={**env, MARK: self.mark},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=deadline,
            check=False,
        )
        if answer.returncode:
            raise RuntimeError(f"{' '.join(command)} failed:\n{answer.stdout}\n{answer.stderr}")
        return answer.stdout

    def tail(self) -> str:
        return "\n".join(running.tail() for running in self.running)

    def stop(self, patience: float = 15) -> None:
        """End everything: asked politely first, the last one started first, killed when it does not listen."""
        with _undisturbed():
            self._stop(patience)

    def _stop(self, patience: float) -> None:
        for running in reversed(self.running):
            _signal_group(running.pid, signal.SIGTERM)
        deadline = time.monotonic() + patience
        for running in self.running:
            with suppress(subprocess.TimeoutExpired):
                running.process.wait(max(0.1, deadline - time.monotonic()))
        for running in self.running:
            _signal_group(running.pid, signal.SIGKILL)
            running.process.wait()
        self.running.clear()
        # Airflow's children lead process groups of their own: the mark finds those, wherever they ended up.
        for _ in range(3):
            for pid in self._left_over():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _left_over(self) -> list[int]:
        wanted = f"{MARK}={self.mark}".encode()
        found: list[int] = []
        for entry in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if wanted in entry.read_bytes().split(b"\0"):
                    found.append(int(entry.parent.name))
        return found


@contextmanager
def _undisturbed() -> Generator[None]:
    """Let no second Ctrl-C end the clean-up that the first one began."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
