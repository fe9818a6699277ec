-- The statements of the store. A line with a name begins each of them. {…} stands for the parts that depend on the
-- layout (dagrun_api.airflow.statements) or on the dialect (statements.py). Both backends have the same names in the
-- same order, and the same parameters in the same positions.

-- dags
-- Every DAG in the DagBag with the newest execution date of its runs, which comes straight from a unique index. This
-- takes less than max() does. Seconds take less than a timestamp, and the same few are due for many DAGs.
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, {is_draining} IS TRUE,
       (SELECT r.{date} FROM dag_run r WHERE r.dag_id = d.dag_id AND r.{date} IS NOT NULL
        ORDER BY r.{date} DESC LIMIT 1),
       ({schedule})::text, date_part('epoch', ({next_run_after})::timestamptz)
FROM dag d
WHERE {live}
ORDER BY d.dag_id COLLATE "C";

-- dag_detail
-- One DAG as its row describes it, and how many of its runs are queued or running.
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, {is_draining} IS TRUE,
       (SELECT max(r.{date}) FROM dag_run r WHERE r.dag_id = d.dag_id),
       ({schedule})::text, ({max_active_runs})::integer,
       (SELECT count(*) FROM dag_run r WHERE r.dag_id = d.dag_id AND r.state IN ('queued', 'running')),
       ({next_dagrun})::timestamptz, ({next_run_after})::timestamptz, {last_scheduled}::timestamptz,
       ({owners})::text, ({description})::text, ({has_import_errors})::boolean IS TRUE,
       (SELECT {serialized_key}
        FROM {serialized} WHERE {serialized_owner} = d.dag_id {serialized_newest})
FROM dag d
WHERE d.dag_id = $1 AND {live};

-- runs
-- One page of runs by id. {beyond} is > or, for the newest first, <. {filters} is any of the filter_ conditions below,
-- {order} one of the two orders; # in a condition stands for the number of its parameter.
SELECT r.id, r.dag_id, r.run_id, r.state, r.{date}, r.start_date, r.end_date, {external}
FROM dag_run r
WHERE r.id {beyond} $1::bigint {filters}
ORDER BY {order}
LIMIT $2;

-- order
r.id;

-- order_in_dag
-- Where a filter names the DAG. Adding nothing keeps PostgreSQL from walking along the primary key through the runs of
-- all other DAGs: it sorts those of this DAG instead.
r.id + 0;

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
-- The runs with one run id, at most one for each DAG, as their whole rows describe them. No index of Airflow begins with the run id. So this steps through
-- the DAGs in the index on (dag_id, run_id) and looks the run up in each; the second part finds runs whose dag_id is
-- NULL, which Airflow before 2.2 allows.
WITH RECURSIVE owners (dag_id) AS (
    SELECT min(n.dag_id) FROM dag_run n
    UNION ALL
    SELECT (SELECT min(n.dag_id) FROM dag_run n WHERE n.dag_id > o.dag_id) FROM owners o WHERE o.dag_id IS NOT NULL
), named (id) AS (
    SELECT n.id FROM owners o JOIN dag_run n ON n.dag_id = o.dag_id AND n.run_id = $1
    UNION ALL
    SELECT n.id FROM dag_run n WHERE n.dag_id IS NULL AND n.run_id = $1
)
SELECT r.id, r.dag_id, r.run_id, r.state, r.{date}, r.start_date, r.end_date, {external},
       ({data_interval_start})::timestamptz, ({data_interval_end})::timestamptz, ({run_after})::timestamptz,
       {queued_at}, ({conf})::text
FROM named JOIN dag_run r ON r.id = named.id
ORDER BY r.dag_id COLLATE "C"
LIMIT $2;

-- run_of_dag
-- The run with one run id of one DAG. A shared pool may have its own codecs for json, so conf is read as text.
SELECT r.id, r.dag_id, r.run_id, r.state, r.{date}, r.start_date, r.end_date, {external},
       ({data_interval_start})::timestamptz, ({data_interval_end})::timestamptz, ({run_after})::timestamptz,
       {queued_at}, ({conf})::text
FROM dag_run r
WHERE r.run_id = $1 AND r.dag_id = $2
LIMIT $3;

-- serialized_dag
-- The newest serialized form of a DAG.
SELECT {serialized_key}, ({serialized_data})::text, {serialized_compressed}::bytea
FROM {serialized}
WHERE {serialized_owner} = $1
{serialized_newest};

