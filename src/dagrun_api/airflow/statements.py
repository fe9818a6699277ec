"""SQL for one layout: a backend's `queries.sql`, with the parts that depend on the layout filled in.

Those parts are names of columns and expressions over those that exist: all of it text from this package, none from a
request. `IS TRUE` and `IS NOT TRUE` read NULL booleans, which Airflow before 3.2 can hold, in PostgreSQL and in SQLite
(3.23+) alike.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from dagrun_api.airflow.audit import audit_columns
from dagrun_api.airflow.layout import Generation, Layout
from dagrun_api.airflow.rows import run_columns, shared_columns

__all__ = ["Statements"]

_EXTERNAL_RUN_TYPES = "('manual', 'operator_triggered', 'asset_materialization')"
"""The run types of Airflow 3 that stand for what `external_trigger` said before."""


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of a `queries.sql` by name, for one layout.

    In the file, a statement is headed by a line `-- its_name`, ends with a semicolon, and may hold comment lines.
    """

    layout: Layout
    texts: Mapping[str, str]

    @classmethod
    def of(cls, text: str, layout: Layout, **parts: str) -> Statements:
        """Fill in a layout; `parts` are the backend's own."""
        filled = {**_fragments(layout), "filters": "{filters}", **parts}
        blocks = re.split(r"^-- ([a-z_]+)$", text, flags=re.MULTILINE)[1:]
        texts = {
            name: re.sub(r"^--.*\n", "", body, flags=re.MULTILINE).strip().removesuffix(";").format_map(filled)
            for name, body in zip(blocks[::2], blocks[1::2], strict=True)
        }
        return cls(layout, texts)

    def __getitem__(self, name: str) -> str:
        return self.texts[name]

    def page(self, names: Collection[str]) -> str:
        """Return the statement `runs`, or `runs_of_dag`, with a condition for each of these fields of `RunFilter`."""
        text = self.texts["runs_of_dag" if "dag_id" in names else "runs"]
        return text.replace("{filters}", " ".join(self.texts[f"filter_{name}"] for name in names))


def _fragments(layout: Layout) -> dict[str, str]:
    # In every statement the DAG is d, its run r, its serialized form s and that form's version v.
    return {
        "run_columns": ", ".join(run_columns(layout)),
        "shared_columns": ", ".join(shared_columns(layout)),
        "audit_columns": ", ".join(audit_columns(layout)),
        "has_audit": "TRUE" if layout.has_audit else "FALSE",
        "date": layout.date_column,
        "live": _live(layout),
        "external": _external(layout),
        "has_import_errors": _optional(layout, "has_import_errors"),
        "max_active_runs": _optional(layout, "max_active_runs"),
        "is_partitioned": _optional(layout, "timetable_partitioned"),
        "allowed_run_types": _optional(layout, "allowed_run_types"),
        "last_scheduled": _last_scheduled(layout),
        "next_dagrun": _optional(layout, "next_dagrun"),
        "unstarted": _unstarted(layout),
        "and_updated": ", updated_at = end_date" if layout.has("dag_run", "updated_at") else "",
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
        # dag_version has an index on (dag_id, version_number); serialized_dag has none on dag_id any more.
        parts |= {
            "serialized": "serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id",
            "serialized_owner": "v.dag_id",
            "serialized_newest": "ORDER BY v.version_number DESC LIMIT 1",
            "dag_version": "v.id",
        }
    if layout.generation is Generation.AIRFLOW_1:
        # It needs no serialized form, and keeps one only where store_serialized_dags is set: a bare schedule serves.
        parts |= {
            "serialized": "dag g LEFT JOIN serialized_dag s ON s.dag_id = g.dag_id",
            "serialized_owner": "g.dag_id",
            "serialized_key": f"COALESCE({key}, 'bare@' || g.schedule_interval, 'bare@')",
            "serialized_data": 'COALESCE(CAST(s.data AS VARCHAR), \'{"dag": {"schedule_interval": \' || '
            "COALESCE(g.schedule_interval, 'null') || '}}')",
        }
    return parts


def _unstarted(layout: Layout) -> str:
    # A queued run that was cleared has task instances of its earlier life, and is not to be ended either.
    key = "run_id" if layout.has("task_instance", "run_id") else layout.date_column
    conditions = ["r.state = 'queued'" if layout.has("dag_run", "queued_at") else "r.state = 'running'"]
    if layout.has("task_instance", "dag_id"):
        theirs = f"i.dag_id = r.dag_id AND i.{key} = r.{key}"
        conditions.append(f"NOT EXISTS (SELECT 1 FROM task_instance i WHERE {theirs})")  # noqa: S608
    if not layout.has("dag_run", "queued_at") and layout.has("dag_run", "last_scheduling_decision"):
        # Airflow 2.0: set in the row itself, so that it is looked at again once the row is locked.
        conditions.append("r.last_scheduling_decision IS NULL")
    return " AND ".join(conditions)


def _last_scheduled(layout: Layout) -> str:
    if layout.generation is not Generation.AIRFLOW_1:
        return "NULL"
    # The very runs that its scheduler computes the next date from.
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
    # A writer that left the flag out: Airflow's own scheduler is the only one to use this run id.
    return "COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__')"


def _optional(layout: Layout, column: str) -> str:
    return f"d.{column}" if layout.has("dag", column) else "NULL"
