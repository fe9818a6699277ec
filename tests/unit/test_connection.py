"""What the connection answers itself: malformed HTTP, and exceptions that the application did not handle."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import time

import pytest
from aiohttp import ClientSession

from dagrun_api.serving import connection
from tests.unit.serving import Serving, exchange, port

MALFORMED = {
    "not HTTP": b"hello hunter2\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03hunter2\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "bad version": b"GET / HTTP/9.x\r\nHost: x\r\n\r\n",
    "space before the colon": b"GET / HTTP/1.1\r\nHost : hunter2\r\n\r\n",
    "no colon": b"GET / HTTP/1.1\r\nhunter2\r\n\r\n",
    "folded header": b"GET / HTTP/1.1\r\nHost: x\r\n hunter2: y\r\n\r\n",
    "NUL in a header": b"GET / HTTP/1.1\r\nHost: hunt\x00er2\r\n\r\n",
    "bare LF": b"GET / HTTP/1.1\nHost: x\n\n",
    "both lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "negative length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "length with a sign": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na",
    "length in other digits": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ١\r\n\r\na".encode(),
    "chunked twice": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "long line": b"GET /" + b"a" * 10000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "long header": b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 10000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: hunter2\r\n" * 1000 + b"\r\n",
}


@pytest.mark.parametrize("request_bytes", MALFORMED.values(), ids=MALFORMED.keys())
async def test_malformed_http_is_answered_and_not_quoted(
    serving: Serving, caplog: pytest.LogCaptureFixture, request_bytes: bytes
) -> None:
    async with serving() as address:
        head, body = await exchange(address, request_bytes)
    lines = head.decode("ascii").split("\r\n")
    assert lines[0].split(" ", 1)[1] == "400 Bad Request"
    assert "Content-Type: application/json; charset=utf-8" in lines
    assert any(line.startswith("X-Request-ID: ") for line in lines)
    assert list(json.loads(body)) == ["response"]
    assert json.loads(body)["response"]["error"].startswith("This is not well-formed HTTP")
    assert b"hunter2" not in head + body
    assert "hunter2" not in caplog.text
    assert "Traceback" not in caplog.text


async def test_nothing_after_a_malformed_request_is_served(serving: Serving) -> None:
    smuggled = MALFORMED["both lengths"] + b"GET /wait?seconds=0 HTTP/1.1\r\nHost: x\r\n\r\n"
    async with serving() as address:
        _, body = await exchange(address, smuggled)
    assert b"HTTP/1" not in body


async def test_an_unknown_expectation_is_answered_in_the_envelope(serving: Serving) -> None:
    async with serving() as address:
        head, body = await exchange(address, b"GET /wait?seconds=0 HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 417 ")
    assert b"application/json" in head
    assert "error" in json.loads(body)["response"]


async def test_an_unhandled_exception_is_a_500_with_a_request_id(
    serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving() as address:
        head, body = await exchange(address, b"GET /fail HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n")
    request_id = re.findall(r"request id (\w+)", json.loads(body)["response"]["error"])[0]
    assert head.startswith(b"HTTP/1.1 500 ")
    assert f"X-Request-ID: {request_id}".encode() in head
    assert b"hunter2" not in body
    record = next(each for each in caplog.records if each.levelno == logging.ERROR)
    assert record.__dict__["request_id"] == request_id
    assert "hunter2" in caplog.text


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_a_client_with_a_slow_first_request_is_disconnected(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(connection, "FIRST_REQUEST_TIMEOUT", 0.3)
    async with serving() as address:
        reader, writer = await asyncio.open_connection("127.0.0.1", port(address))
        started = time.monotonic()
        writer.write(sent)
        for _ in range(20):
            if reader.at_eof():
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(reader.read(), 0.1)
            if sent and not reader.at_eof():
                writer.write(b"a")
        assert reader.at_eof()
        assert time.monotonic() - started < 1.5
        writer.close()


async def test_an_idle_connection_stays_open_for_the_next_request(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "FIRST_REQUEST_TIMEOUT", 0.1)
    async with serving() as address:
        reader, writer = await asyncio.open_connection("127.0.0.1", port(address))
        for _ in range(2):
            writer.write(b"GET /wait?seconds=0 HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200 ")
            await asyncio.sleep(0.3)
        assert not reader.at_eof()
        writer.close()


async def test_a_first_request_that_takes_long_to_answer_is_answered(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "FIRST_REQUEST_TIMEOUT", 0.1)
    async with (
        serving() as address,
        ClientSession() as session,
        session.get(f"{address}/wait?seconds=0.4") as response,
    ):
        assert response.status == 200
