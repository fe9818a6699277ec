"""The HTTP connection of a client: aiohttp's own, except for answers that bypass the application."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import termios
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from aiohttp import EMPTY_PAYLOAD, StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_exceptions import BadHttpMessage, HttpProcessingError
from aiohttp.http_parser import RawRequestMessage
from aiohttp.web_protocol import ERROR, RequestHandler

from dagrun_api.serving.crowd import Crowd
from dagrun_api.serving.strictness import mistake_in, sentence
from dagrun_api.web.envelope import REQUEST_ID_HEADER, SERVER, failure

__all__ = ["FIRST_REQUEST_TIMEOUT", "KEEPALIVE_TIMEOUT", "HttpConnection"]

FIRST_REQUEST_TIMEOUT = 10.0
"""Seconds within which the headers of the first request must arrive."""

KEEPALIVE_TIMEOUT = 75.0
"""Seconds for which an idle connection stays open: longer than a proxy (usually 60) keeps its own side open."""

_SPARED_SECONDS = 1.0
"""For so long a new connection is not idle: its first request may be on its way."""

logger = logging.getLogger(__name__)


class HttpConnection(RequestHandler):
    """Answers malformed HTTP in the envelope, and hangs up on clients that are slow to ask or to read."""

    __slots__ = ("_crowd", "_is_last", "_opened", "_patience", "_unread", "_wire")

    def __init__(self, server: web.Server, crowd: Crowd, write_timeout: float, **options: Any) -> None:
        """Serve a member of the crowd; a client has `write_timeout` seconds to read an answer."""
        super().__init__(server, **options)
        self._crowd = crowd
        self._patience = write_timeout
        self._is_last = False
        self._opened = 0.0
        self._unread: asyncio.TimerHandle | None = None
        self._wire: asyncio.Transport | None = None  # aiohttp forgets its own before all is sent

    @property
    def is_busy(self) -> bool:
        """Whether a request is being handled, or its answer is being sent."""
        return self._request_in_progress

    @property
    def is_handling(self) -> bool:
        """Whether a request is being handled, and there is no answer yet."""
        return self._current_request is not None

    @property
    def is_sending(self) -> bool:
        """Whether a part of an answer waits for the client to read."""
        return self._wire is not None and self._wire.get_write_buffer_size() > 0

    @property
    def is_cut_off(self) -> bool:
        """Whether the last request has got no answer, although the connection was to close only after it."""
        return self._is_last and not self._close

    @property
    def is_idle(self) -> bool:
        """Whether the client has sent no request, or no further one."""
        if self._waiter is None or self._waiter.done():
            return False
        return self._request_count > 0 or self._loop.time() > self._opened + _SPARED_SECONDS

    @property
    def has_unread(self) -> bool:
        """Whether the client has sent something, such as its next request, that the event loop has not read yet."""
        if self._wire is None or self._wire.is_closing():
            return False
        number = self._wire.get_extra_info("socket").fileno()
        return any(fcntl.ioctl(number, termios.FIONREAD, bytes(4)))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._opened = self._loop.time()
        self._wire = cast("asyncio.Transport", transport)
        self._request_factory = self._make_request
        super().connection_made(transport)
        if self._keepalive_handle is not None:
            self._keepalive_handle.cancel()
        due = self._opened + min(FIRST_REQUEST_TIMEOUT, self._keepalive_timeout)
        self._next_keepalive_close_time = due
        self._keepalive_handle = self._loop.call_at(due, self._process_keepalive)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._wire = None
        self._crowd.remove(self)
        self._stop_waiting()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Wait for the client to read, but not forever; the transport calls this when it holds much."""
        super().pause_writing()
        self._wait_for_client()

    def resume_writing(self) -> None:
        self._stop_waiting()
        super().resume_writing()

    async def start(self) -> None:
        """Handle requests until the connection closes, which it does only when the client has read everything."""
        try:
            await super().start()
        finally:
            if self.is_sending:
                self._wait_for_client()

    def abort(self) -> None:
        """Close at once, and discard what the client has not read."""
        if self._wire is not None:
            self._wire.abort()

    def _wait_for_client(self) -> None:
        if self._unread is None:
            self._unread = self._loop.call_later(self._patience, self._hang_up)

    def _hang_up(self) -> None:
        self._unread = None
        self._crowd.count_unread()
        self.abort()

    def _stop_waiting(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def close(self) -> None:
        """Accept no further request. aiohttp would also discard the rest of the request in progress."""
        if self.is_busy:
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
            text = sentence(exc)
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
        if request_handler == self._request_handler and (mistake := mistake_in(request)) is not None:
            # A request that holds nothing that the client sent, not even the version, which the answer would repeat.
            request = self._make_request(ERROR, EMPTY_PAYLOAD, self, request.writer, request.task)
            request_handler = partial(self._refuse, mistake)
        answered = await super()._handle_request(request, start_time, request_handler)
        self._crowd.used(self)
        return answered

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


def _answer(status: int, sentence: str, request_id: str) -> web.Response:
    response = failure(status, sentence, {REQUEST_ID_HEADER: request_id, "Server": SERVER})
    response.force_close()
    return response
