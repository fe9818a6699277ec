"""The dates of `create --dates`: one a line, each with a conf of its own if it has one."""

from __future__ import annotations

import argparse
import dataclasses
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, cast

from dagrun_api.cli.arguments import read_json, text_of
from dagrun_api.cli.command import Arguments
from dagrun_api.cli.output import creation, note
from dagrun_api.errors import ConfigurationError
from dagrun_api.model import MAX_BATCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagrun_api.client import Client, Created, RunToCreate, Wanted

__all__ = ["DatedConf", "create_listed", "read_dates"]

_AT_ONCE = 10
"""Requests at the same time."""


@dataclass(frozen=True, slots=True)
class DatedConf:
    """A line of the file."""

    date: str
    conf: dict[str, object] | None
    is_day: bool
    """Whether it has no time, so that it means every date of the schedule on that day."""


def read_dates(source: str) -> list[DatedConf]:
    """Return the lines of a file, or for `-` of standard input, without those that are empty or begin with #."""
    # Unlike splitlines, this keeps the other separators of Unicode, which may stand in a text of a conf.
    lines = enumerate(map(str.strip, text_of(source).split("\n")), 1)
    dates = [_read(line, number) for number, line in lines if line and not line.startswith("#")]
    if not dates:
        raise argparse.ArgumentTypeError("it holds no date")
    return dates


async def create_listed(client: Client, arguments: Arguments, wanted: Wanted) -> Created:
    """Create the runs of `--dates`: all or none, or with `--all` in several requests."""
    dag_id: str = arguments["dag_id"]
    runs = await _runs(client, dag_id, arguments["dates"])
    at_once = min(arguments["limit"] or MAX_BATCH, MAX_BATCH)
    if len(runs) > at_once and not arguments["all"]:
        cure = "divide the file" if arguments["dry_run"] else "use --all to create them in several requests"
        raise ConfigurationError(f"--dates has {len(runs)} runs, but one request takes up to {at_once}: {cure}.")
    if arguments["dry_run"]:
        return await client.dry_run(dag_id, **_listing(wanted, runs))
    calls: list[Created] = []
    for first in range(0, len(runs), at_once):
        calls.append(await client.create(dag_id, **_listing(wanted, runs[first : first + at_once])))
        if len(runs) > at_once:
            note(creation(calls[-1].dag_run_ids))
    return _sum(calls)


async def _runs(client: Client, dag_id: str, lines: Sequence[DatedConf]) -> list[RunToCreate]:
    """Return the runs that the lines mean; a line without a time means each date of the schedule on that day."""
    import asyncio

    from dagrun_api.client import RunToCreate

    gate = asyncio.Semaphore(_AT_ONCE)
    has_ticks = any(line.is_day for line in lines) and (await client.dag(dag_id)).unlistable is None

    async def runs(line: DatedConf) -> list[RunToCreate]:
        if not (line.is_day and has_ticks):
            return [RunToCreate(line.date, line.conf)]
        async with gate:
            ticks = [tick async for tick in client.ticks(dag_id, start_date=line.date, end_date=line.date)]
        if not ticks:
            raise ConfigurationError(
                f"The schedule of {dag_id} has no date on {line.date}: leave it out, or give it a time."
            )
        return [RunToCreate(tick.execution_date, line.conf) for tick in ticks]

    found = await asyncio.gather(*map(runs, lines), return_exceptions=True)
    return [run for each in found for run in _or_raise(each)]


def _listing(wanted: Wanted, runs: Sequence[RunToCreate]) -> Wanted:
    """Return the same batch with a list in place of its window."""
    return {
        "prefix": wanted.get("prefix"),
        "conf": wanted.get("conf"),
        "runs": runs,
        "max_active_runs": wanted.get("max_active_runs"),
        "run_backwards": wanted.get("run_backwards", False),
    }


def _sum(calls: Sequence[Created]) -> Created:
    """Return the result of calls for different dates, as if they had been one."""
    return dataclasses.replace(
        calls[0],
        dag_run_ids=tuple(run_id for each in calls for run_id in each.dag_run_ids),
        skipped=sum(each.skipped for each in calls),
        skipped_dag_run_ids=tuple(run_id for each in calls for run_id in each.skipped_dag_run_ids)[:MAX_BATCH],
        warnings=tuple(dict.fromkeys(warning for each in calls for warning in each.warnings)),
    )


def _or_raise(found: list[RunToCreate] | BaseException) -> list[RunToCreate]:
    if isinstance(found, BaseException):
        raise found
    return found


def _read(line: str, number: int) -> DatedConf:
    text, brace, rest = line.partition("{")
    text = text.strip()
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"line {number}: {text or line!r} is not a date, such as 2017-09-01 or 2017-09-01T12:00:00, which a JSON "
            "object may follow"
        ) from None
    return DatedConf(text, _conf(brace + rest, number) if brace else None, _is_day(text))


def _conf(text: str, number: int) -> dict[str, object]:
    try:
        value = read_json(text)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"line {number}: {error}") from None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError(f"line {number}: {text!r} is not a JSON object")
    return cast("dict[str, object]", value)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
