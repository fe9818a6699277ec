"""A schedule as a short text, from what any Airflow or anybody else has stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dagrun_api.airflow.schedule_text import of_column, of_form
from dagrun_api.airflow.serialized import max_active_runs, timezone
from tests.databases.schemas import RELEASES, serialized

TEXTS = {
    "none": None,
    "once": ("@once", "OnceTimetable"),
    "continuous": "ContinuousTimetable",
    "cron": "30 6 * * *",
    "preset": ("@weekly", "0 0 * * 0"),
    "timedelta": "6:00:00",
    "relativedelta": "months 1",
    "crons": "15 4 * * *, 0 5 * * 1",
    "events": "EventsTimetable",
    "asset": ("DatasetTriggeredTimetable", "AssetTriggeredTimetable"),
}
"""Case of the serialized timetables -> its text, or the texts that releases have for it."""


@pytest.mark.parametrize("release", RELEASES)
def test_each_kind_of_timetable_has_a_text(release: str) -> None:
    for dag in serialized(release):
        name = dag["case"]
        text = of_form(dag)
        assert (text is None) == (name in ("none", "no timetable")), name
        expected = TEXTS.get(name, text)
        assert text in (expected if isinstance(expected, tuple) else (expected,)), name


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("null", None),
        ('"0 12 * * *"', "0 12 * * *"),
        ('"Dataset"', "Dataset"),
        ('{"type": "timedelta", "attrs": {"days": 1, "seconds": 30, "microseconds": 0}}', "1 day, 0:00:30"),
        ('{"type": "relativedelta", "attrs": {"years": 0, "months": 2, "weekday": null}}', "months 2"),
        # Airflow 3.
        ("0 12 * * *", "0 12 * * *"),
        ("1 day, 0:00:00", "1 day, 0:00:00"),
        ("None", None),
        ("", None),
        # The built-in database.
        (
            '{"__type": "airflow.timetables.trigger.CronTriggerTimetable", "__var": {"expression": "0 2 * * *"}}',
            "0 2 * * *",
        ),
        ('{"__type": "airflow.timetables.simple.NullTimetable", "__var": {}}', None),
        # SQLite allows anything.
        (b"x", None),
        (7, None),
        ("[1]", None),
        ("true", None),
        ('{"type": "timedelta", "attrs": {"days": "x"}}', "0:00:00"),
        ('{"type": "timedelta", "attrs": {"days": 1e300}}', "8.64e+304 seconds"),
    ],
)
def test_a_column_is_plain_text_or_json(value: object, text: str | None) -> None:
    assert of_column(value) == text


@pytest.mark.parametrize(
    "timetable",
    [{}, {"__type": 7}, {"__var": []}, {"__type": "x.Y", "__var": {"expression": None, "delta": []}}, [], 7],
)
def test_a_form_may_be_damaged(timetable: object) -> None:
    assert isinstance(of_form({"timetable": timetable}), str | None)


@pytest.mark.parametrize(
    ("zone", "text"),
    [("UTC", "UTC"), (7200, "+02:00"), (-16200, "-04:30"), (0, "+00:00"), (True, None), (None, None), ([], None)],
)
def test_a_zone_has_a_name_or_an_offset(zone: object, text: str | None) -> None:
    assert timezone(json.loads(json.dumps({"timezone": zone}))) == text


@pytest.mark.parametrize(("value", "expected"), [(16, 16), (0, 0), (True, None), ("16", None), (None, None)])
def test_max_active_runs_is_a_number(value: Any, expected: int | None) -> None:
    assert max_active_runs({"max_active_runs": value}) == expected
