"""Which writes come from a page of another site, open in the browser of somebody who can reach the service.

A browser sends them on its own, to any address that it reaches, and with whatever it signs in with by itself: cookies,
and a password it was told once. It only keeps the answer from that page.
"""

from __future__ import annotations

from aiohttp import web
from yarl import URL

__all__ = ["is_from_another_site"]

_AMBIENT = ("", "basic", "digest", "negotiate", "ntlm")
"""The schemes of the header Authorization that a browser adds by itself; others only a page that has the token can."""


def is_from_another_site(request: web.Request) -> bool:
    """Tell whether a browser says so of a request; what is no browser says nothing.

    `Sec-Fetch-Site` holds behind any proxy, but is sent to encrypted and loopback addresses only; else the host of
    `Origin`, which goes with each POST from a page, must be the one that the request is for.
    """
    if request.headers.get("Authorization", "").partition(" ")[0].lower() not in _AMBIENT:
        return False
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    try:
        theirs = URL(origin)
        ours = URL(f"{theirs.scheme}://{request.headers.get('Host', '')}")
        return theirs.host is None or (theirs.host, theirs.port) != (ours.host, ours.port)
    except ValueError:
        return True
