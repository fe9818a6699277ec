"""The command `cancel`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from dagrun_api.cli.arguments import add_batch_to_change
from dagrun_api.cli.command import Arguments
from dagrun_api.cli.output import counted, note, plain, print_json, print_line
from dagrun_api.cli.remote import DECLINED, DONE
from dagrun_api.cli.tables import Column, print_rows

if TYPE_CHECKING:
    from dagrun_api.client import Cancelled, Client, Progress

__all__ = ["add_arguments", "cancel_batch"]

_CANCELLED: tuple[Column[Cancelled], ...] = (
    Column("prefix", "BATCH", lambda row: row.prefix),
    Column("cancelled", "CANCELLED", lambda row: row.cancelled),
    Column("started", "STARTED", lambda row: row.started),
    Column("ended", "ENDED", lambda row: row.ended),
)

_WOULD_CANCEL: tuple[Column[Progress], ...] = (
    Column("prefix", "BATCH", lambda progress: progress.prefix),
    Column("queued", "QUEUED", lambda progress: progress.states.get("queued", 0)),
    Column("running", "RUNNING", lambda progress: progress.states.get("running", 0)),
    Column("ended", "ENDED", lambda progress: progress.ended),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `cancel`."""
    add_batch_to_change(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="show how many runs would be cancelled, and write nothing"
    )
    parser.add_argument(
        "-y", "--yes", action="store_true", help="do not ask for confirmation, which only a terminal is asked for"
    )


async def cancel_batch(client: Client, arguments: Arguments) -> int:
    """Cancel the runs of a batch that have not started, or show how many there are."""
    is_asked = sys.stdin.isatty() and not arguments["yes"]
    if arguments["dry_run"] or is_asked:
        progress = await client.progress(arguments["prefix"], arguments["dag_id"])
        if arguments["dry_run"]:
            _print_queued(progress, arguments["output"])
            return DONE
        if not _is_confirmed(progress):
            note("Nothing was cancelled.")
            return DECLINED
    cancelled = await client.cancel(arguments["prefix"], arguments["dag_id"], all_dags=arguments["all_dags"])
    match arguments["output"]:
        case "json":
            print_json({"cancelled": cancelled})
        case "csv":
            print_rows(_CANCELLED, [cancelled], "csv")
        case _:
            number = counted(cancelled.cancelled, "run")
            print_line(
                f"{number} cancelled. {cancelled.started} had started and continue, {cancelled.ended} had ended."
            )
    return DONE


def _print_queued(progress: Progress, output: str) -> None:
    counts = {"queued": progress.states.get("queued", 0), "running": progress.states.get("running", 0)}
    match output:
        case "json":
            print_json({"would_cancel": counts | {"ended": progress.ended}})
        case "csv":
            print_rows(_WOULD_CANCEL, [progress], "csv")
        case _:
            would = counted(counts["queued"], "queued run")
            print_line(f"{would} would be cancelled. {counts['running']} are running, {progress.ended} have ended.")


def _is_confirmed(progress: Progress) -> bool:
    dags = ", ".join(dag.dag_id for dag in progress.dags)
    runs = counted(progress.states.get("queued", 0), "queued run")
    # On stderr, to keep it apart from the result.
    print(plain(f"Cancel {runs} of the batch {progress.prefix} ({dags})? [y/N] "), end="", file=sys.stderr, flush=True)  # noqa: T201
    return sys.stdin.readline().strip().lower() in ("y", "yes")
