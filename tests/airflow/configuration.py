"""How the Airflow of a test is configured: quick to notice things, small, and closed to the world."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from packaging.version import Version

from .generations import Setting
from .metadata import Database
from .releases import Release


def environment(
    release: Release,
    database: Database,
    home: Path,
    port: int,
    binaries: Path,
    *,
    parallel: bool,
    settings: tuple[Setting, ...] = (),
) -> Mapping[str, str]:
    """Return the environment of every process of this Airflow, with more settings, which come last."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PYTHON"))}
    with suppress(KeyError):
        del ours["VIRTUAL_ENV"]
    variables = {
        f"AIRFLOW__{section}__{name}": str(value)
        for section, name, value in (
            *_settings(home, port, parallel=parallel),
            *release.generation.settings,
            *settings,
        )
    }
    section = "DATABASE" if Version(release.version) >= Version("2.3") else "CORE"
    return {
        **ours,
        **variables,
        f"AIRFLOW__{section}__SQL_ALCHEMY_CONN": database.url,
        "AIRFLOW_HOME": str(home),
        "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "NO_PROXY": "127.0.0.1,localhost",
        "PYTHONWARNINGS": "ignore",
    }


def _settings(home: Path, port: int, *, parallel: bool) -> Iterator[Setting]:
    local = f"http://127.0.0.1:{port}"
    yield "CORE", "DAGS_FOLDER", home / "dags"
    yield "CORE", "LOAD_EXAMPLES", False
    yield "CORE", "DAGS_ARE_PAUSED_AT_CREATION", False
    yield "CORE", "EXECUTOR", "LocalExecutor" if parallel else "SequentialExecutor"
    yield "CORE", "PARALLELISM", 4 if parallel else 1
    yield "CORE", "EXECUTION_API_SERVER_URL", f"{local}/execution/"
    yield "CORE", "SIMPLE_AUTH_MANAGER_ALL_ADMINS", True
    # Only Airflow 1.10 asks: on SQLite it does without, as it comes.
    yield "CORE", "STORE_SERIALIZED_DAGS", parallel
    yield "CORE", "MIN_SERIALIZED_DAG_UPDATE_INTERVAL", 1
    yield "DATABASE", "LOAD_DEFAULT_CONNECTIONS", False
    yield "SCHEDULER", "SCHEDULER_HEARTBEAT_SEC", 1
    yield "SCHEDULER", "SCHEDULER_IDLE_SLEEP_TIME", 0.5
    for parser in ("SCHEDULER", "DAG_PROCESSOR"):
        yield parser, "MIN_FILE_PROCESS_INTERVAL", 15
        yield parser, "PARSING_PROCESSES", 1
    yield "WEBSERVER", "SECRET_KEY", "tests"
    yield "API", "BASE_URL", local
    yield "API", "SECRET_KEY", "tests"
    yield "API", "AUTH_BACKENDS", "airflow.api.auth.backend.basic_auth,airflow.api.auth.backend.default"
    yield "API_AUTH", "JWT_SECRET", "of these tests only, 127.0.0.1 only"
    yield "USAGE_DATA_COLLECTION", "ENABLED", False
