"""The plugin in other suites: in every mode, without warnings, and without cost if it is not used."""

from __future__ import annotations

import sys

import pytest

pytestmark = pytest.mark.dist

STRICT = """
[pytest]
filterwarnings = error
asyncio_mode = {mode}
asyncio_default_fixture_loop_scope = function
"""

CONFTEST = """
import pytest

@pytest.fixture
def dagrun_api_dags():
    return [{"dag_id": "etl", "schedule": "@hourly"}]

@pytest.fixture
def dagrun_api_token():
    return "s3cret"
"""

SYNCHRONOUS = """
import json
import urllib.error
import urllib.request

import pytest

def ask(server, path, **body):
    data = json.dumps(body).encode() if body else None
    with urllib.request.urlopen(urllib.request.Request(server.api + path, data, server.headers)) as answer:
        return json.load(answer)["response"]

def test_runs(dagrun_api_server):
    ask(dagrun_api_server, "/dag_runs", dag_id="etl", prefix="x", start_date="2020-01-01", end_date="2020-01-01T05:00")
    assert len(dagrun_api_server.scheduler.run_all("failed")) == 6
    assert ask(dagrun_api_server, "/batches/x")["states"] == {"failed": 6}

def test_nothing_remains_of_another_test(dagrun_api_server):
    assert dagrun_api_server.runs() == []

def test_token(dagrun_api_server, dagrun_api_server_factory):
    open_to_all = dagrun_api_server_factory()
    assert [dag["dag_id"] for dag in ask(open_to_all, "/dags")["dags"]] == ["etl"]
    request = urllib.request.Request(dagrun_api_server.api + "/dags")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 401
    refused.value.close()
"""

ASYNCHRONOUS = """
import aiohttp
import pytest
{fixture_import}

{mark}
@{fixture}
async def session(dagrun_api_server):
    async with aiohttp.ClientSession(headers=dagrun_api_server.headers) as session:
        yield session

@pytest.mark.parametrize("n", range(3))
{mark}
async def test_runs(session, dagrun_api_server, n):
    async with session.post(dagrun_api_server.api + "/dag_runs", json={{"dag_id": "etl"}}) as answer:
        assert answer.status == 200
    (run,) = dagrun_api_server.scheduler.run_all()
    async with session.get(dagrun_api_server.api + "/dag_runs/" + run.run_id) as answer:
        assert (await answer.json())["response"]["dag_run"]["state"] == "success"

{mark}
async def test_an_open_connection_does_not_delay_the_end(dagrun_api_server):
    connector = aiohttp.TCPConnector(force_close=False)
    session = aiohttp.ClientSession(connector=connector, headers=dagrun_api_server.headers)
    (await session.get(dagrun_api_server.api + "/dags")).release()
    await session.close()
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makefile(".ini", pytest=STRICT.format(mode="strict"))
    pytester.makeconftest(CONFTEST)
    return pytester


def test_a_synchronous_suite_passes(suite: pytest.Pytester) -> None:
    suite.makepyfile(SYNCHRONOUS)
    suite.runpytest_subprocess("-W", "error").assert_outcomes(passed=3)


@pytest.mark.parametrize("mode", ["strict", "auto"])
@pytest.mark.parametrize("options", [(), ("-X", "dev")], ids=["plain", "dev"])
def test_an_asynchronous_suite_passes(mode: str, options: tuple[str, ...], suite: pytest.Pytester) -> None:
    suite.makefile(".ini", pytest=STRICT.format(mode=mode))
    is_strict = mode == "strict"
    suite.makepyfile(
        ASYNCHRONOUS.format(
            fixture_import="import pytest_asyncio" if is_strict else "",
            fixture="pytest_asyncio.fixture" if is_strict else "pytest.fixture",
            mark="" if not is_strict else "@pytest.mark.asyncio",
        ).replace("@pytest.mark.asyncio\n@pytest_asyncio.fixture", "@pytest_asyncio.fixture")
    )
    result = suite.run(sys.executable, *options, "-m", "pytest", "-W", "error")
    result.assert_outcomes(passed=4)


def test_a_suite_passes_on_several_processes(suite: pytest.Pytester) -> None:
    suite.makepyfile(SYNCHRONOUS)
    suite.runpytest_subprocess("-n", "2").assert_outcomes(passed=3)


def test_a_suite_can_disable_the_plugin(suite: pytest.Pytester) -> None:
    suite.makeconftest("")
    suite.makepyfile("def test_it(dagrun_api_server): pass")
    result = suite.runpytest_subprocess("-p", "no:dagrun_api")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'dagrun_api_server' not found"])


def test_the_plugin_imports_nothing_heavy_until_used(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    suite.makeconftest("")
    suite.makepyfile("""
        import sys

        def test_it(request):
            assert "dagrun_api_pytest.plugin" in sys.modules
            heavy = {"dagrun_api", "dagrun_api_sqlite", "aiohttp", "aiosqlite", "marshmallow", "asyncio", "sqlite3"}
            assert not heavy & set(sys.modules)
    """)
    # Other plugins that are installed here import asyncio and aiohttp.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    suite.makefile(".ini", pytest="[pytest]\nfilterwarnings = error\n")
    suite.runpytest_subprocess("-p", "dagrun_api").assert_outcomes(passed=1)


def test_pytest_lists_the_fixtures_with_their_purpose(suite: pytest.Pytester) -> None:
    suite.runpytest_subprocess("--fixtures", "-p", "no:cacheprovider").stdout.fnmatch_lines(
        ["dagrun_api_server -- *", "*The service, on a free port of 127.0.0.1, and a scheduler*"]
    )
