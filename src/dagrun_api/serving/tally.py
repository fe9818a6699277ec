"""Counting what happens too often for a line in the log each time."""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context

__all__ = ["Tally"]

_SECONDS_BEFORE_A_LINE = 1.0
_SECONDS_BETWEEN_LINES = 10.0


class Tally:
    """Counts events on the event loop, and logs a warning with their number: one in ten seconds, and one at the end."""

    def __init__(self, logger: logging.Logger, sentence: str) -> None:
        """Take a sentence that formats the number of events since the last line, and then what `add` was given last."""
        self._logger = logger
        self._sentence = sentence
        self._count = 0
        self._more: tuple[object, ...] = ()
        self._last_line = float("-inf")
        self._next_line: asyncio.TimerHandle | None = None

    def add(self, *more: object) -> None:
        """Note that it has happened once more."""
        self._count += 1
        self._more = more
        if self._next_line is None:
            loop = asyncio.get_running_loop()
            due = max(loop.time() + _SECONDS_BEFORE_A_LINE, self._last_line + _SECONDS_BETWEEN_LINES)
            # In a context of its own, since the line is about no single request.
            self._next_line = loop.call_at(due, self._log, due, context=Context())

    def close(self) -> None:
        """Log what is not logged yet."""
        if self._next_line is not None:
            self._next_line.cancel()
            self._log(self._next_line.when())

    def _log(self, now: float) -> None:
        self._logger.warning(self._sentence, self._count, *self._more)
        self._count, self._last_line, self._next_line = 0, now, None
