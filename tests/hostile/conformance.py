"""schemathesis against a real service: whether the API is what its OpenAPI document says."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.databases import postgres
from tests.hostile.conftest import catalogue
from tests.hostile.raw import ask
from tests.hostile.service import serving
from tests.service.process import ServiceProcess

__all__ = ["Conformance", "conform", "filled_service"]

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Conformance:
    """What came of it."""

    is_kept: bool
    cases: int
    statuses: Counter[int]
    report: str


@contextmanager
def filled_service(kind: str, folder: Path, request: pytest.FixtureRequest) -> Generator[ServiceProcess]:
    """Start a service that logs as JSON, on a database of this kind with some runs in it."""
    flags = ["--dags", str(catalogue(folder)), "--log-format", "json", "--log-level", "debug"]
    if kind == "PostgreSQL":
        server: str = request.getfixturevalue("postgres_server")
        flags += ["--database", asyncio.run(postgres.fresh_database(server, "conformance"))]
    with serving(folder, *flags) as service:
        for prefix in ("first", "second"):
            asyncio.run(_fill(service, prefix))
        yield service


async def _fill(service: ServiceProcess, prefix: str) -> None:
    window = {"start_date": "2017-09-01", "end_date": "2017-09-30", "partial": True, "limit": 5}
    text = json.dumps({"dag_id": "hello", "prefix": prefix, **window}).encode()
    head = f"POST /api/v1/dag_runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(text)}\r\n\r\n".encode()
    assert len((await ask(service.port, head + text)).payload["dag_run_ids"]) == 5


def conform(service: ServiceProcess, folder: Path, *, examples: int, seed: int) -> Conformance:
    """Run every phase and check of schemathesis."""
    before = len(service.log.splitlines())
    command = [
        str(Path(sys.executable).parent / "schemathesis"),
        "--config-file",
        str(_HERE / "schemathesis.toml"),
        "run",
    ]
    flags = ["--max-examples", str(examples), "--seed", str(seed), "--no-color", "--generation-database", "none"]
    run = subprocess.run(
        [*command, f"{service.address}/api/v1/openapi.json", *flags],
        cwd=folder,
        env={**os.environ, "SCHEMATHESIS_HOOKS": str(_HERE / "leading.py")},
        capture_output=True,
        text=True,
        check=False,
    )
    report = run.stdout + run.stderr
    records = [json.loads(line) for line in service.log.splitlines()[before:]]
    statuses = Counter(record["status"] for record in records if record["logger"] == "dagrun_api.access")
    cases = re.findall(r"(\d+) generated", report)
    return Conformance(run.returncode == 0, int(cases[0]) if cases else 0, statuses, report)
