"""The commands `dags`, `pause` and `unpause`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dagrun_api.cli.arguments import add_dag
from dagrun_api.cli.command import Arguments
from dagrun_api.cli.output import plain, print_json, print_line, print_table, time
from dagrun_api.cli.remote import DONE

if TYPE_CHECKING:
    from dagrun_api.client import Client, Dag

__all__ = ["add_arguments", "list_dags", "pause", "unpause"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pause` and `unpause`."""
    add_dag(parser, "id of the DAG")


async def list_dags(client: Client, arguments: Arguments) -> int:
    """Print every DAG."""
    dags = await client.dags()
    if arguments["json"]:
        print_json({"dags": dags})
    else:
        print_table(["DAG", "STATE", "LAST EXECUTION", "FILE"], map(_row, dags))
    return DONE


async def pause(client: Client, arguments: Arguments) -> int:
    """Pause a DAG."""
    return await _set_paused(client, arguments, True)


async def unpause(client: Client, arguments: Arguments) -> int:
    """Unpause a DAG."""
    return await _set_paused(client, arguments, False)


async def _set_paused(client: Client, arguments: Arguments, wanted: bool) -> int:
    dag_id = arguments["dag_id"]
    is_paused = await client.set_paused(dag_id, wanted)
    if arguments["json"]:
        print_json({"dag_id": dag_id, "is_paused": is_paused})
    else:
        print_line(plain(f"{dag_id} is {'paused' if is_paused else 'active'}."))
    return DONE


def _row(dag: Dag) -> Sequence[str]:
    state = "draining" if dag.is_draining else "active" if dag.is_active else "paused"
    return (dag.dag_id, state, time(dag.last_execution), dag.full_path or "-")
