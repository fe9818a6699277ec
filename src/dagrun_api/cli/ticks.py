"""The command `ticks`."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import TYPE_CHECKING

from dagrun_api.cli.arguments import add_dag, add_quiet
from dagrun_api.cli.command import Arguments
from dagrun_api.cli.output import note, print_json
from dagrun_api.cli.remote import DONE
from dagrun_api.cli.tables import Column, Listing

if TYPE_CHECKING:
    from dagrun_api.client import Client, Tick

__all__ = ["add_arguments", "list_ticks"]

_AT_ONCE = 500
"""Lines that are printed together, so that their columns fit."""

_COLUMNS: tuple[Column[Tick], ...] = (
    Column("execution_date", "EXECUTION DATE", lambda tick: tick.execution_date),
    Column("data_interval_start", None, lambda tick: tick.data_interval_start),
    Column("data_interval_end", None, lambda tick: tick.data_interval_end),
    Column("run_after", "DUE", lambda tick: tick.run_after, is_optional=True),
    Column("is_due", None, lambda tick: tick.is_due),
    Column("state", "STATE", lambda tick: _fate(tick)),
    Column("run_id", "RUN", lambda tick: None if tick.dag_run is None else tick.dag_run.run_id),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the DAG, the window, and what to show of it."""
    add_dag(parser, "id of the DAG")
    parser.add_argument("-s", "--start", metavar="DATE", required=True, help="start of the window, inclusive")
    parser.add_argument("-e", "--end", metavar="DATE", help="end of the window, inclusive (default: now)")
    parser.add_argument("--missing", action="store_true", help="only dates that are due and have no run")
    parser.add_argument("--failed", action="store_true", help="only dates whose run has failed; may be combined")
    add_quiet(parser)


async def list_ticks(client: Client, arguments: Arguments) -> int:
    """Print the dates of a schedule with the run on each, and how many there are of each kind."""
    is_json = arguments["output"] == "json"
    listing = Listing(_COLUMNS, arguments["output"])
    wanted = {fate for fate in ("missing", "failed") if arguments[fate]}
    counts = Counter[str]()
    shown: list[Tick] = []
    async for tick in client.ticks(arguments["dag_id"], start_date=arguments["start"], end_date=arguments["end"]):
        fate = _fate(tick)
        counts[fate] += 1
        if wanted and fate not in wanted:
            continue
        shown.append(tick)
        if len(shown) == _AT_ONCE and not is_json:
            listing.print(shown)
            shown.clear()
    if is_json:
        print_json({"ticks": shown, "counts": counts})
        return DONE
    listing.print(shown)
    note(", ".join(f"{number} {fate}" for fate, number in counts.items()) or "The window has no ticks.")
    return DONE


def _fate(tick: Tick) -> str:
    if tick.dag_run is not None:
        return tick.dag_run.state or "-"
    return "missing" if tick.is_due else "not_due"
