"""A client's connection: aiohttp's own, except for the answers that it gives before the application is asked."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import EMPTY_PAYLOAD, HttpVersion10, HttpVersion11, StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_exceptions import BadHttpMessage, HttpProcessingError
from aiohttp.http_parser import RawRequestMessage
from aiohttp.web_protocol import ERROR, RequestHandler

from dagrun_api.web.envelope import REQUEST_ID, failure

__all__ = ["FIRST_REQUEST_TIMEOUT", "KEEPALIVE_TIMEOUT", "Connection"]

FIRST_REQUEST_TIMEOUT = 10.0
"""Seconds in which the headers of the first request must have arrived."""

KEEPALIVE_TIMEOUT = 75.0
"""Seconds for which an idle connection stays open: longer than a proxy (usually 60) keeps its own side open."""

logger = logging.getLogger(__name__)


class Connection(RequestHandler):
    """Answers malformed HTTP in our envelope, and hangs up on who is slow to send a first request."""

    __slots__ = ("_is_last",)

    @property
    def busy(self) -> bool:
        """Whether a request is being handled."""
        return self._request_in_progress

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._is_last = False
        self._request_factory = self._make_request
        super().connection_made(transport)
        if self._keepalive_handle is not None:
            self._keepalive_handle.cancel()
        due = self._loop.time() + min(FIRST_REQUEST_TIMEOUT, self._keepalive_timeout)
        self._next_keepalive_close_time = due
        self._keepalive_handle = self._loop.call_at(due, self._process_keepalive)

    def close(self) -> None:
        """Take no further request; aiohttp would also throw away what is still to come of the one under way."""
        if self.busy:
            self._is_last = True
        else:
            super().close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what the application could not answer; it never quotes the exception."""
        request_id = uuid.uuid4().hex
        if isinstance(exc, ConnectionError) and self.transport is None:
            # He hung up while we read his body: neither a fault of ours nor anybody there to be told.
            logger.info("A client hung up", extra={"remote": request.remote, "request_id": request_id})
            raise exc
        if status == HTTPStatus.BAD_REQUEST:
            # A client's mistake, at the rate of his choice: no traceback, and nothing of what he sent.
            fields = {"remote": request.remote, "reason": type(exc).__name__, "request_id": request_id}
            logger.info("Refused malformed HTTP", extra=fields)
            text = (
                "This is not well-formed HTTP, or a line of it is longer than 8190 bytes: "
                "send a sound request line and sound headers."
            )
        else:
            status = 500
            logger.error("A request failed", exc_info=exc, extra={"request_id": request_id})
            text = f"Internal error; the log of the service has it under request id {request_id}."
        if request.writer.output_size > 0:
            raise ConnectionError("an answer was begun already")
        return _answer(status, text, request_id)

    def _make_request(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> web.BaseRequest:
        assert self._manager is not None  # noqa: S101  # for the type checkers: the client is there
        make = self._manager.request_factory
        try:
            return make(message, payload, protocol, writer, task)
        except ValueError:
            # A target such as http://xn--a/, whose host is none: aiohttp would neither answer nor ever hang up.
            return make(ERROR, EMPTY_PAYLOAD, protocol, writer, task)

    async def _handle_request(
        self,
        request: web.BaseRequest,
        start_time: float | None,
        request_handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
    ) -> tuple[web.StreamResponse, bool]:
        if request_handler == self._request_handler and not _is_sound(request):
            # One that holds nothing of what was sent, not even the version, which the answer would repeat.
            request = self._make_request(ERROR, EMPTY_PAYLOAD, self, request.writer, request.task)
            request_handler = self._refuse
        return await super()._handle_request(request, start_time, request_handler)

    async def _refuse(self, request: web.BaseRequest) -> web.StreamResponse:
        return self.handle_error(request, HTTPStatus.BAD_REQUEST, BadHttpMessage("refused"))

    def log_exception(self, *args: object, **kwargs: object) -> None:
        """Log what aiohttp could not handle, but not that the rest of a body, which nobody reads, is damaged."""
        if not isinstance(kwargs.get("exc_info"), web.RequestPayloadError | HttpProcessingError):
            super().log_exception(*args, **kwargs)

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer; one that aiohttp made by itself, such as to a bad Expect header, in our envelope."""
        if isinstance(resp, web.HTTPException) and resp.status >= HTTPStatus.BAD_REQUEST:
            resp = _answer(
                resp.status, f"{resp.reason}: the request cannot be served as it was sent.", uuid.uuid4().hex
            )
        if self._is_last:
            resp.force_close()
        finished = await super().finish_response(request, resp, start_time)
        if self._is_last:
            super().close()
        return finished


def _is_sound(request: web.BaseRequest) -> bool:
    """Whether a request is what it seems: aiohttp's parser lets more pass than we can answer for."""
    if request.method == ERROR.method:
        return False
    # Where there is no such path, aiohttp quotes the header in its answer, which bytes that are no text would break.
    if not request.headers.get("Expect", "").isascii():
        return False
    if request.version == HttpVersion10:
        # A proxy that knows no chunks takes them for the next request (RFC 9112, 6.1).
        return "Transfer-Encoding" not in request.headers and request.raw_path.isascii()
    # The parser that stands in for the one in C leaves other bytes in the path, as surrogates.
    return request.version == HttpVersion11 and request.raw_path.isascii()


def _answer(status: int, sentence: str, request_id: str) -> web.Response:
    response = failure(status, sentence, {REQUEST_ID: request_id, "Server": "dagrun-api"})
    response.force_close()
    return response
