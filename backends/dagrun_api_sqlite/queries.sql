-- The statements of the store. A line with a name begins each of them. {…} stands for the parts that depend on the
-- layout (dagrun_api.airflow.statements) or on the dialect (statements.py). Both backends have the same names in the
-- same order, and the same parameters in the same positions.

-- dags
-- Every DAG in the DagBag with the newest execution date of its runs, which comes straight from a unique index. This
-- takes less than max() does; a date that is NULL comes last.
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, {is_draining} IS TRUE,
       (SELECT r.{date} FROM dag_run r WHERE r.dag_id = d.dag_id ORDER BY r.{date} DESC LIMIT 1),
       {schedule}, {next_run_after}
FROM dag d
WHERE {live}
ORDER BY d.dag_id;

-- dag_detail
-- One DAG as its row describes it, and how many of its runs are queued or running.
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, {is_draining} IS TRUE,
       (SELECT max(r.{date}) FROM dag_run r WHERE r.dag_id = d.dag_id),
       {schedule}, {max_active_runs},
       (SELECT count(*) FROM dag_run r WHERE r.dag_id = d.dag_id AND r.state IN ('queued', 'running')),
       {next_dagrun}, {next_run_after}, {last_scheduled},
       {owners}, {description}, {has_import_errors} IS TRUE,
       (SELECT {serialized_key}
        FROM {serialized} WHERE {serialized_owner} = d.dag_id {serialized_newest})
FROM dag d
WHERE d.dag_id = ?1 AND {live};

-- runs
-- One page of runs by id. {beyond} is > or, for the newest first, <. {filters} is any of the filter_ conditions below,
-- {order} one of the two orders; # in a condition stands for the number of its parameter.
SELECT r.id, r.dag_id, r.run_id, r.state, r.{date}, r.start_date, r.end_date, {external}
FROM dag_run r
WHERE r.id {beyond} ?1 {filters}
ORDER BY {order}
LIMIT ?2;

-- order
r.id;

-- order_in_dag
-- Where a filter names the DAG. The index on dag_id has the ids in order.
r.id;

-- filter_dag_id
AND r.dag_id = ?#;

-- filter_state
AND r.state = ?#;

-- filter_external_trigger
AND {external} = ?#;

