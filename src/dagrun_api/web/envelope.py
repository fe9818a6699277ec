"""The envelope: every answer is `{"response": {...}}`, and every error `{"response": {"error": "one sentence"}}`."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from time import perf_counter

import orjson
from aiohttp import web

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
from dagrun_api.web import runtime as keys
from dagrun_api.web.metrics import CLIENT_GONE

__all__ = [
    "REQUEST_ID",
    "Handler",
    "enveloped",
    "failure",
    "json_response",
    "success",
    "tagged",
    "without_database",
]

logger = logging.getLogger(__name__)

REQUEST_ID = "X-Request-ID"

_SANE_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}", re.ASCII)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_WITHOUT_DATABASE: set[object] = set()


_STATUSES: tuple[tuple[type[DagrunApiError], int], ...] = (
    (BodyTooLarge, 413),
    (BodyTooSlow, 408),
    (InvalidRequest, 400),
    (Unauthorized, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Unavailable, 503),
    # The database was replaced by another while we ran.
    (ConfigurationError, 503),
)
"""The status of each error; the first that fits counts."""


def without_database(handler: Handler) -> Handler:
    """Mark a handler whose answers say nothing about the database."""
    _WITHOUT_DATABASE.add(handler)
    return handler


def success(payload: Mapping[str, object], headers: Mapping[str, str] | None = None) -> web.Response:
    """Return a 200 with this payload."""
    return json_response(200, {"response": payload}, headers)


def failure(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return an error; what it quotes of a request can neither break its line nor turn it round on a terminal."""
    if not sentence.isprintable():
        sentence = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in sentence)
    return json_response(status, {"response": {"error": sentence}}, headers)


def json_response(status: int, value: object, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return a value as JSON, without the envelope."""
    return web.Response(
        status=status,
        body=orjson.dumps(value),
        headers={"Content-Type": "application/json; charset=utf-8", **(headers or {})},
    )


def tagged(request: web.Request, response: web.Response) -> web.Response:
    """Return the answer with an `ETag`; without its body, as a 304, where the client has it already."""
    etag = sha256(response.body if isinstance(response.body, bytes) else b"").hexdigest()[:32]
    known = request.if_none_match or ()
    if any(tag.value in (etag, "*") for tag in known):
        response = web.Response(status=304)
    response.etag = etag
    return response


@web.middleware
async def enveloped(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer whatever goes wrong in the envelope, put the request id on every answer and line, and count it."""
    given = request.headers.get(REQUEST_ID, "")
    request_id = given if _SANE_ID.fullmatch(given) else os.urandom(16).hex()
    request[keys.REQUEST_ID] = request_id
    CURRENT_REQUEST_ID.set(request_id)
    match_info = request.match_info
    app = match_info.current_app
    metrics = app[keys.METRICS]
    metrics.in_progress += 1
    status, begun = CLIENT_GONE, perf_counter()
    try:
        try:
            response = await handler(request)
            if response.status < 400 and match_info.handler not in _WITHOUT_DATABASE:
                app[keys.OUTAGE].answered()
        except web.HTTPException as error:
            response = _http(request, error)
        except DagrunApiError as error:
            response = _refusal(request, error, request_id)
        except ConnectionError:
            # The client has gone; there is nobody to answer.
            raise
        except Exception:
            logger.exception("Request %s failed", request_id, extra={"request_id": request_id})
            metrics.unexpected_errors += 1
            response = failure(500, f"Internal error; the log of the service has it under request id {request_id}.")
        status = response.status
    finally:
        metrics.in_progress -= 1
        metrics.answered(match_info.route, request.method, status, perf_counter() - begun)
    response.headers[REQUEST_ID] = request_id
    # aiohttp's own names its version, and Python's.
    response.headers["Server"] = "dagrun-api"
    return response


def _refusal(request: web.Request, error: DagrunApiError, request_id: str) -> web.Response:
    status = next(status for kind, status in _STATUSES if isinstance(error, kind))
    headers: dict[str, str] = {}
    if not isinstance(error, Draining):
        request.app[keys.METRICS].refused(error)
    if status == 503:
        headers["Retry-After"] = str(error.retry_after if isinstance(error, Unavailable) else 10)
        if not isinstance(error, Draining):
            request.app[keys.OUTAGE].failed(error, request_id)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    response = failure(status, str(error), headers)
    if status in (401, 403, 408, 413):
        # The rest of a body that was not read must not be taken for the next request.
        response.force_close()
    return response


def _http(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        return failure(405, f"{request.method} is not allowed here; use {allowed}.", {"Allow": allowed})
    if error.status == 404:
        return failure(404, f"There is no {request.path[:200]} here; the README and openapi.json list what there is.")
    if error.status < 400:
        raise error
    return failure(error.status, f"The request cannot be served: {error.reason}.")
