"""OpenTelemetry through its launcher, without support in the service itself."""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.databases import postgres
from tests.databases.schemas import postgres_ddl
from tests.databases.worlds import PostgresWorld
from tests.service.process import PROGRAM, serving

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"

ENVIRONMENT = {
    "OTEL_SERVICE_NAME": "dagrun-api",
    "OTEL_TRACES_EXPORTER": "console",
    "OTEL_METRICS_EXPORTER": "none",
    "OTEL_LOGS_EXPORTER": "none",
    "OTEL_PYTHON_LOG_CORRELATION": "true",
    "OTEL_PYTHON_AIOHTTP_SERVER_EXCLUDED_URLS": "healthz,readyz,metrics",
}


@dataclass(frozen=True)
class Output:
    """The output of a process: the spans from stdout and the log lines from stderr."""

    spans: list[dict[str, Any]]
    lines: list[dict[str, Any]]


@pytest.fixture
async def database(postgres_server: str) -> str:
    url = await postgres.fresh_database(postgres_server, "traced", postgres_ddl("3.1.8"))
    async with PostgresWorld.open(url) as world:
        await world.add_dag("etl")
    return url


@pytest.fixture
def output(database: str, tmp_path: Path) -> Output:
    """Run the service, probe it, pause a DAG, and stop it."""
    program = (str(Path(sys.executable).parent / "opentelemetry-instrument"), *PROGRAM)
    environ = ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
    options, spans = ("--database", database, "--log-format", "json"), tmp_path / "spans"
    with serving(tmp_path, *options, program=program, environ=environ, stdout=spans) as service:
        ask("GET", f"{service.address}/readyz")
        ask("POST", f"{service.address}/api/v1/dags/etl/paused/true", {"traceparent": f"00-{TRACE}-{PARENT}-01"})
    return Output(spans_of(spans.read_text()), [json.loads(line) for line in service.log.splitlines()])


def ask(method: str, url: str, headers: dict[str, str] | None = None) -> None:
    request = urllib.request.Request(url, method=method, headers=headers or {})  # noqa: S310  # a local URL
    with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
        assert response.status == 200


def spans_of(text: str) -> list[dict[str, Any]]:
    """Return the JSON documents that the console exporter wrote."""
    found: list[dict[str, Any]] = []
    decoder = json.JSONDecoder()
    while text := text.strip():
        span, end = decoder.raw_decode(text)
        found.append(span)
        text = text[end:]
    return found


def test_a_request_is_a_span_with_its_statements_below(output: Output) -> None:
    (request,) = [span for span in output.spans if span["kind"] == "SpanKind.SERVER"]
    assert request["name"] == "POST /api/v1/dags/{dag_id}/paused/{paused}", "probes must not have spans"
    assert (request["context"]["trace_id"], request["parent_id"]) == (f"0x{TRACE}", f"0x{PARENT}")
    assert request["attributes"]["http.status_code"] == 200
    below = [span["attributes"] for span in output.spans if span["parent_id"] == request["context"]["span_id"]]
    assert any(each["db.statement"].startswith("UPDATE dag") for each in below)
    assert {each["db.system"] for each in below} == {"postgresql"}


def test_a_log_line_names_the_trace_and_the_request(output: Output) -> None:
    (line,) = [line for line in output.lines if line["logger"] == "dagrun_api.audit"]
    assert (line["otelTraceID"], line["otelServiceName"]) == (TRACE, "dagrun-api")
    # The access log line is written after the end of the span, so only its request id connects it.
    (answered,) = [line for line in output.lines if line.get("path") == "/api/v1/dags/etl/paused/true"]
    assert answered["request_id"] == line["request_id"]
