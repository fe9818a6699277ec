"""What a service does to a database that Airflow upgrades: the batches that it makes, and all that it tells of them."""

from __future__ import annotations

from datetime import date
from itertools import chain

from .dagfiles import BATCH, CROWD
from .deployment import Deployment
from .expectations import Tick, days, run_ids, window
from .releases import Release
from .service import Service
from .visitors import Visitor

_EACH = 3
"""The runs of each batch."""

_PASSING = ("alembic head", "no serialized form")
"""What writes are refused for until the upgrade has ended and the DAGs are parsed: a schema between two releases, whose
head no release has, and serialized DAGs that the upgrade has deleted."""


class Story:
    """The runs that the service has made so far, and what they have to be in the end."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.kept: dict[str, tuple[Release, Tick]] = {}
        """What Airflow has to execute, with the release at whose time it was made."""
        self.cancelled: list[str] = []
        self.meanwhile: list[str] = []
        """What was made during the upgrades."""
        self._days = iter(days(date(2024, 1, 2), 100))
        self._more_days = iter(days(date(2024, 6, 1), 800))

    def make_batches(self, release: Release) -> None:
        """Make a batch that is executed in the end, whose numbers continue those before, and cancel another one."""
        ticks = [next(self._days) for _ in range(_EACH)]
        expected = run_ids("kept", ticks, len(self.kept) + 1)
        answer = self.service.created(dag_id=BATCH, prefix="kept", conf={"at": release.version}, **window(ticks))
        assert answer["dag_run_ids"] == expected
        self.kept |= {run_id: (release, tick) for run_id, tick in zip(expected, ticks, strict=True)}

        ticks = [next(self._days) for _ in range(_EACH)]
        dropped = run_ids("dropped", ticks, len(self.cancelled) + 1)
        self.service.created(dag_id=BATCH, prefix="dropped", **window(ticks))
        answer = self.service.client.request("POST", "/api/v1/batches/dropped/cancel").body["response"]
        assert (answer["cancelled_dag_run_ids"], answer["ended"]) == (dropped, len(self.cancelled))
        self.cancelled += dropped

    def upgrade(self, airflow: Deployment) -> None:
        """Let Airflow change its tables, while a client reads and creates runs."""
        with Visitor(self.service, CROWD, "meanwhile", self._more_days) as visitor:
            airflow.migrate()
        for answer in chain(visitor.reads, visitor.writes):
            assert (answer.status == 503) == (answer.retry_after is not None), answer
        assert {answer.status for answer in visitor.reads} <= {200, 503}
        for answer in visitor.writes:
            is_passing = any(each in str(answer.body) for each in _PASSING)
            assert answer.status in (200, 503) or (answer.status in (400, 409) and is_passing), answer
        assert visitor.created
        self.meanwhile += visitor.created

    def check(self) -> None:
        """Hold that the service lists every run that it made, and no other, each in its state."""
        listed = {run["run_id"]: run["state"] for run in self.service.runs(dag_id=BATCH)}
        assert listed == dict.fromkeys(self.kept, "queued") | dict.fromkeys(self.cancelled, "failed")
        listed = {run["run_id"]: run["state"] for run in self.service.runs(dag_id=CROWD)}
        assert listed == dict.fromkeys(self.meanwhile, "queued")
