"""The command `runs`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dagrun_api.cli.arguments import count
from dagrun_api.cli.command import Arguments
from dagrun_api.cli.output import Table, note, print_json, time
from dagrun_api.cli.remote import DONE
from dagrun_api.model import STATES

if TYPE_CHECKING:
    from dagrun_api.client import Client, Run

__all__ = ["add_arguments", "list_runs"]

_PAGE = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the filters and the bounds of the list."""
    parser.add_argument("--dag-id", metavar="DAG", help="only runs of this DAG")
    parser.add_argument("--prefix", help="only runs whose run id starts with this prefix")
    parser.add_argument("--state", choices=STATES, help="only runs in this state")
    parser.add_argument(
        "--external-trigger",
        choices=("true", "false"),
        help="true: only runs that were not created by the schedule; false: only those that were",
    )
    parser.add_argument("--start", metavar="RUN", help="list the runs after this one (its id or run id)")
    number = parser.add_mutually_exclusive_group()
    number.add_argument(
        "--limit", type=count, default=50, metavar="N", help="maximum number of runs to list (default: 50)"
    )
    number.add_argument("--all", action="store_true", help="list all runs")


async def list_runs(client: Client, arguments: Arguments) -> int:
    """Print the runs that match the filters, page by page."""
    is_json, limit = arguments["json"], None if arguments["all"] else arguments["limit"]
    external = arguments["external_trigger"]
    runs = client.runs(
        dag_id=arguments["dag_id"],
        prefix=arguments["prefix"],
        state=arguments["state"],
        external_trigger=None if external is None else external == "true",
        start=arguments["start"],
        page_size=_PAGE if limit is None else min(limit + 1, _PAGE),
    )
    table = Table("ID", "DAG", "RUN", "STATE", "EXECUTION DATE", "STARTED", "ENDED")
    listed: list[Run] = []
    number, next_start = 0, None
    async for run in runs:
        if number == limit:
            next_start = listed[-1].id
            break
        if len(listed) == _PAGE and not is_json:
            table.print(map(_row, listed))
            listed.clear()
        listed.append(run)
        number += 1
    await runs.aclose()
    if is_json:
        print_json({"dag_runs": listed, "next_start": next_start})
    else:
        table.print(map(_row, listed))
        if next_start is not None:
            note(f"There are more runs: use --start {next_start} to continue, or --all to list all of them.")
    return DONE


def _row(run: Run) -> Sequence[str]:
    dates = (run.execution_date, run.start_date, run.end_date)
    return (str(run.id), run.dag_id or "-", run.run_id or "-", run.state or "-", *map(time, dates))
