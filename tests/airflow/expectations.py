"""What the daily DAGs have to produce, computed from the clock of Amsterdam alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .dagfiles import HOUR, MINUTE, TASKS_PER_RUN, ZONE
from .generations import Cron
from .sites import Site


@dataclass(frozen=True, slots=True)
class Tick:
    """One day's run of a daily DAG."""

    day: date

    @property
    def at(self) -> datetime:
        return _half_past_six(self.day)

    @property
    def period(self) -> tuple[datetime, datetime]:
        """From this tick to the next."""
        return self.at, _half_past_six(self.day + timedelta(days=1))

    def interval(self, cron: Cron) -> tuple[datetime, datetime] | tuple[None, None]:
        """Return the data interval of a plain cron expression."""
        match cron:
            case Cron.NOTHING:
                return None, None
            case Cron.THE_PERIOD:
                return self.period
            case Cron.THE_TICK:
                return self.at, self.at


def days(first: date, number: int) -> list[Tick]:
    return [Tick(first + timedelta(days=n)) for n in range(number)]


def window(ticks: list[Tick]) -> dict[str, str]:
    """Return the dates of a POST that takes in exactly these ticks, with hours to spare on both sides."""
    start, end = ticks[0].at - timedelta(hours=3), ticks[-1].at + timedelta(hours=3)
    return {"start_date": f"{start:%Y-%m-%dT%H:%M:%S}", "end_date": f"{end:%Y-%m-%dT%H:%M:%S}"}


def run_ids(prefix: str, ticks: Iterable[Tick], first: int = 1) -> list[str]:
    return [run_id(prefix, number, tick.at) for number, tick in enumerate(ticks, first)]


def run_id(prefix: str, number: int, date: datetime) -> str:
    return f"{prefix}_{number:07}_{date:%Y-%m-%dT%H:%M:%S}"


def wait_for(site: Site, dag_id: str, wanted: Iterable[str], deadline: float = 120) -> None:
    """Wait until Airflow made all these runs a success and executed each of their tasks exactly once."""
    wanted = list(wanted)
    airflow = site.airflow

    def states() -> dict[str, str]:
        now = airflow.states(dag_id)
        return {run_id: now.get(run_id, "missing") for run_id in wanted}

    airflow.until(
        f"all {len(wanted)} runs of {dag_id} are over",
        lambda: set(states().values()) <= {"success", "failed"},
        deadline,
        lambda: f"they are {states()}",
    )
    assert states() == dict.fromkeys(wanted, "success"), airflow.processes.tail()
    executed = airflow.executed(dag_id)
    assert {run_id: executed.get(run_id, 0) for run_id in wanted} == dict.fromkeys(wanted, TASKS_PER_RUN)


def _half_past_six(day: date) -> datetime:
    return datetime.combine(day, time(HOUR, MINUTE), ZoneInfo(ZONE)).astimezone(UTC)
