"""The commands `batch` and `cancel`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from dagrun_api.cli.arguments import add_wait
from dagrun_api.cli.command import Arguments
from dagrun_api.cli.output import counted, note, plain, print_json, print_line
from dagrun_api.cli.progress import print_progress, wait
from dagrun_api.cli.remote import DECLINED, DONE, RUNS_FAILED

if TYPE_CHECKING:
    from dagrun_api.client import Client, Progress

__all__ = [
    "add_batch_arguments",
    "add_cancel_arguments",
    "cancel_batch",
    "find_cancel_mistake",
    "find_mistake",
    "show_batch",
]


def add_batch_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `batch`."""
    _add_batch(parser)
    add_wait(parser)
    pausing = parser.add_mutually_exclusive_group()
    pausing.add_argument(
        "--pause",
        dest="is_paused",
        action="store_true",
        default=None,
        help="pause the batch: no further runs start (only a backfill of Airflow 3 or later can be paused)",
    )
    pausing.add_argument(
        "--unpause", dest="is_paused", action="store_false", default=None, help="continue a batch that is paused"
    )
    _add_all_dags(parser)


def find_mistake(arguments: Arguments) -> str | None:
    """Return what is wrong with the combination of arguments of `batch`, or None."""
    if arguments["wait"] and arguments["is_paused"]:
        return "argument --pause: not allowed with argument --wait"
    return find_cancel_mistake(arguments)


def add_cancel_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `cancel`."""
    _add_batch(parser)
    _add_all_dags(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="show how many runs would be cancelled, and write nothing"
    )
    parser.add_argument(
        "--yes", action="store_true", help="do not ask for confirmation, which only a terminal is asked for"
    )


async def show_batch(client: Client, arguments: Arguments) -> int:
    """Print the progress of a batch, now or after its end; pause or unpause it first on request."""
    prefix, dag_id = arguments["prefix"], arguments["dag_id"]
    if arguments["is_paused"] is not None:
        is_paused = await client.set_batch_paused(
            prefix, arguments["is_paused"], dag_id, all_dags=arguments["all_dags"]
        )
        note(f"The batch {prefix} is {'paused' if is_paused else 'active'}.")
    if arguments["wait"]:
        progress = await wait(client, prefix, dag_id, poll=arguments["poll"])
    else:
        progress = await client.progress(prefix, dag_id)
    if arguments["json"]:
        print_json({"batch": progress})
    else:
        print_progress(progress)
    return RUNS_FAILED if progress.failed and not progress.waiting else DONE


async def cancel_batch(client: Client, arguments: Arguments) -> int:
    """Cancel the runs of a batch that have not started, or show how many there are."""
    is_asked = sys.stdin.isatty() and not arguments["yes"]
    if arguments["dry_run"] or is_asked:
        progress = await client.progress(arguments["prefix"], arguments["dag_id"])
        if arguments["dry_run"]:
            _print_queued(progress, is_json=arguments["json"])
            return DONE
        if not _is_confirmed(progress):
            note("Nothing was cancelled.")
            return DECLINED
    cancelled = await client.cancel(arguments["prefix"], arguments["dag_id"], all_dags=arguments["all_dags"])
    if arguments["json"]:
        print_json({"cancelled": cancelled})
    else:
        number = counted(cancelled.cancelled, "run")
        print_line(f"{number} cancelled. {cancelled.started} had started and continue, {cancelled.ended} had ended.")
    return DONE


def _print_queued(progress: Progress, *, is_json: bool) -> None:
    counts = {"queued": progress.states.get("queued", 0), "running": progress.states.get("running", 0)}
    if is_json:
        print_json({"would_cancel": counts | {"ended": progress.ended}})
    else:
        would = counted(counts["queued"], "queued run")
        print_line(f"{would} would be cancelled. {counts['running']} are running, {progress.ended} have ended.")


def _is_confirmed(progress: Progress) -> bool:
    dags = ", ".join(dag.dag_id for dag in progress.dags)
    runs = counted(progress.states.get("queued", 0), "queued run")
    # On stderr, to keep it apart from the result.
    print(plain(f"Cancel {runs} of the batch {progress.prefix} ({dags})? [y/N] "), end="", file=sys.stderr, flush=True)  # noqa: T201
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _add_batch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prefix", metavar="PREFIX", help="prefix of the batch's run ids")
    parser.add_argument("--dag-id", metavar="DAG", help="only runs of this DAG")


def _add_all_dags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--all-dags", action="store_true", help="change the batches of all DAGs that have runs with this prefix"
    )


def find_cancel_mistake(arguments: Arguments) -> str | None:
    """Return what is wrong with the combination of arguments of `cancel`, or None."""
    if arguments["all_dags"] and arguments["dag_id"] is not None:
        return "argument --all-dags: not allowed with argument --dag-id"
    return None
