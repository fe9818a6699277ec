"""Requests to the services of a test, all of them on 127.0.0.1."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the JSON that came with it."""

    status: int
    body: Any
    retry_after: str | None = None


class Client:
    """Speaks JSON to one port, with a connection for each request."""

    def __init__(self, port: int, timeout: float = 30) -> None:
        self.port = port
        self.timeout = timeout

    def request(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request; raises OSError when nobody listens, ValueError when the answer is not JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            sent = None if body is None else json.dumps(body)
            content = {} if body is None else {"Content-Type": "application/json"}
            connection.request(method, path, sent, {**content, **(headers or {})})
            response = connection.getresponse()
            return Answer(response.status, json.loads(response.read()), response.headers["Retry-After"])
        finally:
            connection.close()

    def answers(self, path: str) -> bool:
        """Tell whether a GET is answered with 200, whatever the body."""
        try:
            return self.request("GET", path).status == 200
        except (OSError, ValueError, http.client.HTTPException):
            return False