-- lock_dag
-- Lock the row of a DAG until the transaction ends. Airflow's schedulers skip a locked DAG when they create runs;
-- without the lock, a new run that they cannot see yet would end their process.
SELECT d.dag_id FROM dag d WHERE d.dag_id = $1 AND {live} FOR NO KEY UPDATE;

-- target_dag
-- A DAG as it matters for a batch.
SELECT d.dag_id, d.is_paused IS TRUE, {is_draining} IS TRUE, ({has_import_errors})::boolean IS TRUE,
       ({max_active_runs})::integer, {is_asset_gated} IS TRUE,
       ({is_partitioned})::boolean IS TRUE,
       ({allowed_run_types})::text,
       (SELECT {serialized_key}
        FROM {serialized} WHERE {serialized_owner} = d.dag_id {serialized_newest}),
       (SELECT {dag_version} FROM {serialized} WHERE {serialized_owner} = d.dag_id {serialized_newest}),
       {log_template},
       {head},
       {last_scheduled}::timestamptz,
       NULL::timestamptz,
       ({next_dagrun})::timestamptz
FROM dag d
WHERE d.dag_id = $1 AND {live};

-- taken
-- Which of these dates have a run of the DAG. A join, because with = ANY, a plan made while the table was empty compares
-- each date with each run: 0.8 seconds for 8,192 dates and 50,000 runs, instead of 0.02.
SELECT r.{date}, r.run_id
FROM unnest($2::timestamptz[]) AS n (date)
JOIN dag_run r ON r.dag_id = $1 AND r.{date} = n.date;

-- runs_on
-- The runs of a DAG on these dates; a join for the same reason.
SELECT r.id, r.dag_id, r.run_id, r.state, r.{date}, r.start_date, r.end_date, {external}
FROM unnest($2::timestamptz[]) AS n (date)
JOIN dag_run r ON r.dag_id = $1 AND r.{date} = n.date;

-- last_run
-- The highest number among the run ids <prefix>_<number>_<date> of a DAG, and the backfill of that run. Numbers with
-- seven digits are in order in the index on (dag_id, run_id), so the first one from the end is the highest, however many
-- runs there are. Longer numbers, from the ten millionth run on, come after _1.
SELECT n.number, n.backfill_id
FROM (
    (SELECT substr(r.run_id, length($1::text) + 2, 7)::bigint AS number, ({backfill_id})::integer AS backfill_id
     FROM dag_run r
     WHERE {in_batch} AND r.dag_id = $2 AND COALESCE(substr(r.run_id, length($1::text) + 9, 1) = '_', FALSE)
     ORDER BY r.run_id DESC
     LIMIT 1)
    UNION ALL
    (SELECT split_part(substr(r.run_id, length($1::text) + 2), '_', 1)::bigint, ({backfill_id})::integer
     FROM dag_run r
     WHERE {in_batch} AND r.dag_id = $2 AND r.run_id >= $1::text || '_1'
       AND substr(r.run_id, length($1::text) + 9, 1) <> '_'
     ORDER BY 1 DESC
     LIMIT 1)
) n
ORDER BY n.number DESC
LIMIT 1;

-- has_number
-- Whether a DAG has a run id that begins with this prefix and number. The last number may take long to find, where the
-- prefix of a large batch begins with this one; so it is found without a lock, and under the lock the next one is tried.
SELECT EXISTS (
    SELECT 1 FROM dag_run r
    WHERE r.dag_id = $2 AND r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
      AND starts_with(r.run_id, $1::text || '_'));

-- backfill_of
-- The native backfill of some run of a batch. It reads all runs of a batch that has none, so it is asked only where the
-- last run has none.
SELECT {backfill_id}
FROM dag_run r
WHERE {in_batch} AND r.dag_id = $2 AND {backfill_id} IS NOT NULL
ORDER BY r.run_id DESC
LIMIT 1;

-- backfills
-- Native backfills by their ids. Those that were created to run dates again have taken over runs of others, and are
-- not what these runs were created in.
SELECT b.id, b.max_active_runs, b.is_paused IS TRUE, b.completed_at IS NOT NULL
FROM backfill b
WHERE b.id = ANY($1::integer[]) AND b.reprocess_behavior = 'none';

-- running_runs
-- How many runs are running; a partial index holds just these.
SELECT count(*) FROM dag_run r WHERE r.state = 'running';

