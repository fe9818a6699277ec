"""An Airflow of our own: home, database, DAG file and processes, in a folder that nobody else uses."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from . import dagfiles
from .clients import Client
from .installation import Installation
from .metadata import Database, Row, SQLite
from .ports import free_port
from .processes import Processes, Running
from .waiting import until


class Deployment:
    """Airflow with one database: prepared, then started, then asked."""

    def __init__(self, installation: Installation, database: Database, home: Path, processes: Processes) -> None:
        self.release = installation.release
        self.database = database
        self.home = home
        self.processes = processes
        self.seen = home / "seen"
        self.dag_file = home / "dags" / "probe.py"
        self.port = free_port()
        # Airflow 2 does not let several processes write to SQLite.
        self.parallel = self.release.major >= 3 or not isinstance(database, SQLite)
        self._bin = installation.bin
        self._env = self._environment()
        self._token: str | None = None

    def migrate(self) -> None:
        """Make Airflow's tables."""
        self.airflow("db", "migrate")

    def parse(self, dag_file: str) -> None:
        """Write the DAG file and let Airflow parse it."""
        self.dag_file.parent.mkdir(parents=True)
        self.dag_file.write_text(dag_file)
        self.airflow("dags", "reserialize")

    def start(self, rest: bool = True) -> Running:
        """Start Airflow and return its scheduler, which works when this returns.

        Without `rest` an Airflow 2 has no REST API; an Airflow 3 needs its own to run tasks at all.
        """
        where = ("127.0.0.1", "--port", str(self.port), "--workers", "1")
        if self.release.major >= 3:
            self._start("api-server", "--host", *where)
            self._start("dag-processor")
        elif rest:
            (self.home / "webserver_config.py").write_text('AUTH_ROLE_PUBLIC = "Admin"\n')
            self._start("webserver", "--hostname", *where)
        if self.release.major >= 3 or rest:
            version = f"{self.release.rest}/version"
            self.until("Airflow's API answers", lambda: Client(self.port).answers(version), 90)
        scheduler = self._start("scheduler", "--skip-serve-logs")
        self.until("the scheduler has a heartbeat", self._heartbeats, 60)
        return scheduler

    def airflow(self, *arguments: str) -> str:
        """Run a command of Airflow's own command line and return what it printed."""
        return self.processes.run([str(self._bin / "airflow"), *arguments], self._env)

    def listed_by_cli(self, dag_id: str) -> dict[str, str]:
        """Return run id -> state of a DAG's runs, as Airflow's command line lists them."""
        dag = [dag_id] if self.release.major >= 3 else ["-d", dag_id]
        answer = self.airflow("dags", "list-runs", *dag, "-o", "json")
        # Warnings of plugins and providers may stand before the list.
        listed: list[dict[str, str]] = json.loads(answer[answer.index("[{") :])
        return {run["run_id"]: run["state"] for run in listed}

    def get(self, path: str) -> Any:
        """Ask Airflow's REST API, as the administrator that everybody is here."""
        api = Client(self.port)
        headers: dict[str, str] = {}
        if self.release.major >= 3:
            if self._token is None:
                self._token = api.request("GET", "/auth/token").body["access_token"]
            headers["Authorization"] = f"Bearer {self._token}"
        answer = api.request("GET", f"{self.release.rest}/{path}", headers=headers)
        assert answer.status == 200, f"Airflow answered {answer.status} to {path}: {answer.body}"
        return answer.body

    def rows(self, query: str, *values: object) -> list[Row]:
        return self.database.rows(query, *values)

    def states(self, dag_id: str) -> dict[str, str]:
        """Return run id -> state of a DAG's runs, as they stand in the table."""
        found = self.rows("SELECT run_id, state FROM dag_run WHERE dag_id = $1 ORDER BY id", dag_id)
        return {str(run_id): str(state) for run_id, state in found}

    def executed(self, dag_id: str) -> dict[str, int]:
        """Return run id -> number of task instances that were started, ended and succeeded."""
        found = self.rows(
            "SELECT run_id, count(*) FROM task_instance WHERE dag_id = $1 AND state = 'success'"
            " AND start_date IS NOT NULL AND end_date IS NOT NULL GROUP BY run_id",
            dag_id,
        )
        return {str(run_id): int(str(count)) for run_id, count in found}

    def saw(self, dag_id: str) -> dict[str, dagfiles.Seen]:
        """Return run id -> what the run's task wrote down."""
        return {
            file.name.removesuffix(".json"): dagfiles.read_seen(file) for file in (self.seen / dag_id).glob("*.json")
        }

    def scheduler_heartbeat(self) -> datetime:
        ((at,),) = self._heartbeats()
        return at if isinstance(at, datetime) else datetime.fromisoformat(f"{at}+00:00")

    def until(
        self,
        what: str,
        probe: Callable[[], object],
        deadline: float,
        explain: Callable[[], str] = str,
        pause: float = 0.5,
    ) -> None:
        """Wait for something; when it does not come, or a process dies, say what and show the ends of the logs."""

        def probe_the_living() -> object:
            for running in self.processes.running:
                assert running.alive, f"{running.name} died, waiting until {what}\n{running.tail(80)}"
            return probe()

        until(what, probe_the_living, deadline, lambda: f"{explain()}\n{self.processes.tail()}", pause)

    def _start(self, command: str, *arguments: str) -> Running:
        return self.processes.start(command, [str(self._bin / "airflow"), command, *arguments], self._env)

    def _heartbeats(self) -> list[Row]:
        jobs = "SELECT latest_heartbeat FROM job WHERE job_type = 'SchedulerJob' AND state = 'running'"
        return self.rows(jobs)

    def _environment(self) -> Mapping[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PYTHON"))}
        with suppress(KeyError):
            del ours["VIRTUAL_ENV"]
        local = f"http://127.0.0.1:{self.port}"
        sections: dict[str, dict[str, object]] = {
            "CORE": {
                "DAGS_FOLDER": self.dag_file.parent,
                "LOAD_EXAMPLES": False,
                "DAGS_ARE_PAUSED_AT_CREATION": False,
                "EXECUTOR": "LocalExecutor" if self.parallel else "SequentialExecutor",
                "PARALLELISM": 4 if self.parallel else 1,
                "EXECUTION_API_SERVER_URL": f"{local}/execution/",
                "SIMPLE_AUTH_MANAGER_ALL_ADMINS": True,
            },
            "DATABASE": {"SQL_ALCHEMY_CONN": self.database.url, "LOAD_DEFAULT_CONNECTIONS": False},
            "SCHEDULER": {
                "SCHEDULER_HEARTBEAT_SEC": 1,
                "SCHEDULER_IDLE_SLEEP_TIME": 0.5,
                "MIN_FILE_PROCESS_INTERVAL": 15,
                "PARSING_PROCESSES": 1,
            },
            "DAG_PROCESSOR": {"MIN_FILE_PROCESS_INTERVAL": 15, "PARSING_PROCESSES": 1},
            "WEBSERVER": {"SECRET_KEY": "tests"},
            "API": {
                "BASE_URL": local,
                "SECRET_KEY": "tests",
                "AUTH_BACKENDS": "airflow.api.auth.backend.default",
            },
            "API_AUTH": {"JWT_SECRET": "of these tests only, 127.0.0.1 only"},
            "USAGE_DATA_COLLECTION": {"ENABLED": False},
        }
        settings = {
            f"AIRFLOW__{section}__{name}": str(value)
            for section, values in sections.items()
            for name, value in values.items()
        }
        return {
            **ours,
            **settings,
            "AIRFLOW_HOME": str(self.home),
            "PATH": f"{self._bin}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "NO_PROXY": "127.0.0.1,localhost",
            "PYTHONWARNINGS": "ignore",
        }
