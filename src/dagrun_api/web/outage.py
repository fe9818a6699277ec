"""The log of database outages: one line every few seconds, however many requests fail."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic

from dagrun_api.errors import explained
from dagrun_api.web.pace import Pace

__all__ = ["OutageLog"]

_QUIET_SECONDS = 1.0
"""The time without a failure that counts as a recovery. During an outage single requests may succeed."""

_UNLOGGED = "got a 503"

logger = logging.getLogger(__name__)


class OutageLog:
    """The outages that one application has seen; `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._pace = Pace(clock)
        self._last_failure = float("-inf")
        self._is_logged = False
        self._is_away = False

    def failed(self, error: Exception, request_id: str) -> None:
        """Note that a request was answered with 503 because of the database."""
        self._last_failure = self._clock()
        self._is_away = True
        if not self._pace.admits():
            return
        # Not the error of the driver, whose text may quote a row.
        logger.warning(
            "Database unavailable: %s%s",
            explained(error).removesuffix("."),
            self._pace.more(_UNLOGGED),
            extra={"request_id": request_id},
        )
        self._is_logged = True

    def answered(self) -> None:
        """Note that the database answered a request."""
        if not self._is_away:
            return
        if self._clock() - self._last_failure < _QUIET_SECONDS:
            return
        if not self._is_logged and not self._pace.is_due:
            # The database comes and goes. A line for each time could become a line for each request.
            return
        logger.info("The database answers again%s", self._pace.more(_UNLOGGED))
        self._is_away = self._is_logged = False
