"""What the form says about its fields: what is wrong, beside the field, and what a time means elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Site, Visit
from tests.browser.form import enter, fill, preview, recorded
from tests.databases.worlds import serialized

pytestmark = pytest.mark.asyncio(loop_scope="session")

AMSTERDAM = {
    "__type": "airflow.timetables.interval.CronDataIntervalTimetable",
    "__var": {"expression": "30 2 * * *", "timezone": "Europe/Amsterdam"},
}


async def expect_error(page: Page, label: str, sentence: str) -> None:
    """Expect that a field is said to be wrong, and has the focus."""
    field = page.get_by_label(label, exact=label != "Conf")
    await expect(field).to_have_attribute("aria-invalid", "true")
    described = await field.get_attribute("aria-describedby") or ""
    said = [await page.locator(f"#{each}").inner_text() for each in described.split()]
    assert any(sentence in each for each in said), said
    await expect(field).to_be_focused()


@pytest.mark.parametrize(
    ("label", "wrong", "sentence"),
    [
        ("From", "", "Enter the first day."),
        ("To (included)", "", "Enter the last day."),
        ("To (included)", "2017-08-31", "This is before From."),
        ("From", "2016-12-30", "The first date of this DAG is 1 January 2017."),
        ("To (included)", "2031-01-01", "The last date of this DAG is 1 January 2030."),
        ("Active at once", "0", "Enter a whole number from 1 to 1,000"),
        ("Active at once", "1001", "Enter a whole number from 1 to 1,000"),
        ("Active at once", "many", "Enter a whole number from 1 to 1,000"),
        ("Name", "", "Enter a name."),
        ("Name", "a b", "Use only letters, digits"),
        ("Name", "my_backfill", "without the word “backfill”"),
        ("Name", "a..b", "two dots"),
        ("Name", "x" * 216, "at most 215 characters"),
        ("Conf", "[1]", "Write a JSON object"),
        ("Conf", '{"a": 1', "Character 8: it ends too early"),
        ("Conf", "{'a': 1}", "Character 2: use straight double quotes"),
        ("Conf", '{"a": 1,}', "Character 8: remove the comma before }."),
        ("Conf", '{\n"a": [true, b]}', "Line 2, character 13: put names and texts in double quotes."),
        ("Conf", '{"a": 1 "b": 2}', "Character 9: a comma or } is missing before this."),
        ("Conf", '{"a" 1}', "Character 6: a colon is missing after the name."),
        ("Conf", '{"a": "b}', "Character 7: this text has no closing double quote."),
        ("Conf", '{"a": 01}', "Character 7: a value is missing."),
        ("Conf", '{"a": {}} x', "Character 11: remove what follows the last }."),
        ("Conf", '{"a": ' + "[" * 64, "use at most 64 levels"),
    ],
)
async def test_a_wrong_value_is_said_beside_its_field(
    native_site: Site, visit: Visit, dag_id: str, label: str, wrong: str, sentence: str
) -> None:
    bounds = {"start_date": 1483228800.0, "end_date": 1893456000.0}
    await native_site.airflow.add_dag(dag_id, serialized=serialized(**bounds))
    page = await visit(f"{native_site.address}/#/dags/{dag_id}")
    bodies = recorded(page)
    await fill(page, "2017-09-01", "2017-09-03")
    await enter(page, label, wrong)
    await preview(page)
    await expect_error(page, label, sentence)
    assert bodies == []
    right = {"From": "2017-09-01", "To (included)": "2017-09-03", "Active at once": "1", "Name": "etl", "Conf": "{}"}
    await enter(page, label, right[label])
    await expect(page.get_by_label(label, exact=label != "Conf")).not_to_have_attribute("aria-invalid", "true")


async def test_the_first_of_several_wrong_fields_has_the_focus(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await page.get_by_label("Name", exact=True).fill("")
    await preview(page)
    await expect(page.locator("[aria-invalid]")).to_have_count(3)
    await expect(page.get_by_label("From", exact=True)).to_be_focused()
    await page.get_by_text("One run now", exact=True).click()
    await expect(page.locator("[aria-invalid]")).to_have_count(0)


async def test_conf_is_checked_while_typing(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    conf = page.get_by_label("Conf")
    await enter(page, "Conf", '{"a": ')
    await expect(page.get_by_text("Character 7: it ends too early")).to_be_visible()
    await expect(conf).to_be_focused()
    await conf.press_sequentially("1}")
    await expect(conf).not_to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_text("it ends too early")).to_be_hidden()


async def test_a_wrong_conf_is_unfolded(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await fill(page, "2017-09-01", "2017-09-03")
    await enter(page, "Conf", "[1]")
    await expect(page.get_by_text("Write a JSON object")).to_be_visible()
    await page.get_by_text("Conf (set)").click()
    await expect(page.get_by_label("Conf")).to_be_hidden()
    await preview(page)
    await expect_error(page, "Conf", "Write a JSON object")


async def test_what_the_service_refuses_is_said_beside_its_field(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await fill(page, "2017-09-01", "2017-09-03")
    for label, wrong, right, sentence in (
        ("Conf", '{"a": 1, "a": 2}', '{"a": 1}', 'The key "a" is there twice.'),
        ("Name", "scheduled__", "etl", "Ids that begin with scheduled__ are Airflow's own."),
        ("Name", "etl_0000001_2017-09-01T12", "etl", "This looks like the id of a run."),
    ):
        await enter(page, label, wrong)
        await preview(page)
        await expect_error(page, label, sentence)
        await enter(page, label, right)
    await preview(page)
    await expect(page.get_by_role("heading", name="3 runs would be created")).to_be_visible()


async def test_another_refusal_is_shown_below_the_form(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await fill(page, "2017-09-01", "2017-09-03")

    async def refuse(route: Route) -> None:
        await route.fulfill(status=400, json={"response": {"error": "dag id x is broken: send max_active_runs."}})

    await page.route("**/dag_runs", refuse)
    await preview(page)
    alert = page.get_by_role("alert").filter(has_text="the DAG x is broken: send “Active at once”.")
    await expect(alert).to_be_visible()


async def test_a_time_includes_its_whole_minute_or_second(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized("* * * * *"))
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    bodies = recorded(page)
    await fill(page, "2017-09-01", "2017-09-01")
    await expect(page.get_by_label("To time (UTC)")).to_be_hidden()
    await page.get_by_label("Exact times").check()
    await page.get_by_label("From time (UTC)").fill("10:20")
    for time, end in (("10:22", "10:22:59.999999"), ("10:22:30", "10:22:30.999999")):
        await page.get_by_label("To time (UTC)").fill(time)
        await preview(page)
        await expect(page.get_by_role("heading", name="3 runs would be created")).to_be_visible()
        assert (bodies[-1]["start_date"], bodies[-1]["end_date"]) == ("2017-09-01T10:20", f"2017-09-01T{end}")
    await page.get_by_label("To time (UTC)").fill("10:19")
    await preview(page)
    await expect(page.get_by_text("This is before From.")).to_be_visible()


async def test_the_first_day_begins_with_the_first_date(site: Site, visit: Visit, dag_id: str) -> None:
    noon = datetime(2017, 9, 1, 12, tzinfo=UTC)
    await site.airflow.add_dag(dag_id, serialized=serialized(start_date=noon.timestamp()))
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await fill(page, "2017-09-01", "2017-09-03")
    await preview(page)
    await expect(page.get_by_role("heading", name="3 runs would be created")).to_be_visible()


async def test_a_date_says_what_time_it_is_elsewhere(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized(AMSTERDAM, timezone="Europe/Amsterdam"))
    page = await visit(f"{site.address}/#/dags/{dag_id}", zone="America/New_York")
    await fill(page, "2026-05-11", "2026-05-15")
    await expect(page.get_by_label("From", exact=True)).to_have_accessible_description(
        "00:00 UTC = 02:00 in Europe/Amsterdam, 20:00 on 10 May in America/New_York"
    )
    await expect(page.get_by_label("To (included)")).to_have_accessible_description(
        "24:00 UTC = 02:00 in Europe/Amsterdam, 20:00 on 15 May in America/New_York"
    )
    await page.get_by_label("Exact times").check()
    await page.get_by_label("From time (UTC)").fill("00:30")
    await expect(page.get_by_text("00:30 UTC = 02:30 in Europe/Amsterdam")).to_be_visible()


async def test_in_utc_nothing_is_said_of_other_zones(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}", zone="UTC")
    await fill(page, "2026-05-11", "2026-05-15")
    await expect(page.get_by_text("UTC =")).to_have_count(0)


async def test_common_ranges_are_filled_in_by_a_click(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    today = datetime.now(UTC).date()
    this_month = today.replace(day=1)
    last_month = this_month - timedelta(days=1)
    await page.get_by_role("button", name="missing").last.wait_for()
    for name, first, last in (
        ("this month", this_month, today),
        ("last month", last_month.replace(day=1), last_month),
        ("last 30 days", today - timedelta(days=29), today),
    ):
        await page.get_by_role("button", name=name, exact=True).click()
        await expect_range(page, first, last)
    await expect(page.locator("[data-part=map]")).not_to_have_attribute("aria-busy", "true")
    await page.get_by_role("button", name="all missing on the map").click()
    # The run of yesterday noon is due once its interval has ended, at noon of today.
    missing = today - timedelta(days=1 if datetime.now(UTC).hour >= 12 else 2)
    await expect_range(page, today - timedelta(days=364), missing)


async def expect_range(page: Page, first: date, last: date) -> None:
    await expect(page.get_by_label("From", exact=True)).to_have_value(first.isoformat())
    await expect(page.get_by_label("To (included)")).to_have_value(last.isoformat())


async def test_a_conf_that_is_too_long_is_refused_beside_it(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await fill(page, "2017-09-01", "2017-09-02")
    await enter(page, "Conf", '{"old": 1}')
    # More than the service takes, and than the browser keeps.
    for length in (70_000, 6_000_000):
        await page.get_by_label("Conf").evaluate(
            """(field, length) => {
                field.value = JSON.stringify({ text: "x".repeat(length) });
                field.dispatchEvent(new Event("input", { bubbles: true }));
            }""",
            length,
        )
        await preview(page)
        await expect_error(page, "Conf", "This is too long: a request may have 65536 bytes.")
    await page.reload()
    await expect(page.get_by_label("Conf")).to_have_value("")


async def test_whether_a_time_has_passed_the_service_tells(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized(None))
    now = datetime.now(UTC)
    page = await visit(f"{site.address}/#/nowhere")
    # This clock is an hour slow.
    await page.clock.install(time=now - timedelta(hours=1))
    await page.goto(f"{site.address}/#/dags/{dag_id}")
    await page.get_by_text("One run at a given time").click()
    for minutes in (10, -10):
        moment = now + timedelta(minutes=minutes)
        await page.get_by_label("Date", exact=True).fill(f"{moment:%Y-%m-%d}")
        await page.get_by_label("From time (UTC)").fill(f"{moment:%H:%M}")
        await preview(page)
        if minutes > 0:
            await expect_error(page, "Date", "This lies in the future.")
    await expect(page.get_by_role("heading", name="1 run would be created")).to_be_visible()
