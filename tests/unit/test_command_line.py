"""The command line, as a process: help, mistakes, and the commands `serve`, `check` and `openapi`."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from dagrun_api.cli import check
from dagrun_api.cli.main import COMMANDS
from dagrun_api.errors import ConfigurationError
from dagrun_api.model import Counts, Description
from dagrun_api.settings import OPTIONS, TOKEN_VARIABLES, Settings
from tests.contract.memory import MemoryStore
from tests.service.process import serving

SERVICE_COMMANDS = ("serve", "check", "openapi")
CONFIG = Path(__file__).parents[2] / "config"

# Without the settings of the machine that runs the tests.
ENVIRON = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("DAGRUN_API_", "AIRFLOW__")) or name.startswith("DAGRUN_API_TEST_")
}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "dagrun_api", *arguments]


def run(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=folder, env=ENVIRON | environ, capture_output=True, text=True, timeout=30, check=False
    )


def refusal(folder: Path, *arguments: str, **environ: str) -> str:
    """Return the line that a command prints to stderr when it ends with status 1."""
    done = run(folder, *arguments, **environ)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("dagrun-api: ")
    return done.stderr.removeprefix("dagrun-api: ").rstrip("\n")


def get(url: str, **headers: str) -> dict[str, Any]:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5) as answer:  # noqa: S310
        return json.load(answer)["response"]  # type: ignore[no-any-return]


# --- help and version ---


def test_the_version_is_shown_in_any_directory() -> None:
    done = run(Path("/"), "--version")
    assert re.fullmatch(r"dagrun-api \d+\.\d+\.\d+\n", done.stdout)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_help_names_the_commands(tmp_path: Path) -> None:
    done = run(tmp_path, "--help")
    assert done.returncode == 0
    for command in COMMANDS:
        assert f"    {command.name} " in done.stdout
        assert command.help[:50] in done.stdout


@pytest.mark.parametrize("name", SERVICE_COMMANDS)
def test_the_help_lists_every_option_except_the_token(tmp_path: Path, name: str) -> None:
    done = run(tmp_path, name, "--help", COLUMNS="500")
    assert done.returncode == 0
    for each in OPTIONS:
        assert (f" {each.flag}" in done.stdout) != each.kind.secret
        assert (each.help in done.stdout) != each.kind.secret
    assert "--config FILE" in done.stdout


def test_the_parser_imports_no_heavy_library() -> None:
    program = (
        "import sys; from dagrun_api.cli.main import main\n"
        "heavy = {'aiohttp', 'asyncio', 'asyncpg', 'croniter', 'marshmallow'}\n"
        "try: main(['--version'])\n"
        "except SystemExit: print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1] == "[]"


@pytest.mark.parametrize(
    "arguments", [[], ["dance"], ["serve", "--token", "s3cret"], ["serve", "--por", "1"], ["serve", "1"]]
)
def test_unknown_commands_and_options_give_status_2(tmp_path: Path, arguments: list[str]) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == 2
    assert "usage: dagrun-api" in done.stderr


def test_without_arguments_the_help_is_shown(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == run(tmp_path, "--help").stdout


@pytest.mark.parametrize(
    ("word", "hint"), [("bath", " (did you mean batch?)"), ("xyz", "; dagrun-api --help lists the commands")]
)
def test_an_unknown_command_gives_a_hint(tmp_path: Path, word: str, hint: str) -> None:
    assert run(tmp_path, word).stderr.splitlines()[-1] == f"dagrun-api: error: there is no command {word!r}{hint}"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["dags", "--dag-id", "x"], "unrecognized arguments: --dag-id x"),
        (["create", "hello", "--strat", "2017"], "unrecognized arguments: --strat 2017 (did you mean --start?)"),
        (["create", "hello", "hello"], "unrecognized arguments: hello"),
        (["batch"], "the following arguments are required: PREFIX"),
        (["serve", "--por", "1"], "unrecognized arguments: --por 1 (did you mean --port?)"),
    ],
)
def test_wrong_arguments_show_the_usage_of_the_command(tmp_path: Path, arguments: list[str], message: str) -> None:
    done = run(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"usage: dagrun-api {arguments[0]} ")
    assert done.stderr.splitlines()[-1] == f"dagrun-api {arguments[0]}: error: {message}"


# --- serve ---


def test_serve_creates_a_database_and_ends_with_status_0(tmp_path: Path) -> None:
    with serving(tmp_path, "--dags", str(CONFIG / "dags.toml")) as service:
        dags = get(f"{service.address}/api/v1/dags")["dags"]
        service.terminate()
        assert service.wait(10) == 0
    assert len(dags) == (CONFIG / "dags.toml").read_text("utf-8").count("[[dag]]")
    assert (tmp_path / "dagrun-api.db").exists()


def test_serve_ends_on_ctrl_c_without_a_traceback(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        service.signal(signal.SIGINT)
        assert service.wait(10) == 0
        assert "Traceback" not in service.log


def test_serve_takes_a_flag_a_variable_a_file_and_tokens(tmp_path: Path) -> None:
    (tmp_path / "my.ini").write_text(
        "[dagrun_api]\nprefix = /p\nlog_format = json\ndatabase = sqlite:///my.db\n"
        "[token:reader]\ntoken = s3cret-reader\naccess = read\n",
        "utf-8",
    )
    (tmp_path / "my.ini").chmod(0o600)
    environ = {"DAGRUN_API_LOG_FORMAT": "text", TOKEN_VARIABLES[0]: "s3cret"}
    with serving(tmp_path, "--prefix", "/flag", "--config", "my.ini", environ=environ) as service:
        for token in ("s3cret", "s3cret-reader"):
            assert "dags" in get(f"{service.address}/flag/dags", Authorization=token)
        # Other users of the machine can see this.
        assert "s3cret" not in service.arguments
    assert "s3cret" not in service.log
    assert (tmp_path / "my.db").exists()


def test_a_demo_serves_example_dags_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    with serving(tmp_path, "--demo", environ={"TMPDIR": str(tmp_path / "tmp")}) as service:
        dags = get(f"{service.address}/api/v1/dags")["dags"]
        assert len(list((tmp_path / "tmp").iterdir())) == 1
        service.terminate()
        assert service.wait(10) == 0
        assert service.log.startswith("This is a demo: ")
    assert [dag["dag_id"] for dag in dags if dag["dag_id"].startswith("h")] == ["hello"]
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not list(tmp_path.glob("*.db"))


@pytest.mark.parametrize(
    "option", [["--database", "postgresql://u@h/db"], ["--dags", "dags.toml"], ["--airflow-cfg", "airflow.cfg"]]
)
def test_a_demo_has_a_database_of_its_own(tmp_path: Path, option: list[str]) -> None:
    done = run(tmp_path, "serve", *option, "--demo")
    assert done.returncode == 2
    assert done.stderr.endswith(f"dagrun-api serve: error: argument --demo: not allowed with argument {option[0]}\n")


def test_a_demo_ignores_no_database_of_the_environment(tmp_path: Path) -> None:
    assert "the environment or the INI file sets database" in refusal(
        tmp_path, "serve", "--demo", DAGRUN_API_DATABASE="postgresql://u@h/db"
    )
    (tmp_path / "my.ini").write_text("[dagrun_api]\ndags = dags.toml\n", "utf-8")
    assert "the environment or the INI file sets dags" in refusal(tmp_path, "serve", "--demo", "--config", "my.ini")


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_port_in_use_gives_one_sentence(tmp_path: Path, style: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        number = str(other.getsockname()[1])
        message = refusal(tmp_path, "serve", "--port", number, "--log-format", style)
    assert message.startswith(f"Cannot listen on 127.0.0.1 port {number}: another process uses it")


@pytest.mark.parametrize("name", ["serve", "check"])
def test_an_unreachable_database_gives_one_sentence(tmp_path: Path, name: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"postgresql://u:hunter2@127.0.0.1:{closed.getsockname()[1]}/db"
        assert "hunter2" not in refusal(tmp_path, name, "--database", url, "--port", "0")


@pytest.mark.parametrize("name", ["serve", "check"])
def test_an_unsupported_scheme_gives_the_supported_ones(tmp_path: Path, name: str) -> None:
    message = refusal(tmp_path, name, "--database", "mysql://u:hunter2@h/db")
    assert "mysql" in message
    assert "postgresql, sqlite" in message
    assert "hunter2" not in message


@pytest.mark.parametrize("name", SERVICE_COMMANDS)
def test_a_mistake_in_the_settings_gives_one_sentence(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, name, "--port", "x") == "--port must be a whole number from 0 to 65535, not 'x'."
    assert "DAGRUN_API_PROT" in refusal(tmp_path, name, DAGRUN_API_PROT="1")
    assert "absent.ini cannot be read" in refusal(tmp_path, name, "--config", "absent.ini")


def test_the_audit_log_needs_airflows_log_table(tmp_path: Path) -> None:
    with serving(tmp_path):
        pass
    for name in ("serve", "check"):
        assert refusal(tmp_path, name, "--audit-log").startswith("The option audit_log is on, but this database does")


@pytest.mark.parametrize("name", ["serve", "check"])
def test_a_mistake_in_the_catalogue_gives_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "dags.toml").write_text('[[dag]]\ndag_id = "x"\nshedule = 1\n', "utf-8")
    assert refusal(tmp_path, name, "--dags", "dags.toml", "--port", "0").startswith(
        "The catalogue dags.toml, DAG x, key shedule: it is unknown;"
    )


# --- check ---


def test_check_reports_on_the_database(tmp_path: Path) -> None:
    with serving(tmp_path, "--dags", str(CONFIG / "dags.toml")):
        pass
    done = run(tmp_path, "check")
    assert (done.returncode, done.stderr) == (0, "")
    table, _, manual_only = done.stdout.partition("\n\n")
    report = dict(re.findall(r"^(\w+) +(.*)$", table, re.MULTILINE))
    names = ["database", "schema", "reads", "writes", "backfills", "retries", "DAGs", "runs", "croniter", "tzdata"]
    assert list(report) == names
    assert report["retries"] == "yes"
    assert report["database"].startswith("sqlite:///dagrun-api.db")
    assert (report["schema"], report["writes"], report["runs"]) == ("standalone", "yes", "0")
    assert report["DAGs"] == str((CONFIG / "dags.toml").read_text("utf-8").count("[[dag]]"))
    assert manual_only.startswith("2 DAGs accept manual runs only:\n  export_on_demand: The DAG has no schedule")


def test_check_creates_no_database(tmp_path: Path) -> None:
    assert "dagrun-api.db" in refusal(tmp_path, "check")
    assert list(tmp_path.iterdir()) == []


def test_check_leaves_an_empty_file_empty(tmp_path: Path) -> None:
    (tmp_path / "dagrun-api.db").touch()
    assert run(tmp_path, "check").returncode == 1
    assert (tmp_path / "dagrun-api.db").stat().st_size == 0


async def test_check_fails_when_the_service_cannot_write(monkeypatch: pytest.MonkeyPatch) -> None:
    class Reading(MemoryStore):
        async def describe(self) -> Description:
            refusal = "Airflow 3.9 is unknown here."
            return Description("PostgreSQL", "Airflow 3.9", "3", "abcdef012345", False, refusal)

        async def counts(self) -> Counts:
            return Counts(3, 7)

    @asynccontextmanager
    async def opened(settings: Settings, *, create: bool) -> AsyncGenerator[Reading]:
        assert not create
        yield Reading()

    monkeypatch.setattr(check, "open_store", opened)
    out = io.StringIO()
    with pytest.raises(ConfigurationError, match=r"^Airflow 3\.9 is unknown here\.$"):
        await check.report(Settings(database="postgresql://u:hunter2@h/db"), out)
    assert out.getvalue().splitlines()[:8] == [
        "database   postgresql://u:***@h/db (PostgreSQL)",
        "schema     Airflow 3.9 (head abcdef012345)",
        "reads      yes",
        "writes     no",
        "backfills  no: this Airflow has none",
        "retries    no",
        "DAGs       3",
        "runs       7",
    ]


async def test_check_says_who_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    class Writing(MemoryStore):
        async def describe(self) -> Description:
            return Description("PostgreSQL", "Airflow 3", "3.1", "cc92b33c6709", True, None)

    @asynccontextmanager
    async def opened(settings: Settings, *, create: bool) -> AsyncGenerator[Writing]:
        yield Writing()

    monkeypatch.setattr(check, "open_store", opened)
    url, said = "https://airflow.example", list[str]()
    logins: list[dict[str, Any]] = [
        {},
        {"airflow_token": "hunter2"},
        {"airflow_username": "robot", "airflow_password": "hunter2"},
    ]
    for login in logins:
        out = io.StringIO()
        assert await check.report(Settings(airflow_url=url, **login), out) == 0
        said += re.findall(r"^retries +(.*)$", out.getvalue(), re.MULTILINE)
        assert "hunter2" not in out.getvalue()
    assert said == ["yes, of runs that never started", *[f"yes, with Airflow's API at {url}"] * 2]


# --- openapi ---


def test_openapi_prints_the_document_for_the_prefix(tmp_path: Path) -> None:
    done = run(tmp_path, "openapi", "--prefix", "/somewhere")
    assert (done.returncode, done.stderr) == (0, "")
    assert "/somewhere/dags" in json.loads(done.stdout)["paths"]
    assert list(tmp_path.iterdir()) == []


def test_a_closed_pipe_prints_no_error(tmp_path: Path) -> None:
    with subprocess.Popen(
        command("openapi"), cwd=tmp_path, env=ENVIRON, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_ctrl_c_prints_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(20)
        url = f"postgresql://u:p@127.0.0.1:{silent.getsockname()[1]}/db"
        with subprocess.Popen(
            command("check", "--database", url), cwd=tmp_path, env=ENVIRON, stderr=subprocess.PIPE, text=True
        ) as process:
            connection, _ = silent.accept()
            time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=10)[1] == ""
            assert process.returncode == 130
            connection.close()
