"""A real PgBouncer between a service and a server, from the distribution."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.databases.postgres import unprivileged
from tests.service.ports import free_port

__all__ = ["bouncer"]

_PATIENCE = 30.0
"""Seconds that it may take to start on a busy machine."""

_SETTINGS = """
[databases]
{database} = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = 10
ignore_startup_parameters = extra_float_digits
"""


@contextmanager
def bouncer(url: str, mode: str) -> Generator[str]:
    """Yield the URL of a database of the server behind a pooler in this mode: `transaction` or `session`.

    Without PgBouncer the test is skipped, and on CI it fails.
    """
    program = shutil.which("pgbouncer", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))
    if program is None and os.environ.get("CI") == "true":
        pytest.fail("PgBouncer is not installed, and CI must not skip these tests: apt-get install pgbouncer")
    if program is None:
        pytest.skip("PgBouncer is not installed: apt-get install pgbouncer")
    folder = Path(tempfile.mkdtemp(prefix="dagrun-api-"))
    try:
        with _started(program, folder, url, mode) as pooled:
            yield pooled
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _started(program: str, folder: Path, url: str, mode: str) -> Generator[str]:
    parts, own_port, log = urlsplit(url), free_port(), folder / "log"
    settings = folder / "pgbouncer.ini"
    database = parts.path.removeprefix("/")
    settings.write_text(
        _SETTINGS.format(
            database=database,
            host=parts.hostname or parse_qs(parts.query)["host"][0],
            port=parts.port or 5432,
            user=parts.username,
            own_port=own_port,
            mode=mode,
        )
    )
    folder.chmod(0o755)
    with log.open("wb") as output:
        # Like PostgreSQL, it refuses to run as root.
        process = subprocess.Popen(
            [program, settings], stdin=subprocess.DEVNULL, stdout=output, stderr=output, **unprivileged()
        )
    try:
        end = time.monotonic() + _PATIENCE
        while b"process up" not in log.read_bytes():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.01)
        yield f"postgresql://postgres:@127.0.0.1:{own_port}/{database}"
    finally:
        process.kill()
        process.wait()
