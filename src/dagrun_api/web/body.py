"""A request's body: bounded in size and in time, and one JSON object whatever the Content-Type says.

aiohttp asks the outermost application for `client_max_size`, so as a sub-application we would get the host's; and it
sets no time at all for a body that trickles in.
"""

from __future__ import annotations

import asyncio
from typing import cast

from aiohttp import ClientPayloadError, web
from aiohttp.http_exceptions import HttpProcessingError

from dagrun_api.errors import BodyTooLarge, BodyTooSlow, InvalidRequest
from dagrun_api.web import strict_json

__all__ = ["leave_waiting", "read_object"]

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def read_object(request: web.Request, *, max_size: int, timeout: float) -> dict[str, object]:  # noqa: ASYNC109
    """Return the JSON object that the body holds.

    Raises `InvalidRequest`, `BodyTooLarge` (more than `max_size` bytes) or `BodyTooSlow` (after `timeout` seconds).
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise InvalidRequest("The body is compressed or otherwise encoded; send it as it is, without Content-Encoding.")
    if (request.content_length or 0) > max_size:
        raise _too_large(max_size)
    await _invite(request)
    try:
        async with asyncio.timeout(timeout):
            body = await _read(request, max_size)
    except TimeoutError as error:
        raise BodyTooSlow(f"The body did not arrive within {timeout:g} seconds; send it faster.") from error
    except (ClientPayloadError, HttpProcessingError, web.RequestPayloadError, ConnectionError) as error:
        # Also when the client has gone in the middle: nobody reads this answer, but the log has its line.
        raise InvalidRequest("The body could not be read as its headers describe it.") from error
    if request.content_type in _FORMS and not body.lstrip().startswith(b"{"):
        raise InvalidRequest("The body is a form; send one JSON object instead, such as " + _EXAMPLE)
    value = strict_json.loads(body, "The body")
    if not isinstance(value, dict):
        raise InvalidRequest("The body is not a JSON object; send one such as " + _EXAMPLE)
    return cast("dict[str, object]", value)


_EXAMPLE = '{"dag_id": "example_dag", "prefix": "prefix_value"}'


async def leave_waiting(request: web.Request) -> None:
    """Handle a header Expect by doing nothing yet: who may not ask, or asks too much, is not to send a body."""


async def _invite(request: web.Request) -> None:
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        # As aiohttp's own handler does: the answer itself has not begun.
        request.writer.output_size = 0


async def _read(request: web.Request, max_size: int) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > max_size:
            raise _too_large(max_size)
    return bytes(body)


def _too_large(max_size: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body is larger than {max_size} bytes; send a smaller one.")
