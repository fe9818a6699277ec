"""Any sequence of requests, and of what a scheduler does meanwhile, comes to the same as in the reference model."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from dagrun_api.airflow.run_ids import canonical
from dagrun_api.batches.service import Service
from dagrun_api.model import BatchRequest, Dag, Prefix, RunFilter, RunToCreate
from tests.adversity.figures import Figures
from tests.adversity.sizes import sized
from tests.adversity.twins import DAGS, FIRST, NOW, Twins

WORLDS = [
    f"{backend}-{layout}"
    for backend in ("sqlite", "postgres")
    for layout in ("standalone", "1.10.15", "2.11.2", "3.3.2")
]

dags = st.sampled_from(list(DAGS))
any_dag = st.sampled_from([*DAGS, "gone", "never"])
maybe_dag = st.none() | any_dag
prefixes = st.sampled_from(["etl_", "etl", "e", "Etl_", "etl_b", "x~1"])
last_or_other = st.none() | prefixes
"""None is that of the last request."""
hours = st.integers(0, 12 * 24).map(lambda hour: timedelta(hours=hour))
noons = st.integers(0, 12).map(lambda day: timedelta(days=day, hours=12))
origins = st.sampled_from([FIRST, FIRST, FIRST, NOW - timedelta(days=4)])
confs = st.sampled_from([{}, {"why": "try it"}, {"n": [1, None]}])
places = st.integers(0, 10**6)


class Machine(RuleBasedStateMachine):
    """What clients, schedulers and people do to one database."""

    open_twins: Callable[[], Twins]
    figures: Figures

    def __init__(self) -> None:
        super().__init__()
        self.twins = self.open_twins()
        self.last = BatchRequest("a", Prefix("etl"), FIRST, FIRST + timedelta(days=3))

    def create(self, request: BatchRequest) -> None:
        self.last = request
        self.twins.agree(lambda service: service.create_batch(request))

    @rule(
        dag=any_dag,
        prefix=prefixes,
        origin=origins,
        start=hours,
        length=hours,
        limit=st.sampled_from([1, 3, 10, 500]),
        partial=st.booleans(),
        conf=confs,
        dry_run=st.sampled_from([False, False, False, True]),
    )
    def creates_a_window(
        self,
        dag: str,
        prefix: str,
        origin: object,
        start: timedelta,
        length: timedelta,
        limit: int,
        partial: bool,
        conf: dict[str, object],
        dry_run: bool,
    ) -> None:
        begin = FIRST + start if origin == FIRST else NOW - timedelta(days=4) + start
        self.create(BatchRequest(dag, canonical(prefix), begin, begin + length, limit, partial, conf, dry_run))

    @rule(times=st.integers(1, 3))
    def creates_the_same_again(self, times: int) -> None:
        for _ in range(times):
            self.create(self.last)

    @rule(dag=dags, prefix=prefixes, shift=st.integers(-3, 3))
    def creates_what_overlaps(self, dag: str, prefix: str, shift: int) -> None:
        start, end = self.last.start_date or FIRST, self.last.end_date or FIRST
        moved = timedelta(days=shift)
        self.create(BatchRequest(dag, canonical(prefix), start + moved, end + moved, partial=True))

    @rule(dag=dags, prefix=prefixes, dates=st.lists(noons | hours, min_size=1, max_size=6), conf=confs)
    def creates_a_list(self, dag: str, prefix: str, dates: list[timedelta], conf: dict[str, object]) -> None:
        self.create(BatchRequest(dag, canonical(prefix), runs=tuple(RunToCreate(FIRST + date, conf) for date in dates)))

    @rule(dag=any_dag, prefix=prefixes)
    def creates_one_now(self, dag: str, prefix: str) -> None:
        self.create(BatchRequest(dag, canonical(prefix)))

    @rule(dag=dags, date=noons)
    def a_scheduler_inserts_a_run(self, dag: str, date: timedelta) -> None:
        self.twins.schedule(dag, FIRST + date)

    @rule(choice=places)
    def a_run_is_deleted(self, choice: int) -> None:
        self.twins.delete(choice)

    @rule(choices=st.lists(places, min_size=1, max_size=9))
    def runs_start(self, choices: list[int]) -> None:
        for choice in choices:
            self.twins.start(choice)

    @rule(choice=places, state=st.sampled_from(["success", "failed"]))
    def a_run_ends(self, choice: int, state: str) -> None:
        self.twins.end(choice, state)

    @rule(prefix=last_or_other, dag=maybe_dag)
    def cancels(self, prefix: str | None, dag: str | None) -> None:
        named = canonical(prefix) if prefix else self.last.prefix
        self.twins.agree(lambda service: service.cancel(named, dag))

    @rule(prefix=last_or_other, dag=maybe_dag, dry_run=st.booleans(), all_dags=st.booleans())
    def retries(self, prefix: str | None, dag: str | None, dry_run: bool, all_dags: bool) -> None:
        named = canonical(prefix) if prefix else self.last.prefix
        self.twins.agree(lambda service: service.retry(named, dag, dry_run=dry_run, all_dags=all_dags))

    @rule(dag=any_dag, paused=st.booleans())
    def pauses(self, dag: str, paused: bool) -> None:
        self.twins.agree(lambda service: service.set_paused(dag, paused))

    @rule(prefix=last_or_other, dag=maybe_dag)
    def asks_for_progress(self, prefix: str | None, dag: str | None) -> None:
        named = canonical(prefix) if prefix else self.last.prefix
        self.twins.agree(lambda service: service.progress(named, dag))

    @rule(limit=st.integers(1, 5), dag=maybe_dag)
    def lists_batches(self, limit: int, dag: str | None) -> None:
        self.twins.agree_on_batches(dag, limit)

    @rule(prefix=prefixes, number=st.integers(1, 4), date=noons, dag=maybe_dag)
    def asks_for_a_run(self, prefix: str, number: int, date: timedelta, dag: str | None) -> None:
        run_id = f"{prefix.removesuffix('_')}_{number:07}_{FIRST + date:%Y-%m-%dT%H:%M:%S}"
        self.twins.agree(lambda service: service.run(run_id, dag))
        # A run id of several DAGs is a bad place to start; one of a single DAG is a good one.
        self.twins.agree(lambda service: service.runs(RunFilter(), start=run_id, limit=100))

    @rule(
        limit=st.integers(3, 30),
        dag=maybe_dag,
        state=st.sampled_from([None, "queued", "running", "success", "failed"]),
        external=st.sampled_from([None, True, False]),
        prefix=st.none() | prefixes,
    )
    def pages_through(
        self, limit: int, dag: str | None, state: str | None, external: bool | None, prefix: str | None
    ) -> None:
        wanted = RunFilter(dag, state, external, prefix)
        self.twins.agree_on_pages(lambda service, start: service.runs(wanted, start=start, limit=limit))

    @rule()
    def looks_at_the_dags(self) -> None:
        self.twins.agree(_dags_of)
        self.twins.agree(lambda service: service.latest_runs())

    @invariant()
    def every_run_is_the_same(self) -> None:
        self.twins.agree_on_pages(lambda service, start: service.runs(RunFilter(), start=start, limit=100))

    def teardown(self) -> None:
        self.figures.count("steps compared with the model", self.twins.steps)
        self.figures.count("stories compared with the model")
        self.twins.close()


async def _dags_of(service: Service) -> list[Dag]:
    # The schedule stands in a column that these stories leave out, and that the contract suite looks at.
    return [dag._replace(schedule=None) for dag in await service.dags()]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", WORLDS)
def test_no_story_ends_differently_from_the_model(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, figures: Figures
) -> None:
    backend, _, layout = name.partition("-")
    urls: dict[str, str] = request.getfixturevalue("postgres_layouts") if backend == "postgres" else {layout: ""}
    url = urls[layout] or None

    class OnThisWorld(Machine):
        open_twins = staticmethod(lambda: Twins(name, Path(tempfile.mkdtemp(dir=tmp_path)), url))

    OnThisWorld.figures = figures
    run_state_machine_as_test(
        OnThisWorld,
        settings=settings(
            max_examples=sized(quick=4, full=40),
            stateful_step_count=sized(quick=15, full=25),
            # The same stories each time here, and others on demand.
            derandomize=sized(quick=1, full=0) == 1,
            database=None,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )
