-- What the store asks of a database. Each statement is headed by its name; {…} stands for the parts that depend on
-- the layout (dagrun_api.airflow.statements). The other backend has the same names in the same order.

-- dags
-- Every DAG in the DagBag with the newest execution date of its runs, which the unique index on it gives directly.
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE,
       (SELECT max(r.{date}) FROM dag_run r WHERE r.dag_id = d.dag_id)
FROM dag d
WHERE {live}
ORDER BY d.dag_id COLLATE "C";

-- runs
-- One page of runs by id; {filters} is any of the filter_ conditions below.
SELECT r.id, r.dag_id, r.run_id, r.state, r.{date}, r.start_date, r.end_date, {external}
FROM dag_run r
WHERE r.id > $1::bigint {filters}
ORDER BY r.id
LIMIT $2;

-- runs_of_dag
-- The same where the filters name a DAG: plus nothing keeps PostgreSQL from walking along the primary key through the
-- runs of all others, so that it sorts those of the DAG, and takes no longer for them than it has.
SELECT r.id, r.dag_id, r.run_id, r.state, r.{date}, r.start_date, r.end_date, {external}
FROM dag_run r
WHERE r.id > $1::bigint {filters}
ORDER BY r.id + 0
LIMIT $2;

-- filter_dag_id
AND r.dag_id = $#;

-- filter_state
AND r.state = $#;

-- filter_external_trigger
AND {external} = $#::boolean;

