"""Our service as a process of its own, beside Airflow, on Airflow's database."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.service.ports import free_port
from tests.service.process import clean_environment

from .clients import Answer, Client
from .processes import Processes, Running
from .waiting import until

COMMAND = Path(sys.executable).parent / "dagrun-api"


class Service:
    """`dagrun-api serve`, and the requests of a user."""

    def __init__(self, running: Running, port: int) -> None:
        self.running = running
        self.port = port
        self.client = Client(port)

    @classmethod
    def start(cls, processes: Processes, url: str, *flags: str, environ: Mapping[str, str] | None = None) -> Service:
        """Start the service with the database's address as airflow.cfg spells it; it is ready on return."""
        port = free_port()
        command = [str(COMMAND), "serve", "--database", url, "--port", str(port), *flags]
        name = "".join(["dagrun-api", *flags]).replace("/", "-")
        environment = clean_environment() | dict(environ or {})
        service = cls(processes.start(name, command, environment), port)
        ready = lambda: not service.running.alive or service.client.answers("/readyz")  # noqa: E731
        until("the service is ready", ready, 30, service.running.tail, pause=0.1)
        assert service.running.alive, f"the service did not start\n{service.running.tail()}"
        return service

    def create(self, **body: object) -> Answer:
        """POST a batch of runs."""
        return self.client.request("POST", "/api/v1/dag_runs", body)

    def created(self, **body: object) -> dict[str, Any]:
        """POST a batch that has to be accepted and return what the answer holds."""
        answer = self.create(**body)
        assert answer.status == 200, f"{answer.status} {answer.body}\n{self.running.tail()}"
        response: dict[str, Any] = answer.body["response"]
        return response

    def get(self, path: str, **query: object) -> Any:
        """GET below /api/v1 and return what the answer holds."""
        full = f"/api/v1/{path}" + (f"?{urlencode(query)}" if query else "")
        answer = self.client.request("GET", full)
        assert answer.status == 200, f"{answer.status} {answer.body}\n{self.running.tail()}"
        return answer.body["response"]

    def post(self, path: str) -> Any:
        """POST below /api/v1, without a body, and return what the answer holds."""
        answer = self.client.request("POST", f"/api/v1/{path}")
        assert answer.status == 200, f"{answer.status} {answer.body}\n{self.running.tail()}"
        return answer.body["response"]

    def runs(self, **query: object) -> list[dict[str, Any]]:
        """Return all runs that fit, page by page."""
        found: list[dict[str, Any]] = []
        start = 0
        while page := self.get("dag_runs", limit=100, start=start, **query)["dag_runs"]:
            found += page
            start = page[-1]["id"]
        return found
