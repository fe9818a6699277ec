"""The commands `runs`, `run` and `latest`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from dagrun_api.cli.arguments import add_dag_id, add_limit, add_quiet
from dagrun_api.cli.command import Arguments
from dagrun_api.cli.output import note, print_json
from dagrun_api.cli.remote import DONE
from dagrun_api.cli.tables import Column, Listing, print_rows, print_value
from dagrun_api.model import STATES

if TYPE_CHECKING:
    from dagrun_api.client import Client, Run

__all__ = ["add_arguments", "add_run_arguments", "list_latest", "list_runs", "show_run"]

_PAGE = 100

_COLUMNS: tuple[Column[Run], ...] = (
    Column("id", "ID", lambda run: run.id),
    Column("dag_id", "DAG", lambda run: run.dag_id),
    Column("run_id", "RUN", lambda run: run.run_id),
    Column("state", "STATE", lambda run: run.state),
    Column("execution_date", "EXECUTION DATE", lambda run: run.execution_date, is_optional=True),
    Column("start_date", "STARTED", lambda run: run.start_date, is_optional=True),
    Column("end_date", "ENDED", lambda run: run.end_date, is_optional=True),
    Column("external_trigger", None, lambda run: run.external_trigger),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the filters and the bounds of the list."""
    add_dag_id(parser)
    parser.add_argument("-p", "--prefix", help="only runs whose run id starts with this prefix")
    parser.add_argument("--state", choices=STATES, help="only runs in this state")
    parser.add_argument(
        "--external-trigger",
        choices=("true", "false"),
        help="true: only runs that were not created by the schedule; false: only those that were",
    )
    parser.add_argument("--newest-first", action="store_true", help="list the newest run first")
    parser.add_argument(
        "--start", metavar="RUN", help="list the runs after this one (its id or run id); with --newest-first, before it"
    )
    add_limit(parser, "runs")
    add_quiet(parser)


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `run`."""
    parser.add_argument("run_id", metavar="RUN", help="run id of the run")
    add_dag_id(parser, "the DAG, if several DAGs have a run with this run id")


async def list_runs(client: Client, arguments: Arguments) -> int:
    """Print the runs that match the filters, page by page."""
    is_json, limit = arguments["output"] == "json", None if arguments["all"] else arguments["limit"]
    external = arguments["external_trigger"]
    runs = client.runs(
        dag_id=arguments["dag_id"],
        prefix=arguments["prefix"],
        state=arguments["state"],
        external_trigger=None if external is None else external == "true",
        start=arguments["start"],
        newest_first=arguments["newest_first"],
        page_size=_PAGE if limit is None else min(limit + 1, _PAGE),
    )
    listing = Listing(_COLUMNS, arguments["output"])
    listed: list[Run] = []
    number, next_start = 0, None
    async for run in runs:
        if number == limit:
            next_start = listed[-1].id
            break
        if len(listed) == _PAGE and not is_json:
            listing.print(listed)
            listed.clear()
        listed.append(run)
        number += 1
    await runs.aclose()
    if is_json:
        print_json({"dag_runs": listed, "next_start": next_start})
    else:
        listing.print(listed)
        if number == 0:
            note("There are no such runs.")
        if next_start is not None:
            note(f"There are more runs: use --start {next_start} to continue, or --all to list all of them.")
    return DONE


async def show_run(client: Client, arguments: Arguments) -> int:
    """Print one run, one field a line, in the words of the API."""
    run = await client.run(arguments["run_id"], arguments["dag_id"])
    if arguments["output"] == "json":
        print_json({"dag_run": run})
    else:
        print_value(run, arguments["output"], {"RUN": run.run_id}, hidden=("run_id",))
    return DONE


async def list_latest(client: Client, arguments: Arguments) -> int:
    """Print the latest run of each DAG."""
    runs = await client.latest_runs()
    if arguments["output"] == "json":
        print_json({"dag_runs": runs})
    else:
        print_rows(_COLUMNS, runs, arguments["output"])
    return DONE
