"""Every command of the README files is run as it is written; only ports and the names of hosts differ."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from tests.databases import postgres
from tests.databases.schemas import postgres_ddl
from tests.readme.clone import clone
from tests.readme.page import PAGES, ROOT, block, blocks, text
from tests.readme.shell import running, shell
from tests.service.ports import free_port

EXECUTED = {
    "python3 -m venv .venv": "test_a_fresh_clone_answers_as_printed",
    "curl http://127.0.0.1:8080/api/v1/dag_runs": "test_a_fresh_clone_answers_as_printed",
    "curl http://127.0.0.1:8080/api/v1/batches\n": "test_a_fresh_clone_answers_as_printed",
    "curl http://127.0.0.1:8080/api/v1/batches/first": "test_a_fresh_clone_answers_as_printed",
    "dagrun-api check --database": "test_a_database_is_checked_and_served",
    "dagrun-api create hello": "test_the_backfill_prints_what_is_shown",
    "dagrun-api batch etl": "test_the_backfill_prints_what_is_shown",
    "dagrun-api cancel etl": "test_the_backfill_prints_what_is_shown",
    "dagrun-api retry etl": "test_the_backfill_prints_what_is_shown",
    "dagrun-api ticks hello": "test_what_is_missing_can_be_created",
}
"""How a block begins -> the test in this file that runs it."""

ELSEWHERE = {
    "python3 -m venv ~/airflow-trial": ("airflow/test_readme.py", "airflow standalone"),
    "python3 -m venv ~/dagrun-api-trial": ("airflow/test_readme.py", "--airflow-cfg ~"),
    ". ~/dagrun-api-trial/bin/activate": ("airflow/test_readme.py", "--wait"),
    "export AIRFLOW__API__PORT": ("airflow/test_readme.py", "AIRFLOW__CORE__EXECUTION_API_SERVER_URL"),
    "dagrun-api ticks orders": ("airflow/test_readme.py", "retry march --wait"),
    "dagrun-api openapi": ("readme/test_generated_clients.py", "openapi-python-client"),
    "gunicorn --config": ("http/test_gunicorn.py", "dagrun_api:create_app()"),
    "pip install --require-hashes": ("distribution/trial.py", "--no-deps"),
    "pip install opentelemetry-distro": ("examples/test_tracing.py", "opentelemetry-instrument"),
}
"""How a block begins -> the file of tests that runs it, and the part of the block by which the file can be told."""

NEEDS_DOCKER = ("docker build", "docker compose")
"""How the blocks begin that no test can run; `tests/unit/test_deployment.py` checks the files that they use."""

BLOCKS = [each for page in PAGES for each in blocks("shell", page)]


@pytest.mark.parametrize("commands", BLOCKS, ids=lambda commands: commands.partition("\n")[0])
def test_each_block_of_commands_has_a_test_that_runs_it(commands: str) -> None:
    (start,) = (each for each in (*EXECUTED, *ELSEWHERE, *NEEDS_DOCKER) if commands.startswith(each))
    if start in EXECUTED:
        assert callable(globals()[EXECUTED[start]])
    if start in ELSEWHERE:
        file, part = ELSEWHERE[start]
        assert part in commands
        assert part in (ROOT / "tests" / file).read_text()


def test_each_entry_of_the_lists_stands_for_a_block() -> None:
    starts = (*EXECUTED, *ELSEWHERE, *NEEDS_DOCKER)
    assert [start for start in starts if not any(each.startswith(start) for each in BLOCKS)] == []


@pytest.fixture
def port() -> str:
    return str(free_port())


@pytest.mark.dist
@pytest.mark.timeout(400)
def test_a_fresh_clone_answers_as_printed(tmp_path: Path, port: str) -> None:
    folder = clone(tmp_path / "clone")
    creation = block("shell", "--data '").replace("8080", port).replace("curl ", "curl -s ")
    progress = block("shell", "/batches/first", "src/README.md").replace("8080", port).replace("curl ", "curl -s ")
    batches = block("shell", "/batches\n", "src/README.md").replace("8080", port).replace("curl ", "curl -s ")
    url = f"http://127.0.0.1:{port}"
    with running(f"make run PORT={port}", folder, f"{url}/healthz"):
        first = json.loads(shell(creation, folder))
        assert first == json.loads(blocks("json")[0])
        again = json.loads(shell(creation, folder))["response"]
        assert (again["dag_run_ids"], again["skipped"]) == ([], 3)
        assert again["skipped_dag_run_ids"] == first["response"]["dag_run_ids"]
        assert '"queued":3' in shell(progress, folder)
        assert '"prefix":"first"' in shell(batches, folder)
        assert "<title>" in shell(f"curl -s {url}/", folder)
    installation = block("shell", "serve --demo")
    with running(f"{installation.rstrip()} --port {port}", folder, f"{url}/readyz"):
        assert json.loads(shell(creation, folder)) == first


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


def test_what_is_missing_can_be_created(tmp_path: Path, port: str) -> None:
    url = f"http://127.0.0.1:{port}"
    with running(f"dagrun-api serve --demo --port {port}", tmp_path, f"{url}/healthz"):
        once = "dagrun-api create hello --prefix once --start 2017-01-02 --end 2017-01-02"
        shell(once, tmp_path, DAGRUN_API_URL=url)
        said = shell(block("shell", "--missing -o csv", "src/README.md"), tmp_path, DAGRUN_API_URL=url)
        assert "Created 30 runs: missing_0000001_2017-01-01T12:00:00 to missing_0000030_2017-01-31T12:00:00." in said


def test_the_backfill_prints_what_is_shown(tmp_path: Path, port: str) -> None:
    shown = re.findall(
        r"^```shell\n(dagrun-api (?:create|batch|cancel|retry) [^\n]*\n)```\n\n```text\n(.*?)^```$",
        text("src/README.md"),
        re.DOTALL | re.MULTILINE,
    )
    assert len(shown) == 5
    url = f"http://127.0.0.1:{port}"
    with running(f"dagrun-api serve --dags {ROOT}/config/dags.toml --port {port}", tmp_path, f"{url}/healthz"):
        for command, expected in shown:
            assert shell(command, tmp_path, DAGRUN_API_URL=url) == expected
        code = block("python", "client.backfill(", "src/README.md").replace("http://127.0.0.1:8080", url)
        (tmp_path / "backfill.py").write_text(code)
        said = shell("python backfill.py", tmp_path)
        assert said.splitlines()[-1].startswith("1300 {'queued': 1300} 2017-01-01 12:00:00+00:00")
