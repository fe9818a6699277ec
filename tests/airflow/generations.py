"""What differs between the generations of Airflow, as far as the tests meet it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

Command = tuple[str, ...]
"""Arguments of Airflow's command line, with {dag} and {run} where an id stands."""

Setting = tuple[str, str, object]
"""Section, name and value in Airflow's configuration."""


class Cron(Enum):
    """What a plain cron expression gives a run for its data interval."""

    NOTHING = "nothing"
    THE_PERIOD = "the period that begins with the tick"
    THE_TICK = "the tick alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """How to say it on the command line of a generation."""

    migrate: Command
    parse: Command | None
    """Let the DAG file be parsed now; None where only the scheduler does it."""
    trigger: Command
    pause: Command
    unpause: Command
    list_runs: Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """A family of releases which behave alike."""

    commands: Commands
    cron: Cron
    state_at_birth: str = "queued"
    date_column: str = "execution_date"
    """The column of dag_run that holds a run's date."""
    instance_key: str = "run_id"
    """The column by which a task instance belongs to its run."""
    dates_runs_by_hand: bool = True
    """A run that was started by hand has an execution date."""
    rest: str | None = None
    """Where its REST API begins; None: not asked."""
    scheduler: Command = ("scheduler", "--skip-serve-logs")
    settings: tuple[Setting, ...] = ()
    """What only this generation is told."""


_SINCE_2 = Commands(
    migrate=("db", "migrate"),
    parse=("dags", "reserialize"),
    trigger=("dags", "trigger", "{dag}", "-r", "{run}"),
    pause=("dags", "pause", "{dag}"),
    unpause=("dags", "unpause", "{dag}"),
    list_runs=("dags", "list-runs", "-d", "{dag}", "-o", "json"),
)

FIRST = Generation(
    commands=Commands(
        migrate=("initdb",),
        parse=None,
        trigger=("trigger_dag", "{dag}", "-r", "{run}"),
        pause=("pause", "{dag}"),
        unpause=("unpause", "{dag}"),
        list_runs=("list_dag_runs", "{dag}"),
    ),
    cron=Cron.NOTHING,
    state_at_birth="running",
    instance_key="execution_date",
    scheduler=("scheduler",),
    # Runs are looked at when their file is parsed, and only then.
    settings=(("SCHEDULER", "MIN_FILE_PROCESS_INTERVAL", 1), ("SCHEDULER", "DAG_DIR_LIST_INTERVAL", 10)),
)
SECOND = Generation(commands=_SINCE_2, cron=Cron.THE_PERIOD, rest="/api/v1")
BEFORE_2_7 = replace(SECOND, commands=replace(_SINCE_2, migrate=("db", "upgrade")))
THIRD = Generation(
    commands=replace(_SINCE_2, list_runs=("dags", "list-runs", "{dag}", "-o", "json")),
    cron=Cron.THE_TICK,
    date_column="logical_date",
    dates_runs_by_hand=False,
    rest="/api/v2",
)
