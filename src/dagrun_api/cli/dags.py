"""The commands `dags`, `dag`, `pause` and `unpause`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dagrun_api.cli.arguments import add_dag
from dagrun_api.cli.command import Arguments
from dagrun_api.cli.output import plain, print_json, print_line, print_table, time
from dagrun_api.cli.remote import DONE

if TYPE_CHECKING:
    from dagrun_api.client import Client, Dag, DagDetail

__all__ = ["add_arguments", "list_dags", "pause", "show_dag", "unpause"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `dag`, `pause` and `unpause`."""
    add_dag(parser, "id of the DAG")


async def list_dags(client: Client, arguments: Arguments) -> int:
    """Print every DAG."""
    dags = await client.dags()
    if arguments["json"]:
        print_json({"dags": dags})
    else:
        print_table(["DAG", "STATE", "LAST EXECUTION", "FILE"], map(_row, dags))
    return DONE


async def show_dag(client: Client, arguments: Arguments) -> int:
    """Print one DAG with its schedule."""
    dag = await client.dag(arguments["dag_id"])
    if arguments["json"]:
        print_json({"dag": dag})
    else:
        print_table(["DAG", dag.dag_id], _lines(dag))
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
    return (dag.dag_id, _state(dag), time(dag.last_execution), dag.full_path or "-")


def _lines(dag: DagDetail) -> list[Sequence[str]]:
    """Return what is known of a DAG, one field a line, in the words of the API."""
    catchup = "-" if dag.catchup is None else "yes" if dag.catchup else "no"
    return [
        ("state", _state(dag)),
        ("full_path", dag.full_path or "-"),
        ("description", dag.description or "-"),
        ("owners", dag.owners or "-"),
        ("schedule", dag.schedule or "-"),
        ("timezone", dag.timezone or "-"),
        ("start_date", time(dag.start_date)),
        ("end_date", time(dag.end_date)),
        ("catchup", catchup),
        ("max_active_runs", "-" if dag.max_active_runs is None else str(dag.max_active_runs)),
        ("active_runs", str(dag.active_runs)),
        ("last_execution", time(dag.last_execution)),
        ("next_execution", time(dag.next_execution)),
        ("next_run_after", time(dag.next_run_after)),
        ("has_import_errors", "yes" if dag.has_import_errors else "no"),
        ("unlistable", dag.unlistable or "-"),
    ]


def _state(dag: Dag) -> str:
    return "draining" if dag.is_draining else "active" if dag.is_active else "paused"
