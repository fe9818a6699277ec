"""Windows whose ends are readings of one zone, which Airflow compares as such; those in UTC are not affected."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dagrun_api.timetables import decode

HOURLY: dict[str, object] = {
    "__type": "airflow.timetables.trigger.DeltaTriggerTimetable",
    "__var": {"delta": 3600.0, "interval": 0.0},
}


def test_a_delta_window_within_a_repeated_hour_is_empty() -> None:
    london = ZoneInfo("Europe/London")
    start = datetime(1977, 10, 23, 1, 46, tzinfo=UTC).astimezone(london)
    end = datetime(1977, 10, 23, 2, 42, 56, 36578, tzinfo=UTC).astimezone(london)
    assert list(decode({"timetable": HOURLY}).between(start, end)) == []
