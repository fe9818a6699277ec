"""Requests and answers: the envelope, what goes wrong with either, and when to try again."""

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
    """What is asked; `path` is below the API's prefix, and encoded."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Mapping[str, object] | None = None
    is_repeatable: bool = True
    """Whether doing it twice comes to the same as doing it once."""
    etag: str | None = None
    """What the answer had before, which need not be sent again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was in the envelope."""

    payload: Mapping[str, Any]
    following: str | None = None
    """Where the next page starts after."""
    etag: str | None = None
    is_unchanged: bool = False
    """Whether it is still what the request had the ETag of."""


class Transport:
    """Sends requests, on a session that somebody else opens and closes."""

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
        """Return the answer; raises `ClientError`, after as many tries as are allowed and safe."""
        # One id for all tries, so that the log of the service shows them together.
        request_id = uuid.uuid4().hex
        tried = 0
        while True:
            tried += 1
            try:
                return await self._try(request, request_id)
            except (CannotConnect, ConnectionLost, ServerUnavailable) as error:
                is_safe = request.is_repeatable or isinstance(error, CannotConnect)
                if tried >= self._tries or not is_safe:
                    raise
                wanted = error.retry_after if isinstance(error, ServerUnavailable) else 0
                # Clients that failed together must not come back together.
                own = self._backoff * 2 ** (tried - 1) * random.uniform(0.5, 1)  # noqa: S311  # it is no secret
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
                # A redirection would turn a creation into a read.
                allow_redirects=False,
                raise_for_status=False,
            ) as response:
                body = await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            sentence = f"{self._base} cannot be reached: {_reason(error)}."
            raise CannotConnect(sentence, request_id=request_id) from error
        except aiohttp.ClientResponseError as error:
            sentence = f"What answered at {self._base} does not speak HTTP."
            raise UnexpectedAnswer(sentence, request_id=request_id) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            what = "took too long to answer" if isinstance(error, TimeoutError) else "hung up before it had answered"
            sentence = f"{self._base} {what}; what was asked may have been done."
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
                hint = ", which is not how this API answers: look at the address, and at what stands before it."
                return UnexpectedAnswer(sentence + hint, status=status, request_id=request_id)
            sentence += ", and did not say why."
        if status in _AWAY:
            seconds = response.headers.get("Retry-After", "")
            retry_after = float(seconds) if seconds.isdecimal() else 0
            return ServerUnavailable(sentence, status=status, request_id=request_id, retry_after=retry_after)
        other = BadRequest if status < HTTPStatus.INTERNAL_SERVER_ERROR else ServerFault
        return _ERRORS.get(status, other)(sentence, status=status, request_id=request_id)


def base_url(url: str, prefix: str) -> str:
    """Return what all addresses begin with; raises ValueError for what is no address of a service."""
    parsed = URL(url)
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError(f"{url!r} is not the address of a service; give one such as http://127.0.0.1:8080")
    if parsed.user is not None or parsed.password is not None:
        raise ValueError("The address of the service must not hold a user or a password; give a token instead.")
    if parsed.query_string or parsed.fragment:
        raise ValueError(f"{url!r} must end with the path, without ? and #")
    return str(parsed).rstrip("/") + prefix


def _payload(body: bytes) -> Mapping[str, Any] | None:
    """What is in the envelope; None when there is none."""
    try:
        whole: object = json.loads(body)
    except ValueError:
        return None
    inner = cast("dict[str, object]", whole).get("response") if isinstance(whole, dict) else None
    return cast("dict[str, Any]", inner) if isinstance(inner, dict) else None


def _following(response: aiohttp.ClientResponse) -> str | None:
    link = response.links.get("next")
    # Only where it goes on: what stands before the service may have given it another address.
    return None if link is None else URL(str(link["url"])).query.get("start")


def _reason(error: aiohttp.ClientError) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate is not one that this machine trusts"
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        # asyncio puts the address into strerror, and the numbers of the name lookup are its own.
        return os.strerror(number) if number is not None and number > 0 else str(error.os_error.strerror)
    return "it does not take the connection"
