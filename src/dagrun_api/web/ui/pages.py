"""The web page and the API reference: static files that ask the API for all data.

Every address in them is relative, so they work below any path. The service fills in two parts: the link with the
relation `service-desc`, by which a page finds the API, and the templates, which stand beside the scripts that use them.
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

_NAMES = sorted(
    f"{folder.name}/{each.name}" for folder in _FILES.iterdir() if folder.is_dir() for each in folder.iterdir()
)

_PAGES = {"/": "app/index.html", "/reference": "reference/reference.html"}

_TEMPLATES = [name for name in _NAMES if name.endswith(".html") and name not in _PAGES.values()]

PATHS = _PAGES | {f"/static/{name}": name for name in _NAMES if name.endswith((".css", ".js", ".svg"))}
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


@lru_cache(maxsize=256)
def _content(name: str, prefix: str) -> tuple[bytes, str]:
    body = (_FILES / name).read_bytes()
    if name.endswith(".html"):
        templates = b"\n".join((_FILES / each).read_bytes() for each in _TEMPLATES)
        body = body.replace(b"{{prefix}}", prefix.strip("/").encode()).replace(b"{{templates}}\n", templates)
    return body, sha256(body).hexdigest()[:32]
