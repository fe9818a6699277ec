-- The tables of the built-in database, for SQLite. They are shaped like Airflow's, so the same statements work.

CREATE TABLE dagrun_api_schema (
    version INTEGER NOT NULL
);

INSERT INTO dagrun_api_schema (version) VALUES (1);

CREATE TABLE dag (
    dag_id VARCHAR(250) NOT NULL PRIMARY KEY,
    is_paused BOOLEAN NOT NULL,
    is_active BOOLEAN NOT NULL,
    fileloc VARCHAR(2000) NOT NULL
);

CREATE TABLE serialized_dag (
    dag_id VARCHAR(250) NOT NULL PRIMARY KEY,
    data JSON NOT NULL,
    dag_hash VARCHAR(32) NOT NULL,
    last_updated TIMESTAMP NOT NULL
);

-- AUTOINCREMENT: the id of a deleted run must not be used again, because clients page by id.
CREATE TABLE dag_run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dag_id VARCHAR(250) NOT NULL,
    run_id VARCHAR(250) NOT NULL,
    execution_date TIMESTAMP NOT NULL,
    state VARCHAR(50) NOT NULL,
    run_type VARCHAR(50) NOT NULL,
    external_trigger BOOLEAN NOT NULL,
    queued_at TIMESTAMP NOT NULL,
    start_date TIMESTAMP,
    end_date TIMESTAMP,
    data_interval_start TIMESTAMP NOT NULL,
    data_interval_end TIMESTAMP NOT NULL,
    run_after TIMESTAMP NOT NULL,
    conf JSON NOT NULL,
    UNIQUE (dag_id, execution_date),
    UNIQUE (dag_id, run_id)
);
