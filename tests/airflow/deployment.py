"""An Airflow of our own: home, database, DAG file and processes, in a folder that nobody else uses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.service.ports import free_port

from . import dagfiles
from .clients import Client
from .configuration import environment
from .generations import Command, Setting
from .installation import Installation
from .listings import read_runs
from .metadata import Database, Row, SQLite, instant
from .processes import Processes, Running
from .waiting import until


class Deployment:
    """Airflow with one database: prepared, then started, then asked."""

    def __init__(
        self,
        installation: Installation,
        database: Database,
        home: Path,
        processes: Processes,
        settings: tuple[Setting, ...] = (),
    ) -> None:
        self.release = installation.release
        self.generation = self.release.generation
        self.database = database
        self.home = home
        self.processes = processes
        self.seen = home / "seen"
        self.dag_file = home / "dags" / "probe.py"
        self.port = free_port()
        # Airflow 2 does not let several processes write to SQLite.
        self.parallel = self.release.major >= 3 or not isinstance(database, SQLite)
        self._bin = installation.bin
        self._env = environment(
            self.release, database, home, self.port, self._bin, parallel=self.parallel, settings=settings
        )
        self._token: str | None = None

    def migrate(self) -> None:
        """Make Airflow's tables, or change those of an older release."""
        self.airflow(*self.generation.commands.migrate)

    def parse(self, dag_file: str) -> None:
        """Write the DAG file and let Airflow parse it, where its scheduler is not the only one to do that."""
        self.dag_file.parent.mkdir(parents=True, exist_ok=True)
        self.dag_file.write_text(dag_file)
        if self.generation.commands.parse:
            self.airflow(*self.generation.commands.parse)

    def start(self, rest: bool = True) -> Running:
        """Start Airflow and return its scheduler, which works when this returns.

        Without `rest` an Airflow 2 has no REST API; an Airflow 3 needs its own to run tasks at all.
        """
        has_api = self.release.major >= 3 or (rest and self.generation.rest is not None)
        if self.release.major >= 3:
            self._start("api-server", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1")
            self._start("dag-processor")
        elif has_api:
            self.start_webserver()
        if has_api:
            version = f"{self.generation.rest}/version"
            self.until("Airflow's API answers", lambda: Client(self.port).answers(version), 90)
        scheduler = self._start(*self.generation.scheduler)
        self.until("the scheduler has a heartbeat", self._heartbeats, 60)
        return scheduler

    def start_webserver(self) -> None:
        """Start the webserver of an Airflow before 3, in which everybody is an administrator."""
        # Airflow 1.10 looks for the database here, and later ones replace it.
        config = f'AUTH_ROLE_PUBLIC = "Admin"\nSQLALCHEMY_DATABASE_URI = {self.database.url!r}\n'
        (self.home / "webserver_config.py").write_text(config)
        pid_file = str(self.home / f"webserver-{self.port}.pid")
        where = ("--hostname", "127.0.0.1", "--port", str(self.port), "--workers", "1")
        self._start("webserver", *where, "--pid", pid_file)

    def start_worker(self) -> Running:
        """Start a worker of Celery."""
        worker = self._start("celery", "worker", "--concurrency", "2", "--skip-serve-logs")
        self.until("the worker is ready", lambda: " ready." in worker.log.read_text(), 60)
        return worker

    def airflow(self, *arguments: str) -> str:
        """Run a command of Airflow's own command line and return what it printed."""
        return self.processes.run([str(self._bin / "airflow"), *arguments], self._env)

    def python(self, script: Path, *arguments: str) -> str:
        """Run a script with Airflow's Python and return what it printed."""
        return self.processes.run([str(self._bin / "python"), str(script), *arguments], self._env)

    def trigger(self, dag_id: str, run_id: str) -> None:
        """Start a run by hand."""
        self._command(self.generation.commands.trigger, dag=dag_id, run=run_id)

    def pause(self, dag_id: str) -> None:
        self._command(self.generation.commands.pause, dag=dag_id)

    def unpause(self, dag_id: str) -> None:
        self._command(self.generation.commands.unpause, dag=dag_id)

    def listed_by_cli(self, dag_id: str) -> dict[str, str]:
        """Return run id -> state of a DAG's runs, as Airflow's command line lists them."""
        return read_runs(self._command(self.generation.commands.list_runs, dag=dag_id))

    def get(self, path: str) -> Any:
        """Ask Airflow's REST API, as the administrator that everybody is here."""
        return self.call("GET", path)

    def call(self, method: str, path: str) -> Any:
        """Let Airflow's REST API do something and return what it answers."""
        api = Client(self.port)
        headers: dict[str, str] = {}
        if self.release.major >= 3:
            if self._token is None:
                self._token = api.request("GET", "/auth/token").body["access_token"]
            headers["Authorization"] = f"Bearer {self._token}"
        answer = api.request(method, f"{self.generation.rest}/{path}", headers=headers)
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
        key = self.generation.instance_key
        found = self.rows(
            "SELECT r.run_id, count(*) FROM task_instance t"
            f" JOIN dag_run r ON r.dag_id = t.dag_id AND r.{key} = t.{key}"
            " WHERE t.dag_id = $1 AND t.state = 'success' AND t.start_date IS NOT NULL AND t.end_date IS NOT NULL"
            " GROUP BY r.run_id",
            dag_id,
        )
        return {str(run_id): int(str(count)) for run_id, count in found}

    def saw(self, dag_id: str) -> dict[str, dagfiles.Seen]:
        """Return run id -> what the run's task wrote down."""
        return {
            file.name.removesuffix(".json"): dagfiles.read_seen(file) for file in (self.seen / dag_id).glob("*.json")
        }

    def logs_of_parsing(self) -> list[Path]:
        """Return what the processes wrote that parse the DAG file; those of Airflow 1.10 schedule, too."""
        return [file for part in ("scheduler", "dag_processor") for file in (self.home / "logs" / part).rglob("*.log")]

    def scheduler_heartbeat(self) -> datetime:
        ((at,),) = self._heartbeats()
        return instant(at)

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

    def _command(self, command: Command, **ids: str) -> str:
        return self.airflow(*(word.format_map(ids) for word in command))

    def _heartbeats(self) -> list[Row]:
        jobs = "SELECT latest_heartbeat FROM job WHERE job_type = 'SchedulerJob' AND state = 'running'"
        return self.rows(jobs)
