"""How many runs of a batch are active at once: the arguments of `create` for it, and what they mean for a service."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagrun_api.cli.arguments import count, count_or_none
from dagrun_api.cli.command import Arguments
from dagrun_api.cli.output import counted, creation, note
from dagrun_api.cli.progress import showing
from dagrun_api.cli.remote import TERMINATED
from dagrun_api.errors import ConfigurationError

if TYPE_CHECKING:
    from dagrun_api.client import Client, Created

__all__ = [
    "UNLIMITED",
    "WINDOW_ONLY",
    "Pace",
    "add_arguments",
    "choose",
    "create_all",
    "find_mistake",
    "is_whole",
    "print_default",
]

_DEFAULT, _USUAL_MAX_ACTIVE_RUNS = 10, 16
"""Runs that are active at once, unless the DAG allows fewer; the limit of a DAG that states none."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many runs of a batch may be active at once."""

    max_active_runs: int | None
    is_fed: bool = False
    """Whether this command creates the next runs when earlier ones end."""
    is_default: bool = False
    """Whether the number was not an argument."""


UNLIMITED = Pace(None)

WINDOW_ONLY = ("feed", "stop_after_failures", "yes_hold_back")
"""The arguments that need a window, and not a list of dates."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that limit the runs that are active at once."""
    parser.add_argument(
        "--max-active-runs",
        type=count_or_none,
        metavar="N",
        help="create the whole window, with at most N runs active at once: as a backfill of Airflow 3 or later, which "
        "has places of its own beside the schedule, elsewhere as with --feed; none: no limit (default: "
        f"{_DEFAULT} if it can be such a backfill, else none)",
    )
    parser.add_argument(
        "--feed",
        action="store_true",
        help="create the next runs only when earlier ones end, and leave the last place of the DAG's max_active_runs "
        "to the schedule; the command may be stopped and repeated at any time",
    )
    parser.add_argument("--run-backwards", action="store_true", help="create and run the newest runs first")
    parser.add_argument(
        "--stop-after-failures",
        type=count,
        metavar="K",
        help="wait for the batch; once K runs have failed, cancel those that have not started, and create no others",
    )
    parser.add_argument(
        "--yes-hold-back",
        action="store_true",
        help="also feed a DAG that runs one run at a time, although the batch then holds back its schedule",
    )


def find_mistake(arguments: Arguments) -> str | None:
    """Return what is wrong with the combination of these arguments, or None."""
    if arguments["feed"] and arguments["max_active_runs"] == "none":
        return "argument --feed: not allowed with argument --max-active-runs none"
    if arguments["run_backwards"] and not (arguments["feed"] or _number(arguments)):
        return "argument --run-backwards: also requires --max-active-runs or --feed"
    if arguments["stop_after_failures"] and not arguments["prefix"]:
        # It would cancel the runs of everybody who gives no prefix.
        return "argument --stop-after-failures: also requires --prefix"
    for name in ("max_active_runs", "feed", "stop_after_failures"):
        flag = f"--{name.replace('_', '-')}"
        if not arguments[name] or arguments[name] == "none":
            continue
        if arguments["start"] is None and arguments["dates"] is None:
            return f"argument {flag}: also requires --start"
        if arguments["partial"]:
            return f"argument {flag}: not allowed with argument --partial"
    return None


def is_whole(arguments: Arguments) -> bool:
    """Tell whether the whole window is created, in several requests if need be."""
    return bool(arguments["all"] or arguments["feed"] or arguments["stop_after_failures"] or _number(arguments))


async def choose(client: Client, arguments: Arguments) -> Pace:
    """Return the pace that the arguments ask for, or else the one that suits the service and the DAG."""
    from dagrun_api.client import Forbidden, NotFound

    number = _number(arguments)
    if arguments["feed"] or not _is_window(arguments) or arguments["max_active_runs"] == "none":
        return Pace(number, is_fed=arguments["feed"])
    try:
        is_native = (await client.about()).native_backfills
        if number is not None and not is_native and arguments["dates"] is not None:
            raise ConfigurationError(
                "This Airflow has no backfills of its own, so only a window can be limited: use --start and --end, or "
                "leave --max-active-runs out."
            )
        if number is not None or not is_native:
            return Pace(number, is_fed=number is not None and not is_native)
        dag = await client.dag(arguments["dag_id"])
    except (Forbidden, NotFound):
        # The service is too old, or does not have the DAG; the request that follows says so where it matters.
        return Pace(number)
    return Pace(min(_DEFAULT, dag.max_active_runs or _USUAL_MAX_ACTIVE_RUNS), is_default=True)


def print_default(pace: Pace) -> None:
    """Print the limit, if it is the default one."""
    if pace.is_default:
        assert pace.max_active_runs is not None  # noqa: S101  # for the type checkers
        note(
            f"At most {counted(pace.max_active_runs, 'run')} of this batch will be active at once, beside the "
            "schedule: --max-active-runs sets another number, or none."
        )


async def create_all(client: Client, arguments: Arguments, pace: Pace) -> list[Created]:
    """Create every run of the window, show how far it is, and return the result of each request."""
    from dagrun_api.client import WouldHoldBack

    batch = str(arguments["prefix"]).removesuffix("_")
    results: list[Created] = []
    has_progress = pace.is_fed or arguments["stop_after_failures"] is not None
    with (
        _told_how_to_continue(batch) if pace.is_fed else nullcontext(),
        showing(batch) if has_progress else nullcontext() as show,
    ):
        try:
            async for created in client.backfill(
                arguments["dag_id"],
                start_date=arguments["start"],
                end_date=arguments["end"],
                prefix=arguments["prefix"],
                limit=arguments["limit"],
                conf=arguments["conf"],
                max_active_runs=pace.max_active_runs,
                run_backwards=arguments["run_backwards"],
                feed=pace.is_fed,
                stop_after_failures=arguments["stop_after_failures"],
                yes_hold_back=arguments["yes_hold_back"],
                poll=arguments["poll"],
                on_progress=show,
            ):
                results.append(created)
                if created.dag_run_ids and not pace.is_fed:
                    note(creation(created.dag_run_ids))
        except WouldHoldBack as error:
            raise WouldHoldBack(f"{error} To create the batch nevertheless, use --yes-hold-back.") from error
    return results


@contextmanager
def _told_how_to_continue(batch: str) -> Generator[None]:
    """Say on Ctrl-C and on SIGTERM what becomes of the batch, and end the process in order."""
    import asyncio

    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    is_terminated = False

    def terminate() -> None:
        nonlocal is_terminated
        is_terminated = True
        assert task is not None  # noqa: S101  # for the type checkers
        task.cancel()

    loop.add_signal_handler(signal.SIGTERM, terminate)
    try:
        yield
    except asyncio.CancelledError:
        note(
            "Interrupted: the runs that were created continue. To create the others, repeat the command with "
            f"--prefix {batch}."
        )
        if is_terminated:
            raise SystemExit(TERMINATED) from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


def _is_window(arguments: Arguments) -> bool:
    if arguments["dates"] is not None:
        return True
    start: str | None = arguments["start"]
    end: str | None = arguments["end"]
    # The same instant twice is one run; the same date twice is a day.
    return start != end or (start is not None and len(start) <= len("2017-09-01"))


def _number(arguments: Arguments) -> int | None:
    number: int | str | None = arguments["max_active_runs"]
    return number if isinstance(number, int) else None
