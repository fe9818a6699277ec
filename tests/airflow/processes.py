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

INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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
                cwd=self.logs,  # some leave a socket or a file where they are started
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
            cwd=self.logs,
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
        family = self._family()
        for running in reversed(self.running):
            _signal_group(running.pid, signal.SIGTERM)
        deadline = time.monotonic() + patience
        for running in self.running:
            with suppress(subprocess.TimeoutExpired):
                running.process.wait(max(0.1, deadline - time.monotonic()))
        for running in self.running:
            _signal_group(running.pid, signal.SIGKILL)
            running.process.wait()
        # Airflow's children lead groups of their own and may outlive their parents. One that is between fork and
        # exec can hide: only a second look that finds nothing counts.
        clean = 0
        while clean < 2:
            living = {member for member in family | self._family() if _entry(*member)}
            for pid, _ in living:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            clean = 0 if living else clean + 1
            time.sleep(0.1)
        self.running.clear()

    def _family(self) -> set[tuple[int, str]]:
        """Return number and start time of what we started and of all that came from it (none without /proc)."""
        entries = {entry.pid: entry for entry in map(_read_entry, Path("/proc").glob("[0-9]*")) if entry}
        sessions = {running.pid for running in self.running}
        wanted = f"{MARK}={self.mark}".encode()
        # A process that changed its title has overwritten its environment: the mark alone is not enough.
        ours = {pid for pid, entry in entries.items() if entry.session in sessions or wanted in entry.environment()}
        while more := {pid for pid, entry in entries.items() if entry.parent in ours} - ours:
            ours |= more
        return {(pid, entries[pid].since) for pid in ours}


@dataclass(frozen=True, slots=True)
class _Entry:
    """What /proc tells of a process."""

    pid: int
    parent: int
    session: int
    since: str

    def environment(self) -> list[bytes]:
        try:
            return Path(f"/proc/{self.pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return []


def _read_entry(folder: Path) -> _Entry | None:
    """Return a living process."""
    try:
        # The name before the last bracket may hold anything; state, parent, group and session follow it.
        fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "XZ" else _Entry(int(folder.name), int(fields[1]), int(fields[3]), fields[19])


def _entry(pid: int, since: str) -> _Entry | None:
    """Return the process if it still is the one that started then, and no later one with its number."""
    entry = _read_entry(Path(f"/proc/{pid}"))
    return entry if entry and entry.since == since else None


@contextmanager
def _undisturbed() -> Generator[None]:
    """Let no second Ctrl-C end the clean-up that the first one began."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in INTERRUPTIONS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
