"""Where our lists are known to differ from Airflow's; each fails strictly, so that a fix is noticed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dagrun_api.timetables import decode

HOURLY: dict[str, object] = {
    "__type": "airflow.timetables.trigger.DeltaTriggerTimetable",
    "__var": {"delta": 3600.0, "interval": 0.0},
}


@pytest.mark.xfail(reason="Airflow compares the readings of two ends of one zone; a window in UTC is not affected")
def test_a_delta_window_whose_ends_lie_in_an_hour_that_comes_twice_is_empty() -> None:
    london = ZoneInfo("Europe/London")
    start = datetime(1977, 10, 23, 1, 46, tzinfo=UTC).astimezone(london)
    end = datetime(1977, 10, 23, 2, 42, 56, 36578, tzinfo=UTC).astimezone(london)
    assert list(decode({"timetable": HOURLY}).between(start, end)) == []
