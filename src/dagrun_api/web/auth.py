"""Who may ask: the holders of tokens, when there are any, each within limits of its own; or whom a host knows."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Sequence
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Middleware

from dagrun_api.errors import ConfigurationError, Forbidden, Unauthorized
from dagrun_api.settings import Settings
from dagrun_api.settings.rights import EVERYBODY, Rights
from dagrun_api.settings.tokens import DEFAULT_NAME, digest
from dagrun_api.web import audit
from dagrun_api.web.csrf import is_from_another_site
from dagrun_api.web.probes import healthz, readyz
from dagrun_api.web.runtime import RIGHTS
from dagrun_api.web.ui.pages import add_slash, page

__all__ = ["Authorize", "requiring"]

_OPEN = (healthz, readyz, page, add_slash)
"""The pages say nothing of the data, and have to be there to ask for the token."""

_READING = ("GET", "HEAD")

_Known = Sequence[tuple[bytes, Rights]]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

Authorize = Callable[[web.Request], Awaitable[Rights | None]]
"""What a host gives to say who sends a request, and what he may do; None when nobody whom it knows."""


def requiring(settings: Settings, authorize: Authorize | None = None) -> Middleware:
    """Return a middleware that lets only requests with a token of these settings pass, except to the probes and pages.

    It hands on what the token allows as `request[RIGHTS]`, and decides here what needs no more than the method. Where
    the host authorizes, there are no tokens: settings that have some raise `ConfigurationError`.
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
    async def authenticated(request: web.Request, handler: Handler) -> web.StreamResponse:
        rights: Rights | None = EVERYBODY
        if request.match_info.handler in _OPEN:
            pass
        elif authorize is not None:
            rights = await _authorized(request, authorize)
        elif known:
            rights = _holder(request, known)
        if rights is None:
            raise Unauthorized(
                "A valid token is required: send the header Authorization: <token>."
                if authorize is None
                else "Nobody is known by this request who might use the API: sign in, and send it again."
            )
        request[RIGHTS] = rights
        try:
            # A path or method that is not there is told as such, whoever asks.
            if request.method not in _READING and request.match_info.http_exception is None:
                _require_write(request, rights)
            return await handler(request)
        except Forbidden as refusal:
            audit.refused(request, refusal)
            raise

    return authenticated


def _require_write(request: web.Request, rights: Rights) -> None:
    rights.require_write()
    if is_from_another_site(request):
        raise Forbidden(
            "A page of another site sent this: use the service's own page, or set a token, which no other page knows; "
            "a proxy must hand on the header Host."
        )


async def _authorized(request: web.Request, authorize: Authorize) -> Rights | None:
    try:
        rights = cast("object", await authorize(request))
    except ConnectionError as error:
        # To whatever it asked; of the client's own connection, this would mean that there is nobody to answer.
        raise RuntimeError("authorize did not reach what it asks") from error
    if rights is not None and not isinstance(rights, Rights):
        raise TypeError(f"authorize returned {type(rights).__name__}, where Rights or None is wanted")
    return rights


def _holder(request: web.Request, known: _Known) -> Rights | None:
    """Return the rights that go with the token of a request; None when it carries none that is known."""
    given = request.headers.getall("Authorization", [])
    if len(given) != 1:
        return None
    scheme, _, credentials = given[0].partition(" ")
    sent = digest(credentials.strip() if scheme.lower() == "bearer" else given[0])
    found: Rights | None = None
    # Each is compared, found or not, and digests have one length: the time tells nothing of any of them.
    for expected, rights in known:
        if hmac.compare_digest(sent, expected):
            found = rights
    return found
