"""A row of Airflow's table `log`, which its page Audit Log shows: the columns of a layout, and their values.

It is written only if the option `audit_log` is on. The events are the ones that Airflow itself writes for the same
action, so a filter finds them all. `run_id`, `task_id` and the date stay NULL, because a batch has many runs.
So does `team_name` (3.4), which Airflow fills in only in its multi-team mode, from tables that are not read here.
"""

from __future__ import annotations

from datetime import datetime

import orjson

from dagrun_api.airflow.layout import AUDIT_COLUMNS, Generation, Layout
from dagrun_api.model import Actor, AuditEntry, Write

__all__ = ["OWNER", "audit_columns", "audit_values"]

OWNER = "dagrun-api"
"""Takes the place of the Airflow user. The name of the token follows after a colon."""

_EVENTS = {
    # The events of its pages: its REST API logs nothing.
    Generation.AIRFLOW_1: {
        Write.CREATE: "trigger",
        Write.CANCEL: "dagrun_failed",
        Write.RETRY: "dagrun_clear",
        Write.PAUSE: "paused",
        Write.UNPAUSE: "paused",
    },
    Generation.AIRFLOW_2: {
        Write.CREATE: "api.post_dag_run",
        Write.CANCEL: "api.update_dag_run_state",
        Write.RETRY: "api.clear_dag_run",
        Write.PAUSE: "api.patch_dag",
        Write.UNPAUSE: "api.patch_dag",
    },
    Generation.AIRFLOW_3: {
        Write.CREATE: "trigger_dag_run",
        Write.CANCEL: "patch_dag_run",
        Write.RETRY: "clear_dag_run",
        Write.PAUSE: "patch_dag",
        Write.UNPAUSE: "patch_dag",
        Write.CREATE_BACKFILL: "create_backfill",
        Write.CANCEL_BACKFILL: "cancel_backfill",
        Write.PAUSE_BACKFILL: "pause_backfill",
        Write.UNPAUSE_BACKFILL: "unpause_backfill",
    },
}

_PAUSING = {
    Write.PAUSE: True,
    Write.UNPAUSE: False,
    Write.PAUSE_BACKFILL: True,
    Write.UNPAUSE_BACKFILL: False,
}


def audit_columns(layout: Layout) -> tuple[str, ...]:
    """Return the columns of `log` that are written: those that exist."""
    return tuple(name for name in AUDIT_COLUMNS if layout.has("log", name))


def audit_values(layout: Layout, entry: AuditEntry) -> list[str | datetime | None]:
    """Return the values of `audit_columns`, in their order."""
    values: dict[str, str | datetime | None] = {
        "dttm": entry.at,
        "dag_id": entry.dag_id,
        "event": _EVENTS[layout.generation][entry.write],
        "owner": _owner(entry.actor),
        "owner_display_name": _owner(entry.actor),
        "extra": _extra(entry),
    }
    return [values[name] for name in audit_columns(layout)]


def _owner(actor: Actor) -> str:
    return OWNER if actor.token is None else f"{OWNER}:{actor.token}"


def _extra(entry: AuditEntry) -> str:
    fields: dict[str, object] = {"request_id": entry.actor.request_id, "remote": entry.actor.remote}
    if entry.prefix is not None:
        fields["prefix"] = entry.prefix
    if entry.backfill_ids:
        fields["backfill_ids"] = list(entry.backfill_ids)
    if entry.write in _PAUSING:
        fields["is_paused"] = _PAUSING[entry.write]
    return orjson.dumps(fields | dict(entry.counts)).decode()
