"""The command `create`."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dagrun_api.airflow.run_ids import check_prefix
from dagrun_api.cli import pace
from dagrun_api.cli.arguments import add_dag, add_quiet, add_wait, count, json_object
from dagrun_api.cli.command import Arguments
from dagrun_api.cli.dates import create_listed, read_dates
from dagrun_api.cli.output import counted, creation, note, plain, print_json, print_line
from dagrun_api.cli.progress import print_progress, wait
from dagrun_api.cli.remote import DONE, RUNS_FAILED
from dagrun_api.cli.tables import Column, print_rows
from dagrun_api.cli.words import in_shell_words
from dagrun_api.errors import InvalidRequest

if TYPE_CHECKING:
    from dagrun_api.cli.pace import Pace
    from dagrun_api.client import Client, Created, PlannedRun, Wanted

__all__ = ["add_arguments", "create_runs", "find_mistake", "unique_prefix"]

_PLANNED: tuple[Column[PlannedRun], ...] = (
    Column("run_id", "RUN", lambda run: run.run_id),
    Column("execution_date", None, lambda run: run.execution_date),
    Column("data_interval_start", "DATA FROM", lambda run: run.data_interval_start),
    Column("data_interval_end", "DATA TO", lambda run: run.data_interval_end, is_optional=True),
    Column("run_after", "DUE", lambda run: run.run_after, is_optional=True),
)

_CREATED: tuple[Column[tuple[str, str, str]], ...] = (
    Column("dag_id", "DAG", lambda row: row[0]),
    Column("run_id", "RUN", lambda row: row[1]),
    Column("outcome", "OUTCOME", lambda row: row[2]),
)

_LONGEST_NAME = 150
"""Letters of a DAG id that fit into a run id, together with a time, a number and a date."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the DAG, the window, and what to do with it."""
    add_dag(parser, "id of the DAG to create runs for")
    parser.add_argument(
        "-p",
        "--prefix",
        help="prefix of the run ids; it names the batch (default: the DAG and the time, such as hello-20261124-2315)",
    )
    parser.add_argument("-s", "--start", metavar="DATE", help="start of the window, inclusive (default: now)")
    parser.add_argument("-e", "--end", metavar="DATE", help="end of the window, inclusive (default: now)")
    parser.add_argument(
        "--dates",
        type=read_dates,
        metavar="FILE",
        help="create these runs instead of a window; FILE, or standard input for -, has a date on each line, and after "
        "it, if the run has a conf of its own, a JSON object; a date without a time is each date of the schedule on "
        "that day",
    )
    parser.add_argument(
        "-n", "--limit", type=count, metavar="N", help="maximum number of runs per request, up to 500 (default: 500)"
    )
    parser.add_argument(
        "-c",
        "--conf",
        type=json_object,
        metavar="JSON",
        help="JSON object for the tasks, or @FILE, or - for standard input",
    )
    excess = parser.add_mutually_exclusive_group()
    excess.add_argument(
        "--partial", action="store_true", help="if the window has more runs than the limit, create the earliest"
    )
    excess.add_argument("-a", "--all", action="store_true", help="repeat the request until all runs exist")
    pace.add_arguments(parser)
    parser.add_argument("--dry-run", action="store_true", help="show the runs that would be created, and write nothing")
    add_wait(parser)
    add_quiet(parser)


def find_mistake(arguments: Arguments) -> str | None:
    """Return what is wrong with the combination of arguments, or None."""
    if arguments["dates"] is not None:
        for name in ("start", "end", "partial", *pace.WINDOW_ONLY):
            if arguments[name]:
                return f"argument --dates: not allowed with argument --{name.replace('_', '-')}"
    elif arguments["all"] and arguments["start"] is None:
        return "argument --all: also requires --start or --dates"
    if arguments["dry_run"] and (arguments["all"] or arguments["wait"] or arguments["stop_after_failures"]):
        return "argument --dry-run: not allowed with argument --all, --wait or --stop-after-failures"
    return pace.find_mistake(arguments)


