"""The source of the DAG file: one text, and what each Airflow spells in its own way."""

from __future__ import annotations

from typing import Final

_IMPORTS: Final = {
    1: """\
from airflow import DAG
from airflow.operators.dummy_operator import DummyOperator as EmptyOperator
from airflow.operators.python_operator import PythonOperator

SCHEDULE = "schedule_interval"
CALL = dict(provide_context=True)
DATES = dict(logical_date="execution_date")
""",
    2: """\
from airflow import DAG
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator
from airflow.timetables.interval import CronDataIntervalTimetable
from airflow.timetables.trigger import CronTriggerTimetable

SCHEDULE = "schedule"
CALL = dict()
DATES = {{name: name for name in ("logical_date", "data_interval_start", "data_interval_end")}}
""",
    3: """\
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG

try:
    from airflow.sdk import CronDataIntervalTimetable, CronTriggerTimetable
except ImportError:
    from airflow.timetables.interval import CronDataIntervalTimetable
    from airflow.timetables.trigger import CronTriggerTimetable

SCHEDULE = "schedule"
CALL = dict()
DATES = {{name: name for name in ("logical_date", "data_interval_start", "data_interval_end")}}
""",
}

_DAGS: Final = """
SEEN = pathlib.Path({seen!r})
UTC = pendulum.timezone("UTC")
SINCE_2024 = dict(start_date=datetime(2024, 1, 1, tzinfo=pendulum.timezone("{zone}")), catchup=False)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def dag(name, schedule, **options):
    # Airflow 1.10 finds only DAGs that are globals of the file.
    globals()[name] = DAG(name, **{{SCHEDULE: schedule}}, **options)
    return globals()[name]


def note(**context):
    run = context["dag_run"]
    saw = dict(
        conf=run.conf,
        conf_type=type(run.conf).__name__,
        dates={{name: context[key].isoformat() for name, key in DATES.items() if context.get(key)}},
    )
    target = SEEN / run.dag_id / (run.run_id + ".json")
    assert not target.exists(), "this task runs a second time"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.with_suffix(".part").write_text(json.dumps(saw))
    target.with_suffix(".part").rename(target)


def write_down():
    PythonOperator(task_id="write_down", python_callable=note, **CALL)


def do_nothing(**options):
    EmptyOperator(task_id="nothing", **options)


def fail_while_told(**context):
    if (SEEN / "{failing}").exists():
        raise ValueError("told to fail")


for name in {daily}:
    with dag(name, "{cron}", **SINCE_2024):
        write_down()

for name in {idle}:
    with dag(name, "{cron}", **SINCE_2024):
        do_nothing()

with dag("{flaky}", "{cron}", **SINCE_2024):
    EmptyOperator(task_id="nothing") >> PythonOperator(task_id="fails", python_callable=fail_while_told, **CALL)

with dag("{stuck}", "{cron}", max_active_runs=40, **SINCE_2024):
    do_nothing(depends_on_past=True)

TICKS = dict(is_paused_upon_creation=True, **SINCE_2024)
for name, most in {ticking}.items():
    with dag(name, timedelta(seconds={tick}), max_active_runs=most, **TICKS):
        do_nothing()

for name, schedule, last in {caught_up}:
    with dag(
        name,
        schedule,
        start_date=utc("{first}"),
        end_date=utc(last),
        catchup=True,
        is_paused_upon_creation=True,
    ):
        do_nothing()

with dag("{ticker}", timedelta(seconds=5), start_date=utc("{since}"), catchup=True, max_active_runs=1):
    do_nothing()
"""

_TIMETABLES: Final = """
with dag("{periods}", CronDataIntervalTimetable("{cron}", timezone="{zone}"), **SINCE_2024):
    write_down()

look_back = CronTriggerTimetable("{cron}", timezone="{zone}", interval=timedelta(hours={hours_back}))
with dag("{looking_back}", look_back, **SINCE_2024):
    write_down()
"""

_RUN_TYPES: Final = """
try:
    ALLOWED = dict(allowed_run_types=["manual", "scheduled"])
    DAG("try", schedule=None, **ALLOWED)
except TypeError:
    ALLOWED = dict()

for name, most in {only_manual}.items():
    with dag(name, timedelta(seconds={tick}), max_active_runs=most, **ALLOWED, **TICKS):
        do_nothing()
"""

_HEAD: Final = """\
import json
import pathlib
from datetime import datetime, timedelta

import pendulum

"""


def source_for(major: int) -> str:
    """Return the source for an Airflow, with names in braces for what it is filled with."""
    return _HEAD + _IMPORTS[major] + _DAGS + (_TIMETABLES if major >= 2 else "") + (_RUN_TYPES if major >= 3 else "")
