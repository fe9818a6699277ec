"""The time that the head of a request takes on the event loop grows with its size, whatever it holds."""

from __future__ import annotations

import pytest

from tests.hostile.raw import ask
from tests.service.process import ServiceProcess

SIZE = 8000
"""About the longest line that is read."""

PLAIN = "a" * SIZE

PIECES = ("?", "?a", "?a=", ";", "a;", ";a=", '"', "(", ",", '"a",', "\\", "%41", "@", "[", ":", "a b", " \t")

HEADERS = (
    "Content-Type",
    "Accept",
    "If-None-Match",
    "Cookie",
    "Range",
    "TE",
    "Authorization",
    "X-Request-ID",
    "Origin",
)

TARGETS = ("/x", "/x?", "/api/v1/dag_runs/", "/api/v1/dag_runs?", "/api/v1/dag_runs?dag_id=", "/api/v1/dag_runs?start=")


@pytest.mark.parametrize("name", HEADERS)
async def test_no_header_takes_long(service: ServiceProcess, name: str) -> None:
    def head(value: str) -> bytes:
        return f"POST /api/v1/dag_runs HTTP/1.1\r\nHost: 127.0.0.1\r\n{name}: x{value}\r\n".encode()

    await costs_as_much_as_plain_text(service, [head(filled(piece)) for piece in PIECES], head(PLAIN))


@pytest.mark.parametrize("target", TARGETS)
async def test_no_address_takes_long(service: ServiceProcess, target: str) -> None:
    def head(value: str) -> bytes:
        return f"GET {target}{value} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode()

    heads = [head(filled(piece)) for piece in PIECES if " " not in piece]
    await costs_as_much_as_plain_text(service, heads, head(PLAIN))


def filled(piece: str) -> str:
    return (piece * SIZE)[:SIZE]


async def costs_as_much_as_plain_text(service: ServiceProcess, heads: list[bytes], plain: bytes) -> None:
    taken = await seconds(service, [plain] * len(heads))
    # With the square of its size, a single one of these heads takes as long as a hundred others.
    assert await seconds(service, heads) < 5 * max(taken, 0.1)


async def seconds(service: ServiceProcess, heads: list[bytes]) -> float:
    """Return the processor time that the service takes to answer each of these requests three times."""
    before = service.processor_seconds
    for head in heads * 3:
        assert (await ask(service.port, head + b"Content-Length: 2\r\n\r\n{}")).status < 500
    return service.processor_seconds - before