-- filter_prefix
-- Literal and case-sensitive in every collation, unlike LIKE and a range.
AND starts_with(r.run_id, $#);

-- runs_named
-- The runs with one run id: one for each DAG that has it. No index of Airflow's begins with the run id, so the DAGs are
-- taken one after the other from the index on (dag_id, run_id), and each is asked for its run; the last of them is the
-- NULL that Airflow before 2.2 lets stand there.
WITH RECURSIVE owners (dag_id) AS (
    SELECT min(n.dag_id) FROM dag_run n
    UNION ALL
    SELECT (SELECT min(n.dag_id) FROM dag_run n WHERE n.dag_id > o.dag_id) FROM owners o WHERE o.dag_id IS NOT NULL
), named (id) AS (
    SELECT n.id FROM owners o JOIN dag_run n ON n.dag_id = o.dag_id AND n.run_id = $1
    UNION ALL
    SELECT n.id FROM dag_run n WHERE n.dag_id IS NULL AND n.run_id = $1
)
SELECT r.id, r.dag_id, r.run_id, r.state, r.{date}, r.start_date, r.end_date, {external}
FROM named JOIN dag_run r ON r.id = named.id
ORDER BY r.dag_id COLLATE "C"
LIMIT $2;

-- run_of_dag
-- The run with one run id of one DAG.
SELECT r.id, r.dag_id, r.run_id, r.state, r.{date}, r.start_date, r.end_date, {external}
FROM dag_run r
WHERE r.run_id = $1 AND r.dag_id = $2
LIMIT $3;

-- serialized_dag
-- The newest serialized form of a DAG.
SELECT {serialized_key}, ({serialized_data})::text, {serialized_compressed}::bytea
FROM {serialized}
WHERE {serialized_owner} = $1
{serialized_newest};

-- batch_dag
-- The DAG that a batch is for. Its row stays locked until the transaction ends: Airflow's schedulers pass over a
-- locked DAG when they create runs, where a row of ours that they could not see yet would end their process.
SELECT d.dag_id, d.is_paused IS TRUE, ({has_import_errors})::boolean IS TRUE, ({max_active_runs})::integer,
       ({is_partitioned})::boolean IS TRUE,
       ({allowed_run_types})::text,
       (SELECT {serialized_key}
        FROM {serialized} WHERE {serialized_owner} = d.dag_id {serialized_newest}),
       (SELECT {dag_version} FROM {serialized} WHERE {serialized_owner} = d.dag_id {serialized_newest}),
       {log_template},
       {head},
       {last_scheduled}::timestamptz,
       NULL::timestamptz
FROM dag d
WHERE d.dag_id = $1 AND {live}
FOR NO KEY UPDATE OF d;

-- taken
-- Which of these dates the DAG has runs on.
SELECT r.{date}, r.run_id
FROM dag_run r
WHERE r.dag_id = $1 AND r.{date} = ANY($2::timestamptz[]);

-- last_number
-- The highest number of the run ids <prefix>_<number>_<date> of a DAG. Those with seven digits stand in the index on
-- (dag_id, run_id) in the order of their numbers, so it is the first one met from the end, however many there are; those
-- with more, of the ten millionth run on, begin behind _1.
SELECT GREATEST(
    (SELECT substr(r.run_id, length($1::text) + 2, 7)::bigint
     FROM dag_run r
     WHERE {in_batch} AND r.dag_id = $2 AND substr(r.run_id, length($1::text) + 9, 1) = '_'
     ORDER BY r.run_id DESC
     LIMIT 1),
    (SELECT max(split_part(substr(r.run_id, length($1::text) + 2), '_', 1)::bigint)
     FROM dag_run r
     WHERE {in_batch} AND r.dag_id = $2 AND r.run_id >= $1::text || '_1'
       AND substr(r.run_id, length($1::text) + 9, 1) <> '_'));

-- insert_runs
-- All runs of a batch at once, from one array a column; a date or run id that is taken is left out.
INSERT INTO dag_run ({run_columns}, {shared_columns})
SELECT {run_values}, {shared_values}
FROM unnest({arrays}) AS n ({run_columns})
ON CONFLICT DO NOTHING;

-- audit
-- A row of Airflow's own log, for its page Audit Log.
INSERT INTO log ({audit_columns})
VALUES ({audit_parameters});

-- latest_runs
-- The run with the newest execution date of each live DAG; where none has a date, the newest by id (plus nothing, which
-- keeps PostgreSQL from searching the whole primary key for the one of a DAG without runs).
SELECT r.id, r.dag_id, r.run_id, r.state, r.{date}, r.start_date, r.end_date, {external}
FROM dag d
JOIN dag_run r ON r.id = COALESCE(
    (SELECT n.id FROM dag_run n WHERE n.dag_id = d.dag_id AND n.{date} IS NOT NULL ORDER BY n.{date} DESC LIMIT 1),
    (SELECT max(n.id + 0) FROM dag_run n WHERE n.dag_id = d.dag_id))
WHERE {live}
ORDER BY d.dag_id COLLATE "C";

-- progress
-- The runs of a batch in all DAGs, counted by state: one look into the index on (dag_id, run_id) for each DAG.
SELECT r.dag_id, r.state, count(*), min(r.{date}), max(r.{date})
FROM dag d
JOIN dag_run r ON r.dag_id = d.dag_id
WHERE {in_batch}
GROUP BY r.dag_id, r.state
ORDER BY r.dag_id COLLATE "C";

-- progress_of_dag
-- The runs of a batch in one DAG, counted by state.
SELECT r.dag_id, r.state, count(*), min(r.{date}), max(r.{date})
FROM dag_run r
WHERE {in_batch} AND r.dag_id = $2
GROUP BY r.dag_id, r.state;

-- unstarted
-- The runs of a batch in all DAGs that have not started, locked; those that a scheduler has locked are its own.
SELECT r.id, r.run_id
FROM dag d
JOIN dag_run r ON r.dag_id = d.dag_id
WHERE {in_batch} AND {unstarted}
ORDER BY r.id
FOR NO KEY UPDATE OF r SKIP LOCKED;

-- unstarted_of_dag
-- The same in one DAG.
SELECT r.id, r.run_id
FROM dag_run r
WHERE {in_batch} AND r.dag_id = $2 AND {unstarted}
ORDER BY r.id
FOR NO KEY UPDATE OF r SKIP LOCKED;

-- cancel_runs
-- End runs that are locked; an end date makes Airflow's pages show them as any other failed run.
UPDATE dag_run SET state = 'failed', end_date = $2{and_updated} WHERE id = ANY($1::bigint[]);

-- set_paused
-- Pause a live DAG, or let it go on.
UPDATE dag d SET is_paused = $2 WHERE d.dag_id = $1 AND {live};

-- head
-- The revision of an Airflow schema.
SELECT version_num FROM alembic_version;

-- ping
-- Whether the database answers.
SELECT 1 FROM dag LIMIT 1;

-- counts
-- How much is in the database: live DAGs and runs.
SELECT (SELECT count(*) FROM dag d WHERE {live}), (SELECT count(*) FROM dag_run);

-- missing_privileges
-- What this database user may not do of what the service needs; tables that are not there need nothing.
SELECT needed.privilege || ' on ' || needed.name
FROM (VALUES ('dag', 'SELECT'), ('dag_run', 'SELECT'), ('serialized_dag', 'SELECT'), ('dag_version', 'SELECT'),
             ('log_template', 'SELECT'), ('alembic_version', 'SELECT'), ('dag_run', 'INSERT')) AS needed (name, privilege)
WHERE NOT has_table_privilege(to_regclass(needed.name), needed.privilege)
UNION ALL
SELECT 'UPDATE on dag (to lock its row)'
WHERE NOT has_any_column_privilege(to_regclass('dag'), 'UPDATE')
UNION ALL
SELECT 'USAGE on sequence ' || pg_get_serial_sequence('dag_run', 'id')
WHERE NOT has_sequence_privilege(pg_get_serial_sequence('dag_run', 'id'), 'USAGE')
UNION ALL
SELECT 'INSERT on log'
WHERE {has_audit} AND NOT has_table_privilege(to_regclass('log'), 'INSERT')
UNION ALL
SELECT 'USAGE on sequence ' || pg_get_serial_sequence('log', 'id')
WHERE {has_audit} AND NOT has_sequence_privilege(pg_get_serial_sequence('log', 'id'), 'USAGE');

-- retire_dags
-- Take every DAG of a database of our own out of the DagBag, before those of the catalogue are put in again.
UPDATE dag SET is_active = FALSE WHERE is_active;

-- update_dag
-- Put a DAG that was there before into the DagBag again; whether it is paused is the API's to say.
UPDATE dag SET is_active = TRUE, fileloc = $2
WHERE dag_id = $1;

-- add_dag
-- Put a new DAG into the DagBag.
INSERT INTO dag (dag_id, is_paused, is_active, fileloc)
SELECT $1::text, $3::boolean, TRUE, $2::text
WHERE NOT EXISTS (SELECT 1 FROM dag WHERE dag_id = $1::text);

-- forget_serialized_dag
-- Drop the serialized form of a DAG that has changed.
DELETE FROM serialized_dag WHERE dag_id = $1 AND dag_hash <> $2;

-- add_serialized_dag
-- Keep the serialized form of a DAG that is new or has changed.
INSERT INTO serialized_dag (dag_id, dag_hash, data, last_updated)
SELECT $1::text, $2::text, $3::text::jsonb, CURRENT_TIMESTAMP
WHERE NOT EXISTS (SELECT 1 FROM serialized_dag WHERE dag_id = $1::text);
