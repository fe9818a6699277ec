"""The statements for a layout in PostgreSQL's dialect, and those that need no layout."""

from __future__ import annotations

from importlib.resources import files

from dagrun_api.airflow.audit import audit_columns
from dagrun_api.airflow.backfill_rows import backfill_columns
from dagrun_api.airflow.layout import Layout
from dagrun_api.airflow.rows import requeued_columns, run_columns, shared_columns
from dagrun_api.airflow.statements import Statements, schedule
from dagrun_api.store import StoreOptions

__all__ = [
    "BACKEND",
    "CODECS",
    "COLUMNS",
    "HAS_CACHE",
    "OBSTACLES",
    "SCHEMA",
    "SCHEMA_LOCK",
    "limits",
    "quoted",
    "search_path",
    "statements",
]

_QUERIES = (files("dagrun_api_postgres") / "queries.sql").read_text()

SCHEMA = tuple((files("dagrun_api_postgres") / name).read_text() for name in ("schema.sql", "backfills.sql"))
"""What makes each version of the built-in tables from the one before."""

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, NULL), a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.oid = ANY(SELECT to_regclass(name) FROM unnest($1::text[]) AS name) AND a.attnum > 0 AND NOT a.attisdropped
"""
"""The columns of those tables that are on the search path."""

SCHEMA_LOCK = "SELECT pg_advisory_xact_lock(7165002017)"
"""The number is arbitrary; every service uses the same one."""

OBSTACLES = """
SELECT pg_is_in_recovery(), current_setting('transaction_read_only')::boolean, ARRAY(
SELECT needed.privilege || ' on ' || needed.name
FROM (VALUES ('dag', 'SELECT'), ('dag_run', 'SELECT'), ('serialized_dag', 'SELECT'), ('dag_version', 'SELECT'),
             ('log_template', 'SELECT'), ('alembic_version', 'SELECT'), ('dag_run', 'INSERT')
     ) AS needed (name, privilege)
WHERE NOT has_table_privilege(to_regclass(needed.name), needed.privilege)
UNION ALL
SELECT 'UPDATE on dag (to lock its row)'
WHERE NOT has_any_column_privilege(to_regclass('dag'), 'UPDATE')
UNION ALL
SELECT 'UPDATE (is_draining) on dag (to pause a DAG)'
FROM pg_attribute a
WHERE a.attrelid = to_regclass('dag') AND a.attname = 'is_draining'
  AND NOT has_column_privilege(a.attrelid, a.attnum, 'UPDATE')
  AND has_column_privilege(a.attrelid, 'is_paused', 'UPDATE')
UNION ALL
SELECT 'USAGE on sequence ' || pg_get_serial_sequence('dag_run', 'id')
WHERE NOT has_sequence_privilege(pg_get_serial_sequence('dag_run', 'id'), 'USAGE, UPDATE')
UNION ALL
SELECT 'INSERT on log'
WHERE $1::boolean AND NOT has_table_privilege(to_regclass('log'), 'INSERT')
UNION ALL
SELECT 'USAGE on sequence ' || pg_get_serial_sequence('log', 'id')
WHERE $1::boolean AND NOT has_sequence_privilege(pg_get_serial_sequence('log', 'id'), 'USAGE, UPDATE')), ARRAY(
SELECT needed.privilege || ' on ' || needed.name
FROM (VALUES ('backfill', 'SELECT'), ('backfill', 'INSERT'), ('backfill', 'UPDATE'),
             ('backfill_dag_run', 'SELECT'), ('backfill_dag_run', 'INSERT')
     ) AS needed (name, privilege)
WHERE NOT has_table_privilege(to_regclass(needed.name), needed.privilege)
UNION ALL
SELECT 'USAGE on sequence ' || pg_get_serial_sequence(t.name::text, 'id')
FROM unnest(ARRAY[to_regclass('backfill'), to_regclass('backfill_dag_run')]) AS t (name)
WHERE NOT has_sequence_privilege(pg_get_serial_sequence(t.name::text, 'id'), 'USAGE, UPDATE')), ARRAY(
SELECT 'SELECT on task_instance'
WHERE NOT has_table_privilege(to_regclass('task_instance'), 'SELECT')
UNION ALL
SELECT 'UPDATE (' || string_agg(a.attname, ', ' ORDER BY a.attname) || ') on dag_run'
FROM pg_attribute a
WHERE a.attrelid = to_regclass('dag_run')
  AND a.attname IN ('state', 'queued_at', 'start_date', 'end_date', 'updated_at')
  AND NOT has_column_privilege(a.attrelid, a.attnum, 'UPDATE')
HAVING count(*) > 0)
"""
"""Whether the server is a standby, whether it allows only reading, and the privileges that are needed and missing.

