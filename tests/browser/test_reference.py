"""The API reference in a real browser: the whole document, and commands that give the answers shown."""

from __future__ import annotations

import asyncio
import json
import re
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Page, expect

from tests.browser.conftest import Visit
from tests.databases.worlds import MemoryWorld
from tests.http.documented import OPERATIONS, application, content, example_world, is_as_shown

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOKEN = "gehëim-$1'2"
"""A token with characters that a shell and a header must handle with care."""


@dataclass(frozen=True)
class Site:
    """A service on the data of the examples."""

    address: str
    world: MemoryWorld

    async def reset(self) -> None:
        """Undo all writes."""
        vars(self.world.store).update(vars((await example_world()).store))


@asynccontextmanager
async def serving(mount: str = "", **settings: Any) -> AsyncGenerator[Site]:
    world = await example_world()
    app = application(world, **settings)
    if mount:
        host = web.Application()
        host.add_subapp(mount, app)
        app = host
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield Site(f"http://127.0.0.1:{runner.addresses[0][1]}{mount}", world)
    finally:
        await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="session")
async def service() -> AsyncGenerator[Site]:
    async with serving() as site:
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def guarded() -> AsyncGenerator[Site]:
    async with serving(token=TOKEN) as site:
        yield site


async def give(page: Page, token: str) -> None:
    await page.get_by_label("Token").fill(token)
    await page.get_by_role("button", name="Continue").click()


async def shown(page: Page) -> None:
    await expect(page.locator("article")).to_have_count(len(OPERATIONS))


