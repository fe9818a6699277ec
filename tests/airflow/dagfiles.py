"""The DAG file that Airflow gets: DAGs for our batches, and one that Airflow schedules all by itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

ZONE: Final = "Europe/Amsterdam"
HOUR: Final = 6
MINUTE: Final = 30

BATCH: Final = "batch"
"""Daily at 06:30 in Amsterdam from 2024 on, one task that writes down what it saw."""
REPEAT: Final = "repeat"
LISTED: Final = "listed"
BUSY: Final = "busy"
PAUSED: Final = "paused"
"""As BATCH, each for a test of its own; the last two are created paused."""
AHEAD: Final = "ahead"
"""Daily through the first days of 2024, with catchup, created paused: nothing of it is scheduled yet."""
CAUGHT_UP_FROM: Final = datetime(2024, 1, 1, tzinfo=UTC)
AHEAD_DAYS: Final = 10
RACE: Final = "race"
"""Every minute, with catchup, created paused, from the same day on."""
RACE_MINUTES: Final = 25
TICKER: Final = "ticker"
"""Every five seconds, with catchup: Airflow's own runs, going on all the time."""

TASKS_PER_RUN: Final = 1

_SOURCE: Final = """\
import json
import pathlib
from datetime import datetime, timedelta

import pendulum

try:
    from airflow.sdk import DAG, task, get_current_context
    from airflow.providers.standard.operators.empty import EmptyOperator
except ImportError:
    from airflow import DAG
    from airflow.decorators import task
    from airflow.operators.empty import EmptyOperator
    from airflow.operators.python import get_current_context

SEEN = pathlib.Path({seen!r})
DAILY = dict(
    schedule="{minute} {hour} * * *",
    start_date=datetime(2024, 1, 1, tzinfo=pendulum.timezone("{zone}")),
    catchup=False,
)


@task
def write_down():
    context = get_current_context()
    run = context["dag_run"]
    saw = {{name: str(context[name]) for name in {dates} if context.get(name)}}
    saw.update(conf=run.conf, conf_type=type(run.conf).__name__)
    target = SEEN / run.dag_id / (run.run_id + ".json")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.with_suffix(".part").write_text(json.dumps(saw))
    target.with_suffix(".part").rename(target)


for name in {daily}:
    with DAG(name, is_paused_upon_creation=name in {paused}, **DAILY):
        write_down()

for name, schedule, last in {caught_up}:
    with DAG(
        name,
        schedule=schedule,
        start_date=datetime.fromisoformat("{first}"),
        end_date=datetime.fromisoformat(last),
        catchup=True,
        is_paused_upon_creation=True,
    ):
        EmptyOperator(task_id="nothing")

with DAG(
    "{ticker}",
    schedule=timedelta(seconds=5),
    start_date=datetime.fromisoformat("{since}"),
    catchup=True,
    max_active_runs=1,
):
    EmptyOperator(task_id="nothing")
"""


_DATES: Final = ("logical_date", "data_interval_start", "data_interval_end")


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
    dates = {name: datetime.fromisoformat(saw[name]) for name in _DATES if name in saw}
    return Seen(conf=saw["conf"], conf_type=saw["conf_type"], **dates)


def dag_file(seen: Path, since: datetime) -> str:
    """Return the text of the file; its tasks write below the folder `seen`, the ticker begins at `since`."""
    values = {
        "seen": str(seen),
        "dates": _DATES,
        "since": since.isoformat(),
        "daily": (BATCH, REPEAT, LISTED, BUSY, PAUSED),
        "paused": (PAUSED,),
        "zone": ZONE,
        "hour": HOUR,
        "minute": MINUTE,
        "first": CAUGHT_UP_FROM.isoformat(),
        "caught_up": (
            (AHEAD, "0 0 * * *", (CAUGHT_UP_FROM + timedelta(days=AHEAD_DAYS - 1)).isoformat()),
            (RACE, "* * * * *", (CAUGHT_UP_FROM + timedelta(minutes=RACE_MINUTES - 1)).isoformat()),
        ),
        "ticker": TICKER,
    }
    return _SOURCE.format(**values)
