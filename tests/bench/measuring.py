"""Two ways side by side: one after the other, many times, so that what else the machine does falls on both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

__all__ = ["Pair", "Times", "alternately"]

Timed = Callable[[], Awaitable[float]]
"""Does something once and returns how many seconds it took."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took, in milliseconds."""

    median: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Times:
        """Summarize some durations."""
        return cls(1000 * median(seconds), 1000 * quantiles(seconds, n=100, method="inclusive")[98])


@dataclass(frozen=True, slots=True)
class Pair:
    """What was measured, beside what it cannot do better than."""

    limit: Times
    ours: Times
    ratio: float
    """The median of the ratios ours/limit, each of two that were taken right after each other."""


async def alternately(limit: Timed, ours: Timed, times: int) -> Pair:
    """Take both in turns, after three that do not count."""
    taken = [(await limit(), await ours()) for _ in range(times + 3)][3:]
    theirs, own = zip(*taken, strict=True)
    return Pair(Times.of(theirs), Times.of(own), median(after / before for before, after in taken))