The last two columns are those that only native backfills need, and those that only retries need. A table or column that
does not exist needs none. $1: is the log written?
"""

BACKEND = "SELECT pg_backend_pid()"
"""The process of the server that this statement runs in."""

HAS_CACHE = """
SELECT EXISTS (SELECT FROM pg_prepared_statements WHERE statement = current_query() AND prepare_time >= now())
"""
"""Whether the driver has given this very statement a name, to use it again. One that was prepared before is older."""

CODECS = "SELECT $1::timestamptz, $2::timestamp, $3::text, $4::varchar, $5::integer, $6::bigint, $7::boolean, $8::bytea"
"""Returns its parameters: one of each type that the service reads or writes."""

_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?"

_IS_OF_BATCH = f"""(right(r.run_id, 20) LIKE '#_____-__-__T__:__:__' ESCAPE '#'
    OR right(r.run_id, 27) LIKE '#_____-__-__T__:__:__.______' ESCAPE '#')
  AND r.run_id ~ '._[0-9]{{7,18}}_{_DATE}$'"""
"""Whether a run id is that of some batch. LIKE costs a fifth of what the regular expression does."""

_UNDATED = "left(r.run_id, CASE WHEN substr(r.run_id, length(r.run_id) - 6, 1) = '.' THEN -27 ELSE -20 END)"

_PREFIX = f"left(rtrim({_UNDATED}, '0123456789'), -1)"
"""The prefix in the run id of some batch."""


def _in_batch(prefix: str) -> str:
    """Return the condition that a run id is <prefix>_<number>_<date>, for an expression that is the prefix.

    The whole id counts: the prefix of another batch may itself end with a number and a date. The two bounds select a
    range of the index on (dag_id, run_id) in every collation: after the same prefix, digits come before letters.
    COALESCE makes the planner guess that half of this range fits. It would guess one run, and then read and sort all of
    it for the first.
    """
    return f"""r.run_id >= {prefix} || '_0' AND r.run_id < {prefix} || '_A'
  AND COALESCE(starts_with(r.run_id, {prefix} || '_')
  AND substr(r.run_id, length({prefix}) + 2)
    ~ '^[0-9]{{7,18}}_{_DATE}$', FALSE)"""


def statements(layout: Layout) -> Statements:
    """Return the statements of `queries.sql` for a layout."""
    types = {name: column.type for name, column in layout.columns["dag_run"].items()}
    own, shared = list(run_columns(layout)), list(shared_columns(layout))
    # A shared pool may have its own codecs for json, so it is sent as text.
    sent = {name: "text" if types[name] in ("json", "jsonb") else types[name] for name in own}
    backfill = {name: column.type for name, column in layout.columns.get("backfill", {}).items()}
    conf = f"COALESCE(n.conf, ${len(own) + len(shared) + 1}::{sent['conf']})::{types['conf']}"
    return Statements.of(
        _QUERIES,
        layout,
        arrays=", ".join(f"${place}::{sent[name]}[]" for place, name in enumerate(own, 1)),
        schedule=schedule(layout, "s.data -> 'dag' -> 'timetable'"),
        run_values=", ".join(f"n.{name}" if name != "conf" else conf for name in own),
        shared_values=", ".join(_value(place, types[name]) for place, name in enumerate(shared, len(own) + 1)),
        audit_values=", ".join(f"${place}" for place, _ in enumerate(audit_columns(layout), 1)),
        backfill_values=", ".join(
            _value(place, backfill[name]) for place, name in enumerate(backfill_columns(layout), 1)
        ),
        in_batch=_in_batch("$1::text"),
        in_its_batch=_in_batch("n.prefix"),
        is_of_batch=_IS_OF_BATCH,
        prefix=_PREFIX,
        and_updated=", updated_at = $2" if "updated_at" in types else "",
        requeued=", ".join(
            f"{name} = {value or _value(2, types[name])}" for name, value in requeued_columns(layout).items()
        ),
        # Airflow 2.1 and 2.2 created it without a time zone; it holds UTC all the same.
        queued_at={
            "timestamp with time zone": "r.queued_at",
            "timestamp without time zone": "r.queued_at AT TIME ZONE 'UTC'",
        }.get(types.get("queued_at", ""), "NULL::timestamptz"),
    )


def limits(options: StoreOptions) -> str:
    """Return a script that sets the time limits of one transaction."""
    # For the transaction only: settings of a session would stay behind in a pooler such as PgBouncer. The last one is
    # for a process that stops, or a network that falls silent, while it holds the row that the scheduler needs.
    return (
        f"SET LOCAL lock_timeout = {int(options.lock_timeout * 1000)};"
        f"SET LOCAL statement_timeout = {int(options.query_timeout * 1000)};"
        f"SET LOCAL idle_in_transaction_session_timeout = {int(options.query_timeout * 1000)}"
    )


def search_path(schema: str) -> str:
    """Return a statement that selects the schema of one transaction."""
    return f"SET LOCAL search_path = {quoted(schema)}"


def quoted(name: str) -> str:
    """Return a name as SQL has it, so that any character may stand in it."""
    return '"' + name.replace('"', '""') + '"'


def _value(place: int, type_: str) -> str:
    # Airflow 2.1 and 2.2 created queued_at without a time zone; it holds UTC all the same.
    if type_ == "timestamp without time zone":
        return f"${place}::timestamptz AT TIME ZONE 'UTC'"
    return f"${place}::text::{type_}" if type_ in ("json", "jsonb") else f"${place}::{type_}"
