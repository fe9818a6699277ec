"""The page below another path: mounted in an application, and behind a proxy."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from playwright.async_api import expect
from yarl import URL

import dagrun_api
from tests.browser.batch import cells
from tests.browser.conftest import Site, Visit
from tests.browser.form import choose_now, preview
from tests.databases.worlds import SQLiteWorld

pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSION = web.AppKey("session", ClientSession)


@pytest.mark.parametrize("prefix", ["/api/v1", "/v"])
async def test_the_page_works_below_any_path_of_a_host(tmp_path: Path, visit: Visit, prefix: str) -> None:
    async with SQLiteWorld.open("2.11.2", tmp_path) as airflow:
        await airflow.add_dag("a")
        api = dagrun_api.create_app(database=airflow.url, prefix=prefix, host="127.0.0.1")
        host = web.Application()
        host.add_subapp("/deep/airflow", api)
        async with TestServer(host) as server:
            page = await visit(str(server.make_url("/deep/airflow/")))
            await page.get_by_role("link", name="a", exact=True).click()
            await choose_now(page)
            await preview(page)
            await page.get_by_role("button", name="Create 1 run").click()
            await page.get_by_role("link", name="Watch the batch").click()
            await expect(page.get_by_text("0 of 1 run ended")).to_be_visible()
            await expect(page.get_by_role("row")).to_have_count(2)
            await page.get_by_role("link", name="Reference").click()
            assert page.url == str(server.make_url("/deep/airflow/reference"))


async def test_the_page_works_behind_a_proxy_that_strips_a_prefix(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    for number in range(1, 102):
        date = datetime(2017, 9, 1, number // 60, number % 60, tzinfo=UTC)
        await site.airflow.add_run(dag_id, f"etl_{number:07d}_{date:%Y-%m-%dT%H:%M:%S}", date)

    async def forward(request: web.Request) -> web.Response:
        target = URL(site.address + request.raw_path.removeprefix("/tools/runs"), encoded=True)
        async with request.app[SESSION].request(request.method, target, data=await request.read()) as answer:
            return web.Response(status=answer.status, body=await answer.read(), headers=answer.headers)

    proxy = web.Application()
    proxy[SESSION] = ClientSession(auto_decompress=False)
    proxy.router.add_route("*", "/tools/runs/{tail:.*}", forward)
    async with proxy[SESSION], TestServer(proxy) as server:
        page = await visit(f"{server.make_url('/tools/runs/')}#/batches/etl?dag_id={dag_id}")
        # A header has the address of the second page of runs, and the proxy does not rewrite it.
        await expect(cells(page)).to_have_count(101)
