"""What the README shows is what happens."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from dagrun_api import Settings

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


@asynccontextmanager
async def running(url: str, *command: str, folder: Path) -> AsyncGenerator[aiohttp.ClientSession]:
    """Run a server in a folder of its own until it answers, and end it."""
    process = await asyncio.create_subprocess_exec(*command, cwd=folder)
    try:
        async with aiohttp.ClientSession() as session:
            for _ in range(200):
                try:
                    async with session.get(url):
                        break
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.05)
            yield session
    finally:
        process.terminate()
        assert await process.wait() == 0


async def test_the_first_request_is_answered_as_printed_and_so_is_its_repetition(tmp_path: Path) -> None:
    curl = next(block for block in blocks("shell") if "--data" in block)
    body = curl[curl.index("{") : curl.rindex("}") + 1]
    first, again = (block.encode().rstrip() for block in blocks("json"))
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    arguments = ("-m", "dagrun_api", "serve", "--dags", str(ROOT / "config/dags.toml"), "--port", str(port))
    async with running(f"{base}/healthz", sys.executable, *arguments, folder=tmp_path) as session:
        for expected in (first, again):
            async with session.post(f"{base}/api/v1/dag_runs", data=body) as response:
                assert await response.read() == expected


async def test_the_embedding_example_serves(tmp_path: Path) -> None:
    code = next(block for block in blocks("python") if "run_app" in block)
    port = free_port()
    (tmp_path / "example.py").write_text(code.replace("8080", str(port)))
    url = f"http://127.0.0.1:{port}/airflow/api/v1/dags"
    async with running(url, sys.executable, "example.py", folder=tmp_path) as session, session.get(url) as response:
        assert await response.json() == {"response": {"dags": []}}


async def test_the_backfill_from_the_shell_prints_what_is_shown_and_python_agrees(tmp_path: Path) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    arguments = ("-m", "dagrun_api", "serve", "--dags", str(ROOT / "config/dags.toml"), "--port", str(port))
    shown = re.findall(
        r"^```shell\ndagrun-api ((?:create|batch|cancel) [^\n]*)\n```\n\n```text\n(.*?)^```$", README, re.S | re.M
    )
    async with running(f"{base}/healthz", sys.executable, *arguments, folder=tmp_path):
        for command, expected in shown:
            assert await printed("-m", "dagrun_api", *command.split(), "--url", base) == expected.encode()
        code = next(block for block in blocks("python") if "Client" in block).replace("http://127.0.0.1:8080", base)
        assert b"1300 {'failed': 1300} 2017-01-01 12:00:00+00:00" in await printed("-c", code)
    assert len(shown) == 4


async def printed(*arguments: str) -> bytes:
    """Return what a Python process prints on a terminal, where both of its streams go; it must not fail."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-u", *arguments, stdout=PIPE, stderr=STDOUT)
    out, _ = await process.communicate()
    assert process.returncode == 0, out
    return out


@pytest.mark.parametrize("target", sorted(set(re.findall(r"make ([a-z-]+)", README))))
def test_every_make_target_that_it_names_is_there(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_every_file_that_it_links_to_is_there() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


PROMISES = re.findall(r"\[`(test_\w+)`\]\((tests/[\w/]+\.py)\)", README)


def test_each_promise_has_its_test() -> None:
    assert len(PROMISES) > 20
    for name, path in PROMISES:
        assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE), name


def test_its_tokens_are_sound(tmp_path: Path) -> None:
    (tmp_path / "a.ini").write_text("\n".join(blocks("ini")))
    tokens = Settings.load({"config": tmp_path / "a.ini"}, {}).tokens
    assert [(each.name, each.access, each.dags) for each in tokens] == [
        ("etl-nightly", "write", ("etl_*", "other_dag")),
        ("dashboard", "read", ("*",)),
    ]


def test_its_examples_are_json() -> None:
    for block in blocks("json"):
        assert "response" in json.loads(block)
