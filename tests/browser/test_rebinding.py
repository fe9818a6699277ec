"""DNS rebinding: a page of another site whose name leads to the service."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.chromium import launched
from tests.databases.worlds import SQLiteWorld
from tests.service.process import ServiceProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVIL = "evil.example"

ASK_EVERYTHING = """async () => {
    const ask = async (path, options) => (await fetch(path, options)).status;
    const body = JSON.stringify({dag_id: "a", start_date: "2017-09-01", end_date: "2017-09-01"});
    return [
        await ask("/api/v1/dag_runs", {method: "POST", body}),
        await ask("/api/v1/dags/a/paused/true", {method: "POST"}),
        await ask("/api/v1/dags"),
        await ask("/metrics"),
        await ask("/reference"),
    ];
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def rebound(chromium: str) -> AsyncGenerator[Browser]:
    """Run a browser for which the name of the other site leads to this machine."""
    async with launched(chromium, f"--host-resolver-rules=MAP {EVIL} 127.0.0.1") as browser:
        yield browser


async def statuses(browser: Browser, address: str) -> list[int]:
    """Open a page of the site at this address, and return what the service answers to its requests."""
    async with await browser.new_context() as context:
        page = await context.new_page()
        # The probes answer to any host, so the browser opens this one as a page of the site.
        await page.goto(f"{address}/healthz")
        assert await page.evaluate("location.origin") == address
        found: list[int] = await page.evaluate(ASK_EVERYTHING)
        return found


@pytest.mark.parametrize(
    ("host", "options", "status", "runs"),
    [
        (EVIL, (), 403, 0),
        ("localhost", (), 200, 1),
        ("127.0.0.1", (), 200, 1),
        (EVIL, ("--allowed-hosts", EVIL), 200, 1),
    ],
)
async def test_only_a_page_of_an_allowed_host_reaches_anything(
    rebound: Browser, tmp_path: Path, host: str, options: tuple[str, ...], status: int, runs: int
) -> None:
    async with (
        SQLiteWorld.open("2.11.2", tmp_path) as airflow,
        ServiceProcess.start(tmp_path, "--database", airflow.url, *options) as service,
    ):
        await airflow.add_dag("a")
        assert await statuses(rebound, f"http://{host}:{service.port}") == [status] * 5
        assert len(await airflow.runs_of("a")) == runs
