"""The command `ticks`."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dagrun_api.cli.arguments import add_dag
from dagrun_api.cli.command import Arguments
from dagrun_api.cli.output import Table, note, print_json, time
from dagrun_api.cli.remote import DONE

if TYPE_CHECKING:
    from dagrun_api.client import Client, Tick

__all__ = ["add_arguments", "list_ticks"]

_AT_ONCE = 500
"""Lines that are printed together, so that their columns fit."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the DAG, the window, and what to show of it."""
    add_dag(parser, "id of the DAG")
    parser.add_argument("--start", metavar="DATE", required=True, help="start of the window, inclusive")
    parser.add_argument("--end", metavar="DATE", help="end of the window, inclusive (default: now)")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--missing", action="store_true", help="only dates that are due and have no run")
    which.add_argument("--failed", action="store_true", help="only dates whose run has failed")


async def list_ticks(client: Client, arguments: Arguments) -> int:
    """Print the dates of a schedule with the run on each, and how many there are of each kind."""
    table = Table("EXECUTION DATE", "DUE", "STATE", "RUN")
    counts = Counter[str]()
    shown: list[Tick] = []
    async for tick in client.ticks(arguments["dag_id"], start_date=arguments["start"], end_date=arguments["end"]):
        fate = _fate(tick)
        counts[fate] += 1
        if (arguments["missing"] and fate != "missing") or (arguments["failed"] and fate != "failed"):
            continue
        shown.append(tick)
        if len(shown) == _AT_ONCE and not arguments["json"]:
            table.print(map(_row, shown))
            shown.clear()
    if arguments["json"]:
        print_json({"ticks": shown, "counts": counts})
        return DONE
    table.print(map(_row, shown))
    note(", ".join(f"{number} {fate}" for fate, number in counts.items()) or "The window has no ticks.")
    return DONE


def _fate(tick: Tick) -> str:
    if tick.dag_run is not None:
        return tick.dag_run.state or "-"
    return "missing" if tick.is_due else "not due"


def _row(tick: Tick) -> Sequence[str]:
    run_id = "-" if tick.dag_run is None else tick.dag_run.run_id or "-"
    return (time(tick.execution_date), time(tick.run_after), _fate(tick), run_id)
