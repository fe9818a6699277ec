"""How long it takes to list runs, next to croniter stepping: `python tests/bench/timetables.py`."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from croniter import croniter  # type: ignore[import-untyped, unused-ignore]

from dagrun_api.timetables import cron, decode, schedule, zone

START = datetime(2024, 1, 1, tzinfo=UTC)
RUNS = 500
CRONS = (
    ("* * * * *", "UTC"),
    ("*/15 * * * *", "Europe/Amsterdam"),
    ("0 * * * *", "America/New_York"),
    ("0 0 * * *", "UTC"),
    ("30 6 * * *", "Europe/Amsterdam"),
    ("0 6 * * 1-5", "America/New_York"),
    ("0 0 13 * 5", "Europe/London"),
    ("0 0 * * 1#2", "Australia/Lord_Howe"),
    ("0 0 1 * *", "Africa/Casablanca"),
)
NEVER = ("0 0 30 2 *", "0 0 29 2 1", "0 0 15 * 1#2", "0 0 29 2 6#5", "0 0 31W 2 1#1", "0 0 1 1 * 0 2098")


def serialized(kind: str, expression: str, place: str) -> dict[str, object]:
    content = {"expression": expression, "timezone": place, "interval": 0.0}
    return {"timetable": {"__type": f"airflow.timetables.{kind}", "__var": content}}


def clear() -> None:
    for cached in (cron.parse_cron, schedule.find_schedule, zone.find_zone):
        cached.cache_clear()


def best(work: Callable[[], object], repeat: int, before: Callable[[], None] = lambda: None) -> float:
    """The shortest of several times, in milliseconds."""
    times: list[float] = []
    for _ in range(repeat):
        before()
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1000)
    return min(times)


def main() -> None:
    print(f"{RUNS} runs, milliseconds{'interval':>26}{'trigger':>9}{'cold':>9}{'croniter':>10}{'times':>7}")
    for expression, place in CRONS:

        def listed(kind: str, expression: str = expression, place: str = place) -> Callable[[], object]:
            end = START + timedelta(days=36500)
            return lambda: list(islice(decode(serialized(kind, expression, place)).between(START, end), RUNS))

        def stepped(expression: str = expression, place: str = place) -> object:
            steps = croniter(expression, START.astimezone(ZoneInfo(place)), ret_type=datetime)
            return [steps.get_next() for _ in range(RUNS)]

        interval = best(listed("interval.CronDataIntervalTimetable"), 20)
        trigger = best(listed("trigger.CronTriggerTimetable"), 20)
        cold = best(listed("interval.CronDataIntervalTimetable"), 5, clear)
        theirs = best(stepped, 3)
        times = theirs / max(interval, trigger)
        print(f"{expression:15}{place:20}{interval:12.3f}{trigger:9.3f}{cold:9.2f}{theirs:10.1f}{times:7.0f}")

    print("\nall runs of 200 years, milliseconds, cold")
    for expression in NEVER:

        def search(expression: str = expression) -> object:
            timetable = decode(serialized("trigger.CronTriggerTimetable", expression, "America/New_York"))
            return list(timetable.between(START, datetime(2224, 1, 1, tzinfo=UTC)))

        print(f"{expression:35}{best(search, 3, clear):12.2f}")

    three: dict[str, object] = {
        "expressions": ["0 1 * * *", "30 6 * * 1-5", "*/20 9 * * *"],
        "timezone": "Europe/London",
    }
    several = {"timetable": {"__type": "airflow.timetables.trigger.MultipleCronTriggerTimetable", "__var": three}}
    taken = best(lambda: list(islice(decode(several).between(START, START + timedelta(days=800)), RUNS)), 20)
    print(f"\n{RUNS} runs of three crons together: {taken:.2f} milliseconds")

    once = serialized("trigger.CronTriggerTimetable", "30 6 * * *", "Europe/Amsterdam")
    print(f"decode again: {best(lambda: decode(once), 1000) * 1000:.1f} microseconds")
    seconds = serialized("trigger.CronTriggerTimetable", "* * * * * *", "Europe/Amsterdam")
    first = best(lambda: list(islice(decode(seconds).between(START, START + timedelta(days=800)), 501)), 5)
    print(f"the first 501 of 69 million: {first:.2f} milliseconds")


if __name__ == "__main__":
    main()
