"""The body of a request: limited in size and time, and one JSON object whatever the Content-Type says.

aiohttp has limits of its own, but they do not help: `client_max_size` is that of the outermost application, which may
be a host, and there is no limit for a body that arrives slowly.
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
    """Return the JSON object in the body.

    Raises `InvalidRequest`, `BodyTooLarge` (more than `max_size` bytes) or `BodyTooSlow` (after `timeout` seconds).
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise InvalidRequest(
            "The body is compressed or otherwise encoded; send it unencoded, without Content-Encoding."
        )
    if (request.content_length or 0) > max_size:
        raise _too_large(max_size)
    await _invite(request)
    try:
        async with asyncio.timeout(timeout):
            body = await _read(request, max_size)
    except TimeoutError as error:
        raise BodyTooSlow(f"The body did not arrive within {timeout:g} seconds; send it faster.") from error
    except (ClientPayloadError, HttpProcessingError, web.RequestPayloadError, ConnectionError) as error:
        # This includes a client that hung up halfway. Nobody reads this answer then, but the log gets its line.
        raise InvalidRequest("The body does not match its headers, or ended too early; send it again.") from error
    if _content_type(request) in _FORMS and not body.lstrip().startswith(b"{"):
        raise InvalidRequest("The body is a form; send one JSON object instead, such as " + _EXAMPLE)
    value = strict_json.loads(body, "The body")
    if not isinstance(value, dict):
        raise InvalidRequest("The body is not a JSON object; send one such as " + _EXAMPLE)
    return cast("dict[str, object]", value)


_EXAMPLE = '{"dag_id": "example_dag", "prefix": "prefix_value"}'


def _content_type(request: web.Request) -> str:
    # The one that aiohttp reads with Python's email package, which takes a second for 8 kB of semicolons.
    return request.headers.get("Content-Type", "").partition(";")[0].strip().lower()


async def leave_waiting(request: web.Request) -> None:
    """Send no `100 Continue` yet, so that a client whose request is refused does not send its body."""


async def _invite(request: web.Request) -> None:
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        # aiohttp's own handler does the same: the answer itself has not begun.
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
