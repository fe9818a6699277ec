"""Airflow's rules one by one, each by an example whose answer was seen in Airflow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from dagrun_api.model import TickRules
from dagrun_api.timetables import DataInterval, RunInfo, Timetable, decode

from .serialized import interval, several, steps, timetable, trigger

NEW_YORK, LORD_HOWE = "America/New_York", "Australia/Lord_Howe"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ticks(timetable: Timetable, start: str, end: str) -> list[str]:
    """When the runs of a window run: month, day and time."""
    return [f"{run.run_after:%m-%dT%H:%M}" for run in timetable.between(at(start), at(end))]


def listed(timetable: Timetable, start: str, end: str) -> tuple[list[RunInfo], list[str]]:
    """The runs of a window, and the notes on them."""
    stretches = [(list(each.runs), each.notes) for each in timetable.stretches(at(start), at(end))]
    return [run for runs, _ in stretches for run in runs], [note for _, notes in stretches for note in notes]


def starts(timetable: Timetable, start: str, end: str) -> list[str]:
    return [f"{run.data_interval_start:%m-%dT%H:%M}" for run in timetable.between(at(start), at(end))]


CLOCK_CHANGES = [
    # A tick in the hour that is skipped runs an hour later by the clock, and only the first of several does.
    ("30 2 * * *", NEW_YORK, "2024-03-09", "2024-03-12", ["03-09T07:30", "03-10T07:30", "03-11T06:30"]),
    ("0,30 2 * * *", NEW_YORK, "2024-03-10", "2024-03-11T12", ["03-10T07:00", "03-11T06:00", "03-11T06:30"]),
    (
        "0 */2 * * *",
        NEW_YORK,
        "2024-03-10T04",
        "2024-03-10T10",
        ["03-10T05:00", "03-10T07:00", "03-10T08:00", "03-10T10:00"],
    ),
    # A tick in the hour that comes twice runs in its second pass.
    ("30 1 * * *", NEW_YORK, "2024-11-02", "2024-11-05", ["11-02T05:30", "11-03T06:30", "11-04T06:30"]),
    ("0 */2 * * *", NEW_YORK, "2024-11-03T03", "2024-11-03T09", ["11-03T04:00", "11-03T07:00", "11-03T09:00"]),
    # A cron of every hour runs on in elapsed time, and so drifts where the change is no whole hour,
    ("0 * * * *", NEW_YORK, "2024-11-03T05", "2024-11-03T07", ["11-03T05:00", "11-03T06:00", "11-03T07:00"]),
    ("0 * * * *", LORD_HOWE, "2024-10-05T14", "2024-10-05T16", ["10-05T14:30", "10-05T15:30", "10-05T16:00"]),
    ("0 * * * *", LORD_HOWE, "2024-04-06T13:30", "2024-04-06T15:30", ["04-06T14:00", "04-06T15:00", "04-06T15:30"]),
    # or where it lies between two of the cron's days.
    ("0 * * * 1", NEW_YORK, "2024-03-06", "2024-03-11T06", ["03-11T05:00", "03-11T06:00"]),
    ("0 * * * 1", NEW_YORK, "2024-10-30", "2024-11-04T06", ["11-04T04:00", "11-04T05:00", "11-04T06:00"]),
    # A whole day is skipped.
    ("0 0 * * *", "Pacific/Apia", "2011-12-29", "2012-01-01", ["12-29T10:00", "12-30T10:00", "12-31T10:00"]),
]


@pytest.mark.parametrize(("cron", "zone", "start", "end", "expected"), CLOCK_CHANGES)
def test_a_change_of_the_clock(cron: str, zone: str, start: str, end: str, expected: list[str]) -> None:
    assert ticks(trigger(cron, zone), start, end) == expected


def test_data_intervals_leave_a_gap_when_clocks_go_forward() -> None:
    _, before, after = interval("0,30 2 * * *", NEW_YORK).between(at("2024-03-09T07:00"), at("2024-03-10T12"))
    assert before[1:3] == (at("2024-03-09T07:30"), at("2024-03-10T07:00"))
    assert after[1:3] == (at("2024-03-10T07:30"), at("2024-03-11T06:00"))


def test_a_list_ends_where_airflow_would_repeat_itself_for_ever() -> None:
    window = "2024-10-29T18", "2024-11-08T18"
    runs, notes = listed(interval("0 * * * 1", NEW_YORK), *window)
    assert [run.logical_date for run in runs] == [at("2024-11-04T04")]
    assert "for ever" in notes[0]
    runs, notes = listed(interval("0 * * * 1", NEW_YORK, TickRules.SINCE_3_3), *window)
    assert len(runs) == 25
    assert notes == []


def test_before_airflow_3_3_a_list_may_step_back_before_it_ends() -> None:
    expected = ["10-05T14:30", "10-05T15:30", "10-05T15:00"]
    assert starts(interval("0 * * * *", LORD_HOWE), "2024-10-05T14", "2024-10-06") == expected
    runs, notes = listed(interval("0 * * * *", LORD_HOWE, TickRules.SINCE_3_3), "2024-10-05T14", "2024-10-06")
    assert len(runs) == 2
    assert "since 3.3 ends" in notes[0]


def test_both_ends_of_a_window_are_part_of_it() -> None:
    assert ticks(trigger("0 0 * * *"), "2024-01-01", "2024-01-02") == ["01-01T00:00", "01-02T00:00"]
    assert starts(interval("0 0 * * *"), "2024-01-01", "2024-01-02") == ["01-01T00:00", "01-02T00:00"]
    assert ticks(trigger("0 0 * * *"), "2024-01-01", "2024-01-01") == ["01-01T00:00"]
    assert ticks(trigger("0 0 * * *"), "2024-01-02", "2024-01-01") == []


def test_a_start_off_the_ticks_moves_forward() -> None:
    assert ticks(trigger("0 0 * * *"), "2024-01-01T00:00:01", "2024-01-02") == ["01-02T00:00"]
    assert ticks(trigger("0 0 * * *"), "2024-01-01T00:00:00.5", "2024-01-02") == ["01-02T00:00"]


def test_triggers_and_intervals_compare_different_dates() -> None:
    run = next(trigger("0 0 * * *", "UTC", 3600.0).between(at("2024-01-01"), at("2024-01-01")))
    assert run == RunInfo(at("2023-12-31T23"), at("2023-12-31T23"), at("2024-01-01"), at("2024-01-01"))
    run = next(interval("0 0 * * *").between(at("2024-01-01"), at("2024-01-01")))
    assert run == RunInfo(at("2024-01-01"), at("2024-01-01"), at("2024-01-02"), at("2024-01-02"))


def test_a_data_interval_needs_the_tick_that_ends_it() -> None:
    years = "2024-03-01", "2030-01-01"
    assert len(ticks(trigger("0 0 1 1 * 0 2024-2028"), *years)) == 4
    runs, notes = listed(interval("0 0 1 1 * 0 2024-2028"), *years)
    assert len(runs) == 3
    assert "no tick in the 50 years" in notes[0]


def test_a_window_that_starts_at_the_only_tick_is_empty() -> None:
    runs, notes = listed(trigger("0 0 1 1 * 0 2024"), "2024-01-01", "2030-01-01")
    assert runs == []  # Airflow looks for the tick after, to see whether the start is one
    assert notes


def test_intervals_of_months_may_give_runs_one_logical_date() -> None:
    runs, notes = listed(trigger("0 0 29-31 * *", "UTC", {"months": 1}), "2024-03-01", "2024-03-31")
    assert {run.logical_date for run in runs} == {at("2024-02-29")}
    assert "logical date" in notes[0]


def test_several_crons_of_months_lose_ticks_by_their_order() -> None:
    crons = ["0 0 31 * *", "0 0 30 * *", "0 0 29 * *"]
    march = "2024-03-01", "2024-03-31"
    assert ticks(several(crons, "UTC", {"months": 1}), *march) == ["03-31T00:00"]
    in_order = several(crons[::-1], "UTC", {"months": 1})
    assert ticks(in_order, *march) == ["03-29T00:00", "03-30T00:00", "03-31T00:00"]


def test_several_crons_lose_a_tick_of_the_hour_that_comes_twice() -> None:
    crons = ["0 1 * * *", "0 2 * * *", "30 * * * *"]
    expected = ["10-27T00:30", "10-27T01:30", "10-27T02:00", "10-27T02:30"]
    assert ticks(several(crons, "Europe/London"), "2024-10-27T00:10", "2024-10-27T02:30") == expected


def test_one_cron_without_ticks_empties_the_list_of_several() -> None:
    runs, notes = listed(several(["0 0 30 2 *", "0 0 * * *"]), "2024-01-01", "2024-02-01")
    assert runs == []
    assert "0 0 30 2 *" in notes[0]


def test_steps_count_from_the_start_of_the_window() -> None:
    expected = ["2024-05-01T00:00:07.000009+00:00", "2024-05-01T06:00:07.000009+00:00"]
    window = at("2024-05-01T00:00:07.000009"), at("2024-05-01T07:00")
    assert [run.logical_date.isoformat() for run in steps(21_600.0).between(*window)] == expected


def test_a_day_cut_to_the_length_of_a_month_stays_cut() -> None:
    expected = ["01-31T12:00", "02-29T12:00", "03-29T12:00"]
    assert starts(steps({"months": 1}), "2024-01-31T12", "2024-04-01") == expected


def test_only_the_first_step_is_taken_in_the_zone_of_the_start() -> None:
    start = datetime(2024, 3, 9, 12, tzinfo=ZoneInfo(NEW_YORK))
    runs = list(steps({"months": 1}).between(start, at("2024-12-31")))
    assert [run.data_interval_end.hour for run in runs] == [16] * 10  # noon by the clock of April, for good
    assert runs[0].logical_date == at("2024-03-09T17")
    runs = list(steps({"days": 1}).between(start, at("2024-03-12")))
    assert {run.logical_date.hour for run in runs} == {17}
    half_past = timezone(timedelta(hours=5, minutes=30))
    run = next(steps({"months": 1}).between(datetime(2024, 1, 31, 2, tzinfo=half_past), at("2024-12-31")))
    assert run[1:3] == (at("2024-01-30T20:30"), at("2024-02-28T20:30"))


def test_a_weekday_of_the_first_step_is_one_of_the_starts_zone() -> None:
    start = datetime(2024, 5, 5, 22, tzinfo=ZoneInfo(NEW_YORK))  # a Sunday there, and Monday in UTC
    runs = list(steps({"days": 1, "weekday": [0]}).between(start, at("2024-05-20")))
    assert [run.data_interval_end for run in runs[:2]] == [at("2024-05-07T02"), at("2024-05-13T02")]


def test_a_start_in_a_repeated_hour_counts_in_its_own_zone() -> None:
    start = at("1988-10-30T00:30").astimezone(ZoneInfo("America/St_Johns"))  # a Saturday there, and Sunday in UTC
    fridays = timetable("trigger.DeltaTriggerTimetable", delta=5_400.0, interval={"days": 1, "weekday": [4]})
    first, second, *_ = decode(fridays).between(start, at("1988-10-31"))
    assert (first.logical_date, second.logical_date) == (at("1988-10-29T00:30"), at("1988-11-04T02:00"))


@pytest.mark.parametrize(
    ("fold", "expected"), [(0, "2024-03-10T06:30"), (1, "2024-03-10T07:30")], ids=["earlier", "later"]
)
def test_a_first_step_into_the_hour_that_is_skipped(fold: int, expected: str) -> None:
    start = datetime(2024, 2, 10, 2, 30, fold=fold, tzinfo=ZoneInfo(NEW_YORK))
    assert next(steps({"months": 1}).between(start, at("2024-12-31"))).run_after == at(expected)


def test_fields_of_zero_are_warned_of() -> None:
    runs, notes = listed(steps({"months": 1, "hour": 0}), "2024-01-31T12", "2024-03-01")
    assert [run.run_after for run in runs] == [at("2024-02-29"), at("2024-03-29")]
    assert "serializes" in notes[0]
    assert list(steps({"months": 1, "hour": 6}).between(at("2024-01-31"), at("2024-03-01")))


@pytest.mark.parametrize("name", ["interval.DeltaDataIntervalTimetable", "trigger.DeltaTriggerTimetable"])
def test_a_step_that_comes_to_a_stand_ends_the_list(name: str) -> None:
    timetable_ = decode(timetable(name, delta={"days": 1, "day": 1}))
    runs, notes = listed(timetable_, "2024-01-01", "2024-01-09")
    assert [run.run_after.day for run in runs] in ([2], [1, 2])
    assert "does not lead on" in notes[0]


def test_events_are_listed_once_and_in_order() -> None:
    dates = ["2024-02-01T00:00:00+01:00", "2024-01-01 00:00:00", "2024-01-31T23:00:00+00:00"]
    timetable_ = decode(timetable("events.EventsTimetable", event_dates=dates, restrict_to_events=True))
    assert ticks(timetable_, "2024-01-01", "2024-01-31T23") == ["01-01T00:00", "01-31T23:00"]
    for moment, event in (
        ("2023-01-01", "2024-01-01"),
        ("2024-01-31", "2024-01-01"),
        ("2025-01-01", "2024-01-31T23"),
    ):
        assert timetable_.infer_manual(at(moment)) == DataInterval(at(event), at(event))
    free = decode(timetable("events.EventsTimetable", event_dates=dates, restrict_to_events=False))
    assert free.infer_manual(at("2024-01-15")) == DataInterval(at("2024-01-15"), at("2024-01-15"))


MANUAL = [
    (interval("30 6 * * *", "Europe/Amsterdam"), "2024-05-10T13:17", ("2024-05-09T04:30", "2024-05-10T04:30")),
    (interval("30 6 * * *", "Europe/Amsterdam"), "2024-05-10T04:30", ("2024-05-09T04:30", "2024-05-10T04:30")),
    (interval("0 0 * * *"), "2024-05-10T00:00:00.000001", ("2024-05-09", "2024-05-10")),
    (steps(21_600.0), "2024-05-10T13:17", ("2024-05-10T07:17", "2024-05-10T13:17")),
    (trigger("0 3 * * *", "UTC", 14_400.0), "2024-05-10T13:17", ("2024-05-10T09:17", "2024-05-10T13:17")),
    (several(["0 1 * * *", "0 5 * * 1"]), "2024-05-10T13:17", ("2024-05-10T13:17", "2024-05-10T13:17")),
]


@pytest.mark.parametrize(("timetable", "moment", "expected"), MANUAL)
def test_the_interval_of_a_manual_run(timetable: Timetable, moment: str, expected: tuple[str, str]) -> None:
    assert timetable.infer_manual(at(moment)) == tuple(map(at, expected))


SYNTAX = [
    ("0 0 13 * 5", "2024-09-01", "2024-09-30", [6, 13, 20, 27]),  # two restricted day fields are a union
    ("0 0 13 * 5", "2024-08-10", "2024-08-17", [13, 16]),
    ("0 0 */1 * 1", "2024-08-10", "2024-08-13", [10, 11, 12, 13]),  # which this is too: every day
    ("0 0 1-31 * 1", "2024-08-10", "2024-08-13", [10, 11, 12, 13]),
    ("0 0 ? * 1", "2024-08-10", "2024-08-20", [12, 19]),
    ("0 0 15W * 1", "2024-06-01", "2024-07-31", [14, 15]),  # but "W", "#" and "L5" hold on both sides of it
    ("0 0 L * *", "2024-02-01", "2024-03-31", [29, 31]),
    ("0 0 * * L5", "2024-02-01", "2024-03-31", [23, 29]),
    ("0 0 * * 5-7", "2024-08-09", "2024-08-16", [9, 10, 11, 16]),
    ("0 0 */10 * *", "2024-02-20", "2024-03-12", [21, 1, 11]),
    ("0 0 31 2 1", "2024-02-01", "2024-02-14", [5, 12]),  # a side without ticks is no matter in a plain union
    ("0 0 12 1 * 5", "2024-01-01", "2024-01-31", [12]),  # six fields: the seconds come last
]


@pytest.mark.parametrize(("cron", "start", "end", "days"), SYNTAX)
def test_the_days_of_a_cron(cron: str, start: str, end: str, days: list[int]) -> None:
    assert [run.run_after.day for run in trigger(cron).between(at(start), at(end))] == days


def test_a_note_on_the_whole_list_comes_first_and_once() -> None:
    for name in ("interval.DeltaDataIntervalTimetable", "trigger.DeltaTriggerTimetable"):
        step = decode(timetable(name, delta={"months": 1, "hour": 0}))
        assert "serializes" in next(step.stretches(at("2024-01-31T12"), at("2030-01-01"))).notes[0]
    for each in (
        trigger("0 0 1 * *", "UTC", {"months": 1, "minute": 0}),
        several(["0 0 1 * *"], "UTC", {"months": 1, "minute": 0}),
    ):
        assert "serializes" in next(each.stretches(at("2024-01-01"), at("2030-01-01"))).notes[0]
        assert len(listed(each, "2024-01-01", "2030-01-01")[1]) == 1


def test_a_note_on_shared_logical_dates_comes_once() -> None:
    months = trigger("0 0 29-31 * *", "UTC", {"months": 1})
    _, first, second, *_ = months.stretches(at("2024-03-01"), at("2030-01-01"))
    assert ([run.run_after for run in first.runs], first.notes) == ([at("2024-03-29")], ())
    assert [run.run_after for run in second.runs] == [at("2024-03-30")]
    assert "2024-03-30" in second.notes[0]
    assert len(listed(months, "2024-03-01", "2030-01-01")[1]) == 1


def test_the_last_note_says_why_a_list_ends_early() -> None:
    stretches = list(trigger("0 0 1 1 * 0 2023-2024").stretches(at("2023-02-01"), at("2030-01-01")))
    assert [run.run_after for each in stretches for run in each.runs] == [at("2024-01-01")]
    assert [bool(each.notes) for each in stretches] == [False, False, True]
