"""A connection to one service: opened, closed, and asked."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import aiohttp

from dagrun_api.client.errors import UnexpectedAnswer
from dagrun_api.client.transport import Answer, Request, Transport, base_url

__all__ = ["Connection", "query", "quoted", "read"]

T = TypeVar("T")


class Connection:
    """A connection to one service; `Client` explains the parameters."""

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        prefix: str = "/api/v1",
        timeout: float = 30.0,
        session: aiohttp.ClientSession | None = None,
        tries: int = 5,
        backoff: float = 0.5,
    ) -> None:
        self._base = base_url(url, prefix)
        self._token = token
        self._timing = (timeout, tries, backoff)
        self._session = session
        self._owned: aiohttp.ClientSession | None = None
        self._transport: Transport | None = None

    async def __aenter__(self) -> Self:
        if self._session is None:
            self._owned = aiohttp.ClientSession()
        session = self._session or self._owned
        assert session is not None  # noqa: S101  # for the type checkers
        self._transport = Transport(session, self._base, self._token, *self._timing)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._transport = None
        if self._owned is not None:
            await self._owned.close()

    async def _get(self, path: str, parameters: Mapping[str, str] | None = None, etag: str | None = None) -> Answer:
        return await self._send(Request("GET", path, parameters or {}, etag=etag))

    async def _pages(self, path: str, parameters: Mapping[str, str]) -> AsyncGenerator[Answer]:
        """Yield each page of a list."""
        following: Mapping[str, str] | None = {}
        while following is not None:
            answer = await self._get(path, {**parameters, **following})
            yield answer
            following = answer.following

    async def _post(self, path: str, parameters: Mapping[str, str] | None = None) -> Answer:
        return await self._send(Request("POST", path, parameters or {}))

    async def _send(self, request: Request) -> Answer:
        if self._transport is None:
            raise RuntimeError("The client is not open: use it within `async with`.")
        return await self._transport.send(request)


def read(reader: Callable[[Mapping[str, Any]], T], answer: Answer) -> T:
    """Return what a reader finds in an answer; raises `UnexpectedAnswer`."""
    try:
        return reader(answer.payload)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnexpectedAnswer(
            "The service has a different version: its answer lacks a part that this client needs."
        ) from error


def query(**parameters: str | bool | None) -> dict[str, str]:
    """Return the parameters of a query without those that are None."""
    return {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in parameters.items()
        if value is not None
    }


def quoted(text: str) -> str:
    """Return a text as one segment of a path."""
    return quote(text, safe="")
