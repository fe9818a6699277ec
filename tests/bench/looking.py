"""What one client waits for the lists that need more than one statement: batches, and the ticks of a schedule."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from urllib.parse import quote

from tests.bench import load
from tests.bench.serving import Served, bare_handler
from tests.bench.worlds import FIRST, Crowd
from tests.databases.worlds import PostgresWorld

from dagrun_api.model import MAX_BATCH
from dagrun_api_postgres.statements import statements as postgres_statements
from dagrun_api_sqlite.statements import statements as sqlite_statements
from dagrun_api_sqlite.timestamps import to_text

__all__ = ["Ticks", "batches", "ticks"]

BATCHES = "/api/v1/batches"
TIMES = 100
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Ticks:
    """The milliseconds for 500 ticks of a DAG, and for the query of their runs with the same answer."""

    limit: float
    ours: float
    above: float
    """The median of service - limit, each from two rounds in succession."""


def batches(served: Served, query: str = "") -> load.Load:
    """Let one client list the newest batches."""
    return _alone(served.port, f"{BATCHES}{query}")


def ticks(crowd: Crowd, served: Served, folder: Path) -> Ticks:
    """Let one client list 500 ticks, each with a run, in turns with a handler that only asks for the runs."""
    dates = [FIRST + timedelta(minutes=minute) for minute in range(1, MAX_BATCH + 1)]
    texts = [to_text(date) for date in dates]
    window = f"start_date={quote(f'{dates[0]:%Y-%m-%dT%H:%M:%SZ}')}&end_date=2040-01-01&limit={MAX_BATCH}"
    path = f"/api/v1/dags/big/ticks?{window}"
    if isinstance(crowd.world, PostgresWorld):
        # JSON, in which the bare handler gets its parameters, has no dates.
        sql = postgres_statements(crowd.world.layout)["runs_on"].replace("$2::", "$2::text[]::")
        parameters: list[object] = ["big", texts]
    else:
        sql = sqlite_statements(crowd.world.layout)["runs_on"]
        parameters = ["big", json.dumps(texts)]
    with served.client() as client:
        body = client.get(path)
    with bare_handler(crowd.url, sql, parameters, body, folder) as bare:
        rounds = [(_alone(bare.port, "/").median, _alone(served.port, path).median) for _ in range(ROUNDS)]
    limits, ours = zip(*rounds, strict=True)
    return Ticks(median(limits), median(ours), median(after - before for before, after in rounds))


def _alone(port: int, path: str) -> load.Load:
    answered = load.run(port, [load.get(path)], clients=1, times=TIMES)
    assert not answered.failed
    return answered
