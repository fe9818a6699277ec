"""The pace of log lines about what may happen with every request: one line in ten seconds, with a count of the rest."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

__all__ = ["Pace"]

_SECONDS_BETWEEN_LINES = 10.0


class Pace:
    """When the next line is due, and what has happened since the last one; `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._last_line = float("-inf")
        self._unlogged = 0

    @property
    def is_due(self) -> bool:
        """Whether the last line is old enough for another."""
        return self._clock() - self._last_line >= _SECONDS_BETWEEN_LINES

    def admits(self) -> bool:
        """Tell whether to log a line about a request now; if not, count the request."""
        if not self.is_due:
            self._unlogged += 1
            return False
        self._last_line = self._clock()
        return True

    def more(self, what: str) -> str:
        """Return the end of a line: how many requests were only counted since the last one. Start to count anew."""
        unlogged, self._unlogged = self._unlogged, 0
        return f"; since the last line {unlogged} more requests {what}" if unlogged else ""