async def create_runs(client: Client, arguments: Arguments) -> int:
    """Create a batch, or show what it would be, and wait for its end on request."""
    arguments = {**arguments, "prefix": arguments["prefix"] or unique_prefix(arguments["dag_id"], datetime.now(UTC))}
    created, chosen = await _create_at_a_pace(client, arguments)
    output = arguments["output"]
    if arguments["dry_run"]:
        _print_planned(created, output)
        return DONE
    if created.dag_run_ids:
        pace.print_default(chosen)
    if output == "table":
        print_line(plain(f"{creation(created.dag_run_ids)} {counted(created.skipped, 'date')} already had a run."))
    if output != "json":
        _print_notes(created)
    batch = str(arguments["prefix"]).removesuffix("_")
    # If other batches hold every date, no run has this prefix.
    run_ids = (*created.dag_run_ids, *created.skipped_dag_run_ids)
    if not arguments["wait"] or not any(run_id.startswith(f"{batch}_") for run_id in run_ids):
        if output == "json":
            print_json({"created": created})
        elif output == "csv":
            _print_created(created, arguments["dag_id"])
        return DONE
    progress = await wait(client, batch, arguments["dag_id"], poll=arguments["poll"])
    if output == "json":
        print_json({"created": created, "batch": progress})
    else:
        print_progress(progress, output)
    return RUNS_FAILED if progress.failed else DONE


def unique_prefix(dag_id: str, now: datetime) -> str:
    """Return the name of a new batch that is not given one, so that it can be followed and cancelled by itself."""
    for name in (dag_id, "batch"):
        try:
            return check_prefix(f"{name[:_LONGEST_NAME]}-{now:%Y%m%d-%H%M}")
        except InvalidRequest:
            # The word backfill, or a character that run ids must not have.
            continue
    raise AssertionError("a batch can always be called batch")


def _wanted(arguments: Arguments, chosen: Pace) -> Wanted:
    return {
        "prefix": arguments["prefix"],
        "start_date": arguments["start"],
        "end_date": arguments["end"],
        "limit": arguments["limit"],
        "partial": arguments["partial"],
        "conf": arguments["conf"],
        "max_active_runs": None if chosen.is_fed else chosen.max_active_runs,
        "run_backwards": arguments["run_backwards"] and not chosen.is_fed,
    }


async def _create_at_a_pace(client: Client, arguments: Arguments) -> tuple[Created, Pace]:
    """Create the batch with the default limit of active runs if it can have one and no other is asked for."""
    from dagrun_api.client import BadRequest, Conflict

    chosen = await pace.choose(client, arguments)
    try:
        return await _create(client, arguments, chosen), chosen
    except (BadRequest, Conflict) as error:
        # Ordinary runs have this prefix, or the DAG allows no backfills. If it is something else, it is said again.
        if not chosen.is_default:
            raise
        created = await _create(client, arguments, pace.UNLIMITED)
        note(f"Without a limit of active runs: {in_shell_words(str(error))}")
        return created, pace.UNLIMITED


async def _create(client: Client, arguments: Arguments, chosen: Pace) -> Created:
    dag_id = arguments["dag_id"]
    if arguments["dates"] is not None:
        return await create_listed(client, arguments, _wanted(arguments, chosen))
    if arguments["dry_run"]:
        return await client.dry_run(dag_id, **_wanted(arguments, chosen))
    if pace.is_whole(arguments):
        return _total(await pace.create_all(client, arguments, chosen))
    return await client.create(dag_id, **_wanted(arguments, chosen))


def _total(calls: Sequence[Created]) -> Created:
    """Return the result of several calls for one window, as if they had been one."""
    *earlier, last = calls
    run_ids = tuple(run_id for each in calls for run_id in each.dag_run_ids)
    skipped_run_ids = {run_id: None for each in calls for run_id in each.skipped_dag_run_ids}
    return dataclasses.replace(
        last,
        dag_run_ids=run_ids,
        # The last call went over the whole window, and skipped the runs that the earlier calls had created.
        skipped=max(0, last.skipped - sum(len(each.dag_run_ids) for each in earlier)),
        skipped_dag_run_ids=tuple(run_id for run_id in skipped_run_ids if run_id not in set(run_ids))[:500],
        warnings=tuple(dict.fromkeys(warning for each in calls for warning in each.warnings)),
    )


def _print_planned(planned: Created, output: str) -> None:
    if output == "json":
        print_json({"planned": planned})
        return
    print_rows(_PLANNED, planned.runs, output)
    number, skipped = counted(len(planned.dag_run_ids), "run"), counted(planned.skipped, "date")
    note(f"{number} would be created. {skipped} already {'has' if planned.skipped == 1 else 'have'} a run.")
    _print_notes(planned)


def _print_created(created: Created, dag_id: str) -> None:
    rows = [
        (dag_id, run_id, outcome)
        for outcome, run_ids in (("created", created.dag_run_ids), ("skipped", created.skipped_dag_run_ids))
        for run_id in run_ids
    ]
    print_rows(_CREATED, rows, "csv")


def _print_notes(created: Created) -> None:
    if created.truncated:
        note("The window contains more runs: use --all to create all of them.")
    for warning in created.warnings:
        note(f"Warning: {in_shell_words(warning)}")
