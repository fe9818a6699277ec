"""The example of an application with its own users works as described."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from dagrun_api.client import Client, Forbidden, Unauthorized
from tests.examples.places import EXAMPLES, loaded
from tests.http.conftest import AiohttpClient, Api, answer, error

example = loaded("embedding")
API = "/airflow/api/v1"
KEY = "k3y"


@pytest.fixture
async def api(tmp_path: Path, aiohttp_client: AiohttpClient) -> Api:
    return await aiohttp_client(example.make_app(KEY, f"sqlite:///{tmp_path}/shop.db"))


def by(user: str, key: str = KEY) -> dict[str, str]:
    return {"Authorization": f"Bearer {example.token_for(user, key)}"}


async def test_requests_without_a_valid_token_are_refused(api: Api) -> None:
    for headers in ({}, by("anna", "guessed"), {"Authorization": "Bearer anna"}, {"Authorization": "Bearer é.é"}):
        for path in ("/", f"{API}/dags", "/airflow/healthz"):
            refused = await api.get(path, headers=headers)
            assert (refused.status, await refused.text()) == (401, "<h1>Unauthorized</h1>")


async def test_a_token_that_is_not_text_is_refused(api: Api) -> None:
    reader, writer = await asyncio.open_connection(api.host, api.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer anna.\xff\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
    writer.close()


async def test_the_application_and_the_api_keep_their_errors(api: Api) -> None:
    assert await (await api.get("/nowhere", headers=by("anna"))).text() == "<h1>Not Found</h1>"
    await error(await api.get("/airflow/nowhere", headers=by("anna")), 404)
    await error(await api.post(f"{API}/dag_runs", data=b"{", headers=by("anna")), 400)
    assert await (await api.get("/", headers=by("guest"))).text() == "Hello guest"


async def test_each_user_has_their_rights(api: Api) -> None:
    batch = {"dag_id": "hello", "start_date": "2017-09-01", "end_date": "2017-09-01T23:59"}
    expected = {"anna": 200, "emil": 403, "rita": 403, "guest": 401}
    for user, status in expected.items():
        assert (await api.post(f"{API}/dag_runs", json=batch, headers=by(user))).status == status
    for user, count in {"anna": 7, "rita": 7, "emil": 1}.items():
        assert len((await answer(await api.get(f"{API}/dags", headers=by(user))))["dags"]) == count


async def test_the_program_prints_tokens_that_it_accepts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    env = {**os.environ, "SHOP_SECRET": "k", "SHOP_DATABASE": f"sqlite:///{tmp_path}/s.db", "SHOP_PORT": str(port)}
    program = subprocess.Popen(  # noqa: ASYNC220  # starting it does not block
        [sys.executable, EXAMPLES / "embedding.py"], env=env, stdout=subprocess.PIPE, text=True
    )
    try:
        assert program.stdout is not None
        tokens = dict(zip(("anna", "emil", "rita", "guest"), program.stdout, strict=False))
        url = f"http://127.0.0.1:{port}/airflow"
        async with Client(url, token=tokens["rita"].strip(), tries=8) as rita:
            assert len(await rita.dags()) == 7
            with pytest.raises(Forbidden, match="The user rita may only read"):
                await rita.create("hello")
        async with Client(url, token=tokens["guest"].strip()) as guest:
            with pytest.raises(Unauthorized):
                await guest.dags()
    finally:
        program.terminate()
        program.communicate(timeout=30)
