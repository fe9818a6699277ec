"""Who may ask: the holder of the token, when there is one."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from hashlib import sha256

from aiohttp import web
from aiohttp.typedefs import Middleware

from dagrun_api.web.envelope import Unauthorized
from dagrun_api.web.probes import healthz, readyz

__all__ = ["requiring"]

_OPEN = (healthz, readyz)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def requiring(token: str | None) -> Middleware:
    """Return a middleware that lets only requests with this token pass (None: all), except to the probes."""
    expected = _digest(token) if token is not None else None

    @web.middleware
    async def authenticated(request: web.Request, handler: Handler) -> web.StreamResponse:
        if expected is not None and request.match_info.handler not in _OPEN and not _is_valid(request, expected):
            raise Unauthorized("A valid token is required: send the header Authorization: <token>.")
        return await handler(request)

    return authenticated


def _is_valid(request: web.Request, expected: bytes) -> bool:
    given = request.headers.getall("Authorization", [])
    if len(given) != 1:
        return False
    scheme, _, credentials = given[0].partition(" ")
    token = credentials.strip() if scheme.lower() == "bearer" else given[0]
    # Digests have one length, so the time tells nothing of the token's.
    return hmac.compare_digest(_digest(token), expected)


def _digest(token: str) -> bytes:
    # aiohttp keeps bytes of a header that are not UTF-8 as surrogates.
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
