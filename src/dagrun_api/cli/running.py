"""Carrying the commands out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from dagrun_api.cli.output import (
    Table,
    counted,
    dag_row,
    note,
    plain,
    planned_row,
    print_json,
    print_line,
    print_progress,
    print_table,
    run_row,
    runs_created,
    total_of,
)
from dagrun_api.cli.waiting import wait
from dagrun_api.client import Client, Created, Run, Wanted
from dagrun_api.errors import ConfigurationError
from dagrun_api.model import DEFAULT_PREFIX
from dagrun_api.settings import TOKEN_VARIABLES, Settings
from dagrun_api.settings.options import PREFIX, Option

__all__ = ["run"]

_DONE, _RUNS_FAILED = 0, 3

_PATIENCE, _MORE_PATIENCE = 3, 10
"""Tries for a request; what takes long anyway also outlasts a restart of the service."""

_PAGE = 100

Given = Mapping[str, Any]


def run(name: str, given: Given, environ: Mapping[str, str]) -> int:
    """Carry a command out; the exit status. Raises DagrunApiError for whatever goes wrong."""
    return asyncio.run(_run(_ACTIONS[name], given, environ))


async def _run(action: Action, given: Given, environ: Mapping[str, str]) -> int:
    async with _client(given, environ) as client:
        return await action(client, given)


def _client(given: Given, environ: Mapping[str, str]) -> Client:
    url = given["url"] or environ.get("DAGRUN_API_URL") or "http://127.0.0.1:8080"
    option = Option("api_prefix", "/api/v1", PREFIX, "")
    prefix = option.default
    for value, origin in ((environ.get("DAGRUN_API_PREFIX"), "DAGRUN_API_PREFIX"), (given["api_prefix"], option.flag)):
        prefix = prefix if value is None else option.read(value, origin)
    # The service reads its token in the same way, and so refuses the same mistakes.
    settings = Settings.load({}, {name: environ[name] for name in TOKEN_VARIABLES if name in environ})
    is_patient = given.get("wait") or given.get("all")
    tries = _MORE_PATIENCE if is_patient else _PATIENCE
    try:
        return Client(url, token=settings.token, prefix=str(prefix), tries=tries)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


async def _dags(client: Client, given: Given) -> int:
    dags = await client.dags()
    if given["json"]:
        print_json({"dags": dags})
    else:
        print_table(["DAG", "STATE", "LAST EXECUTION", "FILE"], map(dag_row, dags))
    return _DONE


async def _runs(client: Client, given: Given) -> int:
    external = given["external_trigger"]
    wanted = client.runs(
        dag_id=given["dag_id"],
        prefix=given["prefix"],
        state=given["state"],
        external_trigger=None if external is None else external == "true",
        start=given["start"],
        page_size=_PAGE if given["all"] else min(given["limit"] + 1, _PAGE),
    )
    table = Table("ID", "DAG", "RUN", "STATE", "EXECUTION DATE", "STARTED", "ENDED")
    listed: list[Run] = []
    number, next_start = 0, None
    async for each in wanted:
        if not given["all"] and number == given["limit"]:
            next_start = listed[-1].id
            break
        if len(listed) == _PAGE and not given["json"]:
            table.print(map(run_row, listed))
            listed.clear()
        listed.append(each)
        number += 1
    await wanted.aclose()
    if given["json"]:
        print_json({"dag_runs": listed, "next_start": next_start})
    else:
        table.print(map(run_row, listed))
        if next_start is not None:
            note(f"There are more: --start {next_start} goes on, --all lists every one.")
    return _DONE


async def _create(client: Client, given: Given) -> int:
    dag_id = given["dag_id"]
    wanted = Wanted(
        prefix=given["prefix"],
        start_date=given["start"],
        end_date=given["end"],
        limit=given["limit"],
        partial=given["partial"],
        conf=given["conf"],
    )
    if given["dry_run"]:
        planned = await client.dry_run(dag_id, **wanted)
        _show_planned(planned, given)
        return _DONE
    created = await _all(client, given) if given["all"] else await client.create(dag_id, **wanted)
    if not given["json"]:
        print_line(plain(f"{runs_created(created)}; {counted(created.skipped, 'date')} had a run already."))
        _show_rest(created)
    batch = str(given["prefix"] or DEFAULT_PREFIX).removesuffix("_")
    # Where other batches hold every date, there may be none of this name.
    names = (*created.dag_run_ids, *created.skipped_dag_run_ids)
    if not given["wait"] or not any(name.startswith(f"{batch}_") for name in names):
        if given["json"]:
            print_json({"created": created})
        return _DONE
    progress = await wait(client, batch, dag_id, poll=given["poll"])
    if given["json"]:
        print_json({"created": created, "batch": progress})
    else:
        print_progress(progress)
    return _RUNS_FAILED if progress.failed else _DONE


async def _all(client: Client, given: Given) -> Created:
    calls: list[Created] = []
    async for created in client.backfill(
        given["dag_id"],
        start_date=given["start"],
        end_date=given["end"],
        prefix=given["prefix"],
        limit=given["limit"],
        conf=given["conf"],
    ):
        calls.append(created)
        if created.dag_run_ids:
            note(runs_created(created))
    return total_of(calls)


def _show_planned(planned: Created, given: Given) -> None:
    if given["json"]:
        print_json({"planned": planned})
        return
    print_table(["RUN", "DATA FROM", "DATA TO", "MAY RUN FROM"], map(planned_row, planned.runs))
    number, skipped = counted(len(planned.dag_run_ids), "run"), counted(planned.skipped, "date")
    note(f"{number} would be created; {skipped} had a run already.")
    _show_rest(planned)


def _show_rest(created: Created) -> None:
    if created.truncated:
        note("The window holds more: --all creates every one.")
    for warning in created.warnings:
        note(f"Warning: {warning}")


async def _batch(client: Client, given: Given) -> int:
    prefix, dag_id = given["prefix"], given["dag_id"]
    if given["wait"]:
        progress = await wait(client, prefix, dag_id, poll=given["poll"])
    else:
        progress = await client.progress(prefix, dag_id)
    if given["json"]:
        print_json({"batch": progress})
    else:
        print_progress(progress)
    return _RUNS_FAILED if progress.failed and not progress.waiting else _DONE


async def _cancel(client: Client, given: Given) -> int:
    cancelled = await client.cancel(given["prefix"], given["dag_id"])
    if given["json"]:
        print_json({"cancelled": cancelled})
    else:
        number = counted(cancelled.cancelled, "run")
        print_line(f"{number} cancelled; {cancelled.started} had started and go on, {cancelled.ended} had ended.")
    return _DONE


async def _pause(client: Client, given: Given) -> int:
    return _show_paused(given, await client.set_paused(given["dag_id"], True))


async def _unpause(client: Client, given: Given) -> int:
    return _show_paused(given, await client.set_paused(given["dag_id"], False))


def _show_paused(given: Given, is_paused: bool) -> int:
    if given["json"]:
        print_json({"dag_id": given["dag_id"], "is_paused": is_paused})
    else:
        print_line(plain(f"{given['dag_id']} is {'paused' if is_paused else 'active'}."))
    return _DONE


Action = Callable[[Client, Given], Awaitable[int]]

_ACTIONS: Mapping[str, Action] = {
    "dags": _dags,
    "runs": _runs,
    "create": _create,
    "batch": _batch,
    "cancel": _cancel,
    "pause": _pause,
    "unpause": _unpause,
}
