"""Requests to Airflow's API, and the login that they need."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast

import aiohttp
from yarl import URL

from dagrun_api.airflow_api.refusals import Away, Refused, Unanswered

__all__ = ["NOT_AIRFLOW", "TIMEOUT", "Connection", "Login"]

TIMEOUT = 10.0
"""Seconds that one request may take, with the login that it needs."""

_LONGEST = 8 * 1024 * 1024
"""Bytes of the longest answer that is read. Airflow repeats the conf of each run that it clears."""

NOT_AIRFLOW = "The address in airflow_url is not that of Airflow's API (its answer is not the one expected)."


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks: a user with a password, or the holder of a token."""

    username: str = ""
    password: str = field(default="", repr=False)
    token: str | None = field(default=None, repr=False)

    @property
    def basic(self) -> str:
        """The user and the password as HTTP has them."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()


class Connection:
    """The API of one Airflow, on a session that its owner opens and closes."""

    def __init__(self, session: aiohttp.ClientSession, url: str, login: Login) -> None:
        self._session = session
        self._url = url
        self._login = login
        self._token: str | None = None
        self._logging_in = asyncio.Lock()
        self._logins = 0
        self._login_refused: str | None = None

    async def post(self, path: str, body: Mapping[str, object]) -> Mapping[str, object]:
        """Send a request to a path, percent-encoded, and return the answer; raises `Refused`."""
        try:
            async with asyncio.timeout(TIMEOUT):
                return await self._posted(path, body)
        except TimeoutError as error:
            raise Unanswered(
                f"Airflow's API did not answer within {TIMEOUT:g} seconds; it may clear them yet."
            ) from error

    async def _posted(self, path: str, body: Mapping[str, object]) -> Mapping[str, object]:
        if self._login.token is not None:
            return await self._sent(path, body, f"Bearer {self._login.token}")
        if path.startswith("/api/v1/"):
            return await self._sent(path, body, self._login.basic)
        token = await self._logged_in(None)
        try:
            return await self._sent(path, body, f"Bearer {token}")
        except _NotLoggedIn:
            # The token has expired.
            return await self._sent(path, body, f"Bearer {await self._logged_in(token)}")

    async def _logged_in(self, expired: str | None) -> str:
        """Return a token of Airflow 3 that is not the expired one."""
        logins = self._logins
        async with self._logging_in:
            if self._logins > logins and self._login_refused is not None:
                # Another request was refused while this one waited. Airflow may lock out who tries often.
                raise Away(self._login_refused)
            # Another request may have logged in while this one waited.
            if self._token is None or self._token == expired:
                self._login_refused = None
                try:
                    self._token = await self._new_token()
                except Away as refusal:
                    self._login_refused = str(refusal)
                    raise
                finally:
                    self._logins += 1
            return self._token

    async def _new_token(self) -> str:
        credentials = {"username": self._login.username, "password": self._login.password}
        # The request that waits for the token has some time left then.
        patience = TIMEOUT / 2
        try:
            async with asyncio.timeout(patience):
                answer = await self._sent("/auth/token", credentials, None)
        except Away:
            raise
        except TimeoutError as error:
            raise Away(
                f"Airflow's API did not answer within {patience:g} seconds, when the service logs in."
            ) from error
        except Refused as refusal:
            raise Away(f"{str(refusal).removesuffix('.')}, when the service logs in.") from None
        token = answer.get("access_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise Away(NOT_AIRFLOW)
        return token

    async def _sent(self, path: str, body: Mapping[str, object], authorization: str | None) -> Mapping[str, object]:
        headers = {} if authorization is None else {"Authorization": authorization}
        try:
            async with self._session.post(
                URL(self._url + path, encoded=True),
                json=body,
                headers=headers,
                # Another server must not see the credentials.
                allow_redirects=False,
                raise_for_status=False,
            ) as response:
                content = await _content(response)
        except aiohttp.ClientConnectorCertificateError as error:
            raise Away("The certificate of Airflow's API is not trusted.") from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Away("Airflow's API cannot be reached.") from error
        except TimeoutError:
            raise
        except (aiohttp.ClientError, OSError) as error:
            raise Unanswered("Airflow's API broke off; it may have cleared them.") from error
        return _read(response.status, content)


class _NotLoggedIn(Away):
    """The credentials are wrong, or the token has expired."""


async def _content(response: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for part in response.content.iter_any():
        content += part
        if len(content) > _LONGEST:
            raise Unanswered("Airflow's API gave an answer that is too long; it may have cleared them.")
    return bytes(content)


def _read(status: int, content: bytes) -> Mapping[str, object]:
    """Return an answer; raises `Refused`. A refusal quotes nothing, because an answer may hold anything."""
    if status in (HTTPStatus.OK, HTTPStatus.CREATED):
        try:
            answer: object = json.loads(content)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise Away(NOT_AIRFLOW)
        return cast("dict[str, object]", answer)
    if status == HTTPStatus.UNAUTHORIZED:
        raise _NotLoggedIn(
            "Airflow does not accept the credentials (401): look at airflow_username and airflow_password, or "
            "airflow_token, and on Airflow 2 also at its option [api] auth_backends."
        )
    if status == HTTPStatus.FORBIDDEN:
        raise Refused("Airflow does not allow its user to clear them (403).")
    if status == HTTPStatus.NOT_FOUND:
        raise Refused("Airflow does not know them (404); or airflow_url is wrong.")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise Away(f"airflow_url leads to another address ({status}): set the one where Airflow itself answers.")
    raise Refused(f"Airflow's API answered {status}.")
