"""How long 500 runs take: the service over HTTP, next to the statements alone that write the same rows."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

from tests.bench import load
from tests.bench.measuring import Pair, alternately
from tests.bench.serving import Connection, Served
from tests.bench.worlds import BIG, Crowd
from tests.bench.writing import MINUTE, opened

from dagrun_api.model import MAX_BATCH

__all__ = ["RUNS_PATH", "WINDOW", "backfilling", "body", "creating", "creating_at_once", "joining"]

WINDOW = datetime(2020, 1, 1, tzinfo=UTC)
"""Where the windows begin: behind every run that is there."""

RUNS_PATH = "/api/v1/dag_runs"

_NATIVE = {"max_active_runs": 2}
"""What makes a batch a native backfill."""


def body(dag_id: str, start: datetime) -> dict[str, object]:
    """Return what asks for 500 runs of a DAG that runs each minute."""
    end = start + (MAX_BATCH - 1) * MINUTE
    return {"dag_id": dag_id, "prefix": "bench", "start_date": start.isoformat(), "end_date": end.isoformat()}


async def creating(crowd: Crowd, served: Served, *, big: bool, times: int) -> Pair:
    """Create batches one after the other, on fresh DAGs or on the one that has 100,000 runs."""
    start = WINDOW

    def target() -> tuple[str, datetime]:
        nonlocal start
        start += 2 * MAX_BATCH * MINUTE
        return (BIG, start) if big else (crowd.next_fresh(), WINDOW)

    with served.client() as client:
        async with opened(crowd) as bare:

            async def ours() -> float:
                return _created(client, body(*target()))

            async def limit() -> float:
                return await bare.insert(*target())

            return await alternately(limit, ours, times)


async def backfilling(crowd: Crowd, served: Served, *, times: int) -> Pair:
    """Create native backfills one after the other, each of a fresh DAG."""
    with served.client() as client:
        async with opened(crowd) as bare:

            async def ours() -> float:
                return _created(client, body(crowd.next_fresh(), WINDOW) | _NATIVE)

            async def limit() -> float:
                return (await bare.backfill(crowd.next_fresh(), WINDOW))[0]

            return await alternately(limit, ours, times)


async def joining(crowd: Crowd, served: Served, *, times: int) -> Pair:
    """Add to one native backfill again and again."""
    dag_id, other = crowd.next_fresh(), crowd.next_fresh()
    start = WINDOW
    with served.client() as client:
        async with opened(crowd) as bare:
            _created(client, body(dag_id, start) | _NATIVE)
            _, joined = await bare.backfill(other, start)

            async def ours() -> float:
                return _created(client, body(dag_id, start) | _NATIVE)

            async def limit() -> float:
                nonlocal start
                start += 2 * MAX_BATCH * MINUTE
                return (await bare.backfill(other, start, joined))[0]

            return await alternately(limit, ours, times)


def creating_at_once(crowd: Crowd, served: Served, *, clients: int, times: int) -> load.Load:
    """Create batches on fresh DAGs, by several clients at once."""
    dags = [crowd.next_fresh() for _ in range(clients * times)]
    with served.client() as client:
        for dag_id in dags:
            client.post(RUNS_PATH, {**body(dag_id, WINDOW), "dry_run": True})
    return load.run(served.port, [load.post(RUNS_PATH, body(dag_id, WINDOW)) for dag_id in dags], clients=clients)


def _created(client: Connection, request: dict[str, Any]) -> float:
    """Create a batch; return the seconds that it took."""
    # The first request for a DAG reads its schedule, and keeps it.
    client.post(RUNS_PATH, {**request, "dry_run": True})
    begun = time.perf_counter()
    answer = client.post(RUNS_PATH, request)
    taken = time.perf_counter() - begun
    assert len(json.loads(answer)["response"]["dag_run_ids"]) == MAX_BATCH
    return taken
