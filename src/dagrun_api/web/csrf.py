"""Protection against cross-site request forgery: which requests come from a page of another site.

A page can make a browser send requests to any address that the browser reaches. The browser adds the credentials that
it has stored, such as cookies and passwords. It only hides the answer from the page.
"""

from __future__ import annotations

from aiohttp import web
from yarl import URL

__all__ = ["is_from_another_site"]

_AMBIENT = ("", "basic", "digest", "negotiate", "ntlm")
"""The `Authorization` schemes that a browser adds on its own. Any other scheme needs a page that knows the token."""


def is_from_another_site(request: web.Request) -> bool:
    """Return whether the headers of a browser say so. Other clients do not send these headers.

    `Sec-Fetch-Site` is reliable behind any proxy, but browsers send it to encrypted and loopback addresses only.
    Without it, the host in `Origin`, which browsers send with each POST of a page, must be the host of the request.
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
