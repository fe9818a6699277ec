-- Creates a database user for dagrun-api with exactly the privileges that the service needs in an Airflow database. Run
-- it as the owner of Airflow's tables (or as a superuser) after `airflow db migrate`, and again after each upgrade of
-- Airflow. You may run it as often as you like:
--
--   psql --set ON_ERROR_STOP=1 --file privileges.sql postgresql://airflow@db.example/airflow
--   psql --command '\password dagrun_api' postgresql://airflow@db.example/airflow
--
-- It uses the search path: if Airflow's tables are in another schema, put PGOPTIONS='-c search_path=airflow' before psql.
-- To undo everything: DROP OWNED BY dagrun_api; DROP ROLE dagrun_api;
DO $$
DECLARE
    name text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dagrun_api') THEN
        CREATE ROLE dagrun_api LOGIN;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO dagrun_api', current_schema());

    -- Reading. A table that this release of Airflow does not have is skipped.
    FOREACH name IN ARRAY ARRAY['dag', 'dag_run', 'serialized_dag', 'dag_version', 'log_template', 'alembic_version'] LOOP
        IF to_regclass(name) IS NOT NULL THEN
            EXECUTE format('GRANT SELECT ON %I TO dagrun_api', name);
        END IF;
    END LOOP;

    -- Creating runs. To lock a row, PostgreSQL requires the privilege to update a column of its table.
    GRANT INSERT ON dag_run TO dagrun_api;
    EXECUTE format('GRANT USAGE ON SEQUENCE %s TO dagrun_api', pg_get_serial_sequence('dag_run', 'id'));

    -- Locking the row of a DAG, and pausing.
    GRANT UPDATE (is_paused) ON dag TO dagrun_api;
    -- The column is_draining exists since Airflow 3.4; pausing and unpausing end the draining.
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('dag') AND attname = 'is_draining') THEN
        GRANT UPDATE (is_draining) ON dag TO dagrun_api;
    END IF;

    -- Cancelling and retrying. The column queued_at exists since Airflow 2.1, and updated_at since 2.4.
    GRANT SELECT ON task_instance TO dagrun_api;
    GRANT UPDATE (state, start_date, end_date) ON dag_run TO dagrun_api;
    FOREACH name IN ARRAY ARRAY['queued_at', 'updated_at'] LOOP
        IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('dag_run') AND attname = name) THEN
            EXECUTE format('GRANT UPDATE (%I) ON dag_run TO dagrun_api', name);
        END IF;
    END LOOP;

    -- Native backfills, which Airflow 3 has. Only batches with max_active_runs need this: leave it out if you send none.
    IF to_regclass('backfill') IS NOT NULL THEN
        GRANT SELECT, INSERT, UPDATE ON backfill TO dagrun_api;
        GRANT SELECT, INSERT ON backfill_dag_run TO dagrun_api;
        EXECUTE format('GRANT USAGE ON SEQUENCE %s TO dagrun_api', pg_get_serial_sequence('backfill', 'id'));
        EXECUTE format('GRANT USAGE ON SEQUENCE %s TO dagrun_api', pg_get_serial_sequence('backfill_dag_run', 'id'));
    END IF;

    -- The option audit_log. Leave this out if the option is off.
    GRANT INSERT ON log TO dagrun_api;
    EXECUTE format('GRANT USAGE ON SEQUENCE %s TO dagrun_api', pg_get_serial_sequence('log', 'id'));
END
$$;
