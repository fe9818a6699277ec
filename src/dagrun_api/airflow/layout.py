"""The layout of a database: which generation of tables it holds, and whether they may be written to.

The columns decide, not `alembic_version`: an INSERT depends on them, and there are more revisions than releases. The
head is then checked against the known ones, because a schema that nobody has tried may require values that the service
does not write.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from dagrun_api.airflow.releases import release_of
from dagrun_api.errors import ConfigurationError, WritesRefused
from dagrun_api.model import Description, TickRules

__all__ = [
    "AUDIT_COLUMNS",
    "BACKFILL_COLUMNS",
    "BACKFILL_RUN_COLUMNS",
    "MARKER_TABLE",
    "TABLES",
    "Column",
    "Generation",
    "Layout",
    "detect",
    "is_empty",
]

MARKER_TABLE = "dagrun_api_schema"
"""The table that only the built-in database has."""

TABLES = (
    "dag",
    "dag_run",
    "task_instance",
    "serialized_dag",
    "dag_version",
    "log_template",
    "backfill",
    "backfill_dag_run",
    "alembic_version",
    "log",
    MARKER_TABLE,
)
"""The tables whose columns make a layout."""


class Generation(Enum):
    """A family of layouts that is read and written in the same way."""

    STANDALONE = "standalone"
    AIRFLOW_1 = "Airflow 1.10"
    AIRFLOW_2 = "Airflow 2"
    AIRFLOW_3 = "Airflow 3"


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the database describes it."""

    type: str
    required: bool = False
    """NOT NULL without a default: an INSERT must give a value."""


AUDIT_COLUMNS = ("dttm", "dag_id", "event", "owner", "owner_display_name", "extra")
"""The columns of `log` that are written, where they exist."""

BACKFILL_COLUMNS = (
    "dag_id",
    "from_date",
    "to_date",
    "dag_run_conf",
    "is_paused",
    "reprocess_behavior",
    "max_active_runs",
    "created_at",
    "completed_at",
    "updated_at",
    "triggering_user_name",
)
"""The columns of `backfill` that are written, where they exist (3.0 to 3.4)."""

BACKFILL_RUN_COLUMNS = ("backfill_id", "dag_run_id", "logical_date", "sort_ordinal")
"""The columns of `backfill_dag_run` that are written."""

Columns = Mapping[str, Mapping[str, Column]]

_RUN_COLUMNS = frozenset(
    """id dag_id run_id execution_date logical_date state start_date end_date external_trigger conf run_type
    last_scheduling_decision creating_job_id dag_hash queued_at data_interval_start data_interval_end
    log_template_id updated_at clear_number run_after triggered_by triggering_user_name backfill_id bundle_version
    scheduled_by_job_id context_carrier span_status created_dag_version_id created_at partition_key
    partition_date""".split()
)
"""Every column that `dag_run` has had from Airflow 1.10.15 to 3.4.0."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The tables of one database."""

    generation: Generation
    columns: Columns
    head: str | None = None
    refusal: str | None = None
    """Why these tables must not be written to, as a sentence; None if they may be."""
    has_audit: bool = False
    """Whether each write also adds a row to `log`."""

    @property
    def date_column(self) -> str:
        """The column of the execution date, which Airflow 3 calls the logical date."""
        return "logical_date" if self.generation is Generation.AIRFLOW_3 else "execution_date"

    @property
    def has_backfills(self) -> bool:
        """Whether the tables of native backfills are there, and require no column that this version does not know."""
        known = {"backfill": BACKFILL_COLUMNS, "backfill_dag_run": BACKFILL_RUN_COLUMNS}
        return self.has("dag_run", "backfill_id") and all(
            self.has(table, "id") and not _unknown(self.columns, table, ("id", *names))
            for table, names in known.items()
        )

    @property
    def name(self) -> str:
        """The name of the generation, with the first release that has this head if it is known."""
        release = release_of(self.head)
        return f"{self.generation.value} (tables as since {release})" if release else self.generation.value

    @property
    def airflow(self) -> str | None:
        """The release of Airflow as far as the tables tell, such as 3.1, or 3; None for the built-in database."""
        if self.generation is Generation.STANDALONE:
            return None
        release = release_of(self.head)
        return ".".join(release.split(".")[:2]) if release else self.generation.value.removeprefix("Airflow ")

    @property
    def tick_rules(self) -> TickRules:
        """How the release whose tables these are lists the ticks of a schedule."""
        if self.has("dag", "timetable_asset_gated"):
            return TickRules.SINCE_3_4
        return TickRules.SINCE_3_3 if self.has("dag", "timetable_periodic") else TickRules.BEFORE_3_3

    def require_writable(self) -> None:
        """Raise `WritesRefused` when these tables must not be written to."""
        if self.refusal is not None:
            raise WritesRefused(self.refusal)

    def describe(
        self,
        backend: str,
        *,
        refusal: str | None = None,
        missing: tuple[str, ...] = (),
        backfill_missing: tuple[str, ...] = (),
        retry_missing: tuple[str, ...] = (),
    ) -> Description:
        """Return the description of a database with this layout; `refusal`: why it cannot be written to anyway."""
        refusal = self.refusal or refusal
        return Description(
            backend=backend,
            generation=self.name,
            airflow=self.airflow,
            head=self.head,
            writable=refusal is None,
            refusal=refusal,
            missing=missing,
            native_backfills=self.has_backfills,
            backfill_missing=backfill_missing,
            retry_missing=retry_missing,
        )

    def has(self, table: str, column: str) -> bool:
        """Return whether a table has a column."""
        return column in self.columns.get(table, {})


