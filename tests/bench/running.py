"""What the process itself needs: time to start, memory, and what a second process adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench import load
from tests.bench.reading import Question
from tests.bench.serving import Served, service
from tests.bench.worlds import Crowd

__all__ = ["Needs", "logging", "running", "scaling"]

REQUESTS = 20_000
CLIENTS = 16


@dataclass(frozen=True, slots=True)
class Needs:
    """Seconds from the start of the process to its first answer, and megabytes of resident memory."""

    seconds_to_ready: float
    at_rest: float
    warm: float
    """After the first 4,000 requests."""
    after: float
    """After 20,000 more."""


def running(crowd: Crowd, asked: Sequence[Question], folder: Path) -> Needs:
    """Start the service some times, and let one process answer 20,000 mixed requests."""
    starts: list[float] = []
    for _ in range(5):
        with service(crowd.url, folder) as served:
            starts.append(served.seconds_to_ready)
    requests = [load.get(question.path) for question in asked]
    with service(crowd.url, folder) as served:
        at_rest = served.resident_megabytes()
        load.run(served.port, requests, clients=CLIENTS, times=4_000 // len(requests))
        warm = served.resident_megabytes()
        load.run(served.port, requests, clients=CLIENTS, times=REQUESTS // len(requests))
        return Needs(median(starts), at_rest, warm, served.resident_megabytes())


def scaling(crowd: Crowd, question: Question, folder: Path) -> tuple[float, float]:
    """Return the answers a second of one process, and of two on one port."""
    with service(crowd.url, folder) as one, service(crowd.url, folder, processes=2) as two:
        return _in_turns(one, two, question)


def logging(crowd: Crowd, question: Question, folder: Path) -> tuple[float, float]:
    """Return the answers a second without the access log, and with it (into a file)."""
    with service(crowd.url, folder) as one, service(crowd.url, folder, access_log=True) as two:
        return _in_turns(one, two, question)


def _in_turns(one: Served, other: Served, question: Question) -> tuple[float, float]:
    def rate(served: Served) -> float:
        return load.run(served.port, [load.get(question.path)], clients=CLIENTS, times=3_000).per_second

    rates = [(rate(one), rate(other)) for _ in range(6)][1:]
    return median(first for first, _ in rates), median(second for _, second in rates)
