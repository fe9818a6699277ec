-- What the database user of dagrun-api may do in the database of an Airflow, and nothing besides: reading what it
-- shows, writing what it writes. Run it as the owner of Airflow's tables (or as a superuser), after Airflow's own
-- `airflow db migrate`, and again after an upgrade of Airflow; it may be run as often as you like:
--
--   psql --set ON_ERROR_STOP=1 --file privileges.sql postgresql://airflow@db.example/airflow
--   psql --command '\password dagrun_api' postgresql://airflow@db.example/airflow
--
-- It goes by the search path: where Airflow's tables are in another schema, put PGOPTIONS='-c search_path=airflow' before
-- psql. To take everything back: DROP OWNED BY dagrun_api; DROP ROLE dagrun_api;
DO $$
DECLARE
    name text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dagrun_api') THEN
        CREATE ROLE dagrun_api LOGIN;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO dagrun_api', current_schema());

    -- What is read; a table that this release of Airflow does not have is passed over.
    FOREACH name IN ARRAY ARRAY['dag', 'dag_run', 'serialized_dag', 'dag_version', 'log_template', 'alembic_version'] LOOP
        IF to_regclass(name) IS NOT NULL THEN
            EXECUTE format('GRANT SELECT ON %I TO dagrun_api', name);
        END IF;
    END LOOP;

    -- Creating runs: PostgreSQL lets only those lock a row who may update a column of its table.
    GRANT INSERT ON dag_run TO dagrun_api;
    EXECUTE format('GRANT USAGE ON SEQUENCE %s TO dagrun_api', pg_get_serial_sequence('dag_run', 'id'));

    -- The same, and pausing.
    GRANT UPDATE (is_paused) ON dag TO dagrun_api;

    -- Cancelling. (The column updated_at is there from Airflow 2.3 on.)
    GRANT SELECT ON task_instance TO dagrun_api;
    GRANT UPDATE (state, end_date) ON dag_run TO dagrun_api;
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('dag_run') AND attname = 'updated_at') THEN
        GRANT UPDATE (updated_at) ON dag_run TO dagrun_api;
    END IF;

    -- The option audit_log. Leave it out where that is off.
    GRANT INSERT ON log TO dagrun_api;
    EXECUTE format('GRANT USAGE ON SEQUENCE %s TO dagrun_api', pg_get_serial_sequence('log', 'id'));
END
$$;
