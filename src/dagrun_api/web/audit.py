"""The audit trail: one line of the log for each write, whoever asked for it and whatever came of it."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime

from aiohttp import web

from dagrun_api.errors import DagrunApiError, Forbidden, OutcomeUnknown
from dagrun_api.logs import AUDIT_LOGGER
from dagrun_api.model import Actor, BatchRequest
from dagrun_api.web.runtime import METRICS, REQUEST_ID, RIGHTS

__all__ = ["Line", "actor", "noted", "refused", "window"]

logger = logging.getLogger(AUDIT_LOGGER)

_READING = ("GET", "HEAD")


class Line:
    """What is to be said of one write; fields are added as they become known."""

    def __init__(self, event: str, fields: dict[str, object]) -> None:
        self.event = event
        self.fields = fields
        self.is_write = True
        """Whether anything was written; where not, there is nothing to say."""


def actor(request: web.Request) -> Actor:
    """Return who sent a request."""
    return Actor(request[RIGHTS].name, request[REQUEST_ID], request.remote or None)


@contextmanager
def noted(request: web.Request, event: str, **fields: object) -> Generator[Line]:
    """Log the write that happens inside, when it is over, or when nobody can know whether it happened."""
    line = Line(event, fields)
    try:
        yield line
    except BaseException as error:
        # Our other errors mean that nothing was written; a fault of ours, or being cut off at the end of the process,
        # may have come after the commit.
        has_failed = isinstance(error, DagrunApiError) and not isinstance(error, OutcomeUnknown)
        if line.is_write and not has_failed:
            _log(logging.WARNING, request, line, "unknown")
        raise
    if line.is_write:
        _log(logging.INFO, request, line, "done")


def refused(request: web.Request, refusal: Forbidden) -> None:
    """Log a write that the token of its request does not allow."""
    if request.method not in _READING:
        fields: dict[str, object] = {"method": request.method, "path": request.path, "reason": str(refusal)}
        _log(logging.WARNING, request, Line("write", fields), "refused")


def window(wanted: BatchRequest) -> dict[str, object]:
    """Return the window of a batch as it was asked for; of an explicit list, its first and last date."""
    dates = sorted(wish.execution_date for wish in wanted.runs or ())
    start, end = (dates[0], dates[-1]) if dates else (wanted.start_date, wanted.end_date)
    return {"start_date": _shown(start), "end_date": _shown(end)}


def _log(level: int, request: web.Request, line: Line, result: str) -> None:
    who = actor(request)
    fields: dict[str, object] = {
        "event": line.event,
        "result": result,
        "token": who.token or "-",
        "remote": who.remote or "-",
        "request_id": who.request_id or "-",
    }
    logger.log(level, "audit", extra=fields | line.fields)
    request.config_dict[METRICS].writes[line.event, result] += 1


def _shown(instant: datetime | None) -> str:
    return "-" if instant is None else instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
