"""The commands `batch` and `cancel`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from dagrun_api.cli.arguments import add_wait
from dagrun_api.cli.command import Arguments
from dagrun_api.cli.output import counted, print_json, print_line
from dagrun_api.cli.progress import print_progress, wait
from dagrun_api.cli.remote import DONE, RUNS_FAILED

if TYPE_CHECKING:
    from dagrun_api.client import Client

__all__ = ["add_batch_arguments", "add_cancel_arguments", "cancel_batch", "show_batch"]


def add_batch_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `batch`."""
    add_cancel_arguments(parser)
    add_wait(parser)


def add_cancel_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `cancel`."""
    parser.add_argument("prefix", metavar="PREFIX", help="prefix of the batch's run ids")
    parser.add_argument("--dag-id", metavar="DAG", help="only runs of this DAG")


async def show_batch(client: Client, arguments: Arguments) -> int:
    """Print the progress of a batch, now or after its end."""
    prefix, dag_id = arguments["prefix"], arguments["dag_id"]
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
    """Cancel the runs of a batch that have not started."""
    cancelled = await client.cancel(arguments["prefix"], arguments["dag_id"])
    if arguments["json"]:
        print_json({"cancelled": cancelled})
    else:
        number = counted(cancelled.cancelled, "run")
        print_line(f"{number} cancelled. {cancelled.started} had started and continue, {cancelled.ended} had ended.")
    return DONE
