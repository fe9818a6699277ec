"""A service with tokens: how its page asks for one and keeps it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Site, Visit, serving
from tests.browser.form import choose_now, preview
from tests.browser.scheduling import in_time

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOKENS = """
[token:everything]
token = päßword
[token:dashboard]
token = only-read
access = read
[token:shop]
token = only-shop
dags = shop_*
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def guarded(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Site]:
    """Serve a site that requires a token."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "tokens.ini").write_text(TOKENS, "utf-8")
    (folder / "tokens.ini").chmod(0o600)
    async with serving("2.11.2", folder, "--config", str(folder / "tokens.ini")) as site:
        for dag_id in ("shop_orders", "etl"):
            await site.airflow.add_dag(dag_id)
            await site.airflow.add_run(dag_id, "b_0000001_2017-09-01T12:00:00", datetime(2017, 9, 1, 12, tzinfo=UTC))
        yield site


async def give(page: Page, token: str) -> None:
    """Fill in the token dialog."""
    await page.get_by_role("dialog", name="Token required").get_by_label("Token", exact=True).fill(token)
    await page.keyboard.press("Enter")


async def test_the_page_asks_again_after_a_wrong_token(guarded: Site, visit: Visit) -> None:
    page = await visit(guarded.address)
    await expect(page.get_by_label("Token", exact=True)).to_be_focused()
    await give(page, "wrong")
    await expect(page.get_by_role("alert").filter(has_text="does not accept this token")).to_be_visible()
    await expect(page.get_by_label("Token", exact=True)).to_have_value("")
    await give(page, "päßword")
    await page.get_by_role("link", name="etl").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("DAG etl")
    await page.reload()
    await expect(page.get_by_role("button", name="Preview")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_the_token_is_kept_in_session_storage_only(guarded: Site, visit: Visit) -> None:
    page = await visit(guarded.address)
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    await give(page, "only-read")
    await page.get_by_role("link", name="etl").first.wait_for()
    kept = await page.evaluate("[Object.values(sessionStorage), Object.keys(localStorage), document.cookie]")
    assert kept == [["only-read"], [], ""]
    assert await page.context.cookies() == []
    assert not any("only-read" in each for each in [page.url, *addresses])
    assert "only-read" not in await page.content()
    await expect(page.get_by_label("Token", exact=True)).to_have_value("")
    another = await visit(guarded.address)
    await expect(another.get_by_role("dialog", name="Token required")).to_be_visible()


async def test_the_token_can_be_forgotten(guarded: Site, visit: Visit) -> None:
    page = await visit(guarded.address)
    await expect(page.get_by_role("button", name="Forget the token")).to_be_hidden()
    await give(page, "only-read")
    await page.get_by_role("link", name="etl").first.wait_for()
    await page.get_by_role("button", name="Forget the token").click()
    await expect(page.get_by_role("dialog", name="Token required")).to_be_visible()
    assert await page.evaluate("sessionStorage.length") == 0
    await expect(page.get_by_role("link", name="etl")).to_have_count(0)


async def test_a_declined_token_can_be_given_later(guarded: Site, visit: Visit) -> None:
    page = await visit(guarded.address)
    await page.get_by_role("button", name="Not now").click()
    await expect(page.get_by_role("alert").filter(has_text="A valid token is required")).to_be_visible()
    await page.get_by_role("button", name="Retry").click()
    await give(page, "only-read")
    await expect(page.get_by_role("link", name="etl").first).to_be_visible()


async def test_a_read_only_token_changes_nothing(guarded: Site, visit: Visit) -> None:
    page = await visit(guarded.address)
    await give(page, "only-read")
    switch = page.get_by_role("switch", name="etl is active")
    await switch.click()
    await expect(page.get_by_role("alert").filter(has_text="The token dashboard may only read")).to_be_visible()
    await expect(switch).to_be_checked()
    await page.get_by_role("link", name="etl").first.click()
    await choose_now(page)
    await preview(page)
    await expect(page.get_by_role("alert").filter(has_text="The token dashboard may only read")).to_be_visible()
    await expect(page.get_by_role("button", name="Create")).to_have_count(0)


async def test_a_token_for_some_dags_must_name_one(guarded: Site, visit: Visit) -> None:
    page = await visit(guarded.address)
    await give(page, "only-shop")
    await expect(page.get_by_text("1 DAG", exact=True)).to_be_visible()
    await page.goto(f"{guarded.address}/#/batches/b")
    await expect(page.get_by_role("alert").filter(has_text="add ?dag_id= to name one")).to_be_visible()
    await page.goto(f"{guarded.address}/#/batches/b?dag_id=shop_orders")
    await expect(page.get_by_text("The run has ended: 1 succeeded.")).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text="b_0000001")).to_be_visible()


async def test_a_revoked_token_is_asked_for_again(guarded: Site, visit: Visit) -> None:
    page = await visit(guarded.address)
    await give(page, "only-read")
    await page.get_by_role("link", name="etl").first.wait_for()
    await page.evaluate("for (const key of Object.keys(sessionStorage)) sessionStorage[key] = 'revoked'")
    await page.goto(f"{guarded.address}/#/batches/b?dag_id=etl")
    await give(page, "päßword")
    await expect(page.get_by_text("The run has ended: 1 succeeded.")).to_be_visible()


async def test_a_token_for_some_dags_lists_no_batches(guarded: Site, visit: Visit) -> None:
    page = await visit(guarded.address)
    async with page.expect_response(lambda response: "/batches?" in response.url and response.status == 403):
        await give(page, "only-shop")
    await expect(page.get_by_text("1 DAG", exact=True)).to_be_visible()
    await expect(page.get_by_role("heading", name="Latest batches")).to_be_hidden()
    await expect(page.locator(".message")).to_be_empty()


async def test_a_limited_token_chooses_one_of_its_dags(guarded: Site, visit: Visit) -> None:
    page = await visit(f"{guarded.address}/#/batches")
    await give(page, "only-shop")
    await expect(page.get_by_role("alert").filter(has_text="Your token is for some DAGs only")).to_be_visible()
    await expect(page.get_by_role("table", name="Batches")).to_be_hidden()
    await page.get_by_label("DAG", exact=True).fill("shop_orders")
    await expect(page.get_by_role("table", name="Batches").get_by_role("rowheader")).to_have_text(["b"])
    await expect(page.get_by_role("alert").filter(has_text="Your token")).to_have_count(0)
    await page.get_by_label("DAG", exact=True).fill("etl")
    await page.get_by_label("DAG", exact=True).press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="Your token does not allow the DAG etl.")).to_be_visible()
    await expect(page.get_by_role("table", name="Batches")).to_be_hidden()


async def test_runs_that_a_token_does_not_allow_leave_no_error(guarded: Site, visit: Visit) -> None:
    page = await visit(guarded.address)
    await give(page, "only-read")
    marks = page.get_by_role("list", name="Last runs of etl").get_by_role("link")
    await expect(marks).to_have_count(1)
    # In another tab, say, the token may have become one for other DAGs.
    await page.evaluate("for (const key of Object.keys(sessionStorage)) sessionStorage[key] = 'only-shop'")
    await page.clock.fast_forward("00:31")
    await page.get_by_label("Search").fill("shop")
    await expect(marks).to_have_count(0)
    # The browser tells in its next frame that the row is not seen.
    await page.evaluate("new Promise((done) => new IntersectionObserver(() => done()).observe(document.body))")
    async with page.expect_response("**/dag_runs?dag_id=etl&*") as answered:
        await page.get_by_label("Search").fill("")
    assert (await answered.value).status == 403
    await expect(marks).to_have_count(1)
    await expect(page.locator(".message")).to_be_empty()


@pytest.mark.parametrize("view", ["", "dags/etl"])
async def test_who_declines_is_not_asked_again(guarded: Site, visit: Visit, view: str) -> None:
    page = await visit(f"{guarded.address}/#/{view}")
    await give(page, "päßword")
    await expect(page.get_by_role("switch").first).to_be_visible()
    await page.get_by_role("table").first.wait_for()

    async def refuse(route: Route) -> None:
        await route.fulfill(status=401, json={"response": {"error": "The token has expired."}})

    await page.route("**/api/v1/**", refuse)
    await in_time(page, lambda wait: expect(page.get_by_role("dialog")).to_be_visible(timeout=wait))
    await page.get_by_role("button", name="Not now").click()
    await expect(page.get_by_role("alert").filter(has_text="The token has expired.")).to_be_visible()
    for _ in range(3):
        await page.clock.fast_forward("01:00")
        await expect(page.get_by_role("dialog")).to_be_hidden()
    await page.unroute_all()
    await page.get_by_role("button", name="Retry", exact=True).click()
    await expect(page.get_by_role("switch").first).to_be_visible()
    await expect(page.get_by_role("button", name="Retry", exact=True)).to_have_count(0)
