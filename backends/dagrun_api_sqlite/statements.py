"""The statements for a layout in SQLite's dialect, and those that need no layout."""

from __future__ import annotations

from importlib.resources import files

from dagrun_api.airflow.audit import audit_columns
from dagrun_api.airflow.backfill_rows import backfill_columns
from dagrun_api.airflow.layout import Layout
from dagrun_api.airflow.rows import requeued_columns, run_columns, shared_columns
from dagrun_api.airflow.statements import Statements

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

_DATE = "[_]dddd-dd-ddTdd:dd:dd".replace("d", "[0-9]")
_AFTER_NUMBER = "ltrim(substr(r.run_id, length(?1) + 2), '0123456789')"

_NUMBERED = f"""({_AFTER_NUMBER} GLOB '{_DATE}' OR {_AFTER_NUMBER} GLOB '{_DATE}.{"[0-9]" * 6}')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19"""
"""Whether just <number>_<date> follows the prefix ?1 and one more character in a run id.

The whole id counts: the prefix of another batch may itself end with a number and a date.
"""

_IN_BATCH = f"r.run_id >= ?1 || '_0' AND r.run_id < ?1 || '_A' AND {_NUMBERED}"
"""Whether a run id is <prefix>_<number>_<date>, where ?1 is the prefix."""


def statements(layout: Layout) -> Statements:
    """Return the statements of `queries.sql` for a layout."""
    own, shared = list(run_columns(layout)), list(shared_columns(layout))
    return Statements.of(
        _QUERIES,
        layout,
        run_values=", ".join(f"?{place}" for place, _ in enumerate(own, 1)),
        shared_values=", ".join(f"?{place}" for place, _ in enumerate(shared, len(own) + 1)),
        audit_values=", ".join(f"?{place}" for place, _ in enumerate(audit_columns(layout), 1)),
        backfill_values=", ".join(f"?{place}" for place, _ in enumerate(backfill_columns(layout), 1)),
        in_batch=_IN_BATCH,
        and_updated=", updated_at = ?2" if layout.has("dag_run", "updated_at") else "",
        requeued=", ".join(f"{name} = {value or '?2'}" for name, value in requeued_columns(layout).items()),
        numbered=_NUMBERED,
    )
