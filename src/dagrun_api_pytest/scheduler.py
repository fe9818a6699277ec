"""A scheduler under the test's control: it moves runs through their states as Airflow's would, when it is told to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Literal

from dagrun_api_pytest.runs import Run, Runs

__all__ = ["Outcome", "Scheduler", "State"]

State = Literal["success", "failed"]
"""How a run ends."""

Outcome = State | Callable[[Run], str]
"""How all runs end, or a function that says it of each."""

_STATES = ("success", "failed")
_PAUSE = 0.01


class Scheduler:
    """Starts queued runs, and ends running ones; it makes no runs of its own.

    A run that has been started is left alone by a cancel, which ends only queued ones.
    """

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self.max_active_runs = 16
        """How many runs of one DAG may be running at once; 16 is what Airflow takes where a DAG says nothing."""

    def start(self, n: int | None = None, dag_id: str | None = None) -> list[Run]:
        """Let the next runs be running, at most `n`, of all DAGs or of one; return those that could be started.

        As in Airflow, the first to be due come first, a paused DAG's runs stay queued, and no DAG gets more than
        `max_active_runs` running.
        """
        started: list[int] = []
        with self._runs.changing() as connection:
            active = Counter(self._runs.running(connection))
            for run in self._runs.startable(connection, dag_id):
                if len(started) == n:
                    break
                if active[run.dag_id] < self.max_active_runs:
                    active[run.dag_id] += 1
                    started.append(run.id)
            return self._runs.start(connection, started)

    def finish(self, run_id: str | None = None, state: Outcome = "success", *, dag_id: str | None = None) -> list[Run]:
        """End the run with this id, or all that are running; return them as they are now.

        Raises LookupError when there is no such run, or several DAGs have it and `dag_id` is not given, and ValueError
        when it is not running, as no scheduler ends a run that it has not started, nor one twice.
        """
        with self._runs.changing() as connection:
            if run_id is None:
                wanted = self._runs.all("state = 'running' AND (?1 IS NULL OR dag_id = ?1)", (dag_id,))
            else:
                wanted = [self._the_run(run_id, dag_id)]
            ends = [(run.id, _state(state, run)) for run in wanted]
            ended = [
                run
                for each in _STATES
                for run in self._runs.finish(connection, [id_ for id_, end in ends if end == each], each)
            ]
        return sorted(ended, key=lambda run: run.id)

    def run_all(self, state: Outcome = "success", *, dag_id: str | None = None) -> list[Run]:
        """Start and end runs until none is left that can be started; return those that have ended."""
        ended = self.finish(state=state, dag_id=dag_id)
        while self.start(dag_id=dag_id):
            ended += self.finish(state=state, dag_id=dag_id)
        return ended

    @contextmanager
    def working(self, state: Outcome = "success", *, dag_id: str | None = None) -> Generator[None]:
        """Keep on running all that is queued, in the background, for as long as the block lasts.

        For a program that creates runs and waits for their end in one call.
        """
        over = Event()

        def work() -> None:
            while not over.wait(_PAUSE):
                self.run_all(state, dag_id=dag_id)

        with ThreadPoolExecutor(1, thread_name_prefix="dagrun-api-scheduler") as pool:
            working = pool.submit(work)
            try:
                yield
            finally:
                over.set()
                working.result()

    def _the_run(self, run_id: str, dag_id: str | None) -> Run:
        found = self._runs.all("run_id = ?1 AND (?2 IS NULL OR dag_id = ?2)", (run_id, dag_id))
        if not found:
            place = f" of the DAG {dag_id}" if dag_id is not None else ""
            raise LookupError(f"There is no run {run_id}{place}; server.runs() returns those that there are.")
        if len(found) > 1:
            owners = ", ".join(run.dag_id for run in found)
            raise LookupError(f"The DAGs {owners} each have a run {run_id}; name one with dag_id=.")
        (run,) = found
        if run.state == "queued":
            raise ValueError(f"The run {run_id} is queued, and has to be started before it can end: scheduler.start().")
        if run.state != "running":
            raise ValueError(f"The run {run_id} has ended already, as {run.state}; a scheduler leaves it alone.")
        return run


def _state(outcome: Outcome, run: Run) -> str:
    state = outcome(run) if callable(outcome) else outcome
    if state not in _STATES:
        raise ValueError(f"A run ends in one of the states {' and '.join(_STATES)}, not in {state!r}.")
    return state