-- add_backfill
-- A new native backfill. Airflow completes one without runs at once, so they come in the same transaction.
INSERT INTO backfill ({backfill_columns})
VALUES ({backfill_values})
RETURNING id;

-- join_backfill
-- Widen a native backfill for further runs, and reopen it if it has ended; Airflow leaves one that it cancels paused. A
-- limit that is NULL stays as it is.
UPDATE backfill
SET max_active_runs = COALESCE($2::integer, max_active_runs),
    from_date = LEAST(from_date, $3::timestamptz), to_date = GREATEST(to_date, $4::timestamptz),
    is_paused = (is_paused IS TRUE AND completed_at IS NULL), completed_at = NULL, updated_at = $5::timestamptz
WHERE id = $1::integer;

-- insert_runs
-- All runs of a batch at once, from one array for each column. A date or run id that is taken is left out, and the
-- number of rows shows it.
INSERT INTO dag_run ({run_columns}, {shared_columns})
SELECT {run_values}, {shared_values}
FROM unnest({arrays}) AS n ({run_columns})
ON CONFLICT DO NOTHING;

-- add_backfill_runs
-- Make runs that were just inserted those of a native backfill. A JSON object holds the ordinal of each run id. LIMIT
-- makes PostgreSQL look each run up by its id; a plain join may read all runs of the DAG instead.
INSERT INTO backfill_dag_run (backfill_id, dag_run_id, logical_date, sort_ordinal)
SELECT $1::integer, r.id, r.{date}, n.sort_ordinal::integer
FROM json_each_text($3::text::json) AS n (run_id, sort_ordinal)
CROSS JOIN LATERAL (SELECT o.id, o.{date} FROM dag_run o WHERE o.dag_id = $2 AND o.run_id = n.run_id LIMIT 1) r;

-- audit
-- A row of Airflow's log, which its page Audit Log shows.
INSERT INTO log ({audit_columns})
VALUES ({audit_values});

-- latest_runs
-- The run with the newest execution date of each live DAG, or its newest run by id if none has a date. (Adding nothing
-- to the id keeps the database from searching the whole primary key for a DAG that has no runs.)
SELECT r.id, r.dag_id, r.run_id, r.state, r.{date}, r.start_date, r.end_date, {external}
FROM dag d
JOIN dag_run r ON r.id = COALESCE(
    (SELECT n.id FROM dag_run n WHERE n.dag_id = d.dag_id AND n.{date} IS NOT NULL ORDER BY n.{date} DESC LIMIT 1),
    (SELECT max(n.id + 0) FROM dag_run n WHERE n.dag_id = d.dag_id))
WHERE {live}
ORDER BY d.dag_id COLLATE "C";

-- progress
-- The runs of a batch in all DAGs, counted by state: one search of the index on (dag_id, run_id) for each DAG.
SELECT r.dag_id, r.state, count(*), min(r.{date}), max(r.{date}), max({backfill_id}),
       sum(CASE WHEN r.state = 'failed' AND {never_started} THEN 1 ELSE 0 END), min({queued_at}), max(r.end_date)
FROM dag d
JOIN dag_run r ON r.dag_id = d.dag_id
WHERE {in_batch}
GROUP BY r.dag_id, r.state
ORDER BY r.dag_id COLLATE "C";

-- progress_of_dag
-- The runs of a batch in one DAG, counted by state.
SELECT r.dag_id, r.state, count(*), min(r.{date}), max(r.{date}), max({backfill_id}),
       sum(CASE WHEN r.state = 'failed' AND {never_started} THEN 1 ELSE 0 END), min({queued_at}), max(r.end_date)
FROM dag_run r
WHERE {in_batch} AND r.dag_id = $2
GROUP BY r.dag_id, r.state;

