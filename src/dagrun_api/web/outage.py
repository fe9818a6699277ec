"""The log of database outages: one line every few seconds, however many requests fail."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic

from dagrun_api.errors import explained

__all__ = ["OutageLog"]

_SECONDS_BETWEEN_LINES = 10.0
_QUIET_SECONDS = 1.0
"""The time without a failure that counts as a recovery. During an outage single requests may succeed."""

logger = logging.getLogger(__name__)


class OutageLog:
    """The outages that one application has seen; `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._last_line = float("-inf")
        self._last_failure = float("-inf")
        self._unlogged = 0
        self._is_logged = False
        self._is_away = False

    def failed(self, error: Exception, request_id: str) -> None:
        """Note that a request was answered with 503 because of the database."""
        now = self._clock()
        self._last_failure = now
        self._is_away = True
        if now - self._last_line < _SECONDS_BETWEEN_LINES:
            self._unlogged += 1
            return
        # Not the error of the driver, whose text may quote a row.
        logger.warning(
            "Database unavailable: %s%s",
            explained(error).removesuffix("."),
            self._more(),
            extra={"request_id": request_id},
        )
        self._last_line = now
        self._is_logged = True

    def answered(self) -> None:
        """Note that the database answered a request."""
        if not self._is_away:
            return
        now = self._clock()
        if now - self._last_failure < _QUIET_SECONDS:
            return
        if not self._is_logged and now - self._last_line < _SECONDS_BETWEEN_LINES:
            # The database comes and goes. A line for each time could become a line for each request.
            return
        logger.info("The database answers again%s", self._more())
        self._is_away = self._is_logged = False

    def _more(self) -> str:
        unlogged, self._unlogged = self._unlogged, 0
        return f"; since the last line {unlogged} more requests got a 503" if unlogged else ""
