"""HTTP as bytes on a socket, and the answers to it read by the letter."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

__all__ = ["Answer", "answers", "ask", "exchange"]

_PATIENCE = 30
_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, which has a length and wears the envelope."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def payload(self) -> dict[str, Any]:
        """What is in the envelope."""
        whole = json.loads(self.body)
        assert list(whole) == ["response"], whole
        payload: dict[str, Any] = whole["response"]
        assert (list(payload) == ["error"]) == (self.status >= 400), payload
        return payload


async def exchange(port: int, *parts: bytes) -> tuple[list[Answer], bool]:
    """Send bytes, with a pause between the parts, and read until the connection is closed, or nothing more comes.

    Return the answers, and whether the service closed the connection.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    got = bytearray()
    closed = False
    try:
        with suppress(ConnectionError):
            for part in parts:
                writer.write(part)
                await writer.drain()
                if part is not parts[-1]:
                    await asyncio.sleep(_PAUSE)
        with suppress(TimeoutError):
            while data := await asyncio.wait_for(reader.read(65536), _PATIENCE):
                got += data
            closed = True
    except ConnectionError:
        closed = True
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    return answers(bytes(got)), closed


async def ask(port: int, request: bytes) -> Answer:
    """Send bytes, return the first answer, and hang up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        async with asyncio.timeout(_PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
    finally:
        writer.transport.abort()
    (answer,) = answers(head + body)
    return answer


def answers(data: bytes) -> list[Answer]:
    """Read answers that follow one another; nothing may stand between them or be left over."""
    found: list[Answer] = []
    while data:
        head, separator, data = data.partition(b"\r\n\r\n")
        assert separator, head
        line, *lines = head.decode("ascii").split("\r\n")
        version, status, _ = line.split(" ", 2)
        assert version in ("HTTP/1.1", "HTTP/1.0"), line
        if status == "100":
            continue
        headers: dict[str, str] = {}
        for each in lines:
            name, _, value = each.partition(": ")
            assert name.lower() not in headers, f"{name} twice"
            headers[name.lower()] = value
        length = int(headers["content-length"])
        body, data = data[:length], data[length:]
        assert len(body) == length, "an answer was cut off"
        found.append(Answer(int(status), headers, body))
        assert headers["content-type"] == "application/json; charset=utf-8"
        assert found[-1].payload is not None
    return found
