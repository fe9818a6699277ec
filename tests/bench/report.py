"""What `make bench` prints: a table for people, and a JSON document on a line for each measurement."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

from tests.bench.load import Load
from tests.bench.looking import Ticks
from tests.bench.measuring import Pair
from tests.bench.reading import Rates
from tests.bench.running import Needs

__all__ = ["Report"]


class Report:
    """Prints each measurement when it is known."""

    def __init__(self, lines: TextIO) -> None:
        self._lines = lines
        self._database = ""

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Generator[Report]:
        """Print, and write the JSON lines to a file."""
        path.parent.mkdir(exist_ok=True)
        with path.open("w") as lines:
            yield cls(lines)
        print(f"\nAs JSON lines: {path}")

    def machine(self, runs: int) -> None:
        """Say what this is measured on."""
        facts = {
            "processor": _processor(),
            "cores": len(_cores()),
            "python": platform.python_version(),
            **{name: version(name) for name in ("aiohttp", "asyncpg", "aiosqlite")},
            "runs": runs,
        }
        print(", ".join(f"{name} {fact}" for name, fact in facts.items()))
        self._line("machine", **facts)

    def database(self, name: str) -> None:
        """Begin with another database."""
        self._database = name
        print(f"\n{name}\n{'':40}{'limit':>9}{'ours':>9}{'ratio':>8}{'reach':>8}{'p50':>9}{'p99':>9}")

    def pair(self, name: str, pair: Pair, *, at_most: float) -> None:
        """Durations, in milliseconds."""
        own = f"{pair.ours.median:9.1f}{pair.ours.p99:9.1f}"
        print(
            f"{name:40}{pair.limit.median:7.1f}ms{pair.ours.median:7.1f}ms{pair.ratio:8.2f}{at_most:7.1f}-{own}",
            flush=True,
        )
        self._line(name, **asdict(pair), at_most=at_most)

    def rates(self, name: str, rates: Rates, *, at_least: float | None = None) -> None:
        """Answers a second."""
        reach = f"{at_least:7.2f}+" if at_least is not None else f"{'':8}"
        own = f"{rates.median:9.2f}{rates.p99:9.2f}"
        print(f"{name:40}{rates.limit:7.0f}/s{rates.ours:7.0f}/s{rates.ratio:8.2f}{reach}{own}", flush=True)
        self._line(name, **asdict(rates), at_least=at_least)

    def load(self, name: str, load: Load) -> None:
        """What several clients at once got."""
        print(f"{name:40}{'':9}{load.per_second:7.0f}/s{'':16}{load.median:9.1f}{load.p99:9.1f}", flush=True)
        self._line(name, **asdict(load))

    def alone(self, name: str, load: Load, *, at_most: float) -> None:
        """What one client waits, in milliseconds."""
        print(f"{name:40}{load.median:16.1f}ms{'':8}{at_most:7.0f}-{load.median:9.1f}{load.p99:9.1f}", flush=True)
        self._line(name, **asdict(load), at_most=at_most)

    def above(self, name: str, ticks: Ticks, *, at_most: float) -> None:
        """What one client waits, and how many milliseconds of it are not the query."""
        print(f"{name:40}{ticks.limit:7.1f}ms{ticks.ours:7.1f}ms{ticks.above:+8.1f}{at_most:7.1f}-", flush=True)
        self._line(name, **asdict(ticks), at_most=at_most)

    def comparison(self, name: str, ratio: float, reach: str) -> None:
        """Compare two figures of the service."""
        print(f"{name:58}{ratio:8.2f}{reach:>8}", flush=True)
        self._line(name, ratio=ratio, reach=reach)

    def needs(self, needs: Needs) -> None:
        """What the process needs."""
        drift = needs.after - needs.warm
        print(f"{'from process start to first answer':49}{needs.seconds_to_ready:7.2f}s{'':9}{'1-':>8}")
        print(f"{'resident memory, at rest':49}{needs.at_rest:6.1f}MB{'':9}{'70-':>8}")
        print(f"{'resident memory, warm':49}{needs.warm:6.1f}MB{'':9}{'70-':>8}")
        print(f"{'its growth over 20,000 more requests':49}{drift:6.2f}MB{'':9}{'1-':>8}", flush=True)
        self._line("process", **asdict(needs), drift=drift)

    def _line(self, name: str, **facts: Any) -> None:
        self._lines.write(json.dumps({"database": self._database, "name": name, **facts}) + "\n")


def _processor() -> str:
    found = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return found[0].partition(": ")[2] if found else platform.machine()


def _cores() -> set[int]:
    return os.sched_getaffinity(0)
