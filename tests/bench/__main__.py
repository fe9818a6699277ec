"""`make bench`: the service beside what it cannot do better than, on databases as large as real ones.

Prints a table for people, and into the file that is named at the end a JSON document on a line for each measurement.
DAGRUN_API_TEST_BENCH_RUNS sets how many runs each database holds (1,000,000), and DAGRUN_API_TEST_BENCH_DATABASES which
of them are measured (`postgres-3.1.8,postgres-2.11.2,sqlite-3.1.8`).
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.bench import looking, worlds
from tests.bench.creating import RUNS_PATH, WINDOW, backfilling, body, creating, creating_at_once, joining
from tests.bench.reading import Question, Rates, asking, questions
from tests.bench.report import Report
from tests.bench.running import logging, running, scaling
from tests.bench.serving import Served, service
from tests.bench.worlds import Crowd, open_crowd
from tests.databases import postgres

DATABASES = "postgres-3.1.8,postgres-2.11.2,sqlite-3.1.8"
BATCHES = 30
NATIVE_AT_MOST = 1.6
PAGE_OF_BATCHES = 25.0
ABOVE_THE_TICKS = 3.0
"""Milliseconds; likewise the line above."""
AT_LEAST = {"list 100, the first page": 0.45, "one run of a DAG": 0.5}


def main() -> None:
    """Measure all databases, one after the other."""
    runs = int(os.environ.get("DAGRUN_API_TEST_BENCH_RUNS", worlds.RUNS))
    names = os.environ.get("DAGRUN_API_TEST_BENCH_DATABASES", DATABASES).split(",")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dagrun-api-")))
        wants_server = any(name.startswith("postgres") for name in names)
        server = stack.enter_context(postgres.server(durable=True)) if wants_server else None
        report = stack.enter_context(Report.open(Path("build/bench.jsonl")))
        report.machine(runs)
        for name in names:
            asyncio.run(_measure_database(name, folder, server, report, runs))


async def _measure_database(name: str, folder: Path, server: str | None, report: Report, runs: int) -> None:
    backend, _, release = name.partition("-")
    title = f"{backend}, tables of Airflow {release}, {runs} runs of {worlds.DAGS} DAGs"
    place = server if backend == "postgres" else None
    async with open_crowd(title, release, folder, place, runs) as crowd:
        await _measure(crowd, folder, report, at_most=1.5 if place else 2.0)


async def _measure(crowd: Crowd, folder: Path, report: Report, *, at_most: float) -> None:
    report.database(crowd.name)
    with service(crowd.url, folder) as served:
        await _create(crowd, served, report, at_most)
        asked = await _ask(crowd, served, folder, report)
        await _look(crowd, served, folder, report)
    report.needs(running(crowd, asked, folder))
    one, two = scaling(crowd, asked[0], folder)
    report.comparison(f"two processes beside one ({one:.0f}/s, {two:.0f}/s)", two / one, "1.7+")
    without, having = logging(crowd, asked[0], folder)
    report.comparison(f"with the access log beside without ({without:.0f}/s, {having:.0f}/s)", having / without, "")


async def _create(crowd: Crowd, served: Served, report: Report, at_most: float) -> None:
    fresh = await creating(crowd, served, big=False, times=BATCHES)
    report.pair("create 500 runs", fresh, at_most=at_most)
    big = await creating(crowd, served, big=True, times=BATCHES)
    report.pair("create 500 runs of a DAG of 100,000", big, at_most=at_most)
    report.comparison("the latter beside the former", big.ours.median / fresh.ours.median, "1.5-")
    if crowd.world.layout.has_backfills:
        native = await backfilling(crowd, served, times=BATCHES)
        report.pair("create a native backfill of 500", native, at_most=NATIVE_AT_MOST)
        report.pair("add 500 runs to it", await joining(crowd, served, times=BATCHES), at_most=NATIVE_AT_MOST)
    for clients in (1, 4, 16):
        together = creating_at_once(crowd, served, clients=clients, times=48 // clients)
        report.load(f"create 500 runs, {clients} clients at once", together)


async def _look(crowd: Crowd, served: Served, folder: Path, report: Report) -> None:
    ((last,),) = await crowd.world.execute("SELECT max(id) FROM dag_run WHERE dag_id = 'dag5'")
    report.alone("list batches, the first page", looking.batches(served), at_most=PAGE_OF_BATCHES)
    # Below this run there are only those of schedules: the page is empty, and has looked at as many ids as it may.
    report.alone("… a page without any", looking.batches(served, f"?start={last}"), at_most=PAGE_OF_BATCHES)
    report.alone("… of a DAG", looking.batches(served, "?dag_id=fresh1"), at_most=PAGE_OF_BATCHES)
    report.above("500 ticks of a DAG of 100,000", looking.ticks(crowd, served, folder), at_most=ABOVE_THE_TICKS)


async def _ask(crowd: Crowd, served: Served, folder: Path, report: Report) -> list[Question]:
    dag_id = crowd.next_fresh()
    with served.client() as client:
        client.post(RUNS_PATH, body(dag_id, WINDOW) | {"prefix": "asked"})
    asked = await questions(crowd, dag_id, "asked")
    rates: list[Rates] = []
    for question in asked:
        rates.append(asking(crowd, served, question, folder))
        report.rates(question.name, rates[-1], at_least=AT_LEAST.get(question.name))
    report.comparison("the last page beside the first", rates[1].median / rates[0].median, "1.3-")
    return asked


if __name__ == "__main__":
    main()
