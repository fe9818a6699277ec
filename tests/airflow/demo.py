"""The proof for a newcomer: a real Airflow executes ten runs that our service created.

    python -m tests.airflow.demo

It installs what it needs inside the clone, says what it does, and stops whatever it started. Its exit status
is 0 only when Airflow executed all ten runs.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

from .deployment import Deployment
from .installation import CACHE, InstallationError, install
from .metadata import SQLite
from .processes import INTERRUPTIONS, Processes
from .releases import AIRFLOW_2
from .service import COMMAND, Service

HOME = CACHE / "demo"
DEADLINE = 240
STATES = ("queued", "running", "success", "failed")

DAG_ID = "hello"
TASK = "say"
DAG_FILE = f'''\
from datetime import datetime

from airflow import DAG
from airflow.decorators import task

with DAG("{DAG_ID}", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False):

    @task
    def {TASK}(logical_date=None, dag_run=None):
        print("execution date", logical_date, "conf", dag_run.conf)

    {TASK}()
'''

BATCH = {
    "dag_id": DAG_ID,
    "prefix": "demo_",
    "start_date": "2024-03-01T00:00:00",
    "end_date": "2024-03-10T00:00:00",
    "conf": {"greeting": "hello"},
}


def main() -> int:
    """Run the demonstration and return the exit status."""
    for number in INTERRUPTIONS:
        signal.signal(number, _interrupt)
    try:
        with _alone():
            return _demonstrate()
    except (AssertionError, InstallationError, OSError, RuntimeError) as error:
        say("", f"This went wrong: {error}")
        return 1
    except KeyboardInterrupt:
        say("", "Interrupted: everything that was started is stopped again.")
        return 130


def _demonstrate() -> int:
    step(f"Airflow {AIRFLOW_2.version} gets an environment of its own")
    installation = install(AIRFLOW_2, say)
    say(f"it is {installation.bin / 'airflow'}")

    database = SQLite(HOME / "airflow.db")
    with Processes(HOME / "processes") as processes:
        airflow = Deployment(installation, database, HOME, processes)
        step("Airflow makes its tables (airflow db migrate)")
        airflow.migrate()
        say(f"in {database.path}")

        step("Airflow parses a DAG file (airflow dags reserialize)")
        airflow.parse(DAG_FILE)
        say(f"it is {airflow.dag_file}:", *(f"    {line}".rstrip() for line in DAG_FILE.splitlines()))

        step("Airflow's scheduler starts (airflow scheduler)")
        scheduler = airflow.start(rest=False)
        say(f"process {scheduler.pid}, its log is {scheduler.log}")

        step("Our service starts beside it, on the same database")
        service = Service.start(processes, database.url)
        say(f"{COMMAND} serve --database {database.url} --port {service.port}")

        step("One request creates ten runs")
        run_ids = _create(service)

        step("Airflow executes them (the states are those that our service lists)")
        _follow(service, airflow)

        step("What the task of each run said, in Airflow's log files")
        good = [run_id for run_id in run_ids if _was_executed(airflow, run_id)]
        lived = scheduler.alive
        step("Airflow's scheduler and our service are stopped")

    say(f"all files stay in {HOME} until the next time")
    say("", f"{len(good)} of {len(run_ids)} runs are success, each with its task executed.")
    return 0 if lived and len(good) == 10 else 1


def _create(service: Service) -> list[str]:
    say(f"POST http://127.0.0.1:{service.port}/api/v1/dag_runs", json.dumps(BATCH))
    answer = service.create(**BATCH)
    say("", f"answered with {answer.status}:", *json.dumps(answer.body, indent=2).splitlines())
    if answer.status != 200:
        raise AssertionError("the request was refused")
    run_ids: list[str] = answer.body["response"]["dag_run_ids"]
    return run_ids


def _follow(service: Service, airflow: Deployment) -> None:
    begin = time.monotonic()
    shown: list[str] = []

    def over() -> bool:
        counted = Counter(str(run["state"]) for run in service.runs(dag_id=DAG_ID, prefix="demo_"))
        line = "  ".join(f"{state} {counted[state]}" for state in STATES if counted[state])
        if shown[-1:] != [line]:
            shown.append(line)
            say(f"{time.monotonic() - begin:5.1f} s   {line}")
        return not counted["queued"] and not counted["running"]

    airflow.until("no run is queued or running", over, DEADLINE)


def _was_executed(airflow: Deployment, run_id: str) -> bool:
    """Show what a run's task printed; tell whether the run is a success that ran its one task."""
    log = airflow.home / "logs" / f"dag_id={DAG_ID}" / f"run_id={run_id}" / f"task_id={TASK}" / "attempt=1.log"
    lines = log.read_text().splitlines() if log.exists() else []
    said = next((line.partition("INFO - ")[2] for line in lines if "execution date" in line), None)
    say(f"{log.relative_to(airflow.home)}:", f"    {said or 'nothing'}")
    success = airflow.states(DAG_ID)[run_id] == "success"
    return success and airflow.executed(DAG_ID).get(run_id) == 1 and said is not None


@contextmanager
def _alone() -> Generator[None]:
    """Hold the folder of the demonstration, empty at first; raises OSError when another one holds it."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OSError("another demonstration is running in this clone") from None
        shutil.rmtree(HOME, ignore_errors=True)
        HOME.mkdir()
        yield


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def step(text: str) -> None:
    """Announce what comes next."""
    say("", f"== {text}")


def say(*lines: str) -> None:
    print(*(f"   {line}" if line and not line.startswith("==") else line for line in lines), sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
