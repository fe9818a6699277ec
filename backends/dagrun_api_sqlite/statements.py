"""The statements for a layout in SQLite's dialect, and those that need no layout."""

from __future__ import annotations

from importlib.resources import files

from dagrun_api.airflow.audit import audit_columns
from dagrun_api.airflow.backfill_rows import backfill_columns
from dagrun_api.airflow.layout import Layout
from dagrun_api.airflow.rows import requeued_columns, run_columns, shared_columns
from dagrun_api.airflow.statements import Statements, schedule

__all__ = [
    "BEGIN",
    "COLUMNS",
    "COMMIT",
    "HAS_TABLES",
    "READ_ONLY",
    "ROLLBACK",
    "SCHEMA",
    "WRITE_AHEAD_LOG",
    "statements",
]

_QUERIES = (files("dagrun_api_sqlite") / "queries.sql").read_text()

SCHEMA = tuple((files("dagrun_api_sqlite") / name).read_text() for name in ("schema.sql", "backfills.sql"))
"""What makes each version of the built-in tables from the one before."""

COLUMNS = """
SELECT t.value, c.name, c.type, c."notnull" AND c.dflt_value IS NULL AND NOT c.pk
FROM json_each(?1) t, pragma_table_info(t.value) c
"""

HAS_TABLES = "SELECT 1 FROM sqlite_master LIMIT 1"

WRITE_AHEAD_LOG = "PRAGMA journal_mode = WAL"
"""Makes readers never wait for the writer. The file keeps this mode, so it is only set in the built-in database."""

READ_ONLY = "PRAGMA query_only = ON"

BEGIN = "BEGIN IMMEDIATE"
"""Takes the write lock at once, or waits for it. A transaction that takes it later may lose its work to another."""

COMMIT = "COMMIT"

ROLLBACK = "ROLLBACK"

_DATE = "dddd-dd-ddTdd:dd:dd".replace("d", "[0-9]")
_FRACTION = "." + 6 * "[0-9]"
_SEVEN = 7 * "[0-9]"


def _undated(run: str) -> str:
    return f"substr({run}.run_id, 1, length({run}.run_id) - iif(substr({run}.run_id, -7, 1) = '.', 27, 20))"


def _unnumbered(run: str) -> str:
    return f"rtrim({_undated(run)}, '0123456789')"


def _prefix(run: str) -> str:
    """Return the expression for the prefix in the run id of some batch."""
    return f"substr({_unnumbered(run)}, 1, length({_unnumbered(run)}) - 1)"


_IS_OF_BATCH = f"""(substr(r.run_id, -27) GLOB '{_SEVEN}_{_DATE}'
    OR substr(r.run_id, -34) GLOB '{_SEVEN}_{_DATE}{_FRACTION}')
  AND substr({_unnumbered("r")}, -1) = '_' AND length({_unnumbered("r")}) > 1
  AND length({_undated("r")}) - length({_unnumbered("r")}) <= 18"""
"""Whether a run id is that of some batch. The first conditions are those that most run ids do not meet."""


def _numbered(prefix: str) -> str:
    """Return the condition that just <number>_<date> follows a prefix and one more character in a run id.

    The whole id counts: the prefix of another batch may itself end with a number and a date.
    """
    after_number = f"ltrim(substr(r.run_id, length({prefix}) + 2), '0123456789')"
    return f"""({after_number} GLOB '[_]{_DATE}' OR {after_number} GLOB '[_]{_DATE}{_FRACTION}')
  AND instr(substr(r.run_id, length({prefix}) + 2), '_') BETWEEN 8 AND 19"""


def _in_batch(prefix: str) -> str:
    """Return the condition that a run id is <prefix>_<number>_<date>, for an expression that is the prefix."""
    return f"r.run_id >= {prefix} || '_0' AND r.run_id < {prefix} || '_A' AND {_numbered(prefix)}"


def statements(layout: Layout) -> Statements:
    """Return the statements of `queries.sql` for a layout."""
    own, shared = list(run_columns(layout)), list(shared_columns(layout))
    return Statements.of(
        _QUERIES,
        layout,
        schedule=schedule(layout, "CASE WHEN json_valid(s.data) THEN json_extract(s.data, '$.dag.timetable') END"),
        run_values=", ".join(f"?{place}" for place, _ in enumerate(own, 1)),
        shared_values=", ".join(f"?{place}" for place, _ in enumerate(shared, len(own) + 1)),
        audit_values=", ".join(f"?{place}" for place, _ in enumerate(audit_columns(layout), 1)),
        backfill_values=", ".join(f"?{place}" for place, _ in enumerate(backfill_columns(layout), 1)),
        in_batch=_in_batch("?1"),
        numbered=_numbered("?1"),
        in_its_batch=_in_batch(_prefix("n")),
        in_listed_batch=_in_batch("n.prefix"),
        is_of_batch=_IS_OF_BATCH,
        prefix=_prefix("r"),
        number_of_n=f"CAST(substr({_undated('n')}, length({_unnumbered('n')}) + 1) AS INTEGER)",
        and_updated=", updated_at = ?2" if layout.has("dag_run", "updated_at") else "",
        requeued=", ".join(f"{name} = {value or '?2'}" for name, value in requeued_columns(layout).items()),
    )
