"""The README's way from a clone to a backfill that a real Airflow executed, command by command."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.readme.clone import clone
from tests.readme.page import block
from tests.service.ports import free_port

from .clients import Client
from .metadata import SQLite
from .processes import Processes
from .releases import AIRFLOW_3_1
from .waiting import until

OLDEST, TOO_NEW = AIRFLOW_3_1.python

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        not OLDEST <= sys.version_info[:2] < TOO_NEW, reason=f"Airflow {AIRFLOW_3_1.version} needs another Python"
    ),
]

INSTALLATION = block("shell", "airflow standalone")
SERVICE = block("shell", "--airflow-cfg ~")
BACKFILL = block("shell", "unpause orders")
RESCUE = block("shell", "retry march --wait")
OUTCOME = block("text", "31 success")


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    with Processes(tmp_path / "processes") as processes:
        yield processes


def test_the_readme_leads_from_a_clone_to_an_executed_backfill(processes: Processes, tmp_path: Path) -> None:
    assert f"apache-airflow=={AIRFLOW_3_1.version}" in INSTALLATION
    assert f"--exclude-newer {AIRFLOW_3_1.newest}" in INSTALLATION
    ours, theirs = free_port(), free_port()
    env = {name: value for name, value in os.environ.items() if "AIRFLOW" not in name and name != "VIRTUAL_ENV"} | {
        "HOME": str(tmp_path),
        "NO_PROXY": "127.0.0.1,localhost",
        # Its usual port may be taken on this machine.
        "AIRFLOW__API__PORT": str(theirs),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{theirs}/execution/",
    }
    # pyenv's python3 looks for itself in the home directory.
    env.setdefault("PYENV_ROOT", str(Path.home() / ".pyenv"))

    def begin(name: str, commands: str) -> list[str]:
        there = commands.replace("8081", str(ours)).replace("8080", str(theirs))
        return ["bash", "-uc", f"cd '{copy}'\n{there}"]

    copy = clone(tmp_path / "clone")
    airflow = processes.start("airflow", begin("airflow", INSTALLATION), env)
    ready = lambda: not airflow.alive or "Airflow is ready" in airflow.log.read_text()  # noqa: E731
    until("Airflow is ready", ready, 400, airflow.tail)
    service = processes.start("service", begin("service", SERVICE), env)
    until("the service is ready", lambda: Client(ours).answers("/readyz"), 120, service.tail)

    said = processes.run(begin("backfill", f"{BACKFILL}echo ended with $?"), env, deadline=300)
    assert "march: 26 of 26 runs ended (100%): 24 success, 2 failed\n" in said, f"{said}\n{airflow.tail(100)}"
    assert said.endswith("ended with 3\n")
    activated = "".join(BACKFILL.splitlines(keepends=True)[:2])
    said = processes.run(begin("rescue", activated + RESCUE), env, deadline=300)

    assert said == OUTCOME, f"{said}\n{airflow.tail(100)}"
    database = SQLite(tmp_path / "airflow-trial" / "home" / "airflow.db")
    executed = database.rows(
        "SELECT count(*) FROM task_instance WHERE dag_id = $1 AND state = 'success' AND end_date IS NOT NULL"
        " AND run_id LIKE 'march%'",
        "orders",
    )
    assert executed == [(31,)]
    logs = tmp_path / "airflow-trial/home/logs"
    tried = ["".join(log.read_text() for log in logs.rglob(f"attempt={number}.log")) for number in (1, 2)]
    assert [log.count("with {'why': 'try it'}") for log in tried] == [29, 2]
    assert "the orders of this day are late" in tried[0]