async def run(line: str) -> str:
    """Run a command in a shell; return what it prints."""
    process = await asyncio.create_subprocess_shell(
        line, stdout=PIPE, stderr=PIPE, env={"TOKEN": TOKEN, "PATH": "/usr/bin:/bin"}
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err
    return out.decode()


async def test_each_operation_is_shown_completely(service: Site, visit: Visit) -> None:
    page = await visit(f"{service.address}/reference")
    await shown(page)
    for name, (method, path, documented) in OPERATIONS.items():
        article = page.locator(f"article#{name}")
        await expect(article.get_by_role("heading", level=3)).to_have_text(
            re.compile(f"{method} {re.escape(path)}$", re.I)
        )
        await expect(page.locator(f'#contents a[href="#{name}"]')).to_contain_text(documented["summary"])
        text = " ".join((await article.text_content() or "").replace("`", "").split())
        for part in (
            documented["summary"],
            documented["description"],
            *(each["description"] for each in documented["responses"].values()),
        ):
            for paragraph in part.replace("`", "").split("\n\n"):
                assert " ".join(paragraph.split()) in text, paragraph
        for parameter in documented["parameters"]:
            assert parameter.get("name", parameter.get("$ref", "").rpartition("/")[2]) in text
        assert await article.locator("details[data-status]").count() == len(documented["responses"])
    batch = page.locator("#create_runs")
    await expect(batch.get_by_role("rowheader", name="runs[].execution_date")).to_have_count(1)
    await expect(batch.get_by_role("row", name=re.compile("^limit "))).to_contain_text("From 1 to 500")
    await expect(page.locator("#get_batch details[data-status='304']")).to_contain_text("ETag")


async def test_a_type_says_what_may_stand_in_place_of_a_value(service: Site, visit: Visit) -> None:
    page = await visit(f"{service.address}/reference")
    await shown(page)
    for operation, name, row_text in (
        ("get_run", "dag_run.end_date", 'string or "None"'),
        ("get_dag", "dag.catchup", 'boolean or "None"'),
        ("list_ticks", "ticks[].dag_run.state", "Usually one of queued, running, success, failed."),
        ("list_runs", "order", "One of asc, desc."),
    ):
        answer = page.locator(f"#{operation} details[data-status='200'], #{operation} > .scroll")
        row = answer.get_by_role("row", include_hidden=True).filter(
            has=page.get_by_role("rowheader", name=name, exact=True, include_hidden=True)
        )
        await expect(row).to_contain_text(row_text)


async def test_each_form_of_a_body_has_its_own_table(service: Site, visit: Visit) -> None:
    page = await visit(f"{service.address}/reference")
    tables = page.locator("#create_runs > .scroll[aria-label*='form']")
    await expect(tables).to_have_count(2)
    await expect(tables.nth(0).get_by_role("rowheader", name="start_date")).to_have_count(1)
    await expect(tables.nth(1).get_by_role("rowheader", name=re.compile("^runs required"))).to_have_count(1)
    await expect(tables.nth(1).get_by_role("rowheader", name="start_date")).to_have_count(0)


@pytest.mark.parametrize("mount", ["", "/deep/airflow"])
async def test_each_command_gives_the_answer_shown_below_it(visit: Visit, mount: str) -> None:
    async with serving(mount, token=TOKEN) as site:
        page = await visit(f"{site.address}/reference")
        await give(page, TOKEN)
        await shown(page)
        for name in OPERATIONS:
            for example, answer in content(name, 200):
                await site.reset()
                blocks = page.locator(f"#{name} details[data-example={example}] pre")
                command, *answers = await blocks.all_text_contents()
                assert command.startswith(f"curl '{site.address}/")
                answered = await run(f"{command} -s")
                assert is_as_shown(answered, answer["value"]), command
                # Python writes 50.0 where a browser writes 50.
                assert answer["value"] == answers[0] or answer["value"] == json.loads(answers[0])


async def test_a_command_without_token_can_be_copied_and_run(service: Site, visit: Visit) -> None:
    page = await visit(f"{service.address}/reference")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    example = page.locator("#create_runs details[data-example=window]")
    await example.get_by_role("button", name="Copy the request").click()
    await expect(example.get_by_text("Copied.")).to_be_visible()
    copied: str = await page.evaluate("navigator.clipboard.readText()")
    assert copied == await example.locator("pre").first.text_content()
    assert "Authorization" not in copied
    assert json.loads(await run(f"{copied} -s"))["response"]["skipped"] == 0


async def test_the_reference_asks_for_a_token_and_keeps_it_in_the_tab(guarded: Site, visit: Visit) -> None:
    page = await visit(f"{guarded.address}/reference#get_run")
    await expect(page.get_by_role("status").first).to_have_text("This service requires a token.")
    await expect(page.get_by_label("Token")).to_be_focused()
    await give(page, "wrong")
    await expect(page.get_by_role("status").first).to_have_text("The service does not accept this token.")
    assert await page.evaluate("[sessionStorage.length, localStorage.length, document.cookie]") == [0, 0, ""]
    await give(page, TOKEN)
    await shown(page)
    await expect(page.get_by_label("Token")).to_be_hidden()
    await expect(page.locator("#get_run")).to_be_focused()
    assert await page.evaluate("Object.entries(sessionStorage)") == [["dagrun-api token of /", TOKEN]]
    assert TOKEN not in await page.content()
    await page.reload()
    await shown(page)


async def test_an_address_leads_to_its_operation(service: Site, visit: Visit) -> None:
    page = await visit(f"{service.address}/reference#cancel_batch")
    await expect(page.locator("#cancel_batch")).to_be_in_viewport()
    await expect(page.locator("#cancel_batch:target")).to_be_focused()
    # An operation that the filter hides can be reached, too.
    await page.get_by_label("Filter").fill("healthz")
    await expect(page.locator("#list_dags")).to_be_hidden()
    await page.evaluate("location.hash = '#list_dags'")
    await expect(page.locator("#list_dags")).to_be_in_viewport()
    for nonsense in ('#no%20such"', "#%E0%A4%A", "#"):
        await page.evaluate("hash => { location.hash = hash; }", nonsense)
    await expect(page.locator("#list_dags")).to_be_visible()


async def test_the_filter_shows_operations_with_all_its_words(service: Site, visit: Visit) -> None:
    page = await visit(f"{service.address}/reference")
    await expect(page.get_by_text(f"{len(OPERATIONS)} operations")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    await page.get_by_label("Filter").press_sequentially("If-None-Match  BATCH")
    await expect(page.locator("article:visible")).to_have_count(1)
    await expect(page.locator("#contents li:visible")).to_contain_text(OPERATIONS["get_batch"][2]["summary"])
    await expect(page.get_by_text(f"1 of {len(OPERATIONS)} operations")).to_be_visible()
    await page.get_by_label("Filter").fill("batch zebra")
    await expect(page.locator("article:visible, #operations section:visible, #list h2:visible")).to_have_count(0)


@pytest.mark.parametrize("is_dark", [False, True])
async def test_on_a_phone_the_reference_scrolls_only_vertically(service: Site, visit: Visit, is_dark: bool) -> None:
    page = await visit(f"{service.address}/reference", width=360, dark=is_dark)
    await shown(page)
    await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    # Stacked cells keep their roles.
    await expect(page.locator("#list_runs").get_by_role("rowheader", name="start", exact=True)).to_have_count(1)


async def test_an_unreachable_service_is_reported(visit: Visit, service: Site) -> None:
    page = await visit(f"{service.address}/reference")
    await shown(page)
    await page.route("**/openapi.json", lambda route: route.abort())
    await page.reload()
    await expect(page.get_by_role("status").first).to_contain_text("cannot be reached")


async def test_markup_in_the_document_is_shown_as_text(visit: Visit, service: Site) -> None:
    page = await visit(f"{service.address}/reference")
    await shown(page)
    document = json.loads(await run(f"curl -s {service.address}/api/v1/openapi.json"))
    markup = "<img src=x onerror=alert(1)> `<b>bold</b>`"
    hostile = json.loads(
        json.dumps(document), object_hook=lambda each: each | ({"description": markup} if "description" in each else {})
    )
    await page.route("**/openapi.json", lambda route: route.fulfill(json=hostile))
    await page.reload()
    await shown(page)
    await expect(page.locator("#introduction")).to_contain_text("<img src=x onerror=alert(1)> <b>bold</b>")
    assert await page.locator("main img").count() == 0
