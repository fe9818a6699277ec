"""Requests of which two readers may disagree where they end: on bare sockets, to a real service."""

from __future__ import annotations

import asyncio
import os

import pytest

from tests.hostile.conftest import Start
from tests.hostile.corpus import AMBIGUOUS, CODINGS, SOUND, TARGETS, UPGRADES
from tests.hostile.raw import ask, exchange
from tests.service.process import ServiceProcess

LAST = b"GET /api/v1/behind?%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("name", AMBIGUOUS)
async def test_an_ambiguous_request_is_refused_with_what_follows(service: ServiceProcess, name: str) -> None:
    mark = os.urandom(8).hex()
    got, closed = await exchange(service.port, AMBIGUOUS[name] + LAST % mark.encode())
    assert [each.status for each in got] == [400]
    assert closed
    assert got[0].headers["server"] == "dagrun-api"
    assert mark not in service.log


@pytest.mark.parametrize("name", [name for name in AMBIGUOUS if "HTTP/" in name])
async def test_another_version_is_refused_also_when_nothing_follows(service: ServiceProcess, name: str) -> None:
    answer = await ask(service.port, AMBIGUOUS[name])
    assert answer.status == 400


@pytest.mark.parametrize("name", SOUND)
async def test_an_unusual_request_ends_where_it_says(service: ServiceProcess, name: str) -> None:
    got, _ = await exchange(service.port, SOUND[name] + LAST % b"1")
    assert [each.status for each in got] == [400, 404]
    assert "behind" in got[1].payload["error"]


@pytest.mark.parametrize("name", CODINGS)
async def test_a_coding_besides_chunks_is_refused(service: ServiceProcess, name: str) -> None:
    got, closed = await exchange(service.port, CODINGS[name] + LAST % b"coded")
    assert [each.status for each in got] == [400]
    assert closed


async def test_the_answer_to_a_coding_says_what_to_send(service: ServiceProcess) -> None:
    answer = await ask(service.port, CODINGS["gzip"])
    assert "Transfer-Encoding: chunked" in answer.payload["error"]


@pytest.mark.parametrize("is_split", [False, True], ids=["together", "one by one"])
@pytest.mark.parametrize("name", UPGRADES)
async def test_an_upgrade_is_declined_and_ends_the_connection(
    service: ServiceProcess, name: str, is_split: bool
) -> None:
    request, following = UPGRADES[name], LAST % b"upgraded"
    got, closed = await exchange(service.port, *((request, following) if is_split else (request + following,)))
    expected = {"a GET": 200, "a CONNECT": 404}.get(name.partition(" to ")[0], 400)
    assert [(each.status, each.headers.get("connection")) for each in got] == [(expected, "close")]
    assert closed
    assert "upgraded" not in service.log


async def test_requests_before_an_upgrade_are_answered(service: ServiceProcess) -> None:
    sound = SOUND["an extension of a chunk"]
    got, closed = await exchange(service.port, sound + UPGRADES["a GET to h2c"] + sound)
    assert [each.status for each in got] == [400, 200]
    assert closed


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: ascii(target.decode("latin-1")))
async def test_a_target_is_taken_by_the_letter(service: ServiceProcess, target: bytes) -> None:
    got, _ = await exchange(
        service.port, b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    assert [each.status for each in got] == [TARGETS[target]]


async def test_a_connect_and_an_options_of_everything_are_answered(service: ServiceProcess) -> None:
    for line in (b"CONNECT evil.example:80", b"CONNECT /api/v1/dags", b"OPTIONS *"):
        got, _ = await exchange(service.port, line + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert [each.status for each in got] == [404]


async def test_a_host_header_does_not_change_links(start: Start) -> None:
    body = b'{"dag_id": "hello", "prefix": "linked", "start_date": "2017-01-01", "end_date": "2017-01-04"}'
    head = b"POST /api/v1/dag_runs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    request = b"GET http://evil.example/api/v1/dag_runs?limit=1 HTTP/1.1\r\nConnection: close\r\nHost: %s\r\n\r\n"
    with start("--allowed-hosts", "*") as service:
        await exchange(service.port, head % len(body) + body)
        for host in (b"evil.example", b"x y/z?a@b", b"", b"\xff"):
            ((answer,), _) = await exchange(service.port, request % host)
            assert answer.headers["link"].startswith("</api/v1/dag_runs?limit=1&start=")


@pytest.mark.parametrize("parser", [{}, {"AIOHTTP_NO_EXTENSIONS": "1"}], ids=["in C", "in Python"])
async def test_damage_closes_the_connection_without_a_traceback(start: Start, parser: dict[str, str]) -> None:
    with start(environ=parser) as service:
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(b"GET /api/v1/dags HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert (await reader.readuntil(b"]}}")).startswith(b"HTTP/1.1 200 ")
        writer.write(b"zz\r\n\r\n" + LAST % b"damaged")
        writer.write_eof()
        rest = await asyncio.wait_for(reader.read(), 30)
        writer.close()
        assert b"behind" not in rest
        got, _ = await exchange(service.port, b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert [each.status for each in got] == [400]
        assert "damaged" not in service.log
        assert "Traceback" not in service.log
