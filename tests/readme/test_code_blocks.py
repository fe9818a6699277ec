"""The examples of code and configuration in the README files work."""

from __future__ import annotations

import ast
import logging
import re
import sys
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest
import yaml
from aiohttp import web

import dagrun_api
import dagrun_api_postgres
from dagrun_api import Settings
from dagrun_api.backends import GROUP
from dagrun_api.client import Client
from dagrun_api.logs import RequestIds
from dagrun_api_pytest import Server
from tests.databases import postgres
from tests.databases.schemas import postgres_ddl
from tests.readme.page import PAGES, block, blocks, text
from tests.readme.shell import running, shell
from tests.service.ports import free_port


@pytest.fixture
async def airflow(postgres_server: str) -> str:
    """The URL of a database with Airflow's tables."""
    return await postgres.fresh_database(postgres_server, "chapters", postgres_ddl("3.1.8"))


async def executed(code: str, **names: Any) -> dict[str, Any]:
    """Run an example that uses these names, also one that awaits; return the names afterwards."""
    compiled = compile(code, "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(compiled, names)  # noqa: S307
    if result is not None:
        await cast("Awaitable[None]", result)
    return names


def test_the_embedding_example_serves(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "example.py").write_text(block("python", "run_app", "src/README.md").replace("8080", str(port)))
    url = f"http://127.0.0.1:{port}/airflow/api/v1/dags"
    with running(f"exec {sys.executable} example.py", tmp_path, url):
        assert shell(f"curl -s {url}", tmp_path) == '{"response":{"dags":[]}}'


async def test_the_example_of_own_users_is_accepted(tmp_path: Path) -> None:
    code = block("python", "rights_of", "src/README.md").replace('"..."', f'"sqlite:///{tmp_path}/own.db"')
    user = web.RequestKey("user", str)
    names = await executed(code, web=web, dagrun_api=dagrun_api, app=web.Application(), USER=user)
    assert names["rights_of"].__name__ == "rights_of"


async def test_the_example_of_a_test_passes(dagrun_api_server: Server) -> None:
    async def your_program(url: str) -> None:
        async with Client(url) as client:
            await client.create("hello", start_date="2017-09-01", end_date="2017-09-03T23:59:59")

    names = await executed(block("python", "dagrun_api_server", "src/README.md"), your_program=your_program)
    (test,) = (value for name, value in names.items() if name.startswith("test_"))
    await test(dagrun_api_server)


async def test_the_example_of_a_shared_pool_works(airflow: str) -> None:
    code = block("python", "store_on", "backends/README.md").replace("postgresql://airflow@db.example/airflow", airflow)
    names = await executed(
        code, asyncpg=asyncpg, dagrun_api_postgres=dagrun_api_postgres, dagrun_api=dagrun_api, app=web.Application()
    )
    try:
        assert await names["store"].dags() == []
    finally:
        await names["pool"].close()


async def test_the_index_can_be_created(airflow: str) -> None:
    (statement,) = blocks("sql", "backends/README.md")
    connection = await asyncpg.connect(airflow)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_the_example_of_a_log_filter_works() -> None:
    handler = logging.NullHandler()
    await executed(block("python", "addFilter", "config/README.md"), handler=handler)
    assert [type(each) for each in handler.filters] == [RequestIds]


def test_the_tokens_of_the_example_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.ini").write_text(block("ini", "[token:", "config/README.md"))
    tokens = Settings.load({"config": tmp_path / "a.ini"}, {}).tokens
    assert [(each.name, each.access, each.dags) for each in tokens] == [
        ("etl-nightly", "write", ("etl_*", "other_dag")),
        ("dashboard", "read", ("*",)),
    ]


def test_the_entry_point_of_a_backend_is_in_the_right_group() -> None:
    assert re.search(rf"^ *{GROUP} =\n *mysql = \w+:open_store$", text("backends/README.md"), re.MULTILINE)


def test_the_scrape_configuration_names_the_metrics_port() -> None:
    (configuration,) = blocks("yaml", "config/README.md")
    (job,) = yaml.safe_load(configuration)["scrape_configs"]
    assert job["static_configs"] == [{"targets": [f"127.0.0.1:{Settings().port}"]}]


@pytest.mark.parametrize("page", PAGES)
def test_each_block_names_its_language(page: str) -> None:
    fences = [line.strip() for line in text(page).splitlines() if line.strip().startswith("```")]
    assert set(fences[::2]) <= {f"```{each}" for each in ("shell", "text", "json", "python", "ini", "yaml", "sql")}
    assert set(fences[1::2]) <= {"```"}
