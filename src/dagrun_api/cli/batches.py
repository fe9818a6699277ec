"""The commands `batches`, `batch`, `pause-batch` and `unpause-batch`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from dagrun_api.cli.arguments import add_batch, add_batch_to_change, add_dag_id, add_limit, add_quiet, add_wait
from dagrun_api.cli.command import Arguments
from dagrun_api.cli.output import note, plain, print_json, print_line
from dagrun_api.cli.progress import counts, print_progress, progress_columns, wait
from dagrun_api.cli.remote import DONE, RUNS_FAILED
from dagrun_api.cli.tables import Column, print_rows

if TYPE_CHECKING:
    from dagrun_api.client import Batch, Client

__all__ = [
    "add_arguments",
    "add_batch_arguments",
    "add_pause_arguments",
    "list_batches",
    "pause_batch",
    "show_batch",
    "unpause_batch",
]

_PAGE = 100

_PREFIX: Column[Batch] = Column("prefix", "BATCH", lambda batch: batch.prefix)

_COLUMNS: tuple[Column[Batch], ...] = (
    _PREFIX,
    Column(None, "DAG", lambda batch: batch.dag_id),
    Column(None, "STATES", lambda batch: counts(batch.states) + (", paused" if batch.is_paused else "")),
    Column(None, "DONE", lambda batch: f"{batch.percent_done:g}%"),
    Column(None, "FIRST EXECUTION", lambda batch: batch.first_execution, is_optional=True),
    Column(None, "LAST EXECUTION", lambda batch: batch.last_execution, is_optional=True),
    Column(None, "QUEUED", lambda batch: batch.first_queued, is_optional=True),
)

_PAUSED: tuple[Column[tuple[str, bool]], ...] = (
    Column("prefix", "BATCH", lambda row: row[0]),
    Column("is_paused", "PAUSED", lambda row: row[1]),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `batches`."""
    add_dag_id(parser, "only batches of this DAG")
    add_limit(parser, "batches")
    add_quiet(parser)


def add_batch_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `batch`."""
    add_batch(parser)
    add_wait(parser)
    add_quiet(parser)


def add_pause_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pause-batch` and `unpause-batch`."""
    add_batch_to_change(parser)


async def list_batches(client: Client, arguments: Arguments) -> int:
    """Print the batches, the one with the newest run first."""
    limit = None if arguments["all"] else arguments["limit"]
    batches = client.batches(arguments["dag_id"], page_size=_PAGE if limit is None else min(limit + 1, _PAGE))
    listed: list[Batch] = []
    has_more = False
    async for batch in batches:
        if has_more := len(listed) == limit:
            break
        listed.append(batch)
    await batches.aclose()
    match arguments["output"]:
        case "json":
            print_json({"batches": listed})
            return DONE
        case "csv":
            print_rows([_PREFIX, *progress_columns()], listed, "csv")
        case _:
            print_rows(_COLUMNS, listed, "table")
    if not listed:
        note("There are no batches.")
    if has_more:
        note("There are more batches: use --limit to list more, or --all to list all of them.")
    return DONE


async def show_batch(client: Client, arguments: Arguments) -> int:
    """Print the progress of a batch, now or after its end."""
    prefix, dag_id = arguments["prefix"], arguments["dag_id"]
    if arguments["wait"]:
        progress = await wait(client, prefix, dag_id, poll=arguments["poll"])
    else:
        progress = await client.progress(prefix, dag_id)
    if arguments["output"] == "json":
        print_json({"batch": progress})
    else:
        print_progress(progress, arguments["output"])
    return RUNS_FAILED if progress.failed and not progress.waiting else DONE


async def pause_batch(client: Client, arguments: Arguments) -> int:
    """Pause a batch: its runs that have not started do not start."""
    return await _set_paused(client, arguments, True)


async def unpause_batch(client: Client, arguments: Arguments) -> int:
    """Continue a batch that is paused."""
    return await _set_paused(client, arguments, False)


async def _set_paused(client: Client, arguments: Arguments, wanted: bool) -> int:
    prefix: str = arguments["prefix"]
    is_paused = await client.set_batch_paused(prefix, wanted, arguments["dag_id"], all_dags=arguments["all_dags"])
    match arguments["output"]:
        case "json":
            print_json({"prefix": prefix, "is_paused": is_paused})
        case "csv":
            print_rows(_PAUSED, [(prefix, is_paused)], "csv")
        case _:
            print_line(plain(f"The batch {prefix} is {'paused' if is_paused else 'active'}."))
    return DONE
