"""The web page and the API reference: static files that ask the API for all data.

Every address in them is relative, so they work below any path. A page finds the API by its link with the relation
`service-desc`, which is the only part that the service fills in.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

from aiohttp import web

from dagrun_api.web.runtime import RUNTIME

__all__ = ["PATHS", "add_slash", "page"]

_FILES = files("dagrun_api.web.ui") / "static"

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

PATHS = {"/": "app/index.html", "/reference": "reference/reference.html"} | {
    f"/static/{name}": name
    for name in sorted(
        f"{folder.name}/{each.name}" for folder in _FILES.iterdir() if folder.is_dir() for each in folder.iterdir()
    )
    if name.endswith((".css", ".js", ".svg"))
}
"""Path -> its file."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # The browser asks each time, and gets an empty 304 until the service is upgraded.
    "Cache-Control": "no-cache",
}


async def page(name: str, request: web.Request) -> web.Response:
    """Answer the file with this name."""
    body, etag = _content(name, request.app[RUNTIME].settings.prefix)
    if any(tag.value in (etag, "*") for tag in request.if_none_match or ()):
        response = web.Response(status=304, headers=_HEADERS)
    else:
        response = web.Response(body=body, headers=_HEADERS | {"Content-Type": _TYPES[name.rpartition(".")[2]]})
    response.etag = etag
    return response


async def add_slash(request: web.Request) -> web.Response:
    """Redirect from the path of the mount to the same path with a slash, since addresses in the page are relative."""
    return web.Response(
        status=308, headers={**_HEADERS, "Location": f"./{request.rel_url.raw_path.rpartition('/')[2]}/"}
    )


@lru_cache(maxsize=64)
def _content(name: str, prefix: str) -> tuple[bytes, str]:
    body = (_FILES / name).read_bytes()
    if name.endswith(".html"):
        body = body.replace(b"{{prefix}}", prefix.strip("/").encode())
    return body, sha256(body).hexdigest()[:32]