def is_empty(columns: Columns) -> bool:
    """Return whether a database has neither Airflow's tables nor the built-in ones."""
    return not any(columns.get(table) for table in ("dag", "dag_run", "alembic_version", MARKER_TABLE))


def detect(columns: Columns, head: str | None, *, allow_unknown: bool = False, audit_log: bool = False) -> Layout:
    """Return the layout of a database with these columns of `TABLES` and this alembic head.

    `allow_unknown` is the option `allow_unknown_schema`, and `audit_log` the option of that name. Raises
    `ConfigurationError` when these tables cannot be read, or when `audit_log` is on and they have no log.
    """
    run = columns.get("dag_run", {})
    if audit_log and run and (columns.get(MARKER_TABLE) or not columns.get("log")):
        raise ConfigurationError(
            "The option audit_log is on, but this database does not have Airflow's table log: turn the option off."
        )
    if columns.get(MARKER_TABLE):
        return Layout(Generation.STANDALONE, columns)
    if not run or not columns.get("dag"):
        raise ConfigurationError(
            "The database has no tables of Airflow: create them with `airflow db migrate` (or `airflow db init`), "
            "name the right database, or give a catalogue (--dags FILE) to use the built-in database."
        )
    generation = _generation(run)
    refusal = _refusal(generation, columns, head, allow_unknown=allow_unknown, audit_log=audit_log)
    return Layout(generation, columns, head, refusal, has_audit=audit_log)


def _generation(run: Mapping[str, Column]) -> Generation:
    if "logical_date" in run and "execution_date" not in run:
        return Generation.AIRFLOW_3
    if "execution_date" in run and "logical_date" not in run:
        if "run_type" in run:
            return Generation.AIRFLOW_2
        if "start_date" in run:
            return Generation.AIRFLOW_1
    raise ConfigurationError(
        "The table dag_run does not have the columns of any Airflow from 1.10 to 3.4: is this Airflow's metadata "
        "database, and has `airflow db migrate` finished?"
    )


def _refusal(
    generation: Generation, columns: Columns, head: str | None, *, allow_unknown: bool, audit_log: bool
) -> str | None:
    if generation is Generation.AIRFLOW_1 and not columns.get("serialized_dag"):
        return "In a database of Airflow before 1.10.7, runs can be read but not created."
    for table, known in (("dag_run", _RUN_COLUMNS), *([("log", AUDIT_COLUMNS)] if audit_log else [])):
        unknown = _unknown(columns, table, known)
        if unknown:
            return f"The table {table} requires columns that this version does not know: {', '.join(unknown)}."
    if release_of(head) is None and not allow_unknown:
        return (
            f"This version was not tested with the schema of this Airflow (alembic head {head}); set "
            "allow_unknown_schema to write to it all the same, or wait while `airflow db migrate` is running."
        )
    return None


def _unknown(columns: Columns, table: str, known: Collection[str]) -> list[str]:
    """Return the columns that an INSERT into a table must fill, and that are not known."""
    return sorted(name for name, column in columns.get(table, {}).items() if column.required and name not in known)
