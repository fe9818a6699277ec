"""Every command of the README is run as it stands there; only ports and the names of hosts are others."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.databases import postgres
from tests.databases.schemas import postgres_ddl
from tests.readme.clone import clone
from tests.readme.page import README, ROOT, block, blocks
from tests.service.ports import free_port
from tests.unit.test_command_line import ENVIRON

EXECUTED = {
    "make run": "test_a_fresh_clone_serves_and_answers_as_printed",
    "curl 'http://127.0.0.1:8080/api/v1/dag_runs'": "test_a_fresh_clone_serves_and_answers_as_printed",
    "curl 'http://127.0.0.1:8080/api/v1/batches/first'": "test_a_fresh_clone_serves_and_answers_as_printed",
    "dagrun-api check --database": "test_a_database_is_checked_and_served",
    "dagrun-api create hello": "test_the_backfill_prints_what_is_shown",
    "dagrun-api batch etl": "test_the_backfill_prints_what_is_shown",
    "dagrun-api cancel etl": "test_the_backfill_prints_what_is_shown",
    "python3 -m venv ~/airflow-trial": "test_the_readme_leads_from_a_clone_to_an_executed_backfill",
    "python3 -m venv ~/dagrun-api-trial": "test_the_readme_leads_from_a_clone_to_an_executed_backfill",
    ". ~/dagrun-api-trial/bin/activate": "test_the_readme_leads_from_a_clone_to_an_executed_backfill",
}
"""How a block begins -> the test that runs it."""

BIN = Path(sys.executable).parent


@pytest.mark.parametrize("commands", blocks("shell"), ids=lambda commands: commands.partition("\n")[0])
def test_no_block_is_without_a_test_that_runs_it(commands: str) -> None:
    (name,) = {test for start, test in EXECUTED.items() if commands.startswith(start)}
    tests = [*(ROOT / "tests/readme").glob("test_*.py"), ROOT / "tests/airflow/test_readme.py"]
    assert any(re.search(rf"^def {name}\(", each.read_text(), re.MULTILINE) for each in tests)


def shell(commands: str, folder: Path, **environ: str) -> str:
    """Run commands to their end as somebody who has installed the package; return all that they print."""
    env = {**ENVIRON, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "PYTHONUNBUFFERED": "1", **environ}
    done = subprocess.run(
        ["bash", "-euc", commands],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@contextmanager
def running(commands: str, folder: Path, url: str) -> Generator[None]:
    """Run commands that serve until Ctrl-C, from the moment when this address answers."""
    env = {**ENVIRON, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    process = subprocess.Popen(["bash", "-euc", commands], cwd=folder, env=env, start_new_session=True)
    try:
        for _ in range(900):
            try:
                urllib.request.urlopen(url, timeout=1).close()  # noqa: S310
                break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None
                time.sleep(0.1)
        yield
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)


@pytest.fixture
def port() -> str:
    return str(free_port())


def test_a_fresh_clone_serves_and_answers_as_printed(tmp_path: Path, port: str) -> None:
    folder = clone(tmp_path / "clone")
    first, again = blocks("json")[:2]
    creation = block("shell", "--data '").replace("8080", port)
    progress = block("shell", "/batches/first").replace("8080", port)
    with running(f"make run PORT={port}", folder, f"http://127.0.0.1:{port}/healthz"):
        assert shell(creation.replace("curl ", "curl -s "), folder) == first.rstrip()
        assert shell(creation.replace("curl ", "curl -s "), folder) == again.rstrip()
        assert '"queued":3' in shell(progress.replace("curl ", "curl -s "), folder)
        assert "<title>" in shell(f"curl -s http://127.0.0.1:{port}/", folder)


def test_a_database_is_checked_and_served(tmp_path: Path, port: str, postgres_server: str) -> None:
    url = asyncio.run(postgres.fresh_database(postgres_server, "readme", postgres_ddl("3.1.8")))
    sqlalchemy = url.replace("postgresql://", "postgresql+psycopg2://", 1)
    commands = block("shell", "dagrun-api check --database").replace(
        "postgresql+psycopg2://airflow@db.example/airflow", f"'{sqlalchemy}'"
    )
    check, serve = commands.splitlines()
    assert re.search(r"schema +Airflow 3 .*\nreads +yes\nwrites +yes", shell(check, tmp_path))
    with running(f"{serve} --port {port}", tmp_path, f"http://127.0.0.1:{port}/readyz"):
        answer = shell(f"curl -s http://127.0.0.1:{port}/api/v1/dags", tmp_path)
        assert answer == '{"response":{"dags":[]}}'


def test_the_backfill_prints_what_is_shown(tmp_path: Path, port: str) -> None:
    shown = re.findall(
        r"^```shell\n(dagrun-api (?:create|batch|cancel) [^\n]*\n)```\n\n```text\n(.*?)^```$", README, re.S | re.M
    )
    url = f"http://127.0.0.1:{port}"
    with running(f"dagrun-api serve --dags {ROOT}/config/dags.toml --port {port}", tmp_path, f"{url}/healthz"):
        for command, expected in shown:
            assert shell(command, tmp_path, DAGRUN_API_URL=url) == expected
        code = block("python", "Client").replace("http://127.0.0.1:8080", url)
        (tmp_path / "backfill.py").write_text(code)
        said = shell("python backfill.py", tmp_path)
        assert said.splitlines()[-1].startswith("1300 {'failed': 1300} 2017-01-01 12:00:00+00:00")
    assert len(shown) == 4
