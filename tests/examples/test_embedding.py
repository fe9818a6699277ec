"""The example of an application with users of its own does what it says."""

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
    return {"Authorization": f"Bearer {example.pass_for(user, key)}"}


async def test_nobody_comes_past_the_door(api: Api) -> None:
    for headers in ({}, by("anna", "guessed"), {"Authorization": "Bearer anna"}, {"Authorization": "Bearer é.é"}):
        for path in ("/", f"{API}/dags", "/airflow/healthz"):
            refused = await api.get(path, headers=headers)
            assert (refused.status, await refused.text()) == (401, "<h1>Unauthorized</h1>")


async def test_a_pass_that_is_no_text_opens_nothing(api: Api) -> None:
    reader, writer = await asyncio.open_connection(api.host, api.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer anna.\xff\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
    writer.close()


async def test_each_keeps_its_own_error_pages(api: Api) -> None:
    assert await (await api.get("/nowhere", headers=by("anna"))).text() == "<h1>Not Found</h1>"
    await error(await api.get("/airflow/nowhere", headers=by("anna")), 404)
    await error(await api.post(f"{API}/dag_runs", data=b"{", headers=by("anna")), 400)
    assert await (await api.get("/", headers=by("guest"))).text() == "Hello guest"


async def test_each_user_may_do_what_is_his(api: Api) -> None:
    batch = {"dag_id": "hello", "start_date": "2017-09-01", "end_date": "2017-09-01T23:59"}
    expected = {"anna": 200, "emil": 403, "rita": 403, "guest": 401}
    for user, status in expected.items():
        assert (await api.post(f"{API}/dag_runs", json=batch, headers=by(user))).status == status
    for user, count in {"anna": 7, "rita": 7, "emil": 1}.items():
        assert len((await answer(await api.get(f"{API}/dags", headers=by(user))))["dags"]) == count


async def test_as_a_program_it_serves_those_to_whom_it_gives_a_pass(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    env = {**os.environ, "SHOP_SECRET": "k", "SHOP_DATABASE": f"sqlite:///{tmp_path}/s.db", "SHOP_PORT": str(port)}
    program = subprocess.Popen(  # noqa: ASYNC220  # it is only started here
        [sys.executable, EXAMPLES / "embedding.py"], env=env, stdout=subprocess.PIPE, text=True
    )
    try:
        assert program.stdout is not None
        passes = dict(zip(("anna", "emil", "rita", "guest"), program.stdout, strict=False))
        url = f"http://127.0.0.1:{port}/airflow"
        async with Client(url, token=passes["rita"].strip(), tries=8) as rita:
            assert len(await rita.dags()) == 7
            with pytest.raises(Forbidden, match="The user rita may only read"):
                await rita.create("hello")
        async with Client(url, token=passes["guest"].strip()) as guest:
            with pytest.raises(Unauthorized):
                await guest.dags()
    finally:
        program.terminate()
        program.communicate(timeout=30)
