"""SQL for one layout: a backend's `queries.sql`, with the parts that depend on the layout filled in.

These parts are names of columns and expressions over columns that exist. All of it is text from this package; none of
it comes from a request. `IS TRUE` and `IS NOT TRUE` read NULL booleans, which Airflow before 3.2 can hold, the same way
in PostgreSQL and in SQLite (3.23 and later).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dagrun_api.airflow.audit import audit_columns
from dagrun_api.airflow.backfill_rows import backfill_columns
from dagrun_api.airflow.conf import is_json
from dagrun_api.airflow.layout import Generation, Layout
from dagrun_api.airflow.rows import run_columns, shared_columns
from dagrun_api.model import RunFilter

__all__ = ["BUILT_IN_VERSION", "HEAD", "Query", "Statements", "schedule"]

HEAD = "SELECT max(version_num) FROM alembic_version"
"""The revision of an Airflow schema. A backend asks for it before it knows the layout."""

BUILT_IN_VERSION = "SELECT max(version) FROM dagrun_api_schema"
"""The version of the built-in tables."""

_EXTERNAL_RUN_TYPES = "('manual', 'backfill', 'operator_triggered', 'asset_materialization')"
"""The run types of Airflow 3 that stand for what `external_trigger` said before."""


class Query(NamedTuple):
    """A statement and its parameters."""

    text: str
    parameters: Sequence[object]


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of a `queries.sql` by name, for one layout.

    In the file, a line `-- its_name` begins a statement, a semicolon ends it, and comment lines may stand between.
    """

    layout: Layout
    texts: Mapping[str, str]

    @classmethod
    def of(cls, text: str, layout: Layout, **fragments: str) -> Statements:
        """Fill in a layout and the fragments of a backend."""
        # These depend on the request; `page` fills them in.
        later = {"beyond": "{beyond}", "filters": "{filters}", "order": "{order}"}
        filled = {**_fragments(layout), **later, **fragments}
        blocks = re.split(r"^-- ([a-z_]+)$", text, flags=re.MULTILINE)[1:]
        texts = {
            name: re.sub(r"^--.*\n", "", body, flags=re.MULTILINE).strip().removesuffix(";").format_map(filled)
            for name, body in zip(blocks[::2], blocks[1::2], strict=True)
        }
        return cls(layout, texts)

    def __getitem__(self, name: str) -> str:
        return self.texts[name]

    def page(self, wanted: RunFilter, *, after: int, limit: int, newest_first: bool = False) -> Query:
        """Return the statement `runs` with a condition for each field that is set, and its parameters."""
        filters = wanted.chosen()
        parameters: list[object] = [after, limit, *filters.values()]
        conditions = [self.texts[f"filter_{name}"].replace("#", str(place)) for place, name in enumerate(filters, 3)]
        order = self.texts["order_in_dag" if "dag_id" in filters else "order"]
        chosen = {
            "{beyond}": "<" if newest_first else ">",
            "{filters}": " ".join(conditions),
            "{order}": f"{order} DESC" if newest_first else order,
        }
        text = self.texts["runs"]
        for name, part in chosen.items():
            text = text.replace(name, part)
        return Query(text, parameters)


def schedule(layout: Layout, timetable: str) -> str:
    """Return what tells the schedule of a DAG; `timetable` is that of a serialized form, in the words of a backend."""
    if layout.generation is Generation.STANDALONE:
        return f"(SELECT {timetable} FROM serialized_dag s WHERE s.dag_id = d.dag_id)"  # noqa: S608
    return _optional(layout, "timetable_summary", _optional(layout, "schedule_interval"))


def _fragments(layout: Layout) -> dict[str, str]:
    # In every statement, d is the DAG, r its run, s its serialized form and v the version of that form.
    return {
        "run_columns": ", ".join(run_columns(layout)),
        "shared_columns": ", ".join(shared_columns(layout)),
        "audit_columns": ", ".join(audit_columns(layout)),
        "backfill_columns": ", ".join(backfill_columns(layout)),
        "backfill_id": "r.backfill_id" if layout.has("dag_run", "backfill_id") else "NULL",
        "date": layout.date_column,
        "live": _live(layout),
        "external": _external(layout),
        "is_draining": _optional(layout, "is_draining", "FALSE"),
        "is_asset_gated": _optional(layout, "timetable_asset_gated", "FALSE"),
        "and_not_draining": ", is_draining = FALSE" if layout.has("dag", "is_draining") else "",
        "has_import_errors": _optional(layout, "has_import_errors"),
        "max_active_runs": _optional(layout, "max_active_runs"),
        "is_partitioned": _optional(layout, "timetable_partitioned"),
        "allowed_run_types": _optional(layout, "allowed_run_types"),
        "last_scheduled": _last_scheduled(layout),
        "next_dagrun": _optional(layout, "next_dagrun"),
        "next_run_after": _optional(layout, "next_dagrun_create_after"),
        "owners": _optional(layout, "owners"),
        "description": _optional(layout, "description"),
        "unstarted": _unstarted(layout),
        "never_started": _never_started(layout),
        "requeueable": _without_task_instance(layout) if layout.has("task_instance", "dag_id") else "TRUE",
        "queued_at": "r.queued_at" if layout.has("dag_run", "queued_at") else "NULL",
        **{
            name: f"r.{name}" if layout.has("dag_run", name) else "NULL"
            for name in ("data_interval_start", "data_interval_end", "run_after")
        },
        "conf": "r.conf" if is_json(layout) else "NULL",
        "log_template": "(SELECT max(t.id) FROM log_template t)"
        if layout.has("dag_run", "log_template_id")
        else "NULL",
        "head": "(SELECT max(a.version_num) FROM alembic_version a)" if layout.head is not None else "NULL",
        **_serialized(layout),
    }


