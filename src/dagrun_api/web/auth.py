"""Who may ask: clients with a token, if any token is set, or the users that a host application recognizes."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Sequence
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from dagrun_api.errors import ConfigurationError, Forbidden, Unauthorized
from dagrun_api.settings import Settings
from dagrun_api.settings.rights import EVERYBODY, Rights
from dagrun_api.settings.tokens import DEFAULT_NAME, digest
from dagrun_api.web import audit
from dagrun_api.web.csrf import is_from_another_site
from dagrun_api.web.runtime import RIGHTS, ROUTE

__all__ = ["Authorize", "authenticating"]

Authorize = Callable[[web.Request], Awaitable[Rights | None]]
"""A function of the host: returns who sent a request and what they may do, or None for an unknown sender."""

_Known = Sequence[tuple[bytes, Rights]]

_SAFE_METHODS = ("GET", "HEAD")


def authenticating(settings: Settings, authorize: Authorize | None = None) -> Middleware:
    """Return a middleware that refuses requests without a valid token, except on routes that need none.

    It stores what the token allows as `request[RIGHTS]`, and refuses writes to tokens that may only read. Which DAGs
    the token covers is for the handlers to check. If the host authorizes, there are no tokens: settings with a token
    then raise `ConfigurationError`.
    """
    if authorize is not None and settings.is_guarded:
        raise ConfigurationError(
            "Requests are let in either by tokens or by authorize, not by both: unset the token (it may come from the "
            "environment), or leave authorize out."
        )
    known: list[tuple[bytes, Rights]] = [(each.digest, each.rights) for each in settings.tokens]
    if settings.token is not None:
        known.append((digest(settings.token), Rights(DEFAULT_NAME)))

    @web.middleware
    async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
        if _is_open(request):
            rights = EVERYBODY
        elif authorize is not None:
            rights = await _authorized(request, authorize)
        else:
            rights = _holder(request, known) if known else EVERYBODY
        request[RIGHTS] = rights
        # An unknown path or method is a 404 or 405 for every sender.
        is_write = request.method not in _SAFE_METHODS and request.match_info.http_exception is None
        try:
            if is_write:
                _require_write(request, rights)
            return await handler(request)
        except Forbidden as refusal:
            if is_write:
                audit.refused(request, refusal)
            raise

    return authenticate


def _is_open(request: web.Request) -> bool:
    # Whatever is not in the table needs a token, even to learn that there is no such path.
    route = request.get(ROUTE)
    return route is not None and not route.needs_token


def _require_write(request: web.Request, rights: Rights) -> None:
    rights.require_write()
    if is_from_another_site(request):
        raise Forbidden(
            "A page of another site sent this request: use the page of this service, or set a token, which no other "
            "page knows. A proxy must pass on the header Host."
        )


async def _authorized(request: web.Request, authorize: Authorize) -> Rights:
    try:
        rights = cast("object", await authorize(request))
    except ConnectionError as error:
        # It comes from something that `authorize` asked. Unwrapped, it would look as if the client had gone.
        raise RuntimeError("authorize lost a connection") from error
    if rights is None:
        raise Unauthorized("This request does not identify a user who may use the API: sign in, and send it again.")
    if not isinstance(rights, Rights):
        raise TypeError(f"authorize returned {type(rights).__name__}; it must return Rights or None")
    return rights


def _holder(request: web.Request, known: _Known) -> Rights:
    """Return the rights of the token in the request; raises `Unauthorized` if it carries no known token."""
    given = request.headers.getall("Authorization", [])
    found: Rights | None = None
    if len(given) == 1:
        scheme, _, credentials = given[0].partition(" ")
        sent = digest(credentials.strip() if scheme.lower() == "bearer" else given[0])
        # Every token is compared, and digests have one length, so the response time tells nothing about any of them.
        for expected, rights in known:
            if hmac.compare_digest(sent, expected):
                found = rights
    if found is None:
        raise Unauthorized("A valid token is required: send the header Authorization: <token>.")
    return found
