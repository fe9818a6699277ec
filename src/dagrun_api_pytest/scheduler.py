"""A scheduler that the test controls: it changes the states of runs as Airflow's scheduler does, on request."""

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
"""The state in which all runs end, or a function that returns the state for each run."""

_STATES = ("success", "failed")
_PAUSE = 0.01


class Scheduler:
    """A scheduler that starts queued runs and ends running ones; it never creates runs.

    Once a run has started, cancelling its batch no longer affects it.
    """

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self.max_active_runs = 16
        """The maximum number of running runs per DAG, without those of native backfills; 16 is Airflow's default."""

    def start(self, n: int | None = None, dag_id: str | None = None) -> list[Run]:
        """Start the next runs, at most `n`, of all DAGs or of one, and return those that started.

        As in Airflow, the runs that are due first start first, the runs of a paused DAG stay queued, and no DAG has
        more than `max_active_runs` running. The runs of native backfills start after the others, in the order of their
        backfill. Each backfill has a limit and a pause of its own.
        """
        started: list[int] = []
        with self._runs.changing() as connection:
            active, limits = Counter(self._runs.running(connection)), self._runs.limits(connection)
            for run in self._runs.startable(connection, dag_id):
                if len(started) == n:
                    break
                limit = self.max_active_runs if run.backfill_id is None else limits[run.backfill_id]
                if active[run.dag_id, run.backfill_id] < limit:
                    active[run.dag_id, run.backfill_id] += 1
                    started.append(run.id)
            return self._runs.start(connection, started)

    def finish(self, run_id: str | None = None, state: Outcome = "success", *, dag_id: str | None = None) -> list[Run]:
        """End the run with this id, or all running runs, and return them as they are now.

        As in Airflow, a native backfill has ended when none of its runs is queued or running.

        Raises LookupError if there is no such run, or if several DAGs have the run id and `dag_id` is not given.
        Raises ValueError if the run is not running: a scheduler ends only runs that it has started, and only once.
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
            self._runs.complete_backfills(connection)
        return sorted(ended, key=lambda run: run.id)

    def run_all(self, state: Outcome = "success", *, dag_id: str | None = None) -> list[Run]:
        """Start and end runs until none can be started, and return those that ended."""
        ended = self.finish(state=state, dag_id=dag_id)
        while self.start(dag_id=dag_id):
            ended += self.finish(state=state, dag_id=dag_id)
        return ended

    @contextmanager
    def working(self, state: Outcome = "success", *, dag_id: str | None = None) -> Generator[None]:
        """Run all queued runs in the background while the block runs.

        Use this for a program that creates runs and waits for their end in one call.
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
            raise LookupError(f"There is no run {run_id}{place}; server.runs() returns all runs.")
        if len(found) > 1:
            owners = ", ".join(run.dag_id for run in found)
            raise LookupError(f"The DAGs {owners} each have a run {run_id}; choose one with dag_id=.")
        (run,) = found
        if run.state == "queued":
            raise ValueError(f"The run {run_id} is queued and must start before it can end: call scheduler.start().")
        if run.state != "running":
            raise ValueError(
                f"The run {run_id} has already ended, in state {run.state}; a scheduler does not change it."
            )
        return run


def _state(outcome: Outcome, run: Run) -> str:
    state = outcome(run) if callable(outcome) else outcome
    if state not in _STATES:
        raise ValueError(f"A run ends in the state {' or '.join(_STATES)}, not in {state!r}.")
    return state
