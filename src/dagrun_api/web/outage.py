"""What the log says of a database that is away: one line every few seconds, whatever number of requests it fails."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic

__all__ = ["OutageLog"]

_SECONDS_BETWEEN_LINES = 10.0
_QUIET_SECONDS = 1.0
"""Among failures a request may well succeed (of two writers one waits too long): that is no recovery."""

logger = logging.getLogger(__name__)


class OutageLog:
    """The failures of one application; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._last_line = float("-inf")
        self._last_failure = float("-inf")
        self._untold = 0
        self._is_told = False
        self._is_away = False

    def failed(self, error: Exception, request_id: str) -> None:
        """Take in that a request was answered with 503 because of the database."""
        now = self._clock()
        self._last_failure = now
        self._is_away = True
        if now - self._last_line < _SECONDS_BETWEEN_LINES:
            self._untold += 1
            return
        cause = error.__cause__
        logger.warning(
            "Database unavailable: %s (%s: %s)%s",
            error,
            type(cause).__name__,
            cause,
            self._more(),
            extra={"request_id": request_id},
        )
        self._last_line = now
        self._is_told = True

    def answered(self) -> None:
        """Take in that the database answered a request."""
        if not self._is_away:
            return
        now = self._clock()
        if now - self._last_failure < _QUIET_SECONDS:
            return
        if not self._is_told and now - self._last_line < _SECONDS_BETWEEN_LINES:
            # It comes and goes; a line each time would be a line for each request.
            return
        logger.info("The database answers again%s", self._more())
        self._is_away = self._is_told = False

    def _more(self) -> str:
        untold, self._untold = self._untold, 0
        return f"; since the last line {untold} more requests got a 503" if untold else ""
