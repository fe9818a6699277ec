"""The audit log: one line for each write, with the sender and the result."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime

from aiohttp import web

from dagrun_api.errors import DagrunApiError, Forbidden, OutcomeUnknown
from dagrun_api.logs import AUDIT_LOGGER
from dagrun_api.model import Actor, BatchRequest
from dagrun_api.web.runtime import REQUEST_ID, RIGHTS, RUNTIME

__all__ = ["Line", "actor", "noted", "refused", "window"]

logger = logging.getLogger(AUDIT_LOGGER)


class Line:
    """What the log will say about one write. The handler adds fields as they become known."""

    def __init__(self, event: str, fields: dict[str, object]) -> None:
        self.event = event
        self.fields = fields
        self.is_write = True
        """Whether anything was written; if not, there is no line."""


def actor(request: web.Request) -> Actor:
    """Return who sent a request."""
    return Actor(request[RIGHTS].name, request[REQUEST_ID], request.remote or None)


@contextmanager
def noted(request: web.Request, event: str, **fields: object) -> Generator[Line]:
    """Log the write inside the block when it is done, or when nobody can know whether it happened."""
    line = Line(event, fields)
    try:
        yield line
    except BaseException as error:
        # Every other error of this package means that nothing was written. An internal error, or a cancellation when
        # the process stops, may have come after the commit.
        has_failed = isinstance(error, DagrunApiError) and not isinstance(error, OutcomeUnknown)
        if line.is_write and not has_failed:
            _log(logging.WARNING, request, line, "unknown")
        raise
    if line.is_write:
        _log(logging.INFO, request, line, "done")


def refused(request: web.Request, refusal: Forbidden) -> None:
    """Log a write that the sender is not allowed to make."""
    mask = request.app[RUNTIME].mask
    path, reason = mask.address(request.path), mask.text(str(refusal))
    fields: dict[str, object] = {"method": request.method, "path": path, "reason": reason}
    _log(logging.WARNING, request, Line("write", fields), "refused")


def window(wanted: BatchRequest) -> dict[str, object]:
    """Return the window that a batch request asks for; of an explicit list of runs, the first and last date."""
    dates = sorted(run.execution_date for run in wanted.runs or ())
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
    request.app[RUNTIME].metrics.writes[line.event, result] += 1


def _shown(instant: datetime | None) -> str:
    return "-" if instant is None else instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
