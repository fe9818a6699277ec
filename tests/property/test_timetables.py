"""What holds for every schedule and every window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dagrun_api.errors import InvalidTimetable, UnlistableTimetable
from dagrun_api.model import TickRules
from dagrun_api.timetables import RunInfo, Timetable, decode
from tests.unit.timetables import expressions
from tests.unit.timetables.serialized import interval, several, steps, trigger

FEW = 200

unhurried = settings(deadline=None)
"""Time is measured elsewhere; a busy machine must not fail a property."""

moments = st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second - second % 900, UTC))
spans = st.integers(0, 40 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
crons = st.randoms(use_true_random=False).map(expressions.expression)
zones = st.sampled_from(expressions.ZONES)
offsets = st.one_of(st.just("UTC"), st.integers(-43_200, 50_400))
days = st.sampled_from([0.0, 3_600.0, 86_400.0])

triggers = st.builds(trigger, crons, zones, days)
intervals = st.builds(interval, crons, zones, st.sampled_from(TickRules))
multiples = st.builds(several, st.lists(crons, min_size=1, max_size=3), zones, days)
months = st.fixed_dictionaries({"months": st.integers(1, 20)})
deltas = st.builds(steps, st.one_of(st.integers(60, 10**6).map(float), months))
timetables = st.one_of(triggers, intervals, multiples, deltas)
steady = st.one_of(st.builds(trigger, crons, offsets, days), st.builds(interval, crons, offsets))
"""Crons on clocks that never change: cutting a window, or starting late, changes nothing in the rest of the list."""


def few(ticks: Iterator[RunInfo]) -> list[RunInfo]:
    return list(islice(ticks, FEW))


@unhurried
@given(timetables, moments, spans)
def test_runs_lie_in_the_window_and_are_in_utc(timetable: Timetable, start: datetime, span: timedelta) -> None:
    end = start + span
    for run in few(timetable.between(start, end)):
        compared = run.logical_date if "DataInterval" in timetable.summary else run.run_after
        assert start <= compared <= end
        assert run.data_interval_start == run.logical_date
        assert run.data_interval_end == run.run_after
        assert all(moment.tzinfo is UTC for moment in run)


@unhurried
@given(st.one_of(triggers, multiples, deltas, steady), moments, spans)
def test_ticks_rise(timetable: Timetable, start: datetime, span: timedelta) -> None:
    """All but data intervals in zones whose clock changes: these may step back there before the list ends."""
    ticks = [run.run_after for run in few(timetable.between(start, start + span))]
    assert all(earlier < later for earlier, later in pairwise(ticks))


@unhurried
@given(intervals, moments, spans)
def test_no_interval_is_listed_twice(timetable: Timetable, start: datetime, span: timedelta) -> None:
    runs = few(timetable.between(start, start + span))
    assert len(set(runs)) == len(runs)
    assert all(run.data_interval_start < run.data_interval_end for run in runs)


@unhurried
@given(timetables, moments, spans, spans)
def test_a_shorter_window_gives_the_beginning_of_the_list(
    timetable: Timetable, start: datetime, span: timedelta, more: timedelta
) -> None:
    shorter = few(timetable.between(start, start + span))
    assert few(timetable.between(start, start + span + more))[: len(shorter)] == shorter


@unhurried
@given(steady, moments, spans, spans)
def test_two_windows_give_what_one_over_both_gives(
    timetable: Timetable, start: datetime, span: timedelta, more: timedelta
) -> None:
    """Not so for data intervals at the last tick there ever is, which Airflow leaves out, hence no year fields;
    nor where the clock changes, as the list depends on where it starts; nor for deltas, which start anywhere."""
    if timetable.summary.split('"')[1].count(" ") > 5:
        return
    middle, end = start + span, start + span + more
    whole = list(islice(timetable.between(start, end), 5_000))
    parts = timetable.between(start, middle - timedelta(microseconds=1)), timetable.between(middle, end)
    assert [run for part in parts for run in islice(part, 5_000)][: len(whole)] == whole


@unhurried
@given(steady, moments, spans)
def test_a_list_can_be_resumed_at_any_of_its_runs(timetable: Timetable, start: datetime, span: timedelta) -> None:
    if timetable.summary.split('"')[1].count(" ") > 5:
        return
    runs = few(timetable.between(start, start + span))
    for index in (0, len(runs) // 2, len(runs) - 1):
        if 0 <= index < len(runs):
            run = runs[index]
            again = run.logical_date if "DataInterval" in timetable.summary else run.run_after
            assert few(timetable.between(again, start + span))[: len(runs) - index] == runs[index:]


@unhurried
@given(timetables, moments, spans)
def test_the_same_question_has_the_same_answer(timetable: Timetable, start: datetime, span: timedelta) -> None:
    assert few(timetable.between(start, start + span)) == few(timetable.between(start, start + span))


@unhurried
@given(timetables, moments)
def test_a_manual_interval_ends_by_its_moment(timetable: Timetable, at: datetime) -> None:
    try:
        found = timetable.infer_manual(at)
    except UnlistableTimetable:
        return
    assert found.end <= at
    assert found.start <= found.end


scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20))
json_like = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=12), inner, max_size=4)),
)
kinds = st.sampled_from(
    [
        "simple.OnceTimetable",
        "interval.CronDataIntervalTimetable",
        "interval.DeltaDataIntervalTimetable",
        "trigger.CronTriggerTimetable",
        "trigger.DeltaTriggerTimetable",
        "trigger.MultipleCronTriggerTimetable",
        "events.EventsTimetable",
        "assets.AssetOrTimeSchedule",
    ]
).map("airflow.timetables.".__add__)
relative = st.dictionaries(
    st.sampled_from(
        ["years", "months", "days", "leapdays", "hours", "seconds", "year", "month", "day", "hour", "weekday"]
    ),
    st.one_of(st.integers(-3, 40), st.integers(), st.floats(), json_like),
    max_size=4,
)
lengths = st.one_of(st.floats(), relative, json_like)
durations = st.sampled_from(["timedelta", "relativedelta"])
cron_like = st.one_of(crons, st.text("0123456789*/,-LW#?lwrh @jan", max_size=30), st.text(max_size=20))
contents = st.fixed_dictionaries(
    {},
    optional={
        "expression": st.one_of(cron_like, json_like),
        "expressions": st.one_of(st.lists(cron_like, max_size=3), json_like),
        "timezone": st.one_of(zones, st.integers(), json_like),
        "interval": lengths,
        "delta": st.one_of(st.floats(1, 1e6), lengths),
        "event_dates": st.one_of(st.lists(st.one_of(st.datetimes().map(str), st.text(max_size=9))), json_like),
        "restrict_to_events": json_like,
        "timetable": json_like,
    },
)
dags = st.one_of(
    json_like,
    st.fixed_dictionaries({"timetable": st.fixed_dictionaries({"__type": kinds, "__var": contents})}),
    st.fixed_dictionaries({"schedule_interval": st.one_of(cron_like, json_like)}),
    st.fixed_dictionaries({"schedule_interval": st.fixed_dictionaries({"__type": durations, "__var": lengths})}),
)


@settings(max_examples=400, deadline=None)
@given(dags, st.one_of(st.none(), zones, st.integers(), json_like), moments)
def test_whatever_is_stored_is_read_or_refused(dag: Any, zone: Any, at: datetime) -> None:
    """And what is read can be used: a list, or one of two errors, and never another."""
    try:
        timetable = decode(dag, zone)
    except InvalidTimetable:
        return
    assert timetable.summary
    try:
        few(timetable.between(at, at + timedelta(days=400)))
    except UnlistableTimetable:
        assert timetable.unlistable
    with suppress(UnlistableTimetable):
        timetable.infer_manual(at)
