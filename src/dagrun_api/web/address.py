"""The address of a request: its bytes must be text."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from aiohttp import web
from aiohttp.typedefs import Handler

from dagrun_api.errors import InvalidRequest

__all__ = ["decoding"]


@web.middleware
async def decoding(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a request whose path or query is not UTF-8.

    aiohttp would leave such a byte percent-encoded, so that `%FF` and `%25FF` would name the same DAG.
    """
    if not _is_text(request.raw_path):
        raise InvalidRequest("The address holds bytes that are not UTF-8: send it as UTF-8, percent-encoded.")
    return await handler(request)


def _is_text(address: str) -> bool:
    if "%" not in address and address.isascii():
        return True
    try:
        # aiohttp's parser keeps bytes that are not UTF-8 as surrogates.
        unquote_to_bytes(address.encode("utf-8", "surrogateescape")).decode()
    except UnicodeDecodeError:
        return False
    return True
