"""A store and the reference model, driven by the same steps and held to the same answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import IntegrityError
from typing import cast

import asyncpg

from dagrun_api.airflow.layout import Generation
from dagrun_api.batches.service import Service
from dagrun_api.errors import DagrunApiError, RunsTaken
from dagrun_api.model import DagRun, ListedBatch, Page, RunDetail, RunType
from tests.conftest import open_world
from tests.databases.worlds import MemoryWorld, SQLWorld, World, serialized

__all__ = ["DAGS", "FIRST", "NOW", "Twins"]

NOW = datetime(2018, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)
FIRST = datetime(2017, 9, 1, tzinfo=UTC)

_TOP = 2**63 - 1

DAGS = {
    "a": serialized("0 12 * * *"),
    "b": serialized({"__type": "airflow.timetables.interval.DeltaDataIntervalTimetable", "__var": {"delta": 21600.0}}),
    "A": serialized(None),
}
"""Daily, every six hours, and never."""


class Twins:
    """Two worlds in which the same is done; `steps` counts what was."""

    def __init__(self, name: str, folder: Path, postgres_url: str | None) -> None:
        self.steps = 0
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._runner.run(self._open(name, folder, postgres_url))

    async def _open(self, name: str, folder: Path, postgres_url: str | None) -> None:
        world = await open_world(self._stack, name, folder, postgres_url)
        assert isinstance(world, SQLWorld)
        self._world = world
        self._model = MemoryWorld(world.state_at_birth)
        self._model.store.has_backfills = world.layout.has_backfills
        self._model.store.description = replace(self._model.store.description, airflow=world.layout.airflow)
        self._model.store.has_tasks = bool(world.layout.columns["task_instance"])
        if world.layout.generation is Generation.AIRFLOW_3:
            self._model.store.batch_run_type = RunType.BACKFILL
        if world.layout.columns["task_instance"]:
            await world.execute("DELETE FROM task_instance")
        for each in (self._model, world):
            for dag_id, text in DAGS.items():
                await each.add_dag(dag_id, serialized=text)
                # Airflow 1.10 takes no run ahead of what its own schedule has reached.
                await each.add_run(dag_id, f"scheduled__{NOW.isoformat()}", NOW - timedelta(minutes=1), external=False)
            await each.add_dag("gone", is_live=False)

    def close(self) -> None:
        """Close both."""
        self._runner.run(self._stack.aclose())
        self._runner.close()

    def agree(self, step: Callable[[Service], Awaitable[object]]) -> None:
        """Ask both; they must answer the same, or refuse with the same words."""
        expected = self._answer(self._model, step)
        assert self._answer(self._world, step) == expected
        self.steps += 1

    def agree_on_pages(self, step: Callable[[Service, int | str], Awaitable[Page]]) -> None:
        """Follow the pages of both to the last; they must hold the same."""
        pages = [self._runner.run(_followed(Service(world.store), step)) for world in (self._model, self._world)]
        assert pages[1] == pages[0]
        self.steps += 1

    def agree_on_batches(self, dag_id: str | None, limit: int) -> None:
        """Follow the pages of batches of both to the last; they must hold the same."""
        pages = [self._runner.run(_listed(Service(each.store), dag_id, limit)) for each in (self._model, self._world)]
        assert pages[1] == pages[0]
        self.steps += 1

    def schedule(self, dag_id: str, date: datetime) -> None:
        """Let a scheduler insert a run in both, or be refused by both."""
        arguments = (dag_id, f"scheduled__{date.isoformat()}", date)
        outcomes: list[bool] = []
        for world in (self._model, self._world):
            try:
                self._runner.run(world.add_run(*arguments, state=world.state_at_birth, external=False))
            except (RunsTaken, IntegrityError, asyncpg.UniqueViolationError):
                outcomes.append(False)
            else:
                outcomes.append(True)
        assert outcomes[0] == outcomes[1]
        self.steps += 1

    def delete(self, choice: int) -> None:
        """Delete a run that has not started from both."""
        runs = [run for run in self._runs if run.state == self._model.state_at_birth and not self._has_started(run)]
        if runs:
            run = runs[choice % len(runs)]
            self._model.store.stored_runs.remove(run)
            self._execute("DELETE FROM dag_run WHERE dag_id = ? AND run_id = ?", run.dag_id, run.run_id)

    def start(self, choice: int) -> None:
        """Let a run start in both: it gets a task instance."""
        runs = [run for run in self._runs if run.state == self._model.state_at_birth and not self._has_started(run)]
        if runs:
            run = runs[choice % len(runs)]
            self._change(run, run._replace(state="running"))
            self._model.store.started.add(run.id)
            if self._world.layout.columns["task_instance"]:
                assert run.execution_date is not None
                self._runner.run(self._world.add_task_instance(str(run.dag_id), str(run.run_id), run.execution_date))

    def end(self, choice: int, state: str) -> None:
        """Let a run that has started end in both."""
        runs = [run for run in self._runs if run.state == "running" and self._has_started(run)]
        if runs:
            run = runs[choice % len(runs)]
            self._change(run, run._replace(state=state, end_date=NOW))

    def _change(self, run: DagRun, changed: DagRun) -> None:
        runs = self._model.store.stored_runs
        runs[runs.index(run)] = changed
        self._execute(
            "UPDATE dag_run SET state = ?, end_date = ? WHERE dag_id = ? AND run_id = ?",
            changed.state,
            changed.end_date,
            run.dag_id,
            run.run_id,
        )

    @property
    def _runs(self) -> list[DagRun]:
        return self._model.store.stored_runs

    def _has_started(self, run: DagRun) -> bool:
        return run.id in self._model.store.started

    def _execute(self, sql: str, *values: object) -> None:
        self._runner.run(self._world.execute(sql, values))
        self.steps += 1

    def _answer(self, world: World, step: Callable[[Service], Awaitable[object]]) -> object:
        try:
            return _plain(self._runner.run(_awaited(step(Service(world.store, clock=lambda: NOW)))))
        except DagrunApiError as error:
            return type(error).__name__, str(error)


async def _awaited(step: Awaitable[object]) -> object:
    return await step


async def _followed(service: Service, step: Callable[[Service, int | str], Awaitable[Page]]) -> list[object]:
    pages: list[object] = []
    start: int | str | None = 0
    while start is not None:
        page = await step(service, start)
        pages.append(_plain(page.runs))
        start = page.last_id
    return pages


async def _listed(service: Service, dag_id: str | None, limit: int) -> list[ListedBatch]:
    found: list[ListedBatch] = []
    start: int | None = _TOP
    while start is not None:
        page = await service.batches(dag_id, start=start, limit=limit)
        found += page.batches
        start = page.next_start
    return found


def _plain(value: object) -> object:
    """What must be the same: all but the numeric ids, of which a database may leave some out."""
    if isinstance(value, DagRun):
        return value._replace(id=0)
    if isinstance(value, RunDetail):
        # The model does not know what else is in the rows of each release.
        return {name: getattr(value, name) for name in DagRun._fields if name != "id"}
    if isinstance(value, Page):
        return _plain(value.runs), value.last_id is None
    return [_plain(each) for each in cast("list[object]", value)] if isinstance(value, list) else value