-- newest_batches
-- The newest batches of all DAGs: those whose last run has an id below $1, by this id. The last run of a batch is the
-- last one in the index on (dag_id, run_id). This walks down the primary key from run to run of a batch, past those
-- that the schedule made, and past the others of a batch whose last run it has met. It ends after $2 batches, with the
-- first batch after $3 runs of others (as the numbers of the last ones tell), after $4 ids, or after $5 steps. Each row
-- is a step; before the first one comes a row that stands above the first id.
WITH RECURSIVE walk (id, last_id, number, batches, runs, steps, bottom) AS (
    SELECT t.id + 1::bigint, NULL::bigint, 0::bigint, 0, 0::bigint, 0, t.id - $4::bigint
    FROM (SELECT r.id FROM dag_run r WHERE r.id < $1::bigint ORDER BY r.id DESC LIMIT 1) t
    UNION ALL
    SELECT n.id, (SELECT r.id FROM dag_run r WHERE r.dag_id = n.dag_id AND {in_its_batch} ORDER BY r.run_id DESC LIMIT 1),
           n.number, w.batches + CASE WHEN w.last_id = w.id THEN 1 ELSE 0 END,
           w.runs + CASE WHEN w.last_id = w.id THEN w.number ELSE 0 END, w.steps + 1, w.bottom
    FROM walk w
    LEFT JOIN dag_run o ON o.id = w.id AND w.last_id >= w.id
    CROSS JOIN LATERAL (
        SELECT r.id::bigint, r.dag_id, {prefix} AS prefix, substring(r.run_id FROM '_([0-9]{{7,18}})_[^_]*$')::bigint AS number
        FROM dag_run r
        WHERE r.id < w.id AND r.id > w.bottom AND r.dag_id IS NOT NULL
          AND CASE WHEN starts_with(r.run_id, 'scheduled__') THEN FALSE
                   WHEN r.dag_id = o.dag_id AND (left(r.run_id, -27) = left(o.run_id, -27)
                        OR right(r.run_id, 7) LIKE '.______' AND right(o.run_id, 7) LIKE '.______'
                       AND left(r.run_id, -34) = left(o.run_id, -34)) THEN FALSE
                   ELSE {is_of_batch} END
        ORDER BY r.id DESC
        LIMIT 1) n
    WHERE w.batches + CASE WHEN w.last_id = w.id THEN 1 ELSE 0 END < $2::integer
      AND (w.runs < $3::bigint OR w.last_id <> w.id) AND w.steps < $5::integer
)
SELECT w.id, o.dag_id, o.run_id, COALESCE(w.last_id = w.id, FALSE),
       (SELECT r.id FROM dag_run r WHERE r.id <= w.bottom ORDER BY r.id DESC LIMIT 1)
FROM walk w
LEFT JOIN dag_run o ON o.id = w.id
ORDER BY w.steps;

-- newest_batches_of_dag
-- The newest batches of one DAG, as above. The index on (dag_id, run_id) has its runs without those that the schedule
-- made, from the year 1000 on. A collation that ignores case or punctuation finds scheduled_0000001 near them as well;
-- the first numbers of a batch are smaller than a year of four digits, as text and as numbers.
SELECT l.id, $2::text, l.run_id, TRUE, NULL
FROM (
    SELECT max(r.run_id) AS run_id
    FROM (SELECT o.run_id FROM dag_run o WHERE o.dag_id = $2 AND o.run_id < 'scheduled__1000'
          UNION ALL
          SELECT o.run_id FROM dag_run o WHERE o.dag_id = $2 AND o.run_id >= 'scheduled__3000') r
    WHERE NOT starts_with(r.run_id, 'scheduled__') AND {is_of_batch}
    GROUP BY {prefix}) b
CROSS JOIN LATERAL (SELECT r.id, r.run_id FROM dag_run r WHERE r.dag_id = $2 AND r.run_id = b.run_id LIMIT 1) l
WHERE l.id < $1::bigint
ORDER BY l.id DESC
LIMIT $3;

-- progress_of_batches
-- The runs of several batches, each given by its DAG and its prefix, counted by state.
SELECT n.place, r.state, count(*), min(r.{date}), max(r.{date}), max({backfill_id}),
       sum(CASE WHEN r.state = 'failed' AND {never_started} THEN 1 ELSE 0 END), min({queued_at}), max(r.end_date)
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n (dag_id, prefix, place)
JOIN dag_run r ON r.dag_id = n.dag_id AND {in_its_batch}
GROUP BY n.place, r.state
ORDER BY n.place;

-- unstarted
-- The first runs of a batch in one DAG, after a run id, that have not started, locked. Runs that a scheduler has locked
-- are left to it.
SELECT r.id, r.run_id
FROM dag_run r
WHERE {in_batch} AND r.dag_id = $2 AND r.run_id > $3 AND {unstarted}
ORDER BY r.run_id
LIMIT $4
FOR NO KEY UPDATE OF r SKIP LOCKED;

-- cancel_runs
-- End runs that are locked. The end date makes Airflow's pages show them like any other failed run.
UPDATE dag_run SET state = 'failed', end_date = $2{and_updated} WHERE id = ANY($1::bigint[]);