-- filter_prefix
-- Literal and case-sensitive, unlike LIKE.
AND instr(r.run_id, ?#) = 1;

-- runs_named
-- The runs with one run id, at most one for each DAG, as their whole rows describe them. No index of Airflow begins with the run id. So this steps through
-- the DAGs in the index on (dag_id, run_id) and looks the run up in each; the second part finds runs whose dag_id is
-- NULL, which Airflow before 2.2 allows.
WITH RECURSIVE owners (dag_id) AS (
    SELECT min(n.dag_id) FROM dag_run n
    UNION ALL
    SELECT (SELECT min(n.dag_id) FROM dag_run n WHERE n.dag_id > o.dag_id) FROM owners o WHERE o.dag_id IS NOT NULL
), named (id) AS (
    SELECT n.id FROM owners o JOIN dag_run n ON n.dag_id = o.dag_id AND n.run_id = ?1
    UNION ALL
    SELECT n.id FROM dag_run n WHERE n.dag_id IS NULL AND n.run_id = ?1
)
SELECT r.id, r.dag_id, r.run_id, r.state, r.{date}, r.start_date, r.end_date, {external},
       {data_interval_start}, {data_interval_end}, {run_after},
       {queued_at}, {conf}
FROM named JOIN dag_run r ON r.id = named.id
ORDER BY r.dag_id
LIMIT ?2;

-- run_of_dag
-- The run with one run id of one DAG.
SELECT r.id, r.dag_id, r.run_id, r.state, r.{date}, r.start_date, r.end_date, {external},
       {data_interval_start}, {data_interval_end}, {run_after},
       {queued_at}, {conf}
FROM dag_run r
WHERE r.run_id = ?1 AND r.dag_id = ?2
LIMIT ?3;

-- serialized_dag
-- The newest serialized form of a DAG.
SELECT {serialized_key}, {serialized_data}, {serialized_compressed}
FROM {serialized}
WHERE {serialized_owner} = ?1
{serialized_newest};

-- lock_dag
-- BEGIN IMMEDIATE has locked the database already.
SELECT d.dag_id FROM dag d WHERE d.dag_id = ?1 AND {live};

-- target_dag
-- A DAG as it matters for a batch. A scheduler may have looked for a run on its next date just before the transaction,
-- and fails if it then finds a new one there; so this returns that date, too.
SELECT d.dag_id, d.is_paused IS TRUE, {is_draining} IS TRUE, {has_import_errors} IS TRUE,
       {max_active_runs}, {is_asset_gated} IS TRUE,
       {is_partitioned} IS TRUE,
       {allowed_run_types},
       (SELECT {serialized_key}
        FROM {serialized} WHERE {serialized_owner} = d.dag_id {serialized_newest}),
       (SELECT {dag_version} FROM {serialized} WHERE {serialized_owner} = d.dag_id {serialized_newest}),
       {log_template},
       {head},
       {last_scheduled},
       CASE WHEN d.is_paused IS TRUE THEN NULL ELSE {next_dagrun} END,
       {next_dagrun}
FROM dag d
WHERE d.dag_id = ?1 AND {live};

-- taken
-- Which of these dates have a run of the DAG. The dates come as one JSON array.
SELECT r.{date}, r.run_id
FROM dag_run r
WHERE r.dag_id = ?1 AND r.{date} IN (SELECT value FROM json_each(?2));

-- runs_on
-- The runs of a DAG on these dates.
SELECT r.id, r.dag_id, r.run_id, r.state, r.{date}, r.start_date, r.end_date, {external}
FROM dag_run r
WHERE r.dag_id = ?1 AND r.{date} IN (SELECT value FROM json_each(?2));

-- last_run
-- The highest number among the run ids <prefix>_<number>_<date> of a DAG, and the backfill of that run. Numbers with
-- seven digits are in order in the index on (dag_id, run_id), so the first one from the end is the highest, however many
-- runs there are. Longer numbers, from the ten millionth run on, come after _1. That search repeats the upper bound and
-- not the lower one: of two lower bounds SQLite may choose the wrong one.
SELECT n.number, n.backfill_id
FROM (
    SELECT * FROM (
        SELECT CAST(substr(r.run_id, length(?1) + 2, 7) AS INTEGER) AS number, {backfill_id} AS backfill_id
        FROM dag_run r
        WHERE {in_batch} AND r.dag_id = ?2 AND substr(r.run_id, length(?1) + 9, 1) = '_'
        ORDER BY r.run_id DESC
        LIMIT 1)
    UNION ALL
    SELECT * FROM (
        SELECT CAST(substr(r.run_id, length(?1) + 2) AS INTEGER) AS number, {backfill_id} AS backfill_id
        FROM dag_run r
        WHERE r.dag_id = ?2 AND r.run_id >= ?1 || '_1' AND r.run_id < ?1 || '_A' AND {numbered}
          AND substr(r.run_id, length(?1) + 9, 1) <> '_'
        ORDER BY number DESC
        LIMIT 1)
) n
ORDER BY n.number DESC
LIMIT 1;

-- has_number
-- Whether a DAG has a run id that begins with this prefix and number. The last number may take long to find, where the
-- prefix of a large batch begins with this one; so it is found without a lock, and under the lock the next one is tried.
SELECT EXISTS (
    SELECT 1 FROM dag_run r
    WHERE r.dag_id = ?2 AND r.run_id >= ?1 || '_0' AND r.run_id < ?1 || '_A'
      AND instr(r.run_id, ?1 || '_') = 1);

-- backfill_of
-- The native backfill of some run of a batch. It reads all runs of a batch that has none, so it is asked only where the
-- last run has none.
SELECT {backfill_id}
FROM dag_run r
WHERE {in_batch} AND r.dag_id = ?2 AND {backfill_id} IS NOT NULL
ORDER BY r.run_id DESC
LIMIT 1;

-- backfills
-- Native backfills by their ids. Those that were created to run dates again have taken over runs of others, and are
-- not what these runs were created in.
SELECT b.id, b.max_active_runs, b.is_paused IS TRUE, b.completed_at IS NOT NULL
FROM backfill b
WHERE b.id IN (SELECT value FROM json_each(?1)) AND b.reprocess_behavior = 'none';

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
SET max_active_runs = COALESCE(?2, max_active_runs),
    from_date = min(from_date, ?3), to_date = max(to_date, ?4),
    is_paused = (is_paused IS TRUE AND completed_at IS NULL), completed_at = NULL, updated_at = ?5
WHERE id = ?1;

-- insert_runs
-- One run of a batch, executed for each. A date or run id that is taken is left out, and the number of rows shows it.
INSERT INTO dag_run ({run_columns}, {shared_columns})
VALUES ({run_values}, {shared_values})
ON CONFLICT DO NOTHING;

-- add_backfill_runs
-- Make runs that were just inserted those of a native backfill. A JSON object holds the ordinal of each run id.
INSERT INTO backfill_dag_run (backfill_id, dag_run_id, logical_date, sort_ordinal)
SELECT ?1, r.id, r.{date}, n.value
FROM json_each(?3) n
CROSS JOIN dag_run r ON r.dag_id = ?2 AND r.run_id = n.key;

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
ORDER BY d.dag_id;

-- progress
-- The runs of a batch in all DAGs, counted by state: one search of the index on (dag_id, run_id) for each DAG.
SELECT r.dag_id, r.state, count(*), min(r.{date}), max(r.{date}), max({backfill_id}),
       sum(CASE WHEN r.state = 'failed' AND {never_started} THEN 1 ELSE 0 END), min({queued_at}), max(r.end_date)
FROM dag d
JOIN dag_run r ON r.dag_id = d.dag_id
WHERE {in_batch}
GROUP BY r.dag_id, r.state
ORDER BY r.dag_id;

-- progress_of_dag
-- The runs of a batch in one DAG, counted by state.
SELECT r.dag_id, r.state, count(*), min(r.{date}), max(r.{date}), max({backfill_id}),
       sum(CASE WHEN r.state = 'failed' AND {never_started} THEN 1 ELSE 0 END), min({queued_at}), max(r.end_date)
FROM dag_run r
WHERE {in_batch} AND r.dag_id = ?2
GROUP BY r.dag_id, r.state;

-- newest_batches
-- The newest batches of all DAGs: those whose last run has an id below ?1, by this id. The last run of a batch is the
-- last one in the index on (dag_id, run_id). This walks down the primary key from run to run of a batch, past those
-- that the schedule made, and past the others of a batch whose last run it has met. It ends after ?2 batches, with the
-- first batch after ?3 runs of others (as the numbers of the last ones tell), after ?4 ids, or after ?5 steps. Each row
-- is a step; before the first one comes a row that stands above the first id.
WITH RECURSIVE walk (id, last_id, number, batches, runs, steps, bottom) AS (
    SELECT t.id + 1, NULL, 0, 0, 0, 0, t.id - ?4
    FROM (SELECT r.id FROM dag_run r WHERE r.id < ?1 ORDER BY r.id DESC LIMIT 1) t
    UNION ALL
    SELECT n.id, (SELECT r.id FROM dag_run r WHERE r.dag_id = n.dag_id AND {in_its_batch} ORDER BY r.run_id DESC LIMIT 1),
           {number_of_n}, w.batches + (w.last_id IS w.id), w.runs + iif(w.last_id = w.id, w.number, 0),
           w.steps + 1, w.bottom
    FROM walk w
    LEFT JOIN dag_run o ON o.id = w.id AND w.last_id >= w.id
    JOIN dag_run n ON n.id = (
        SELECT r.id
        FROM dag_run r
        WHERE r.id < w.id AND r.id > w.bottom AND substr(r.run_id, 1, 11) <> 'scheduled__' AND r.dag_id IS NOT NULL
          AND CASE WHEN r.dag_id = o.dag_id
                    AND (substr(r.run_id, 1, length(r.run_id) - 27) = substr(o.run_id, 1, length(o.run_id) - 27)
                         OR substr(r.run_id, -7, 1) = '.' AND substr(o.run_id, -7, 1) = '.'
                        AND substr(r.run_id, 1, length(r.run_id) - 34) = substr(o.run_id, 1, length(o.run_id) - 34))
                   THEN FALSE ELSE {is_of_batch} END
        ORDER BY r.id DESC
        LIMIT 1)
    WHERE w.batches + (w.last_id IS w.id) < ?2 AND (w.runs < ?3 OR w.last_id <> w.id) AND w.steps < ?5
)
SELECT w.id, o.dag_id, o.run_id, w.last_id IS w.id,
       (SELECT r.id FROM dag_run r WHERE r.id <= w.bottom ORDER BY r.id DESC LIMIT 1)
FROM walk w
LEFT JOIN dag_run o ON o.id = w.id
ORDER BY w.steps;

-- newest_batches_of_dag
-- The newest batches of one DAG, as above. The index on (dag_id, run_id) has its runs without those that the schedule
-- made.
SELECT l.id, l.dag_id, l.run_id, TRUE, NULL
FROM (
    SELECT max(r.run_id) AS run_id
    FROM (SELECT o.run_id FROM dag_run o WHERE o.dag_id = ?2 AND o.run_id < 'scheduled__1000'
          UNION ALL
          SELECT o.run_id FROM dag_run o WHERE o.dag_id = ?2 AND o.run_id >= 'scheduled__3000') r
    WHERE substr(r.run_id, 1, 11) <> 'scheduled__' AND {is_of_batch}
    GROUP BY {prefix}) b
CROSS JOIN dag_run l ON l.dag_id = ?2 AND l.run_id = b.run_id
WHERE l.id < ?1
ORDER BY l.id DESC
LIMIT ?3;

-- progress_of_batches
-- The runs of several batches, each given by its DAG and its prefix, counted by state. Both come as JSON arrays.
SELECT n.place, r.state, count(*), min(r.{date}), max(r.{date}), max({backfill_id}),
       sum(CASE WHEN r.state = 'failed' AND {never_started} THEN 1 ELSE 0 END), min({queued_at}), max(r.end_date)
FROM (SELECT a.key + 1 AS place, a.value AS dag_id, p.value AS prefix
      FROM json_each(?1) a JOIN json_each(?2) p ON p.key = a.key) n
CROSS JOIN dag_run r ON r.dag_id = n.dag_id AND {in_listed_batch}
GROUP BY n.place, r.state
ORDER BY n.place;

-- unstarted
-- The first runs of a batch in one DAG, after a run id, that have not started. BEGIN IMMEDIATE has locked the database
-- already. There is one lower bound only: of two, SQLite may choose the wrong one.
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.dag_id = ?2 AND r.run_id > max(?1 || '_0', ?3) AND r.run_id < ?1 || '_A' AND {numbered} AND {unstarted}
ORDER BY r.run_id
LIMIT ?4;

-- cancel_runs
-- End runs. The end date makes Airflow's pages show them like any other failed run.
UPDATE dag_run SET state = 'failed', end_date = ?2{and_updated} WHERE id IN (SELECT value FROM json_each(?1));

-- lock_backfills
-- BEGIN IMMEDIATE has locked the database already.
SELECT b.id FROM backfill b WHERE b.id IN (SELECT value FROM json_each(?1)) ORDER BY b.id;

-- limit_backfill
-- Give a native backfill another limit.
UPDATE backfill SET max_active_runs = ?2, updated_at = ?3 WHERE id = ?1;

-- pause_backfills
-- Pause native backfills, or continue with them. Airflow refuses to pause one that has ended.
UPDATE backfill SET is_paused = ?2, updated_at = ?3
WHERE id IN (SELECT value FROM json_each(?1)) AND completed_at IS NULL
RETURNING id;

-- end_backfills
-- Let native backfills that were cancelled be paused no longer: runs that are cleared later would never start. Those
-- without a run that is queued or running are complete; the scheduler completes the others.
UPDATE backfill
SET is_paused = FALSE, updated_at = ?2,
    completed_at = CASE
        WHEN EXISTS (SELECT 1 FROM dag_run r WHERE r.backfill_id = backfill.id AND r.state IN ('queued', 'running')
                       AND r.dag_id = backfill.dag_id)
        THEN completed_at ELSE COALESCE(completed_at, ?2) END
WHERE id IN (SELECT value FROM json_each(?1));

-- failed
-- The first failed runs of a batch in one DAG, after a run id, and whether each is without any task instance.
SELECT r.run_id, {requeueable}
FROM dag_run r
WHERE r.dag_id = ?2 AND r.run_id > max(?1 || '_0', ?3) AND r.run_id < ?1 || '_A' AND {numbered}
  AND r.state = 'failed'
ORDER BY r.run_id
LIMIT ?4;

-- requeueable
-- Those of them without any task instance. BEGIN IMMEDIATE has locked the database already.
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.dag_id = ?2 AND r.run_id > max(?1 || '_0', ?3) AND r.run_id < ?1 || '_A' AND {numbered}
  AND r.state = 'failed' AND {requeueable}
ORDER BY r.run_id
LIMIT ?4;

-- requeue_runs
-- Put runs back into the queue.
UPDATE dag_run SET {requeued} WHERE id IN (SELECT value FROM json_each(?1));

-- reopen_backfills
-- Open native backfills again that have ended, but have an active run. One that Airflow has cancelled is also paused,
-- which its scheduler heeds whether or not it has ended.
UPDATE backfill SET is_paused = FALSE, completed_at = NULL, updated_at = ?2
WHERE id IN (SELECT value FROM json_each(?1)) AND completed_at IS NOT NULL
  AND EXISTS (SELECT 1 FROM dag_run r WHERE r.backfill_id = backfill.id AND r.state IN ('queued', 'running')
                AND r.dag_id = backfill.dag_id);

-- set_paused
-- Pause or unpause a live DAG. Since Airflow 3.4 it may be draining instead, which ends with either.
UPDATE dag AS d SET is_paused = ?2{and_not_draining} WHERE d.dag_id = ?1 AND {live};

-- counts
-- The number of live DAGs, and of runs.
SELECT (SELECT count(*) FROM dag d WHERE {live}), (SELECT count(*) FROM dag_run);

-- retire_dags
-- Take every DAG of the built-in database out of the DagBag; the next statements put those of the catalogue back.
UPDATE dag SET is_active = FALSE WHERE is_active;

-- update_dag
-- Put a DAG that was there before back into the DagBag. Only the API decides whether it is paused.
UPDATE dag SET is_active = TRUE, fileloc = ?2
WHERE dag_id = ?1;

-- add_dag
-- Put a new DAG into the DagBag.
INSERT INTO dag (dag_id, is_paused, is_active, fileloc)
SELECT ?1, ?3, TRUE, ?2
WHERE NOT EXISTS (SELECT 1 FROM dag WHERE dag_id = ?1);

-- forget_serialized_dag
-- Delete the serialized form of a DAG that has changed.
DELETE FROM serialized_dag WHERE dag_id = ?1 AND dag_hash <> ?2;

-- add_serialized_dag
-- Store the serialized form of a DAG that is new or has changed.
INSERT INTO serialized_dag (dag_id, dag_hash, data, last_updated)
SELECT ?1, ?2, ?3, CURRENT_TIMESTAMP
WHERE NOT EXISTS (SELECT 1 FROM serialized_dag WHERE dag_id = ?1);
