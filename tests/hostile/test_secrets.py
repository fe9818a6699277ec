"""Passwords and tokens, of which nothing that the service says or shows to others may tell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from dagrun_api import Settings, create_app
from dagrun_api.cli.main import main
from dagrun_api.errors import ConfigurationError, Unavailable
from dagrun_api.settings import TOKEN_VARIABLES
from tests.databases.worlds import MemoryWorld
from tests.hostile.conftest import AiohttpClient, Start
from tests.hostile.raw import ask
from tests.http.conftest import error

PASSWORD = "hunter2hunter2"
TOKEN = "t0ken-of-nobody"
VARIABLE = TOKEN_VARIABLES[1]

BROKEN = [
    f"postgresql://u:{PASSWORD}@127.0.0.1:1/x",
    f"postgresql://u:{PASSWORD}@127.0.0.1:port/x",
    f"postgresql://u:{PASSWORD}@127.0.0.1:99999/x",
    f"postgresql://u:{PASSWORD}@[::1/x",
    f"postgresql://u:{PASSWORD}@no-such-host.invalid/x",
    f"postgresql://u:a@{PASSWORD}@127.0.0.1:1/x",
    f"postgresql://u:a/{PASSWORD}@127.0.0.1:1/x",
    f"postgresql://u:a?{PASSWORD}@127.0.0.1:1/x",
    f"postgresql://u:a#{PASSWORD}@127.0.0.1:1/x",
    f"postgresql://u:%zz{PASSWORD}@127.0.0.1:1/x",
    f"postgresql://127.0.0.1:1/x?user=u&password={PASSWORD}",
    f"postgresql://127.0.0.1:1/x?user=u&PassWord={PASSWORD}&sslmode=nonsense",
    f"postgresql://127.0.0.1:1/x?user=u&sslpassword={PASSWORD}&sslmode=require",
    f"postgresql+psycopg2://u:{PASSWORD}@127.0.0.1:1/x",
    f"postgresql+nonsense://u:{PASSWORD}@127.0.0.1:1/x",
    f"mysql://u:{PASSWORD}@127.0.0.1:1/x",
    f"sqlite:///no/such/folder?password={PASSWORD}",
    f"u:{PASSWORD}@127.0.0.1:1/x",
    f"postgresql://u:{PASSWORD}@127.0.0.1:1/x\n",
    f"postgresql:// u:{PASSWORD}@127.0.0.1:1/x y",
]


@pytest.fixture
def world() -> MemoryWorld:
    return MemoryWorld()


@pytest.mark.parametrize("url", BROKEN)
def test_the_error_of_a_database_hides_its_password(
    url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGRUN_API_DATABASE", url)
    monkeypatch.setenv("DAGRUN_API_CONNECT_TIMEOUT", "1")
    assert main(["check"]) == 1
    told = "".join(capfd.readouterr())
    assert told
    assert PASSWORD not in told
    assert "Traceback" not in told


@pytest.mark.parametrize("url", BROKEN)
def test_settings_show_no_password(url: str) -> None:
    try:
        settings = Settings(database=url, token=TOKEN)
        shown = f"{settings!r} {settings} {settings.safe_database}"
    except ConfigurationError as error:
        shown = str(error)
    assert PASSWORD not in shown
    assert TOKEN not in shown


def test_a_service_that_cannot_start_tells_neither_on_any_level(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "dagrun_api", "serve", "--port", "0", "--log-level", "debug"],
        env={**os.environ, "DAGRUN_API_DATABASE": BROKEN[0], "DAGRUN_API_CONNECT_TIMEOUT": "1", VARIABLE: TOKEN},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr
    for secret in (PASSWORD, TOKEN):
        assert secret not in run.stdout + run.stderr


def test_the_help_shows_no_secret_and_takes_no_token(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGRUN_API_DATABASE", BROKEN[0])
        patch.setenv(VARIABLE, TOKEN)
        for command in ("serve", "check", "openapi", "create"):
            with pytest.raises(SystemExit):
                main([command, "--help"])
    told = capsys.readouterr().out
    assert PASSWORD not in told
    assert TOKEN not in told
    for flag in ("--token", "--airflow-token", "--airflow-password"):
        assert flag not in told


async def test_a_service_that_runs_shows_its_token_nowhere(start: Start) -> None:
    with start("--log-level", "debug", environ={VARIABLE: TOKEN}) as service:
        assert TOKEN not in service.arguments
        told = b""
        for path in ("readyz", "healthz", "api/v1/openapi.json", "api/v1/dags", "nowhere"):
            for token in (TOKEN, TOKEN + "x", "x"):
                request = f"GET /{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n\r\n"
                if path.endswith("openapi.json") and token == TOKEN:
                    # The one answer without an envelope.
                    continue
                answer = await ask(service.port, request.encode())
                assert answer.status == (401 if token != TOKEN and "z" not in path else answer.status)
                told += answer.body + json.dumps(answer.headers).encode()
        for broken in (f"GET /?token={TOKEN} HTTP/1.1\r\n\r\n", f"Authorization: {TOKEN}\r\n\r\n"):
            told += (await ask(service.port, broken.encode())).body
        await ask(service.port, f"GET /api/v1/dags?token={TOKEN} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert TOKEN.encode() not in told
    assert TOKEN not in service.log


async def test_a_database_that_went_away_is_told_without_its_password(
    world: MemoryWorld, aiohttp_client: AiohttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object, **__: object) -> None:
        raise Unavailable("The database does not answer.") from OSError("cannot connect to 127.0.0.1:1")

    api = await aiohttp_client(create_app(Settings(database=BROKEN[0], token=TOKEN), store=world.store))
    headers = {"Authorization": TOKEN}
    with patch.object(world.store, "ready", away), patch.object(world.store, "dags", away):
        for path in ("/readyz", "/api/v1/dags"):
            response = await api.get(path, headers=headers)
            assert await error(response, 503) == "The database does not answer."
    assert PASSWORD not in caplog.text
    assert TOKEN not in caplog.text
