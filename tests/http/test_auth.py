"""Which requests a token opens, and which need none."""

from __future__ import annotations

import asyncio
import hmac
import logging
from hashlib import sha256
from typing import Any
from unittest.mock import Mock, patch

import pytest
from multidict import CIMultiDict

from dagrun_api.settings.tokens import AccessToken
from dagrun_api.store import Store
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import Api, Serve, error

TOKEN = "s3cret-Token"

PATHS = ["/api/v1/dags", "/api/v1/dag_runs", "/api/v1/dag_runs/x", "/nowhere", "/api/v1/openapi.json", "/healthz/../x"]


@pytest.fixture
async def guarded(serve: Serve) -> Api:
    return await serve(token=TOKEN)


@pytest.mark.parametrize("path", PATHS)
async def test_without_the_token_every_request_is_refused(guarded: Api, path: str) -> None:
    response = await guarded.get(path)
    await error(response, 401)
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", [TOKEN, f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER  {TOKEN}"])
async def test_the_token_is_accepted_alone_and_as_a_bearer(guarded: Api, header: str) -> None:
    assert (await guarded.get("/api/v1/dags", headers={"Authorization": header})).status == 200
    assert (await guarded.get("/nowhere", headers={"Authorization": header})).status == 404


@pytest.mark.parametrize(
    "header",
    [
        "",
        "s",
        TOKEN[:-1],
        f"{TOKEN}x",
        TOKEN.lower(),
        "Bearer",
        "Bearer ",
        f"Basic {TOKEN}",
        f"Token {TOKEN}",
        f"{TOKEN} {TOKEN}",
        f"{TOKEN},{TOKEN}",
        f"Bearer {TOKEN}, Bearer {TOKEN}",
        f"Bearer\t{TOKEN}",
        f'Bearer "{TOKEN}"',
        f"Bearer Bearer {TOKEN}",
        TOKEN.encode().hex(),
        sha256(TOKEN.encode()).hexdigest(),
        TOKEN[:-1] + "x",
        "x" + TOKEN[1:],
        TOKEN.swapcase(),
        "x" * 8000,
        "é",
    ],
)
async def test_any_other_header_is_refused(guarded: Api, header: str) -> None:
    await error(await guarded.get("/api/v1/dags", headers={"Authorization": header}), 401)


async def test_two_authorization_headers_are_refused(guarded: Api) -> None:
    headers = CIMultiDict([("Authorization", TOKEN), ("Authorization", TOKEN)])
    await error(await guarded.get("/api/v1/dags", headers=headers), 401)


@pytest.mark.parametrize("raw", [b"\xe9", TOKEN.encode() + b"\xe9", b"Bearer \xff" + TOKEN.encode(), b"\xed\xb3\xa9"])
async def test_bytes_that_are_not_text_are_refused(guarded: Api, raw: bytes) -> None:
    # The client of the other tests leaves them out.
    assert await status(guarded, "/api/v1/dags", b"Authorization: " + raw) == 401
    assert await status(guarded, "/api/v1/dags", b"Authorization: " + TOKEN.encode()) == 200


async def status(api: Api, path: str, header: bytes = b"X: y") -> int:
    """Return the status of a request that is sent exactly as given."""
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".encode() + header + b"\r\n\r\n")
    head, _, _ = (await reader.read()).partition(b"\r\n")
    writer.close()
    await writer.wait_closed()
    return int(head.split()[1])


async def test_a_token_that_is_not_ascii_works(serve: Serve) -> None:
    guarded = await serve(token="pässwörd-\u2713", tokens=(AccessToken(name="a", token="zwölf"),))
    for token in ("pässwörd-\u2713", "zwölf"):
        assert (await guarded.get("/api/v1/dags", headers={"Authorization": token})).status == 200
    for token in ("pässwörd-\u2714", "zwolf"):
        await error(await guarded.get("/api/v1/dags", headers={"Authorization": token}), 401)


