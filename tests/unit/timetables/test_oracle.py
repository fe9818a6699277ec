"""The engine and the slow oracle, side by side over random expressions, zones and windows."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from random import Random
from typing import Any

import pytest

from dagrun_api.model import TickRules

from . import expressions, oracle, serialized

WINDOWS = 60
"""Windows of each case; each case has its own seed."""
RUNS = 30


def seeds(first: int, count: int) -> list[Any]:
    """Return seeds, of which `make test` tries a quarter and `make fuzz` the rest."""
    usual = max(1, count // 4)
    return [pytest.param(first + each, marks=[pytest.mark.fuzz] if each >= usual else []) for each in range(count)]


@pytest.mark.parametrize("seed", seeds(0, 12))
def test_a_trigger_ticks_as_the_definition_says(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    for _ in range(WINDOWS):
        zone, cron = random.choice(expressions.ZONES), expressions.expression(random)
        start, end = expressions.window(random, zone)
        expected = list(islice(oracle.ticks(oracle.Oracle(cron, zone), start, end), RUNS))
        listed = [run.run_after for run in islice(serialized.trigger(cron, zone).between(start, end), RUNS)]
        assert listed == expected, (cron, zone, start, end)


@pytest.mark.parametrize("rules", TickRules)
@pytest.mark.parametrize("seed", seeds(100, 8))
def test_data_intervals_follow_one_another(seed: int, rules: TickRules) -> None:
    random = Random(seed)  # noqa: S311
    for _ in range(WINDOWS):
        zone, cron = random.choice(expressions.ZONES), expressions.expression(random)
        start, end = expressions.window(random, zone)
        cron_there = oracle.Oracle(cron, zone, always_earlier=rules is TickRules.SINCE_3_4)
        chain = oracle.intervals(cron_there, start, end, retry_stalled=rules is not TickRules.BEFORE_3_3)
        timetable = serialized.interval(cron, zone, rules)
        listed = [run[1:3] for run in islice(timetable.between(start, end), RUNS)]
        assert listed == list(islice(chain, RUNS)), (cron, zone, start, end)


@pytest.mark.parametrize("seed", seeds(200, 4))
def test_several_crons_take_turns_as_the_definition_says(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    for _ in range(WINDOWS // 2):
        zone, crons = random.choice(expressions.ZONES), [expressions.expression(random) for _ in range(3)]
        start, end = expressions.window(random, zone)
        interval = timedelta(hours=random.choice((0, 0, 1, 24)))
        expected = oracle.several([oracle.Oracle(cron, zone) for cron in crons], start, end, interval=interval)
        timetable = serialized.several(crons, zone, interval.total_seconds())
        listed = [(run.logical_date, run.run_after) for run in islice(timetable.between(start, end), RUNS)]
        assert listed == list(islice(expected, RUNS)), (crons, zone, start, end)


@pytest.mark.parametrize("seed", seeds(300, 4))
def test_a_manual_run_has_the_last_complete_interval(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    for _ in range(WINDOWS):
        zone, cron = random.choice(expressions.ZONES), expressions.expression(random)
        at, _ = expressions.window(random, zone)
        judge = oracle.Oracle(cron, zone)
        try:
            end = judge.align_prev(at)
            expected = judge.prev(end), end
        except oracle.CroniterBadDateError:
            continue
        assert serialized.interval(cron, zone).infer_manual(at) == expected, (cron, zone, at)
