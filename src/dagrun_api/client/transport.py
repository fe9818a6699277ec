"""Requests and answers: the envelope, the errors, and the retries."""

from __future__ import annotations

import asyncio
import json
import os
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from dagrun_api.client.errors import (
    BadRequest,
    CannotConnect,
    ClientError,
    Conflict,
    ConnectionLost,
    Forbidden,
    NotFound,
    ServerFault,
    ServerUnavailable,
    Unauthorized,
    UnexpectedAnswer,
)

__all__ = ["Answer", "Request", "Transport", "base_url"]

_LONGEST_DELAY = 30.0

_AWAY = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)

_ERRORS: Mapping[int, type[ClientError]] = {401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict}


@dataclass(frozen=True, slots=True)
class Request:
    """A request; `path` is relative to the API's prefix, and percent-encoded."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Mapping[str, object] | None = None
    is_idempotent: bool = True
    """Whether the request is idempotent, so that a retry is safe."""
    etag: str | None = None
    """The ETag of an earlier answer, which the service need not send again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The contents of an answer's envelope."""

    payload: Mapping[str, Any]
    following: Mapping[str, str] | None = None
    """The query of the next page; None on the last page."""
    etag: str | None = None
    is_unchanged: bool = False
    """Whether the earlier answer, with the ETag of the request, is still current."""


class Transport:
    """Sends requests and reads their answers, on a session that its owner opens and closes."""

    def __init__(
        self, session: aiohttp.ClientSession, base: str, token: str | None, timeout: float, tries: int, backoff: float
    ) -> None:
        self._session = session
        self._base = base
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._tries = tries
        self._backoff = backoff

    async def send(self, request: Request) -> Answer:
        """Return the answer, after retries where they are safe; raises `ClientError`."""
        # All attempts have one id, so that they can be found together in the log of the service.
        request_id = uuid.uuid4().hex
        tried = 0
        while True:
            tried += 1
            try:
                return await self._try(request, request_id)
            except (CannotConnect, ConnectionLost, ServerUnavailable) as error:
                is_safe = request.is_idempotent or isinstance(error, CannotConnect)
                if tried >= self._tries or not is_safe:
                    raise
                wanted = error.retry_after if isinstance(error, ServerUnavailable) else 0
                # Clients that failed at the same time must not retry at the same time.
                own = self._backoff * 2 ** (tried - 1) * random.uniform(0.5, 1)  # noqa: S311  # not for security
                await asyncio.sleep(min(max(wanted, own), _LONGEST_DELAY))

    async def _try(self, request: Request, request_id: str) -> Answer:
        query = f"?{urlencode(request.query)}" if request.query else ""
        url = URL(f"{self._base}{request.path}{query}", encoded=True)
        headers = self._headers | {"X-Request-ID": request_id}
        if request.etag is not None:
            headers["If-None-Match"] = request.etag
        try:
            async with self._session.request(
                request.method,
                url,
                json=request.body,
                headers=headers,
                timeout=self._timeout,
                # A redirect would turn a POST into a GET.
                allow_redirects=False,
                raise_for_status=False,
            ) as response:
                body = await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            sentence = f"{self._base} cannot be reached: {_reason(error)}."
            raise CannotConnect(sentence, request_id=request_id) from error
        except aiohttp.ClientResponseError as error:
            sentence = f"The server at {self._base} does not speak HTTP."
            raise UnexpectedAnswer(sentence, request_id=request_id) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            what = "took too long to answer" if isinstance(error, TimeoutError) else "closed the connection early"
            sentence = f"{self._base} {what}; the request may have been carried out."
            raise ConnectionLost(sentence, request_id=request_id) from error
        return self._read(response, body, response.headers.get("X-Request-ID", request_id))

    def _read(self, response: aiohttp.ClientResponse, body: bytes, request_id: str) -> Answer:
        etag = response.headers.get("ETag")
        if response.status == HTTPStatus.NOT_MODIFIED:
            return Answer({}, etag=etag, is_unchanged=True)
        payload = _payload(body)
        if response.status == HTTPStatus.OK and payload is not None:
            return Answer(payload, _following(response), etag)
        raise self._refusal(response, payload, request_id)

    def _refusal(
        self, response: aiohttp.ClientResponse, payload: Mapping[str, Any] | None, request_id: str
    ) -> ClientError:
        status = response.status
        sentence = None if payload is None else payload.get("error")
        if not isinstance(sentence, str):
            sentence = f"{self._base} answered {status} {response.reason or ''}".rstrip()
            if status not in _AWAY:
                hint = ", which is not an answer of this API: check the address, and any proxy in front of the service."
                return UnexpectedAnswer(sentence + hint, status=status, request_id=request_id)
            sentence += " without giving a reason."
        if status in _AWAY:
            seconds = response.headers.get("Retry-After", "")
            retry_after = float(seconds) if seconds.isdecimal() else 0
            return ServerUnavailable(sentence, status=status, request_id=request_id, retry_after=retry_after)
        other = BadRequest if status < HTTPStatus.INTERNAL_SERVER_ERROR else ServerFault
        return _ERRORS.get(status, other)(sentence, status=status, request_id=request_id)


def base_url(url: str, prefix: str) -> str:
    """Return the URL that every path of the API is appended to; raises ValueError for a bad address.

    The address may be that of the service, or that of its API, which ends with the prefix.
    """
    parsed = URL(url)
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError(f"{url!r} is not the address of a service; use one such as http://127.0.0.1:8080")
    if parsed.user is not None or parsed.password is not None:
        raise ValueError("The address of the service must not contain a user or a password; use a token instead.")
    if parsed.query_string or parsed.fragment:
        raise ValueError(f"{url!r} must not contain ? or #")
    return str(parsed).rstrip("/").removesuffix(prefix) + prefix


def _payload(body: bytes) -> Mapping[str, Any] | None:
    """Return the contents of the envelope, or None if there is no envelope."""
    try:
        whole: object = json.loads(body)
    except ValueError:
        return None
    inner = cast("dict[str, object]", whole).get("response") if isinstance(whole, dict) else None
    return cast("dict[str, Any]", inner) if isinstance(inner, dict) else None


def _following(response: aiohttp.ClientResponse) -> Mapping[str, str] | None:
    link = response.links.get("next")
    # Only the query is used: behind a proxy, the service may not know the address that the client uses.
    return None if link is None else dict(URL(str(link["url"])).query)


def _reason(error: aiohttp.ClientError) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "this machine does not trust its certificate"
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        # strerror of asyncio's errors repeats the address, and a failed name lookup has no ordinary errno.
        return os.strerror(number) if number is not None and number > 0 else str(error.os_error.strerror)
    return "connecting took too long"
