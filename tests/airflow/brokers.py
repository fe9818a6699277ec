"""The broker between a scheduler and Celery: a Redis from the distribution, in memory alone."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.service.ports import free_port

from .processes import Processes
from .waiting import until

__all__ = ["start_broker"]


def start_broker(processes: Processes) -> str:
    """Start a Redis and return its URL.

    Without Redis the test is skipped, and on CI it fails.
    """
    program = shutil.which("redis-server")
    if program is None and os.environ.get("CI") == "true":
        pytest.fail("Redis is not installed, and CI must not skip this test: apt-get install redis-server")
    if program is None:
        pytest.skip("Redis is not installed: apt-get install redis-server")
    port = free_port()
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    redis = processes.start("redis", command, os.environ)

    def is_ready() -> bool:
        return not redis.alive or "Ready to accept connections" in redis.log.read_text()

    until("Redis is ready", is_ready, 30, redis.tail, pause=0.05)
    assert redis.alive, redis.tail()
    return f"redis://127.0.0.1:{port}/0"