-- lock_backfills
-- Lock native backfills until the transaction ends, in one order for all.
SELECT b.id FROM backfill b WHERE b.id = ANY($1::integer[]) ORDER BY b.id FOR NO KEY UPDATE;

-- limit_backfill
-- Give a native backfill another limit.
UPDATE backfill SET max_active_runs = $2::integer, updated_at = $3::timestamptz WHERE id = $1::integer;

-- pause_backfills
-- Pause native backfills, or continue with them. Airflow refuses to pause one that has ended.
UPDATE backfill SET is_paused = $2::boolean, updated_at = $3::timestamptz
WHERE id = ANY($1::integer[]) AND completed_at IS NULL
RETURNING id;

-- end_backfills
-- Let native backfills that were cancelled be paused no longer: runs that are cleared later would never start. Those
-- without a run that is queued or running are complete; the scheduler completes the others.
UPDATE backfill b
SET is_paused = FALSE, updated_at = $2::timestamptz,
    completed_at = CASE
        WHEN EXISTS (SELECT 1 FROM dag_run r WHERE r.backfill_id = b.id AND r.state IN ('queued', 'running')
                       AND r.dag_id = b.dag_id)
        THEN b.completed_at ELSE COALESCE(b.completed_at, $2::timestamptz) END
WHERE b.id = ANY($1::integer[]);

-- failed
-- The first failed runs of a batch in one DAG, after a run id, and whether each is without any task instance.
SELECT r.run_id, {requeueable}
FROM dag_run r
WHERE {in_batch} AND r.dag_id = $2 AND r.run_id > $3 AND r.state = 'failed'
ORDER BY r.run_id
LIMIT $4;

-- requeueable
-- Those of them without any task instance, locked. Runs that another writer has locked are left to it.
SELECT r.id, r.run_id
FROM dag_run r
WHERE {in_batch} AND r.dag_id = $2 AND r.run_id > $3 AND r.state = 'failed' AND {requeueable}
ORDER BY r.run_id
LIMIT $4
FOR NO KEY UPDATE OF r SKIP LOCKED;

-- requeue_runs
-- Put runs that are locked back into the queue.
UPDATE dag_run SET {requeued} WHERE id = ANY($1::bigint[]);

-- reopen_backfills
-- Open native backfills again that have ended, but have an active run. One that Airflow has cancelled is also paused,
-- which its scheduler heeds whether or not it has ended.
UPDATE backfill b SET is_paused = FALSE, completed_at = NULL, updated_at = $2::timestamptz
WHERE b.id = ANY($1::integer[]) AND b.completed_at IS NOT NULL
  AND EXISTS (SELECT 1 FROM dag_run r WHERE r.backfill_id = b.id AND r.state IN ('queued', 'running')
                AND r.dag_id = b.dag_id);

-- set_paused
-- Pause or unpause a live DAG. Since Airflow 3.4 it may be draining instead, which ends with either.
UPDATE dag d SET is_paused = $2{and_not_draining} WHERE d.dag_id = $1 AND {live};

-- counts
-- The number of live DAGs, and of runs.
SELECT (SELECT count(*) FROM dag d WHERE {live}), (SELECT count(*) FROM dag_run);

-- retire_dags
-- Take every DAG of the built-in database out of the DagBag; the next statements put those of the catalogue back.
UPDATE dag SET is_active = FALSE WHERE is_active;

-- update_dag
-- Put a DAG that was there before back into the DagBag. Only the API decides whether it is paused.
UPDATE dag SET is_active = TRUE, fileloc = $2
WHERE dag_id = $1;

-- add_dag
-- Put a new DAG into the DagBag.
INSERT INTO dag (dag_id, is_paused, is_active, fileloc)
SELECT $1::text, $3::boolean, TRUE, $2::text
WHERE NOT EXISTS (SELECT 1 FROM dag WHERE dag_id = $1::text);

-- forget_serialized_dag
-- Delete the serialized form of a DAG that has changed.
DELETE FROM serialized_dag WHERE dag_id = $1 AND dag_hash <> $2;

-- add_serialized_dag
-- Store the serialized form of a DAG that is new or has changed.
INSERT INTO serialized_dag (dag_id, dag_hash, data, last_updated)
SELECT $1::text, $2::text, $3::text::jsonb, CURRENT_TIMESTAMP
WHERE NOT EXISTS (SELECT 1 FROM serialized_dag WHERE dag_id = $1::text);
