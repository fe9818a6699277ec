-- What the store asks of a database. Each statement is headed by its name; {…} stands for the parts that depend on
-- the layout (dagrun_api.airflow.fragments). The other backend has the same names in the same order.

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
-- The runs with one run id: one for each DAG that has it.
SELECT r.id, r.dag_id, r.run_id, r.state, r.{date}, r.start_date, r.end_date, {external}
FROM dag_run r
WHERE r.run_id = $1
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
       {last_scheduled}::timestamptz
FROM dag d
WHERE d.dag_id = $1 AND {live}
FOR NO KEY UPDATE OF d;

-- taken
-- Which of these dates the DAG has runs on.
SELECT r.{date}, r.run_id
FROM dag_run r
WHERE r.dag_id = $1 AND r.{date} = ANY($2::timestamptz[]);

-- last_number
-- The highest number of the run ids <prefix>_<number>_<date> of a DAG. The two bounds keep to the DAG's part of the
-- index on (dag_id, run_id) in every collation: behind the same prefix, digits come before letters.
SELECT max(split_part(substr(r.run_id, length($2::text) + 2), '_', 1)::bigint)
FROM dag_run r
WHERE r.dag_id = $1 AND r.run_id >= $2::text || '_0' AND r.run_id < $2::text || '_A'
  AND starts_with(r.run_id, $2::text || '_')
  AND substr(r.run_id, length($2::text) + 2) ~ '^[0-9]{{7,18}}_[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T';

-- insert_runs
-- All runs of a batch at once, from one array a column; a date or run id that is taken is left out.
INSERT INTO dag_run ({run_columns}, {shared_columns})
SELECT {run_values}, {shared_values}
FROM unnest({arrays}) AS n ({run_columns})
ON CONFLICT DO NOTHING;

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
WHERE NOT has_sequence_privilege(pg_get_serial_sequence('dag_run', 'id'), 'USAGE');

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
SELECT $1::text, $2::text, $3::jsonb, CURRENT_TIMESTAMP
WHERE NOT EXISTS (SELECT 1 FROM serialized_dag WHERE dag_id = $1::text);
