"""The DAG file that Airflow gets: DAGs for our batches, and one that Airflow schedules all by itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from .dagsources import source_for

ZONE: Final = "Europe/Amsterdam"
HOUR: Final = 6
MINUTE: Final = 30

BATCH: Final = "batch"
"""Daily at 06:30 in Amsterdam from 2024 on, one task that writes down what it saw."""
REPEAT: Final = "repeat"
LISTED: Final = "listed"
BUSY: Final = "busy"
PAUSED: Final = "paused"
"""As BATCH, each for a test of its own."""
DAILY: Final = (BATCH, REPEAT, LISTED, BUSY, PAUSED)
PERIODS: Final = "periods"
"""As BATCH, by a timetable of data intervals: a run's interval is the day that follows (since Airflow 2)."""
LOOKING_BACK: Final = "looking_back"
"""As BATCH, by a trigger whose runs look back on some hours (since Airflow 2)."""
HOURS_BACK: Final = 4
CROWD: Final = "crowd"
"""As BATCH, with a task that does nothing, for batches of hundreds."""
AHEAD: Final = "ahead"
"""Daily through the first days of 2024, with catchup, created paused: nothing of it is scheduled yet."""
CAUGHT_UP_FROM: Final = datetime(2024, 1, 1)  # noqa: DTZ001  # in UTC, as the DAG file and the API read it
AHEAD_DAYS: Final = 10
RACE: Final = "race"
"""Every minute, with catchup, created paused, from the same day on."""
RACE_MINUTES: Final = 25
TICKER: Final = "ticker"
"""Every five seconds, with catchup: Airflow's own runs, going on all the time."""

TICK: Final = timedelta(seconds=20)
LIMITED: Final = "limited"
BACKWARDS: Final = "backwards"
UNLIMITED: Final = "unlimited"
FED: Final = "fed"
IN_STEP: Final = "in_step"
HELD_BACK: Final = "held_back"
TICKING: Final = {LIMITED: 2, BACKWARDS: 2, UNLIMITED: 4, FED: 4, IN_STEP: 16}
"""With a run each TICK, without catchup, created paused: how many of its runs may be active. For batches."""
ONLY_MANUAL: Final = {HELD_BACK: 2}
"""As those, of which Airflow (since 3.2) creates no backfill runs."""
CONTROLLED: Final = "controlled"
STARVED: Final = "starved"
TOLD: Final = "told"
SHOWN: Final = "shown"
IDLE: Final = (CONTROLLED, STARVED, TOLD, SHOWN)
"""As CROWD, each for a test of its own."""
FLAKY: Final = "flaky"
"""As CROWD, with a task before one that fails while a file of the name FAILING is there."""
FAILING: Final = "failing"
STUCK: Final = "stuck"
"""As CROWD, with a task that waits for that of the run before, and room for many running runs."""

TASKS_PER_RUN: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a task wrote down: the very values and types that it met."""

    conf: object
    conf_type: str
    logical_date: datetime | None = None
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None


def read_seen(file: Path) -> Seen:
    """Return what the task wrote into a file."""
    saw = json.loads(file.read_text())
    dates = {name: datetime.fromisoformat(at) for name, at in saw["dates"].items()}
    return Seen(conf=saw["conf"], conf_type=saw["conf_type"], **dates)


def dag_file(major: int, seen: Path, since: datetime) -> str:
    """Return the text of the file for an Airflow; its tasks write below `seen`, the ticker begins at `since` (UTC)."""
    values = {
        "seen": str(seen),
        "since": f"{since:%Y-%m-%dT%H:%M:%S}",
        "daily": DAILY,
        "zone": ZONE,
        "cron": f"{MINUTE} {HOUR} * * *",
        "first": CAUGHT_UP_FROM.isoformat(),
        "caught_up": (
            (AHEAD, "0 0 * * *", (CAUGHT_UP_FROM + timedelta(days=AHEAD_DAYS - 1)).isoformat()),
            (RACE, "* * * * *", (CAUGHT_UP_FROM + timedelta(minutes=RACE_MINUTES - 1)).isoformat()),
        ),
        "ticker": TICKER,
        "tick": TICK.total_seconds(),
        "ticking": TICKING,
        "only_manual": ONLY_MANUAL,
        "idle": (CROWD, *IDLE),
        "flaky": FLAKY,
        "failing": FAILING,
        "stuck": STUCK,
        "periods": PERIODS,
        "looking_back": LOOKING_BACK,
        "hours_back": HOURS_BACK,
    }
    return source_for(major).format(**values)
