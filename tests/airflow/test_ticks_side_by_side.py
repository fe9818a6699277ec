"""Our lists and Airflow's own, side by side, over random timetables and windows."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dagrun_api.errors import InvalidTimetable, UnlistableTimetable
from dagrun_api.model import TickRules
from dagrun_api.timetables import Timetable, decode, versions
from tests.unit.timetables import expressions
from tests.unit.timetables.oracle import zone_of
from tests.unit.timetables.serialized import JSON, timetable

from . import windows
from .installation import install
from .releases import AIRFLOW_2, AIRFLOW_3_1, AIRFLOW_3_3, AIRFLOW_3_4, Release

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

SEED = "DAGRUN_API_TEST_SEED"
"""Chooses other windows than those that are asked every time."""
WINDOWS = 1_500
MANUAL = 150
ZONES: tuple[str | int, ...] = (*expressions.ZONES, 19_800, -12_600)
LENGTHS: tuple[Any, ...] = (3_600.0, 86_400.0, 5_400.5, 604_800.0, {"months": 1}, {"days": 1, "weekday": [4]})
STEPS: tuple[Any, ...] = (
    *LENGTHS,
    {"months": 1, "day": 31},
    {"months": 2, "days": -3, "hours": 5},
    {"years": 1, "leapdays": 1, "month": 3},
    {"months": 1, "hour": 3, "minute": 30},
)


@pytest.mark.parametrize(
    "release", [AIRFLOW_2, AIRFLOW_3_1, AIRFLOW_3_3, AIRFLOW_3_4], ids=lambda release: str(release.version)
)
def test_windows_list_what_this_airflow_lists(release: Release, tmp_path: Path) -> None:
    seed = int(os.environ.get(SEED, "202"))
    random = Random(seed)  # noqa: S311
    asked = list(questions(random, release))
    theirs, *answers = ask(release, asked, tmp_path)
    assert theirs == versions()
    differing = [
        f"{json.dumps(question)}\nours:   {ours}\ntheirs: {answer}"
        for question, answer in zip(asked, answers, strict=True)
        if (ours := our_answer(question, release.tick_rules)) != simplified(answer)
    ]
    assert not differing, f"{SEED}={seed}: {len(differing)} of {len(asked)} differ\n" + "\n\n".join(differing[:5])
    assert sum(len(answer.get("runs", ())) for answer in answers) > 5 * WINDOWS
    assert sum("refused" in answer for answer in answers) < WINDOWS / 20


def questions(random: Random, release: Release) -> Iterator[JSON]:
    kinds = [cron_data_interval, cron_data_interval, cron_trigger, delta_data_interval, delta_trigger, events]
    if release.major > 2:
        kinds.append(multiple_cron_trigger)
    for index in range(WINDOWS + MANUAL):
        zone = random.choice(ZONES)
        start, end = expressions.window(random, zone)
        serialized = random.choice(kinds)(random, zone, start)
        if index >= WINDOWS:
            yield {**serialized, "at": start.isoformat()}
            continue
        own = zone if isinstance(zone, str) else "UTC"
        window = {"start": start.isoformat(), "end": end.isoformat(), "zone": random.choice(("UTC", "UTC", own))}
        yield {**serialized, **window, "most": random.choice((30, 30, 30, 30, 300))}


Kind = Callable[[Random, str | int, datetime], JSON]


def cron_data_interval(random: Random, zone: str | int, _: datetime) -> JSON:
    return timetable("interval.CronDataIntervalTimetable", expression=expressions.expression(random), timezone=zone)


def cron_trigger(random: Random, zone: str | int, _: datetime) -> JSON:
    fields: JSON = {"expression": expressions.expression(random), "timezone": zone, "interval": length(random)}
    return timetable("trigger.CronTriggerTimetable", **fields)


def multiple_cron_trigger(random: Random, zone: str | int, _: datetime) -> JSON:
    crons = [expressions.expression(random) for _ in range(random.randint(1, 4))]
    fields: JSON = {"expressions": crons, "timezone": zone, "interval": length(random), "run_immediately": False}
    return timetable("trigger.MultipleCronTriggerTimetable", **fields)


def delta_data_interval(random: Random, _zone: str | int, _: datetime) -> JSON:
    return timetable("interval.DeltaDataIntervalTimetable", delta=random.choice(STEPS))


def delta_trigger(random: Random, _zone: str | int, _: datetime) -> JSON:
    return timetable("trigger.DeltaTriggerTimetable", delta=random.choice(STEPS), interval=length(random))


def events(random: Random, zone: str | int, start: datetime) -> JSON:
    dates = sorted(random.choice(expressions.window(random, zone)) for _ in range(random.randint(0, 5)))
    fields: JSON = {"event_dates": [date.isoformat() for date in sorted([*dates, start, start])]}
    restrict = random.random() < 0.5
    return timetable("events.EventsTimetable", **fields, restrict_to_events=restrict, description="", _summary="")


def length(random: Random) -> Any:
    return random.choice((0.0, random.choice(LENGTHS)))


def ask(release: Release, asked: list[JSON], folder: Path) -> list[JSON]:
    """The answers of an Airflow that has our versions of croniter and tzdata, and reads no zone data but tzdata's."""
    for package in versions():
        for file in importlib.metadata.files(package) or ():
            if file.suffix != ".pyc" and ".." not in file.parts:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), folder / file)
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "PYTHONTZPATH": "",
        "AIRFLOW_HOME": str(folder / "home"),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "CRITICAL",
    }
    answered = subprocess.run(
        [install(release, print).bin / "python", windows.__file__],
        input="".join(json.dumps(question) + "\n" for question in asked),
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert answered.returncode == 0, answered.stderr[-3_000:]
    return [json.loads(line) for line in answered.stdout.splitlines()]


def our_answer(question: JSON, rules: TickRules) -> object:
    try:
        decoded = decode(question, rules=rules)
    except InvalidTimetable:
        return "none"
    return our_interval(decoded, question) if "at" in question else our_runs(decoded, question)


def our_interval(decoded: Timetable, question: JSON) -> object:
    try:
        interval = decoded.infer_manual(datetime.fromisoformat(question["at"]))
    except UnlistableTimetable:
        return "none"
    return [moment.isoformat() for moment in interval]


def our_runs(decoded: Timetable, question: JSON) -> object:
    zone = zone_of(question["zone"])
    start, end = (datetime.fromisoformat(question[name]).astimezone(zone) for name in ("start", "end"))
    return [[moment.isoformat() for moment in run] for run in islice(decoded.between(start, end), question["most"])]


def simplified(answer: JSON) -> object:
    """Their runs or interval, or "none" for whatever error."""
    return answer.get("runs", answer.get("interval", "none"))
