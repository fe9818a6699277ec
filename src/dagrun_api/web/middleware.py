"""The way of every request through the application, in this order:

`observing` gives the request its id and counts its answer, `enveloping` turns errors into envelopes, the middleware of
`host.py` refuses other hosts where there are no tokens, that of `auth.py` decides who may ask, and that of `address.py`
refuses addresses that are not text.
"""

from __future__ import annotations

import logging
import os
import re
from time import perf_counter

from aiohttp import web
from aiohttp.typedefs import Handler

from dagrun_api.errors import (
    BodyTooLarge,
    BodyTooSlow,
    ConfigurationError,
    Conflict,
    DagrunApiError,
    Draining,
    Forbidden,
    InvalidRequest,
    NotFound,
    Unauthorized,
    Unavailable,
)
from dagrun_api.logs import CURRENT_REQUEST_ID
from dagrun_api.web.envelope import REQUEST_ID_HEADER, SERVER, failure
from dagrun_api.web.metrics import CLIENT_GONE, NO_ROUTE
from dagrun_api.web.runtime import REQUEST_ID, ROUTE, RUNTIME

__all__ = ["enveloping", "observing"]

logger = logging.getLogger(__name__)

_VALID_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}", re.ASCII)

_STATUSES: tuple[tuple[type[DagrunApiError], int], ...] = (
    (BodyTooLarge, 413),
    (BodyTooSlow, 408),
    (InvalidRequest, 400),
    (Unauthorized, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Unavailable, 503),
    # The database was replaced by another one while the service ran.
    (ConfigurationError, 503),
)
"""The status of each error; the first class that matches counts."""

_BODY_UNREAD = (401, 403, 408, 413)
"""These statuses close the connection, because the unread rest of the body must not be taken for the next request."""


@web.middleware
async def observing(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request its id, put the id on the answer, and count the answer."""
    runtime = request.app[RUNTIME]
    given = request.headers.get(REQUEST_ID_HEADER, "")
    is_valid = _VALID_ID.fullmatch(given) and runtime.mask.text(given) == given
    request_id = given if is_valid else os.urandom(16).hex()
    request[REQUEST_ID] = request_id
    CURRENT_REQUEST_ID.set(request_id)
    signature = {REQUEST_ID_HEADER: request_id, "Server": SERVER}
    route = runtime.routes.get(request.match_info.handler)
    if route is not None:
        request[ROUTE] = route
    metrics = runtime.metrics
    metrics.in_progress += 1
    status, begun = CLIENT_GONE, perf_counter()
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as redirect:
        # The host's `authorize` has raised it. Errors have become envelopes by now.
        status = redirect.status
        redirect.headers.update(signature)
        raise
    finally:
        metrics.in_progress -= 1
        path = NO_ROUTE if route is None else route.path
        metrics.answered(path, request.method, status, perf_counter() - begun)
    response.headers.update(signature)
    return response


@web.middleware
async def enveloping(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error in the envelope, and tell the outage log how the database does."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        return _http_error(request, error)
    except DagrunApiError as error:
        return _refusal(request, error)
    except ConnectionError:
        # The client is gone, so nobody would read an answer.
        raise
    except Exception:
        request_id = request[REQUEST_ID]
        logger.exception("Request %s failed", request_id, extra={"request_id": request_id})
        request.app[RUNTIME].metrics.unexpected_errors += 1
        return failure(500, f"Internal error; the log of the service has it under request id {request_id}.")
    route = request.get(ROUTE)
    if route is not None and route.uses_database and response.status < 400:
        request.app[RUNTIME].outage.answered()
    return response


def _http_error(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        return failure(405, f"{request.method} is not allowed here; use {allowed}.", {"Allow": allowed})
    if error.status == 404:
        path = request.app[RUNTIME].mask.address(request.path)[:200]
        return failure(404, f"There is no {path} here; openapi.json lists the paths of the API.")
    if error.status < 400:
        raise error
    return failure(error.status, f"The request cannot be served: {error.reason}.")


def _refusal(request: web.Request, error: DagrunApiError) -> web.StreamResponse:
    runtime = request.app[RUNTIME]
    status = next(status for kind, status in _STATUSES if isinstance(error, kind))
    headers: dict[str, str] = {}
    if status == 503:
        headers["Retry-After"] = str(error.retry_after if isinstance(error, Unavailable) else 10)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if not isinstance(error, Draining):
        runtime.metrics.refused(error)
        if status == 503:
            runtime.outage.failed(error, request[REQUEST_ID])
    response = failure(status, runtime.mask.text(str(error)), headers)
    if status in _BODY_UNREAD:
        response.force_close()
    return response
