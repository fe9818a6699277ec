"""The access log of a real service: which requests it shows, and that it shows no token."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import ClientSession
from yarl import URL

from tests.hostile.conftest import Start
from tests.hostile.raw import ask
from tests.service.process import ServiceProcess

TOKENS = {"default": "s3cret-of/nobody+1", "named": "zwölf-Tokens-%41", "hashed": "0f1e2d3c4b5a69788796a5b4"}
SECTIONS = f"""
[token:named]
token = {TOKENS["named"]}
[token:hashed]
sha256 = {sha256(TOKENS["hashed"].encode()).hexdigest()}
access = read
dags = nothing
"""
AUTHORIZED = b"\r\nHost: localhost\r\nAuthorization: " + TOKENS["default"].encode()


def lines(service: ServiceProcess) -> list[dict[str, Any]]:
    """Return the lines of a service that has ended, if its log is in JSON."""
    records = [json.loads(line) for line in service.log.splitlines()]
    return [record for record in records if record["logger"] == "dagrun_api.access"]


@pytest.mark.parametrize("name", TOKENS)
async def test_a_token_in_a_request_is_shown_nowhere(start: Start, tmp_path: Path, name: str) -> None:
    (tmp_path / "tokens.ini").write_text(SECTIONS, "utf-8")
    token = TOKENS[name]
    plain, hexadecimal = quote(token, safe=""), "".join(f"%{byte:02X}" for byte in token.encode())
    environ = {"DAGRUN_API_TOKEN": TOKENS["default"]}
    told = ""
    with start("--log-level", "debug", "--config", str(tmp_path / "tokens.ini"), environ=environ) as service:
        addresses = [
            f"{start}{spelled}"
            for spelled in (plain, hexadecimal)
            for start in (
                "/",
                "/nowhere/x/",
                "/api/v1/dags?token=",
                "/api/v1/dags?",
                "/api/v1/dag_runs/",
                "/api/v1/dag_runs?limit=",
                "/api/v1/dag_runs?state=",
                "/api/v1/dag_runs?external_trigger=",
                "/api/v1/batches/",
                "/static/",
                "/healthz?",
            )
        ]
        headers = [b"", b"\r\nExpect: wonders", b"\r\nX-Request-ID: " + token.encode()]
        for address in addresses:
            for header in headers:
                answer = await ask(service.port, f"GET {address} HTTP/1.1".encode() + AUTHORIZED + header + b"\r\n\r\n")
                told += answer.body.decode() + json.dumps(answer.headers)
        for key in ("dag_id", "limit", "start_date", "conf", token):
            body = json.dumps({"dag_id": "hello"} | {key: token}).encode()
            head = b"POST /api/v1/dag_runs HTTP/1.1" + AUTHORIZED + b"\r\nContent-Length: %d\r\n\r\n" % len(body)
            told += (await ask(service.port, head + body)).body.decode()
    for text in (told, service.log):
        for spelled in (token, plain, hexadecimal, ascii(token)[1:-1], token[:10]):
            assert spelled.lower() not in text.lower()
        assert "***" in text


async def test_a_refused_write_is_audited_without_a_token(start: Start, tmp_path: Path) -> None:
    (tmp_path / "tokens.ini").write_text(SECTIONS, "utf-8")
    token = TOKENS["hashed"]
    with start("--config", str(tmp_path / "tokens.ini")) as service:
        head = f"POST /api/v1/dags/{token}/paused/true HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n\r\n"
        assert (await ask(service.port, head.encode())).status == 403
    assert "result=refused" in service.log
    assert token not in service.log


FREQUENT = ("/healthz", "/readyz", "/metrics", "/static/app/api.js", "/static/app/app.css", "/api/v1/batches/etl")
OTHERS = ("/", "/reference", "/api/v1/dags", "/api/v1/dag_runs", "/api/v1/openapi.json")
FAILED = ("/static/app/absent.js", "/api/v1/batches/absent", "/api/v1/batches/etl?x=1", "/healthz?%ff")


async def test_what_is_asked_for_all_the_time_is_logged_for_debugging(start: Start) -> None:
    with start("--log-format", "json", "--log-level", "debug") as service:
        async with ClientSession(service.address) as session:
            await session.post("/api/v1/dag_runs", json={"dag_id": "by_hand", "prefix": "etl"})
            for path in (*FREQUENT, *OTHERS, *FAILED):
                async with session.get(URL(path, encoded=True)) as response:
                    assert (response.status >= 400) == (path in FAILED)
            async with session.head("/healthz") as response:
                assert response.status == 200
            for path in ("/", "/static/app/api.js", "/api/v1/batches/etl"):
                async with session.get(path, headers={"If-None-Match": "*"}) as response:
                    assert response.status == 304
    logged = {
        (line["method"], line["path"].partition("?")[0], line["status"]): line["level"] for line in lines(service)
    }
    frequent = {("GET", path, 200) for path in FREQUENT} | {("HEAD", "/healthz", 200)}
    frequent |= {("GET", path, 304) for path in ("/", "/static/app/api.js", "/api/v1/batches/etl")}
    assert {each for each, level in logged.items() if level == "debug"} == frequent
    others = [("POST", "/api/v1/dag_runs", 200), *(("GET", path, 200) for path in OTHERS)]
    assert {logged[each] for each in others} == {"info"}
    assert len(logged) == len(frequent) + len(others) + len(FAILED)


async def test_at_the_level_info_it_is_not_logged(start: Start) -> None:
    with start("--log-format", "json") as service:
        async with ClientSession(service.address) as session:
            for path in ("/healthz", "/static/app/api.js", "/api/v1/dags"):
                await (await session.get(path)).read()
    assert [line["path"] for line in lines(service)] == ["/api/v1/dags"]
