"""How many answers a second: the service, next to a bare aiohttp handler with the same query and the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import quote

from tests.bench import load
from tests.bench.creating import WINDOW
from tests.bench.serving import Served, bare_handler
from tests.bench.worlds import BIG, Crowd
from tests.databases.worlds import PostgresWorld

from dagrun_api.model import RunFilter
from dagrun_api_postgres.statements import statements as postgres_statements
from dagrun_api_sqlite.statements import statements as sqlite_statements

__all__ = ["Question", "Rates", "asking", "questions"]

API = "/api/v1"
CLIENTS = 4
ROUNDS = 5
SECONDS = 0.4
"""How long a round takes, about."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request, and the statement with parameters that answers it."""

    name: str
    path: str
    sql: str
    parameters: Sequence[object]


@dataclass(frozen=True, slots=True)
class Rates:
    """Answers a second, and the milliseconds that four clients wait for ours."""

    limit: float
    ours: float
    ratio: float
    """The median of service/limit, each from two rounds in succession."""
    median: float
    p99: float


async def questions(crowd: Crowd, dag_id: str, prefix: str) -> list[Question]:
    """Return what to ask a database, in which a batch of this DAG has this prefix."""
    is_postgres = isinstance(crowd.world, PostgresWorld)
    sql = (postgres_statements if is_postgres else sqlite_statements)(crowd.world.layout)
    ((deep,),) = await crowd.world.execute("SELECT max(id) - 200 FROM dag_run")
    ((other,),) = await crowd.world.execute("SELECT max(run_id) FROM dag_run WHERE dag_id = 'dag5'")
    ours = f"{prefix}_0000001_{WINDOW:%Y-%m-%dT%H:%M:%S}"

    def page(name: str, after: int, **filters: str) -> Question:
        wanted = RunFilter(filters.get("dag_id"), filters.get("state"), prefix=filters.get("prefix"))
        text, parameters = sql.page(wanted, after=after, limit=101)
        query = "".join(f"&{key}={quote(value)}" for key, value in filters.items())
        return Question(name, f"{API}/dag_runs?limit=100&start={after}{query}", text, parameters)

    def run(name: str, run_id: str, owner: str | None = None) -> Question:
        query = f"?dag_id={owner}" if owner else ""
        statement = sql["run_of_dag"] if owner else sql["runs_named"]
        parameters = [run_id, owner, 4] if owner else [run_id, 4]
        return Question(name, f"{API}/dag_runs/{quote(run_id, safe='')}{query}", statement, parameters)

    def progress(name: str, owner: str | None = None) -> Question:
        query = f"?dag_id={owner}" if owner else ""
        statement = sql["progress_of_dag"] if owner else sql["progress"]
        return Question(name, f"{API}/batches/{prefix}{query}", statement, [prefix, owner] if owner else [prefix])

    return [
        page("list 100, the first page", 0),
        page("list 100, the last page", deep),
        page("list 100 of a DAG", 0, dag_id="dag5"),
        page("list 100 of a DAG of 100,000", 0, dag_id=BIG),
        page("list 100 by state", 0, state="success"),
        page("list 100 by prefix, of a DAG", 0, dag_id=dag_id, prefix=f"{prefix}_"),
        run("one run of a DAG", other, "dag5"),
        run("one run by its id alone", ours),
        Question("the DAGs", f"{API}/dags", sql["dags"], []),
        progress("progress of a batch in a DAG", dag_id),
        progress("progress of a batch", None),
    ]


def asking(crowd: Crowd, served: Served, question: Question, folder: Path) -> Rates:
    """Ask the service and the bare handler in turns."""
    with served.client() as client:
        body = client.get(question.path)
    with bare_handler(crowd.url, question.sql, question.parameters, body, folder) as bare:

        def ask(port: int, path: str, times: int) -> load.Load:
            answered = load.run(port, [load.get(path)], clients=CLIENTS, times=times)
            assert not answered.failed
            return answered

        times = max(20, int(SECONDS * ask(served.port, question.path, 40).per_second))
        ask(bare.port, "/", times)
        rounds = [(ask(bare.port, "/", times), ask(served.port, question.path, times)) for _ in range(ROUNDS)]
    limits, ours = zip(*rounds, strict=True)
    return Rates(
        median(each.per_second for each in limits),
        median(each.per_second for each in ours),
        median(after.per_second / before.per_second for before, after in rounds),
        median(each.median for each in ours),
        median(each.p99 for each in ours),
    )
