"""The command `retry`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from dagrun_api.cli.arguments import add_batch_to_change, add_quiet, add_wait
from dagrun_api.cli.command import Arguments
from dagrun_api.cli.output import counted, note, print_json, print_line
from dagrun_api.cli.progress import print_progress, wait
from dagrun_api.cli.remote import DONE, RUNS_FAILED
from dagrun_api.cli.tables import Column, print_rows
from dagrun_api.cli.words import in_shell_words

if TYPE_CHECKING:
    from dagrun_api.client import Client, Retried

__all__ = ["add_arguments", "find_mistake", "retry_batch"]

_COLUMNS: tuple[Column[Retried], ...] = (
    Column("prefix", "BATCH", lambda row: row.prefix),
    Column("requeued", "REQUEUED", lambda row: row.requeued),
    Column("cleared", "CLEARED", lambda row: row.cleared),
    Column("left", "LEFT", lambda row: row.left),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `retry`."""
    add_batch_to_change(parser)
    parser.add_argument("--dry-run", action="store_true", help="show how many runs would be retried, and write nothing")
    add_wait(parser)
    add_quiet(parser)


def find_mistake(arguments: Arguments) -> str | None:
    """Return what is wrong with the combination of arguments, or None."""
    if arguments["dry_run"] and arguments["wait"]:
        return "argument --dry-run: not allowed with argument --wait"
    return None


async def retry_batch(client: Client, arguments: Arguments) -> int:
    """Retry the failed runs of a batch, or show how many there are, and wait for their end on request."""
    prefix, dag_id, output = arguments["prefix"], arguments["dag_id"], arguments["output"]
    is_dry = arguments["dry_run"]
    retried = await client.retry(prefix, dag_id, all_dags=arguments["all_dags"], dry_run=is_dry)
    if output == "table":
        print_line(_summary(retried, is_dry=is_dry))
    if output != "json":
        for warning in retried.warnings:
            note(f"Warning: {in_shell_words(warning)}")
    result = {"would_retry" if is_dry else "retried": retried}
    if not arguments["wait"]:
        if output == "json":
            print_json(result)
        elif output == "csv":
            print_rows(_COLUMNS, [retried], "csv")
        return RUNS_FAILED if retried.left and not is_dry else DONE
    progress = await wait(client, prefix, dag_id, poll=arguments["poll"])
    if output == "json":
        print_json({**result, "batch": progress})
    else:
        print_progress(progress, output)
    return RUNS_FAILED if progress.failed else DONE


def _summary(retried: Retried, *, is_dry: bool) -> str:
    number = retried.number
    if number + retried.left == 0:
        return "The batch has no failed runs."
    stay = "would stay" if is_dry else "stays" if retried.left == 1 else "stay"
    rest = f"{retried.left} {stay} failed."
    if retried.truncated:
        rest = f"{retried.left} more would follow." if is_dry else f"{rest} Repeat the command for them."
    return (
        f"{counted(number, 'run')} {'would' if is_dry else 'will'} run again: {retried.requeued} that never started, "
        f"{retried.cleared} from their failed tasks on. {rest}"
    )
