"""The spans of a zone: the standard library's own answers, at every change and in years to come."""

from __future__ import annotations

import importlib.resources
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from random import Random

import pytest

from dagrun_api.timetables.runs import EPOCH, instant
from dagrun_api.timetables.zone import FAR, find_zone

from .oracle import zone_of

CHANGING = (
    "Africa/Casablanca",
    "America/Havana",
    "America/New_York",
    "America/St_Johns",
    "Antarctica/Macquarie",
    "Antarctica/Troll",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Europe/Lisbon",
    "Pacific/Apia",
    "Pacific/Chatham",
    "US/Eastern",
    "Etc/GMT+5",
)


@pytest.mark.parametrize("name", CHANGING)
def test_offsets_and_readings_are_the_standard_librarys(name: str) -> None:
    random, zone, theirs = Random(name), find_zone(name), zone_of(name)  # noqa: S311
    for _ in range(400):
        at = int(random.uniform(-4e9, 4e9)) if random.random() < 0.7 else int(random.uniform(4e9, 2.4e11))
        if random.random() < 0.7 and abs(zone.span(at).end) < 2e11:
            at = zone.span(at).end + random.choice((-1, 0, 1))
        offset = (EPOCH + timedelta(seconds=at)).astimezone(theirs).utcoffset()
        assert offset == timedelta(seconds=zone.span(at).offset), at
        wall = at + zone.span(at).offset + random.randint(-7200, 7200)
        reading = EPOCH.replace(tzinfo=None) + timedelta(seconds=wall)
        readings = [reading.replace(tzinfo=theirs, fold=fold).astimezone(UTC) for fold in (0, 1)]
        assert max(readings) == EPOCH + timedelta(seconds=zone.instant(wall)), reading


@pytest.mark.parametrize("name", CHANGING)
def test_spans_follow_one_another(name: str) -> None:
    zone = find_zone(name)
    spans = zone.spans(-FAR)
    span = next(spans)
    while span.end < 8_000_000_000:
        following = next(spans)
        assert (following.start, following.offset) == (span.end, span.next_offset)
        assert following.end > following.start
        assert following == zone.span(following.start) == zone.span(following.end - 1)
        assert following == next(zone.spans(following.start)) == next(zone.spans(following.end - 1))
        span = following


@pytest.mark.parametrize("name", CHANGING)
def test_readings_of_a_span_mean_instants_of_it(name: str) -> None:
    zone = find_zone(name)
    for span in takewhile(lambda span: span.end < 8_000_000_000, islice(zone.spans(-FAR), 1, None)):
        opens, closes = instant(span.opens)[0], instant(span.closes)[0]
        assert zone.instant(opens) == span.start
        assert zone.instant(closes - 1) == closes - 1 - span.offset
        assert zone.instant(closes) >= span.end


def test_every_zone_of_the_database_is_found() -> None:
    names = (importlib.resources.files("tzdata") / "zones").read_text().split()
    now = int(datetime(2024, 7, 1, tzinfo=UTC).timestamp())
    for name in names:
        offset = datetime(2024, 7, 1, tzinfo=UTC).astimezone(zone_of(name)).utcoffset()
        assert offset == timedelta(seconds=find_zone(name).span(now).offset)


def test_an_offset_in_seconds_is_a_zone_without_changes() -> None:
    assert find_zone(19_800).span(0)[:4] == (-FAR, FAR, 19_800, 19_800)
    assert find_zone(-12_600).name == "UTC-3:30:00"
    assert find_zone("utc").name == "UTC"
