"""SQL for one layout: a backend's `queries.sql`, with the parts that depend on the layout filled in.

Those parts are names of columns and expressions over those that exist: all of it text from this package, none from a
request. `IS TRUE` and `IS NOT TRUE` read NULL booleans, which Airflow before 3.2 can hold, in PostgreSQL and in SQLite
(3.23+) alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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

    def page(self, names: Iterable[str]) -> str:
        """Return the statement `runs` with a condition for each of these fields of `RunFilter`."""
        return self.texts["runs"].replace("{filters}", " ".join(self.texts[f"filter_{name}"] for name in names))


def _fragments(layout: Layout) -> dict[str, str]:
    # In every statement the DAG is d, its run r, its serialized form s and that form's version v.
    has_versions = layout.generation is Generation.AIRFLOW_3
    return {
        "run_columns": ", ".join(run_columns(layout)),
        "shared_columns": ", ".join(shared_columns(layout)),
        "date": layout.date_column,
        "live": _live(layout),
        "external": _external(layout),
        "has_import_errors": _optional(layout, "has_import_errors"),
        "max_active_runs": _optional(layout, "max_active_runs"),
        "is_partitioned": _optional(layout, "timetable_partitioned"),
        "allowed_run_types": _optional(layout, "allowed_run_types"),
        "serialized": "serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id"
        if has_versions
        else "serialized_dag s",
        # dag_version has an index on (dag_id, version_number); serialized_dag has none on dag_id in Airflow 3.
        "serialized_owner": "v.dag_id" if has_versions else "s.dag_id",
        "serialized_newest": "ORDER BY v.version_number DESC LIMIT 1" if has_versions else "LIMIT 1",
        "serialized_compressed": "s.data_compressed" if layout.has("serialized_dag", "data_compressed") else "NULL",
        "dag_version": "v.id" if has_versions else "NULL",
        "log_template": "(SELECT max(t.id) FROM log_template t)"
        if layout.has("dag_run", "log_template_id")
        else "NULL",
        "head": "(SELECT max(a.version_num) FROM alembic_version a)" if layout.head is not None else "NULL",
    }


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
