"""How long it takes to list runs, next to croniter stepping through the same ticks: `make bench`."""

from __future__ import annotations

import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice, product
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from croniter import croniter

from dagrun_api.timetables import RunInfo, cron, decode, zone, zoned_cron

START = datetime(2024, 1, 1, tzinfo=UTC)
RUNS = 500
ORDINARY = product(
    ("* * * * *", "*/15 * * * *", "0 * * * *", "30 6 * * *", "0 6 * * 1-5", "0 0 * * 0", "0 0 1 * *"),
    ("UTC", "Europe/Amsterdam", "America/New_York"),
)
OTHERS = (
    ("*/20 9-17 * * 1-5", "America/Sao_Paulo"),
    ("0 0 13 * 5", "Europe/London"),
    ("0 0 L * *", "Asia/Kathmandu"),
    ("0 0 * * 1#2", "Australia/Lord_Howe"),
    ("0 * * * *", "Australia/Lord_Howe"),
    ("0 0 1 * *", "Africa/Casablanca"),
)
RARE = ("0 0 30 2 *", "0 0 15 * 1#2", "0 0 31W 2 1#1", "0 0 1 1 * 0 2098", "0 0 29 2 6#5", "0 0 29 2 1")
DAILY = ("30 6 * * *", "Europe/Amsterdam")

Work = Callable[[], object]


def serialized(kind: str, **fields: object) -> dict[str, object]:
    return {"timetable": {"__type": f"airflow.timetables.{kind}", "__var": fields}}


def interval(expression: str, place: str, years: int = 200) -> Iterator[RunInfo]:
    dag = serialized("interval.CronDataIntervalTimetable", expression=expression, timezone=place)
    return decode(dag).between(START, START.replace(year=START.year + years))


def trigger(expression: str, place: str, years: int = 200) -> Iterator[RunInfo]:
    dag = serialized("trigger.CronTriggerTimetable", expression=expression, timezone=place, interval=0.0)
    return decode(dag).between(START, START.replace(year=START.year + years))


def several() -> Iterator[RunInfo]:
    crons = ["0 1 * * *", "30 6 * * 1-5", "*/20 9 * * *"]
    dag = serialized("trigger.MultipleCronTriggerTimetable", expressions=crons, timezone="Europe/London", interval=0.0)
    return decode(dag).between(START, START.replace(year=2050))


def croniters(expression: str, place: str) -> Iterable[Any]:
    """croniter's own way through a zone, which is not always Airflow's."""
    steps: Iterable[Any] = croniter(expression, START.astimezone(ZoneInfo(place)), ret_type=datetime)
    return steps


def forget() -> None:
    """Let the next listing begin as for an expression and a zone that were never seen."""
    for cached in (cron.parse_cron, zoned_cron.find_zoned_cron, zone.find_zone):
        cached.cache_clear()
    ZoneInfo.clear_cache()


def first_runs(listing: Callable[..., Iterable[object]], *of: object) -> Work:
    return lambda: list(islice(listing(*of), RUNS))


def all_runs(listing: Callable[..., Iterable[object]], *of: object) -> Work:
    return lambda: deque(listing(*of), maxlen=0)


def milliseconds(work: Work, repeat: int, before: Work = lambda: None) -> float:
    """The median of several times."""
    times: list[float] = []
    for _ in range(repeat):
        before()
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1000)
    return median(times)


def kilobytes(work: Work) -> float:
    """The most memory that was in use at once, caches that were filled meanwhile included."""
    forget()
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1000


def main() -> None:
    print(f"{RUNS} runs, milliseconds{'warm':>21}{'cold':>40}")
    print(f"{'interval':>43}{'trigger':>9}{'croniter':>10}{'times':>7}{'ours':>14}{'croniter':>10}{'times':>7}")
    for of in (*ORDINARY, *OTHERS):
        ours = [milliseconds(first_runs(listing, *of), 50) for listing in (interval, trigger)]
        theirs = milliseconds(first_runs(croniters, *of), 5)
        cold = milliseconds(first_runs(interval, *of), 5, forget)
        their_cold = milliseconds(first_runs(croniters, *of), 3, forget)
        warm_columns = f"{ours[0]:8.3f}{ours[1]:9.3f}{theirs:10.1f}{theirs / max(ours):7.0f}"
        print(f"{of[0]:18}{of[1]:17}{warm_columns}{cold:14.2f}{their_cold:10.1f}{their_cold / cold:7.0f}", flush=True)

    print("\nAll runs of 200 years, milliseconds, cold")
    for expression in RARE:
        taken = milliseconds(all_runs(trigger, expression, "America/New_York"), 5, forget)
        print(f"{expression:35}{taken:8.2f}")

    print("\nThe most memory in use while a daily cron is listed, kilobytes, cold")
    for years in (1, 20, 200):
        first, every = (kilobytes(work(interval, *DAILY, years)) for work in (first_runs, all_runs))
        print(f"{years:3} years: {first:5.0f} for {RUNS} runs, {every:5.0f} for all")

    print("\nOthers, milliseconds, warm")
    print(f"{'three crons in one timetable':35}{milliseconds(first_runs(several), 20):8.2f}")
    print(f"{'every second':35}{milliseconds(first_runs(trigger, '* * * * * *', 'UTC'), 20):8.2f}")
    print(f"{'decode again':35}{milliseconds(lambda: trigger(*DAILY), 1_000):8.4f}")


if __name__ == "__main__":
    main()
