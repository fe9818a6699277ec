"""The web page and the reference of the API: files that hold no data, and that ask the API for it.

Every address in them is relative, so that they work below any path. The page finds the API by its link with the
relation `service-desc`, the only thing that is filled in.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

from aiohttp import web

from dagrun_api.web.envelope import without_database
from dagrun_api.web.runtime import SETTINGS

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
"""Path -> its file, which is also the name of its route."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # Asked for each time, and answered with an empty 304 unless the service was upgraded.
    "Cache-Control": "no-cache",
}


@without_database
async def page(request: web.Request) -> web.Response:
    """Answer the file that the route is named after."""
    name = str(request.match_info.route.name).replace(":", "/")
    body, etag = _content(name, request.config_dict[SETTINGS].prefix)
    if any(tag.value in (etag, "*") for tag in request.if_none_match or ()):
        response = web.Response(status=304, headers=_HEADERS)
    else:
        response = web.Response(body=body, headers=_HEADERS | {"Content-Type": _TYPES[name.rpartition(".")[2]]})
    response.etag = etag
    return response


@without_database
async def add_slash(request: web.Request) -> web.Response:
    """Lead from the path that the application is mounted at to its page, whose addresses are relative to that."""
    return web.Response(
        status=308, headers={**_HEADERS, "Location": f"./{request.rel_url.raw_path.rpartition('/')[2]}/"}
    )


@lru_cache(maxsize=64)
def _content(name: str, prefix: str) -> tuple[bytes, str]:
    body = (_FILES / name).read_bytes()
    if name.endswith(".html"):
        body = body.replace(b"{{prefix}}", prefix.strip("/").encode())
    return body, sha256(body).hexdigest()[:32]
