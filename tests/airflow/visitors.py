"""A client that does not rest: it reads and creates runs while something else happens to the database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import cycle
from types import TracebackType
from typing import Self

from .clients import Answer
from .expectations import Tick
from .service import Service

_PAUSE = 0.05
"""Seconds between an answer and the next request."""


class Visitor:
    """In a `with` block, lists, follows and creates runs of one DAG in the background, a run in each POST."""

    def __init__(self, service: Service, dag_id: str, prefix: str, ticks: Iterator[Tick]) -> None:
        self.reads: list[Answer] = []
        self.writes: list[Answer] = []
        self._service, self._dag_id, self._prefix, self._ticks = service, dag_id, prefix, ticks
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._visit)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()

    @property
    def created(self) -> list[str]:
        """The run ids that it was told of."""
        answers = [answer.body["response"] for answer in self.writes if answer.status == 200]
        return [run_id for response in answers for run_id in response["dag_run_ids"]]

    def _visit(self) -> None:
        # Not /readyz: each answer of the service has to be right without it.
        for path in cycle(("", "dags", f"dag_runs?prefix={self._prefix}", "", f"batches/{self._prefix}")):
            if self._is_over.wait(_PAUSE):
                return
            if path:
                self.reads.append(self._service.client.request("GET", f"/api/v1/{path}"))
            else:
                self.writes.append(self._create(f"{next(self._ticks).at:%Y-%m-%dT%H:%M:%S}"))

    def _create(self, date: str) -> Answer:
        return self._service.create(dag_id=self._dag_id, prefix=self._prefix, start_date=date, end_date=date)
