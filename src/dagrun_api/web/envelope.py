"""The envelope: every answer is `{"response": {...}}`, and every error `{"response": {"error": "one sentence"}}`."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import orjson
from aiohttp import web

__all__ = ["REQUEST_ID_HEADER", "SERVER", "failure", "json_response", "success", "tagged"]

REQUEST_ID_HEADER = "X-Request-ID"

SERVER = "dagrun-api"
"""The header `Server`. The one that aiohttp would send shows its version and that of Python."""


def success(payload: Mapping[str, object], headers: Mapping[str, str] | None = None) -> web.Response:
    """Return a 200 with this payload."""
    return json_response(200, {"response": payload}, headers)


def failure(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return an error, with every unprintable character escaped.

    The sentence may quote the request, and must neither break a line nor change the direction of text in a terminal.
    """
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
    """Return the answer with an `ETag`, or an empty 304 if the client already has this answer."""
    etag = sha256(response.body if isinstance(response.body, bytes) else b"").hexdigest()[:32]
    known = request.if_none_match or ()
    if any(tag.value in (etag, "*") for tag in known):
        response = web.Response(status=304)
    response.etag = etag
    return response
