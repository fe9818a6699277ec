"""What the process itself needs: time to start, memory, and what a second process adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench import load
from tests.bench.reading import Question
from tests.bench.serving import service
from tests.bench.worlds import Crowd

__all__ = ["Needs", "running", "scaling"]

REQUESTS = 20_000
CLIENTS = 16


@dataclass(frozen=True, slots=True)
class Needs:
    """Seconds from the start of the process to its first answer, and megabytes of resident memory."""

    seconds_to_ready: float
    at_rest: float
    warm: float
    """After the first 2,000 requests."""
    after: float
    """After 20,000 more."""


def running(crowd: Crowd, asked: Sequence[Question], folder: Path) -> Needs:
    """Start the service some times, and let one process answer 20,000 mixed requests."""
    starts: list[float] = []
    for _ in range(5):
        with service(crowd.url, folder / "service.log") as served:
            starts.append(served.seconds_to_ready)
    requests = [load.get(question.path) for question in asked]
    with service(crowd.url, folder / "service.log") as served:
        at_rest = served.resident_megabytes()
        load.run(served.port, requests, clients=CLIENTS, times=2_000 // len(requests))
        warm = served.resident_megabytes()
        load.run(served.port, requests, clients=CLIENTS, times=REQUESTS // len(requests))
        return Needs(median(starts), at_rest, warm, served.resident_megabytes())


def scaling(crowd: Crowd, question: Question, folder: Path) -> tuple[float, float]:
    """Return the answers a second of one process, and of two on one port, measured in turns."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    with (
        service(crowd.url, folder / "one.log") as one,
        service(crowd.url, folder / "two.log", processes=2) as two,
    ):
        for _ in range(6):
            for served, kept in ((one, rates[1]), (two, rates[2])):
                kept.append(load.run(served.port, [load.get(question.path)], clients=CLIENTS, times=3_000).per_second)
    return median(rates[1][1:]), median(rates[2][1:])