@pytest.mark.parametrize("header", ["one", "two", "three", "Bearer two", "nothing", "", "thre", "Bearer "])
async def test_every_token_is_compared_in_constant_time(serve: Serve, header: str) -> None:
    tokens = (AccessToken(name="a", token="one"), AccessToken(name="b", sha256=sha256(b"two").hexdigest()))
    guarded = await serve(token="three", tokens=tokens)
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    with patch("dagrun_api.web.auth.hmac", Mock(compare_digest=compare)):
        await guarded.get("/api/v1/dags", headers={"Authorization": header})
    sent = sha256(header.removeprefix("Bearer ").encode()).digest()
    assert compared == [(sent, sha256(known).digest()) for known in (b"one", b"two", b"three")]


@pytest.mark.parametrize(
    "path",
    [
        "/healthz/",
        "/healthz/x",
        "/healthz//",
        "//healthz",
        "/healthz%2e",
        "/healthz%2F",
        "/healthz%00",
        "/HEALTHZ",
        "/healthz;x",
        "/healthz/../api/v1/dags",
        "/healthz/%2e%2e/api/v1/dags",
        "/healthz/..%2fapi/v1/dags",
        "/readyz/%2E%2E/api/v1/dags",
        "/api/v1/dags/../../../healthz/x",
        "/api/v1/dags?/healthz",
        "/api/v1/dags;/healthz",
        "/api/v1/healthz",
    ],
)
async def test_a_path_that_resembles_a_probe_needs_a_token(guarded: Api, world: MemoryWorld, path: str) -> None:
    with patch.object(world.store, "dags", side_effect=AssertionError):
        assert await status(guarded, path) == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_a_probe_is_open_for_get_only(guarded: Api, method: str) -> None:
    assert (await guarded.request(method, "/healthz")).status in (401, 405)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_the_probes_are_open(guarded: Api, path: str) -> None:
    assert (await guarded.get(path)).status == 200


async def test_a_refused_request_reads_no_body_and_uses_no_database(guarded: Api, world: MemoryWorld) -> None:
    with patch.object(world.store, "batch", side_effect=AssertionError):
        response = await guarded.post("/api/v1/dag_runs", data=b"x" * 100_000)
    await error(response, 401)
    assert response.headers["Connection"] == "close"


@pytest.mark.parametrize("path", ["/api/v1/dags", "/api/v1/dag_runs", "/nowhere", "/healthz", "/api/v1/dags?x=1"])
async def test_a_token_is_never_logged_or_sent_back(serve: Serve, caplog: pytest.LogCaptureFixture, path: str) -> None:
    reader = AccessToken(name="reader", token="s3cret-Reader", access="read", dags=("x",))
    guarded = await serve(token=TOKEN, tokens=(reader,))
    with caplog.at_level(logging.DEBUG):
        for token in (TOKEN, "s3cret-Reader", "s3cret-Wrong"):
            for method in ("GET", "POST"):
                response = await guarded.request(method, path, headers={"Authorization": f"Bearer {token}"})
                assert "s3cret" not in await response.text() + str(response.headers)
    assert caplog.records
    assert "s3cret" not in caplog.text + str([vars(record) for record in caplog.records])


async def test_a_refused_request_takes_no_connection(serve: Serve, world: MemoryWorld) -> None:
    reader = AccessToken(name="reader", token="r", access="read")
    guarded = await serve(token=TOKEN, tokens=(reader,))
    never: dict[str, Any] = dict.fromkeys((name for name in vars(Store) if not name.startswith("_")), _never)
    with patch.multiple(world.store, **never):
        for path in ("dag_runs", "dags/a/paused/true", "batches/x/cancel"):
            for token, status in (("x", 401), ("r", 403)):
                response = await guarded.post(f"/api/v1/{path}", data=b"{", headers={"Authorization": token})
                await error(response, status)
                assert response.headers["Connection"] == "close"


def _never(*_: object, **__: object) -> None:
    raise AssertionError("the store was asked")


async def test_without_the_token_no_100_continue_is_sent(guarded: Api) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", guarded.port)
    writer.write(b"POST /api/v1/dag_runs HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 401")
    writer.close()
    await writer.wait_closed()
