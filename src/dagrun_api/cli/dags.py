"""The commands `dags`, `dag`, `pause` and `unpause`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from dagrun_api.cli.arguments import add_dag
from dagrun_api.cli.command import Arguments
from dagrun_api.cli.output import plain, print_json, print_line
from dagrun_api.cli.remote import DONE
from dagrun_api.cli.tables import Column, print_rows, print_value

if TYPE_CHECKING:
    from dagrun_api.client import Client, Dag

__all__ = ["add_arguments", "list_dags", "pause", "show_dag", "unpause"]

_COLUMNS: tuple[Column[Dag], ...] = (
    Column("dag_id", "DAG", lambda dag: dag.dag_id),
    Column("is_active", None, lambda dag: dag.is_active),
    Column("is_draining", None, lambda dag: dag.is_draining),
    Column(None, "STATE", lambda dag: _state(dag)),
    Column(None, "SCHEDULE", lambda dag: dag.schedule),
    Column("last_execution", "LAST EXECUTION", lambda dag: dag.last_execution),
    Column("full_path", "FILE", lambda dag: dag.full_path, is_optional=True),
    Column("schedule", None, lambda dag: dag.schedule),
    Column("next_run_after", None, lambda dag: dag.next_run_after),
)

_PAUSED: tuple[Column[tuple[str, bool]], ...] = (
    Column("dag_id", "DAG", lambda row: row[0]),
    Column("is_paused", "PAUSED", lambda row: row[1]),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `dag`, `pause` and `unpause`."""
    add_dag(parser, "id of the DAG")


async def list_dags(client: Client, arguments: Arguments) -> int:
    """Print every DAG."""
    dags = await client.dags()
    if arguments["output"] == "json":
        print_json({"dags": dags})
    else:
        print_rows(_COLUMNS, dags, arguments["output"])
    return DONE


async def show_dag(client: Client, arguments: Arguments) -> int:
    """Print one DAG with its schedule, one field a line, in the words of the API."""
    dag = await client.dag(arguments["dag_id"])
    if arguments["output"] == "json":
        print_json({"dag": dag})
    else:
        first = {"DAG": dag.dag_id, "state": _state(dag)}
        print_value(dag, arguments["output"], first, hidden=("dag_id", "is_active", "is_draining"))
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
    match arguments["output"]:
        case "json":
            print_json({"dag_id": dag_id, "is_paused": is_paused})
        case "csv":
            print_rows(_PAUSED, [(dag_id, is_paused)], "csv")
        case _:
            print_line(plain(f"{dag_id} is {'paused' if is_paused else 'active'}."))
    return DONE


def _state(dag: Dag) -> str:
    return "draining" if dag.is_draining else "active" if dag.is_active else "paused"
