-- The tables of native backfills in the built-in database, for SQLite: its second version. They have the columns of
-- Airflow's, so the same statements work.

UPDATE dagrun_api_schema SET version = 2;

ALTER TABLE dag_run ADD COLUMN backfill_id INTEGER;

CREATE TABLE backfill (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dag_id VARCHAR(250) NOT NULL,
    from_date TIMESTAMP NOT NULL,
    to_date TIMESTAMP NOT NULL,
    dag_run_conf JSON NOT NULL,
    is_paused BOOLEAN NOT NULL,
    reprocess_behavior VARCHAR(250) NOT NULL,
    max_active_runs INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    completed_at TIMESTAMP,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE backfill_dag_run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    backfill_id INTEGER NOT NULL,
    dag_run_id INTEGER,
    logical_date TIMESTAMP NOT NULL,
    sort_ordinal INTEGER NOT NULL,
    UNIQUE (backfill_id, dag_run_id)
);
