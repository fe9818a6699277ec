"""What somebody may have put into the database: it must neither crash, nor hang, nor fill the memory."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from typing import Any

import pytest

from dagrun_api.errors import InvalidTimetable, UnlistableTimetable
from dagrun_api.timetables import Timetable, decode

from .serialized import JSON, interval, several, steps, timetable, trigger

SECOND = 1.0
"""Far more than anything here takes (milliseconds), even on a busy machine; a hang takes longer."""


def nested(depth: int) -> JSON:
    inner: JSON = timetable("trigger.CronTriggerTimetable", expression="0 0 * * *")["timetable"]
    for _ in range(depth):
        inner = timetable("assets.AssetOrTimeSchedule", timetable=inner)["timetable"]
    return {"timetable": inner}


HOSTILE: list[Any] = [
    [],
    "0 0 * * *",
    5,
    None,
    {"schedule_interval": "*" * 100_000},
    {"schedule_interval": "0,1," * 25_000},
    {"schedule_interval": "0 0 * * *" + " " * 100_000},
    {"schedule_interval": "9" * 900 + " * * * *"},
    {"schedule_interval": "\ud800 * * * *"},
    {"schedule_interval": "\0 * * * *"},
    {"schedule_interval": "0 0 * * *", "timezone": "x" * 100_000},
    {"schedule_interval": {"__type": "timedelta", "__var": 10**5000}},
    {"schedule_interval": {"__type": "relativedelta", "__var": {"leapdays": 10**5000, "days": 1}}},
    {"schedule_interval": {"__type": "relativedelta", "__var": {10**5000: 1}}},
    {"timetable": {"__type": ["x"], "__var": {}}},
    nested(50_000),
]


@pytest.mark.parametrize("dag", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_input_is_refused_at_once(dag: Any) -> None:
    begun = time.perf_counter()
    with pytest.raises(InvalidTimetable) as refused:
        decode(dag)
    assert time.perf_counter() - begun < SECOND
    assert len(str(refused.value)) < 500


def test_nested_timetables_are_read_as_deep_as_airflow_nests() -> None:
    assert decode(nested(2)).summary.startswith("CronTriggerTimetable")
    with pytest.raises(InvalidTimetable, match="deep"):
        decode(nested(5))


def test_the_name_of_a_custom_timetable_is_cut() -> None:
    decoded = decode({"timetable": {"__type": "a." + "x" * 100_000, "__var": {}}})
    assert len(decoded.summary) < 300
    assert len(decoded.unlistable or "") < 400


def twice(cron: str, zone: str) -> Timetable:
    return several([cron, cron], zone)


WIDE = datetime(1824, 1, 1, tzinfo=UTC), datetime(2224, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "cron",
    ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 15 * 1#2", "0 0 31W 2 1#1", "0 0 1 1 * 0 2098"],
)
@pytest.mark.parametrize("make", [interval, trigger, twice])
def test_a_cron_that_never_fires_costs_no_time(cron: str, make: Callable[[str, str], Timetable]) -> None:
    begun = time.perf_counter()
    stretches = list(make(cron, "America/New_York").stretches(*WIDE))
    assert [run for each in stretches for run in each.runs] == []
    assert stretches[-1].notes
    assert time.perf_counter() - begun < SECOND


@pytest.mark.parametrize(
    "timetable",
    [
        trigger("* * * * * *", "Europe/London"),
        interval("* * * * * *", "Australia/Lord_Howe"),
        several(["* * * * * *", "*/2 * * * * *"], "UTC"),
        steps(1e-6),
        trigger("* * * * * *", "UTC", {"months": 1}),
    ],
    ids=lambda timetable: str(timetable.summary),
)
def test_a_consumer_pays_for_what_it_takes_only(timetable: Timetable) -> None:
    begun = time.perf_counter()
    tracemalloc.start()
    try:
        taken = list(islice(timetable.between(*WIDE), 501))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert len(taken) == 501
    assert time.perf_counter() - begun < SECOND


def test_memory_does_not_grow_with_the_window() -> None:
    timetable = interval("0 */6 * * *", "America/New_York")
    tracemalloc.start()
    try:
        assert sum(1 for _ in timetable.between(*WIDE)) > 500_000
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


FIRST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
ALL: list[Timetable] = [
    interval("0 0 * * *"),
    interval("30 6 * * *", "Pacific/Apia"),
    interval("0 * * * *", "America/New_York"),
    interval("0 0 1 1 *", -43_200),
    trigger("* * * * *", 50_400),
    trigger("0 0 * * 1", "Australia/Lord_Howe", {"years": 1}),
    trigger("0 0 L * *", "UTC", -1e9),
    several(["0 0 * * *", "30 * * * *"], "Europe/London", {"months": 1}),
    steps(86_400.5),
    steps({"months": 1, "day": 31}),
    steps({"years": 1000}),
    decode(timetable("trigger.DeltaTriggerTimetable", delta={"days": 1}, interval={"years": 5})),
    decode(timetable("simple.OnceTimetable")),
    decode(timetable("events.EventsTimetable", event_dates=[FIRST.isoformat(), LATEST.isoformat()])),
]


@pytest.mark.parametrize("timetable", ALL, ids=lambda timetable: str(timetable.summary))
@pytest.mark.parametrize("offset", [0, 14, -12])
def test_the_calendar_ends_quietly(timetable: Timetable, offset: int) -> None:
    zone = timezone(timedelta(hours=offset))
    for start, end in (
        (FIRST, FIRST + timedelta(days=40)),
        (LATEST - timedelta(days=40), LATEST),
        (FIRST, LATEST),
        (LATEST, LATEST),
        (FIRST, FIRST),
        (LATEST, FIRST),
    ):
        runs = list(islice(timetable.between(start.replace(tzinfo=zone), end.replace(tzinfo=zone)), 50))
        assert start < end or len(runs) <= 1
    for at in (FIRST, LATEST, FIRST + timedelta(days=1)):
        try:
            found = timetable.infer_manual(at.replace(tzinfo=zone))
        except UnlistableTimetable:
            continue
        assert found.end.tzinfo is UTC


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Australia/Lord_Howe", -43_200, 50_400])
@pytest.mark.parametrize("cron", ["0 0 * * *", "0 12 1 * *", "0 */8 * * *"])
@pytest.mark.parametrize("make", [interval, trigger])
def test_the_last_years_of_the_calendar_have_their_runs(
    cron: str, zone: str | int, make: Callable[[str, str | int], Timetable]
) -> None:
    runs = list(make(cron, zone).between(datetime(9998, 11, 1, tzinfo=UTC), LATEST))
    ordinary = list(make(cron, zone).between(datetime(2398, 11, 1, tzinfo=UTC), datetime(2400, 1, 1, tzinfo=UTC)))
    offset = LATEST.replace(microsecond=0) - datetime(2399, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert [run.logical_date - offset for run in runs] == [run.logical_date for run in ordinary[: len(runs)]]
    assert len(ordinary) - len(runs) < 5


@pytest.mark.parametrize("timetable", ALL, ids=lambda timetable: str(timetable.summary))
def test_a_datetime_without_a_zone_is_an_error_of_the_caller(timetable: Timetable) -> None:
    naive = datetime(2024, 1, 1)  # noqa: DTZ001
    for call in (
        lambda: timetable.between(naive, LATEST),
        lambda: timetable.between(FIRST, naive),
        lambda: timetable.infer_manual(naive),
    ):
        with pytest.raises(ValueError, match="time zone"):
            call()
