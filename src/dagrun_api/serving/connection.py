"""The HTTP connection of a client: aiohttp's own, except for answers that bypass the application."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus

from aiohttp import EMPTY_PAYLOAD, HttpVersion10, HttpVersion11, StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_exceptions import BadHttpMessage, HttpProcessingError
from aiohttp.http_parser import RawRequestMessage
from aiohttp.web_protocol import ERROR, RequestHandler

from dagrun_api.web.envelope import REQUEST_ID_HEADER, SERVER, failure

__all__ = ["FIRST_REQUEST_TIMEOUT", "KEEPALIVE_TIMEOUT", "HttpConnection"]

FIRST_REQUEST_TIMEOUT = 10.0
"""Seconds within which the headers of the first request must arrive."""

KEEPALIVE_TIMEOUT = 75.0
"""Seconds for which an idle connection stays open: longer than a proxy (usually 60) keeps its own side open."""

_MALFORMED = (
    "This is not well-formed HTTP, or a line of it is longer than 8190 bytes: "
    "send a valid request line and valid headers."
)
_UNKNOWN_CODING = (
    "The body has a transfer coding besides the chunks: send it with Transfer-Encoding: chunked alone, or with a "
    "Content-Length."
)

logger = logging.getLogger(__name__)


class UnknownTransferCoding(BadHttpMessage):
    """The body is compressed or otherwise coded below its chunks, or has no chunks."""


class HttpConnection(RequestHandler):
    """Answers malformed HTTP in the envelope, and hangs up on clients that are slow to send a first request."""

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
        """Accept no further request. aiohttp would also discard the rest of the request in progress."""
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
        """Return the answer to a request that the application could not answer. It never quotes the exception."""
        request_id = uuid.uuid4().hex
        if isinstance(exc, ConnectionError) and self.transport is None:
            # The client hung up while its body was read. That is no internal error, and nobody would read an answer.
            logger.info("A client hung up", extra={"remote": request.remote, "request_id": request_id})
            raise exc
        if status == HTTPStatus.BAD_REQUEST:
            # A mistake of the client, which may repeat it at any rate: log no traceback and nothing that it sent.
            fields = {"remote": request.remote, "reason": type(exc).__name__, "request_id": request_id}
            logger.info("Refused malformed HTTP", extra=fields)
            text = _UNKNOWN_CODING if isinstance(exc, UnknownTransferCoding) else _MALFORMED
        else:
            status = 500
            logger.error("A request failed", exc_info=exc, extra={"request_id": request_id})
            text = f"Internal error; the log of the service has it under request id {request_id}."
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has already begun")
        return _answer(status, text, request_id)

    def _make_request(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> web.BaseRequest:
        # The parser drops what has arrived behind an upgrade, so a request that follows could begin in its middle.
        self._is_last |= message.upgrade
        assert self._manager is not None  # noqa: S101  # for the type checkers: the connection is open
        make = self._manager.request_factory
        try:
            return make(message, payload, protocol, writer, task)
        except ValueError:
            # A target with an invalid host, such as http://xn--a/: aiohttp would neither answer nor hang up.
            return make(ERROR, EMPTY_PAYLOAD, protocol, writer, task)

    async def _handle_request(
        self,
        request: web.BaseRequest,
        start_time: float | None,
        request_handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
    ) -> tuple[web.StreamResponse, bool]:
        if request_handler == self._request_handler and (mistake := _mistake(request)) is not None:
            # A request that holds nothing that the client sent, not even the version, which the answer would repeat.
            request = self._make_request(ERROR, EMPTY_PAYLOAD, self, request.writer, request.task)
            request_handler = partial(self._refuse, mistake)
        return await super()._handle_request(request, start_time, request_handler)

    async def _refuse(self, mistake: BadHttpMessage, request: web.BaseRequest) -> web.StreamResponse:
        return self.handle_error(request, HTTPStatus.BAD_REQUEST, mistake)

    def log_exception(self, *args: object, **kwargs: object) -> None:
        """Log what aiohttp could not handle, except damage in the unread rest of a body."""
        if not isinstance(kwargs.get("exc_info"), web.RequestPayloadError | HttpProcessingError):
            super().log_exception(*args, **kwargs)

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer. One that aiohttp made itself, for example to a bad Expect header, gets the envelope first."""
        if isinstance(resp, web.HTTPException) and resp.status >= HTTPStatus.BAD_REQUEST:
            resp = _answer(resp.status, f"The request cannot be served: {resp.reason}.", uuid.uuid4().hex)
        if self._is_last:
            resp.force_close()
        finished = await super().finish_response(request, resp, start_time)
        if self._is_last:
            super().close()
        return finished


def _mistake(request: web.BaseRequest) -> BadHttpMessage | None:
    """Return what is wrong with a request; aiohttp's parser accepts more than is safe."""
    if not _is_valid(request):
        return BadHttpMessage("refused")
    # The parser removes the chunks and leaves the body in any coding below them.
    codings = request.headers.getall("Transfer-Encoding", [])
    if codings and [each.strip().lower() for each in codings] != ["chunked"]:
        return UnknownTransferCoding("refused")
    return None


def _is_valid(request: web.BaseRequest) -> bool:
    """Return whether a request is valid HTTP, whatever its body is."""
    if request.method == ERROR.method:
        return False
    # On an unknown path, aiohttp quotes the header in its answer, and bytes that are no text break the answer.
    if not request.headers.get("Expect", "").isascii():
        return False
    if request.version == HttpVersion10:
        # A proxy without support for chunks takes them for the next request (RFC 9112, 6.1).
        return "Transfer-Encoding" not in request.headers and request.raw_path.isascii()
    # The parser in Python, which replaces the one in C, leaves other bytes in the path as surrogates.
    return request.version == HttpVersion11 and request.raw_path.isascii()


def _answer(status: int, sentence: str, request_id: str) -> web.Response:
    response = failure(status, sentence, {REQUEST_ID_HEADER: request_id, "Server": SERVER})
    response.force_close()
    return response