def _serialized(layout: Layout) -> dict[str, str]:
    key = "s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)"
    compressed = "s.data_compressed" if layout.has("serialized_dag", "data_compressed") else "NULL"
    parts = {
        "serialized": "serialized_dag s",
        "serialized_owner": "s.dag_id",
        "serialized_newest": "LIMIT 1",
        "serialized_key": key,
        "serialized_data": "s.data",
        "serialized_compressed": compressed,
        "dag_version": "NULL",
    }
    if layout.generation is Generation.AIRFLOW_3:
        # dag_version has an index on (dag_id, version_number); serialized_dag no longer has one on dag_id.
        parts |= {
            "serialized": "serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id",
            "serialized_owner": "v.dag_id",
            "serialized_newest": "ORDER BY v.version_number DESC LIMIT 1",
            "dag_version": "v.id",
        }
    if layout.generation is Generation.AIRFLOW_1:
        # Airflow 1.10 stores serialized DAGs only with store_serialized_dags, and runs without: the schedule is enough.
        parts |= {
            "serialized": "dag g LEFT JOIN serialized_dag s ON s.dag_id = g.dag_id",
            "serialized_owner": "g.dag_id",
            "serialized_key": f"COALESCE({key}, 'bare@' || g.schedule_interval, 'bare@')",
            "serialized_data": 'COALESCE(CAST(s.data AS VARCHAR), \'{"dag": {"schedule_interval": \' || '
            "COALESCE(g.schedule_interval, 'null') || '}}')",
        }
    return parts


def _unstarted(layout: Layout) -> str:
    # A queued run that was cleared still has the task instances of its first run, and must not be ended either.
    conditions = ["r.state = 'queued'" if layout.has("dag_run", "queued_at") else "r.state = 'running'"]
    if layout.has("task_instance", "dag_id"):
        conditions.append(_without_task_instance(layout))
    if not layout.has("dag_run", "queued_at") and layout.has("dag_run", "last_scheduling_decision"):
        # Airflow 2.0 sets it in the row itself, so the database checks it again once the row is locked.
        conditions.append("r.last_scheduling_decision IS NULL")
    return " AND ".join(conditions)


def _never_started(layout: Layout) -> str:
    # Before Airflow 2.1, a run has a start date from its first moment.
    return "r.start_date IS NULL" if layout.has("dag_run", "queued_at") else _without_task_instance(layout)


def _without_task_instance(layout: Layout) -> str:
    key = "run_id" if layout.has("task_instance", "run_id") else layout.date_column
    same_run = f"i.dag_id = r.dag_id AND i.{key} = r.{key}"
    return f"NOT EXISTS (SELECT 1 FROM task_instance i WHERE {same_run})"  # noqa: S608


def _last_scheduled(layout: Layout) -> str:
    if layout.generation is not Generation.AIRFLOW_1:
        return "NULL"
    # The runs from which its scheduler computes the next date.
    return (
        "(SELECT max(r.execution_date) FROM dag_run r WHERE r.dag_id = d.dag_id "
        "AND (r.external_trigger IS FALSE OR substr(r.run_id, 1, 11) = 'scheduled__'))"
    )


def _live(layout: Layout) -> str:
    if layout.generation is Generation.AIRFLOW_3:
        return "d.is_stale IS NOT TRUE"
    if layout.has("dag", "is_subdag"):
        return "d.is_active IS TRUE AND d.is_subdag IS NOT TRUE"
    return "d.is_active IS TRUE"


def _external(layout: Layout) -> str:
    if layout.generation is Generation.AIRFLOW_3:
        return f"(r.run_type IN {_EXTERNAL_RUN_TYPES})"
    # Where a writer left the flag out, the run id tells: only Airflow's scheduler uses this one.
    return "COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__')"


def _optional(layout: Layout, column: str, otherwise: str = "NULL") -> str:
    return f"d.{column}" if layout.has("dag", column) else otherwise
