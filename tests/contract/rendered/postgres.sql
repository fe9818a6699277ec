-- Written by test_rendered.py.

-- runs  [standalone, 1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__')
FROM dag_run r
WHERE r.id > $1::bigint
ORDER BY r.id
LIMIT $2;

-- runs  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.logical_date, r.start_date, r.end_date, (r.run_type IN ('manual', 'backfill', 'operator_triggered', 'asset_materialization'))
FROM dag_run r
WHERE r.id > $1::bigint
ORDER BY r.id
LIMIT $2;

-- runs with every filter  [standalone, 1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__')
FROM dag_run r
WHERE r.id > $1::bigint AND r.dag_id = $3 AND r.state = $4 AND COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__') = $5::boolean AND starts_with(r.run_id, $6)
ORDER BY r.id + 0
LIMIT $2;

-- runs with every filter  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.logical_date, r.start_date, r.end_date, (r.run_type IN ('manual', 'backfill', 'operator_triggered', 'asset_materialization'))
FROM dag_run r
WHERE r.id > $1::bigint AND r.dag_id = $3 AND r.state = $4 AND (r.run_type IN ('manual', 'backfill', 'operator_triggered', 'asset_materialization')) = $5::boolean AND starts_with(r.run_id, $6)
ORDER BY r.id + 0
LIMIT $2;

-- dags  [standalone]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT r.execution_date FROM dag_run r WHERE r.dag_id = d.dag_id AND r.execution_date IS NOT NULL
        ORDER BY r.execution_date DESC LIMIT 1),
       ((SELECT s.data -> 'dag' -> 'timetable' FROM serialized_dag s WHERE s.dag_id = d.dag_id))::text, date_part('epoch', (NULL)::timestamptz)
FROM dag d
WHERE d.is_active IS TRUE
ORDER BY d.dag_id COLLATE "C";

-- dags  [1.10.15]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT r.execution_date FROM dag_run r WHERE r.dag_id = d.dag_id AND r.execution_date IS NOT NULL
        ORDER BY r.execution_date DESC LIMIT 1),
       (d.schedule_interval)::text, date_part('epoch', (NULL)::timestamptz)
FROM dag d
WHERE d.is_active IS TRUE AND d.is_subdag IS NOT TRUE
ORDER BY d.dag_id COLLATE "C";

-- dags  [2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT r.execution_date FROM dag_run r WHERE r.dag_id = d.dag_id AND r.execution_date IS NOT NULL
        ORDER BY r.execution_date DESC LIMIT 1),
       (d.schedule_interval)::text, date_part('epoch', (d.next_dagrun_create_after)::timestamptz)
FROM dag d
WHERE d.is_active IS TRUE AND d.is_subdag IS NOT TRUE
ORDER BY d.dag_id COLLATE "C";

-- dags  [3.0.6, 3.1.8, 3.2.2, 3.3.2]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT r.logical_date FROM dag_run r WHERE r.dag_id = d.dag_id AND r.logical_date IS NOT NULL
        ORDER BY r.logical_date DESC LIMIT 1),
       (d.timetable_summary)::text, date_part('epoch', (d.next_dagrun_create_after)::timestamptz)
FROM dag d
WHERE d.is_stale IS NOT TRUE
ORDER BY d.dag_id COLLATE "C";

-- dags  [3.4.0b2]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, d.is_draining IS TRUE,
       (SELECT r.logical_date FROM dag_run r WHERE r.dag_id = d.dag_id AND r.logical_date IS NOT NULL
        ORDER BY r.logical_date DESC LIMIT 1),
       (d.timetable_summary)::text, date_part('epoch', (d.next_dagrun_create_after)::timestamptz)
FROM dag d
WHERE d.is_stale IS NOT TRUE
ORDER BY d.dag_id COLLATE "C";

-- dag_detail  [standalone]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT max(r.execution_date) FROM dag_run r WHERE r.dag_id = d.dag_id),
       ((SELECT s.data -> 'dag' -> 'timetable' FROM serialized_dag s WHERE s.dag_id = d.dag_id))::text, (NULL)::integer,
       (SELECT count(*) FROM dag_run r WHERE r.dag_id = d.dag_id AND r.state IN ('queued', 'running')),
       (NULL)::timestamptz, (NULL)::timestamptz, NULL::timestamptz,
       (NULL)::text, (NULL)::text, (NULL)::boolean IS TRUE,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1)
FROM dag d
WHERE d.dag_id = $1 AND d.is_active IS TRUE;

-- dag_detail  [1.10.15]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT max(r.execution_date) FROM dag_run r WHERE r.dag_id = d.dag_id),
       (d.schedule_interval)::text, (NULL)::integer,
       (SELECT count(*) FROM dag_run r WHERE r.dag_id = d.dag_id AND r.state IN ('queued', 'running')),
       (NULL)::timestamptz, (NULL)::timestamptz, (SELECT max(r.execution_date) FROM dag_run r WHERE r.dag_id = d.dag_id AND (r.external_trigger IS FALSE OR substr(r.run_id, 1, 11) = 'scheduled__'))::timestamptz,
       (d.owners)::text, (d.description)::text, (NULL)::boolean IS TRUE,
       (SELECT COALESCE(s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR), 'bare@' || g.schedule_interval, 'bare@')
        FROM dag g LEFT JOIN serialized_dag s ON s.dag_id = g.dag_id WHERE g.dag_id = d.dag_id LIMIT 1)
FROM dag d
WHERE d.dag_id = $1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- dag_detail  [2.0.2]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT max(r.execution_date) FROM dag_run r WHERE r.dag_id = d.dag_id),
       (d.schedule_interval)::text, (NULL)::integer,
       (SELECT count(*) FROM dag_run r WHERE r.dag_id = d.dag_id AND r.state IN ('queued', 'running')),
       (d.next_dagrun)::timestamptz, (d.next_dagrun_create_after)::timestamptz, NULL::timestamptz,
       (d.owners)::text, (d.description)::text, (NULL)::boolean IS TRUE,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1)
FROM dag d
WHERE d.dag_id = $1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- dag_detail  [2.1.4]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT max(r.execution_date) FROM dag_run r WHERE r.dag_id = d.dag_id),
       (d.schedule_interval)::text, (d.max_active_runs)::integer,
       (SELECT count(*) FROM dag_run r WHERE r.dag_id = d.dag_id AND r.state IN ('queued', 'running')),
       (d.next_dagrun)::timestamptz, (d.next_dagrun_create_after)::timestamptz, NULL::timestamptz,
       (d.owners)::text, (d.description)::text, (NULL)::boolean IS TRUE,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1)
FROM dag d
WHERE d.dag_id = $1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- dag_detail  [2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT max(r.execution_date) FROM dag_run r WHERE r.dag_id = d.dag_id),
       (d.schedule_interval)::text, (d.max_active_runs)::integer,
       (SELECT count(*) FROM dag_run r WHERE r.dag_id = d.dag_id AND r.state IN ('queued', 'running')),
       (d.next_dagrun)::timestamptz, (d.next_dagrun_create_after)::timestamptz, NULL::timestamptz,
       (d.owners)::text, (d.description)::text, (d.has_import_errors)::boolean IS TRUE,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1)
FROM dag d
WHERE d.dag_id = $1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- dag_detail  [3.0.6, 3.1.8, 3.2.2, 3.3.2]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT max(r.logical_date) FROM dag_run r WHERE r.dag_id = d.dag_id),
       (d.timetable_summary)::text, (d.max_active_runs)::integer,
       (SELECT count(*) FROM dag_run r WHERE r.dag_id = d.dag_id AND r.state IN ('queued', 'running')),
       (d.next_dagrun)::timestamptz, (d.next_dagrun_create_after)::timestamptz, NULL::timestamptz,
       (d.owners)::text, (d.description)::text, (d.has_import_errors)::boolean IS TRUE,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id WHERE v.dag_id = d.dag_id ORDER BY v.version_number DESC LIMIT 1)
FROM dag d
WHERE d.dag_id = $1 AND d.is_stale IS NOT TRUE;

-- dag_detail  [3.4.0b2]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, d.is_draining IS TRUE,
       (SELECT max(r.logical_date) FROM dag_run r WHERE r.dag_id = d.dag_id),
       (d.timetable_summary)::text, (d.max_active_runs)::integer,
       (SELECT count(*) FROM dag_run r WHERE r.dag_id = d.dag_id AND r.state IN ('queued', 'running')),
       (d.next_dagrun)::timestamptz, (d.next_dagrun_create_after)::timestamptz, NULL::timestamptz,
       (d.owners)::text, (d.description)::text, (d.has_import_errors)::boolean IS TRUE,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id WHERE v.dag_id = d.dag_id ORDER BY v.version_number DESC LIMIT 1)
FROM dag d
WHERE d.dag_id = $1 AND d.is_stale IS NOT TRUE;

-- runs_named  [standalone]
WITH RECURSIVE owners (dag_id) AS (
    SELECT min(n.dag_id) FROM dag_run n
    UNION ALL
    SELECT (SELECT min(n.dag_id) FROM dag_run n WHERE n.dag_id > o.dag_id) FROM owners o WHERE o.dag_id IS NOT NULL
), named (id) AS (
    SELECT n.id FROM owners o JOIN dag_run n ON n.dag_id = o.dag_id AND n.run_id = $1
    UNION ALL
    SELECT n.id FROM dag_run n WHERE n.dag_id IS NULL AND n.run_id = $1
)
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       (r.data_interval_start)::timestamptz, (r.data_interval_end)::timestamptz, (r.run_after)::timestamptz,
       r.queued_at, (r.conf)::text
FROM named JOIN dag_run r ON r.id = named.id
ORDER BY r.dag_id COLLATE "C"
LIMIT $2;

-- runs_named  [1.10.15, 2.0.2]
WITH RECURSIVE owners (dag_id) AS (
    SELECT min(n.dag_id) FROM dag_run n
    UNION ALL
    SELECT (SELECT min(n.dag_id) FROM dag_run n WHERE n.dag_id > o.dag_id) FROM owners o WHERE o.dag_id IS NOT NULL
), named (id) AS (
    SELECT n.id FROM owners o JOIN dag_run n ON n.dag_id = o.dag_id AND n.run_id = $1
    UNION ALL
    SELECT n.id FROM dag_run n WHERE n.dag_id IS NULL AND n.run_id = $1
)
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       (NULL)::timestamptz, (NULL)::timestamptz, (NULL)::timestamptz,
       NULL::timestamptz, (NULL)::text
FROM named JOIN dag_run r ON r.id = named.id
ORDER BY r.dag_id COLLATE "C"
LIMIT $2;

-- runs_named  [2.1.4]
WITH RECURSIVE owners (dag_id) AS (
    SELECT min(n.dag_id) FROM dag_run n
    UNION ALL
    SELECT (SELECT min(n.dag_id) FROM dag_run n WHERE n.dag_id > o.dag_id) FROM owners o WHERE o.dag_id IS NOT NULL
), named (id) AS (
    SELECT n.id FROM owners o JOIN dag_run n ON n.dag_id = o.dag_id AND n.run_id = $1
    UNION ALL
    SELECT n.id FROM dag_run n WHERE n.dag_id IS NULL AND n.run_id = $1
)
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       (NULL)::timestamptz, (NULL)::timestamptz, (NULL)::timestamptz,
       r.queued_at AT TIME ZONE 'UTC', (NULL)::text
FROM named JOIN dag_run r ON r.id = named.id
ORDER BY r.dag_id COLLATE "C"
LIMIT $2;

-- runs_named  [2.2.5]
WITH RECURSIVE owners (dag_id) AS (
    SELECT min(n.dag_id) FROM dag_run n
    UNION ALL
    SELECT (SELECT min(n.dag_id) FROM dag_run n WHERE n.dag_id > o.dag_id) FROM owners o WHERE o.dag_id IS NOT NULL
), named (id) AS (
    SELECT n.id FROM owners o JOIN dag_run n ON n.dag_id = o.dag_id AND n.run_id = $1
    UNION ALL
    SELECT n.id FROM dag_run n WHERE n.dag_id IS NULL AND n.run_id = $1
)
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       (r.data_interval_start)::timestamptz, (r.data_interval_end)::timestamptz, (NULL)::timestamptz,
       r.queued_at AT TIME ZONE 'UTC', (NULL)::text
FROM named JOIN dag_run r ON r.id = named.id
ORDER BY r.dag_id COLLATE "C"
LIMIT $2;

-- runs_named  [2.3.4, 2.6.3, 2.11.2]
WITH RECURSIVE owners (dag_id) AS (
    SELECT min(n.dag_id) FROM dag_run n
    UNION ALL
    SELECT (SELECT min(n.dag_id) FROM dag_run n WHERE n.dag_id > o.dag_id) FROM owners o WHERE o.dag_id IS NOT NULL
), named (id) AS (
    SELECT n.id FROM owners o JOIN dag_run n ON n.dag_id = o.dag_id AND n.run_id = $1
    UNION ALL
    SELECT n.id FROM dag_run n WHERE n.dag_id IS NULL AND n.run_id = $1
)
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       (r.data_interval_start)::timestamptz, (r.data_interval_end)::timestamptz, (NULL)::timestamptz,
       r.queued_at, (NULL)::text
FROM named JOIN dag_run r ON r.id = named.id
ORDER BY r.dag_id COLLATE "C"
LIMIT $2;

-- runs_named  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
WITH RECURSIVE owners (dag_id) AS (
    SELECT min(n.dag_id) FROM dag_run n
    UNION ALL
    SELECT (SELECT min(n.dag_id) FROM dag_run n WHERE n.dag_id > o.dag_id) FROM owners o WHERE o.dag_id IS NOT NULL
), named (id) AS (
    SELECT n.id FROM owners o JOIN dag_run n ON n.dag_id = o.dag_id AND n.run_id = $1
    UNION ALL
    SELECT n.id FROM dag_run n WHERE n.dag_id IS NULL AND n.run_id = $1
)
SELECT r.id, r.dag_id, r.run_id, r.state, r.logical_date, r.start_date, r.end_date, (r.run_type IN ('manual', 'backfill', 'operator_triggered', 'asset_materialization')),
       (r.data_interval_start)::timestamptz, (r.data_interval_end)::timestamptz, (r.run_after)::timestamptz,
       r.queued_at, (r.conf)::text
FROM named JOIN dag_run r ON r.id = named.id
ORDER BY r.dag_id COLLATE "C"
LIMIT $2;

-- run_of_dag  [standalone]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       (r.data_interval_start)::timestamptz, (r.data_interval_end)::timestamptz, (r.run_after)::timestamptz,
       r.queued_at, (r.conf)::text
FROM dag_run r
WHERE r.run_id = $1 AND r.dag_id = $2
LIMIT $3;

-- run_of_dag  [1.10.15, 2.0.2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       (NULL)::timestamptz, (NULL)::timestamptz, (NULL)::timestamptz,
       NULL::timestamptz, (NULL)::text
FROM dag_run r
WHERE r.run_id = $1 AND r.dag_id = $2
LIMIT $3;

-- run_of_dag  [2.1.4]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       (NULL)::timestamptz, (NULL)::timestamptz, (NULL)::timestamptz,
       r.queued_at AT TIME ZONE 'UTC', (NULL)::text
FROM dag_run r
WHERE r.run_id = $1 AND r.dag_id = $2
LIMIT $3;

-- run_of_dag  [2.2.5]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       (r.data_interval_start)::timestamptz, (r.data_interval_end)::timestamptz, (NULL)::timestamptz,
       r.queued_at AT TIME ZONE 'UTC', (NULL)::text
FROM dag_run r
WHERE r.run_id = $1 AND r.dag_id = $2
LIMIT $3;

-- run_of_dag  [2.3.4, 2.6.3, 2.11.2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       (r.data_interval_start)::timestamptz, (r.data_interval_end)::timestamptz, (NULL)::timestamptz,
       r.queued_at, (NULL)::text
FROM dag_run r
WHERE r.run_id = $1 AND r.dag_id = $2
LIMIT $3;

-- run_of_dag  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.logical_date, r.start_date, r.end_date, (r.run_type IN ('manual', 'backfill', 'operator_triggered', 'asset_materialization')),
       (r.data_interval_start)::timestamptz, (r.data_interval_end)::timestamptz, (r.run_after)::timestamptz,
       r.queued_at, (r.conf)::text
FROM dag_run r
WHERE r.run_id = $1 AND r.dag_id = $2
LIMIT $3;

-- serialized_dag  [standalone, 2.0.2, 2.1.4, 2.2.5]
SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR), (s.data)::text, NULL::bytea
FROM serialized_dag s
WHERE s.dag_id = $1
LIMIT 1;

-- serialized_dag  [1.10.15]
SELECT COALESCE(s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR), 'bare@' || g.schedule_interval, 'bare@'), (COALESCE(CAST(s.data AS VARCHAR), '{"dag": {"schedule_interval": ' || COALESCE(g.schedule_interval, 'null') || '}}'))::text, NULL::bytea
FROM dag g LEFT JOIN serialized_dag s ON s.dag_id = g.dag_id
WHERE g.dag_id = $1
LIMIT 1;

-- serialized_dag  [2.3.4, 2.6.3, 2.11.2]
SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR), (s.data)::text, s.data_compressed::bytea
FROM serialized_dag s
WHERE s.dag_id = $1
LIMIT 1;

-- serialized_dag  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR), (s.data)::text, s.data_compressed::bytea
FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id
WHERE v.dag_id = $1
ORDER BY v.version_number DESC LIMIT 1;

-- lock_dag  [standalone]
SELECT d.dag_id FROM dag d WHERE d.dag_id = $1 AND d.is_active IS TRUE FOR NO KEY UPDATE;

-- lock_dag  [1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT d.dag_id FROM dag d WHERE d.dag_id = $1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE FOR NO KEY UPDATE;

-- lock_dag  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT d.dag_id FROM dag d WHERE d.dag_id = $1 AND d.is_stale IS NOT TRUE FOR NO KEY UPDATE;

-- target_dag  [standalone]
SELECT d.dag_id, d.is_paused IS TRUE, FALSE IS TRUE, (NULL)::boolean IS TRUE,
       (NULL)::integer, FALSE IS TRUE,
       (NULL)::boolean IS TRUE,
       (NULL)::text,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       (SELECT NULL FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       NULL,
       NULL,
       NULL::timestamptz,
       NULL::timestamptz,
       (NULL)::timestamptz
FROM dag d
WHERE d.dag_id = $1 AND d.is_active IS TRUE;

-- target_dag  [1.10.15]
SELECT d.dag_id, d.is_paused IS TRUE, FALSE IS TRUE, (NULL)::boolean IS TRUE,
       (NULL)::integer, FALSE IS TRUE,
       (NULL)::boolean IS TRUE,
       (NULL)::text,
       (SELECT COALESCE(s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR), 'bare@' || g.schedule_interval, 'bare@')
        FROM dag g LEFT JOIN serialized_dag s ON s.dag_id = g.dag_id WHERE g.dag_id = d.dag_id LIMIT 1),
       (SELECT NULL FROM dag g LEFT JOIN serialized_dag s ON s.dag_id = g.dag_id WHERE g.dag_id = d.dag_id LIMIT 1),
       NULL,
       (SELECT max(a.version_num) FROM alembic_version a),
       (SELECT max(r.execution_date) FROM dag_run r WHERE r.dag_id = d.dag_id AND (r.external_trigger IS FALSE OR substr(r.run_id, 1, 11) = 'scheduled__'))::timestamptz,
       NULL::timestamptz,
       (NULL)::timestamptz
FROM dag d
WHERE d.dag_id = $1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- target_dag  [2.0.2]
SELECT d.dag_id, d.is_paused IS TRUE, FALSE IS TRUE, (NULL)::boolean IS TRUE,
       (NULL)::integer, FALSE IS TRUE,
       (NULL)::boolean IS TRUE,
       (NULL)::text,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       (SELECT NULL FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       NULL,
       (SELECT max(a.version_num) FROM alembic_version a),
       NULL::timestamptz,
       NULL::timestamptz,
       (d.next_dagrun)::timestamptz
FROM dag d
WHERE d.dag_id = $1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- target_dag  [2.1.4]
SELECT d.dag_id, d.is_paused IS TRUE, FALSE IS TRUE, (NULL)::boolean IS TRUE,
       (d.max_active_runs)::integer, FALSE IS TRUE,
       (NULL)::boolean IS TRUE,
       (NULL)::text,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       (SELECT NULL FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       NULL,
       (SELECT max(a.version_num) FROM alembic_version a),
       NULL::timestamptz,
       NULL::timestamptz,
       (d.next_dagrun)::timestamptz
FROM dag d
WHERE d.dag_id = $1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- target_dag  [2.2.5]
SELECT d.dag_id, d.is_paused IS TRUE, FALSE IS TRUE, (d.has_import_errors)::boolean IS TRUE,
       (d.max_active_runs)::integer, FALSE IS TRUE,
       (NULL)::boolean IS TRUE,
       (NULL)::text,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       (SELECT NULL FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       NULL,
       (SELECT max(a.version_num) FROM alembic_version a),
       NULL::timestamptz,
       NULL::timestamptz,
       (d.next_dagrun)::timestamptz
FROM dag d
WHERE d.dag_id = $1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- target_dag  [2.3.4, 2.6.3, 2.11.2]
SELECT d.dag_id, d.is_paused IS TRUE, FALSE IS TRUE, (d.has_import_errors)::boolean IS TRUE,
       (d.max_active_runs)::integer, FALSE IS TRUE,
       (NULL)::boolean IS TRUE,
       (NULL)::text,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       (SELECT NULL FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       (SELECT max(t.id) FROM log_template t),
       (SELECT max(a.version_num) FROM alembic_version a),
       NULL::timestamptz,
       NULL::timestamptz,
       (d.next_dagrun)::timestamptz
FROM dag d
WHERE d.dag_id = $1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- target_dag  [3.0.6, 3.1.8]
SELECT d.dag_id, d.is_paused IS TRUE, FALSE IS TRUE, (d.has_import_errors)::boolean IS TRUE,
       (d.max_active_runs)::integer, FALSE IS TRUE,
       (NULL)::boolean IS TRUE,
       (NULL)::text,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id WHERE v.dag_id = d.dag_id ORDER BY v.version_number DESC LIMIT 1),
       (SELECT v.id FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id WHERE v.dag_id = d.dag_id ORDER BY v.version_number DESC LIMIT 1),
       (SELECT max(t.id) FROM log_template t),
       (SELECT max(a.version_num) FROM alembic_version a),
       NULL::timestamptz,
       NULL::timestamptz,
       (d.next_dagrun)::timestamptz
FROM dag d
WHERE d.dag_id = $1 AND d.is_stale IS NOT TRUE;

-- target_dag  [3.2.2, 3.3.2]
SELECT d.dag_id, d.is_paused IS TRUE, FALSE IS TRUE, (d.has_import_errors)::boolean IS TRUE,
       (d.max_active_runs)::integer, FALSE IS TRUE,
       (d.timetable_partitioned)::boolean IS TRUE,
       (d.allowed_run_types)::text,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id WHERE v.dag_id = d.dag_id ORDER BY v.version_number DESC LIMIT 1),
       (SELECT v.id FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id WHERE v.dag_id = d.dag_id ORDER BY v.version_number DESC LIMIT 1),
       (SELECT max(t.id) FROM log_template t),
       (SELECT max(a.version_num) FROM alembic_version a),
       NULL::timestamptz,
       NULL::timestamptz,
       (d.next_dagrun)::timestamptz
FROM dag d
WHERE d.dag_id = $1 AND d.is_stale IS NOT TRUE;

-- target_dag  [3.4.0b2]
SELECT d.dag_id, d.is_paused IS TRUE, d.is_draining IS TRUE, (d.has_import_errors)::boolean IS TRUE,
       (d.max_active_runs)::integer, d.timetable_asset_gated IS TRUE,
       (d.timetable_partitioned)::boolean IS TRUE,
       (d.allowed_run_types)::text,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id WHERE v.dag_id = d.dag_id ORDER BY v.version_number DESC LIMIT 1),
       (SELECT v.id FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id WHERE v.dag_id = d.dag_id ORDER BY v.version_number DESC LIMIT 1),
       (SELECT max(t.id) FROM log_template t),
       (SELECT max(a.version_num) FROM alembic_version a),
       NULL::timestamptz,
       NULL::timestamptz,
       (d.next_dagrun)::timestamptz
FROM dag d
WHERE d.dag_id = $1 AND d.is_stale IS NOT TRUE;

-- taken  [standalone, 1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT r.execution_date, r.run_id
FROM unnest($2::timestamptz[]) AS n (date)
JOIN dag_run r ON r.dag_id = $1 AND r.execution_date = n.date;

-- taken  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.logical_date, r.run_id
FROM unnest($2::timestamptz[]) AS n (date)
JOIN dag_run r ON r.dag_id = $1 AND r.logical_date = n.date;

-- runs_on  [standalone, 1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__')
FROM unnest($2::timestamptz[]) AS n (date)
JOIN dag_run r ON r.dag_id = $1 AND r.execution_date = n.date;

-- runs_on  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.logical_date, r.start_date, r.end_date, (r.run_type IN ('manual', 'backfill', 'operator_triggered', 'asset_materialization'))
FROM unnest($2::timestamptz[]) AS n (date)
JOIN dag_run r ON r.dag_id = $1 AND r.logical_date = n.date;

-- last_run  [standalone, 3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT n.number, n.backfill_id
FROM (
    (SELECT substr(r.run_id, length($1::text) + 2, 7)::bigint AS number, (r.backfill_id)::integer AS backfill_id
     FROM dag_run r
     WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2 AND COALESCE(substr(r.run_id, length($1::text) + 9, 1) = '_', FALSE)
     ORDER BY r.run_id DESC
     LIMIT 1)
    UNION ALL
    (SELECT split_part(substr(r.run_id, length($1::text) + 2), '_', 1)::bigint, (r.backfill_id)::integer
     FROM dag_run r
     WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2 AND r.run_id >= $1::text || '_1'
       AND substr(r.run_id, length($1::text) + 9, 1) <> '_'
     ORDER BY 1 DESC
     LIMIT 1)
) n
ORDER BY n.number DESC
LIMIT 1;

-- last_run  [1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT n.number, n.backfill_id
FROM (
    (SELECT substr(r.run_id, length($1::text) + 2, 7)::bigint AS number, (NULL)::integer AS backfill_id
     FROM dag_run r
     WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2 AND COALESCE(substr(r.run_id, length($1::text) + 9, 1) = '_', FALSE)
     ORDER BY r.run_id DESC
     LIMIT 1)
    UNION ALL
    (SELECT split_part(substr(r.run_id, length($1::text) + 2), '_', 1)::bigint, (NULL)::integer
     FROM dag_run r
     WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2 AND r.run_id >= $1::text || '_1'
       AND substr(r.run_id, length($1::text) + 9, 1) <> '_'
     ORDER BY 1 DESC
     LIMIT 1)
) n
ORDER BY n.number DESC
LIMIT 1;

-- has_number  [every layout]
SELECT EXISTS (
    SELECT 1 FROM dag_run r
    WHERE r.dag_id = $2 AND r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
      AND starts_with(r.run_id, $1::text || '_'));

-- backfill_of  [standalone, 3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.backfill_id
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2 AND r.backfill_id IS NOT NULL
ORDER BY r.run_id DESC
LIMIT 1;

-- backfill_of  [1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT NULL
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2 AND NULL IS NOT NULL
ORDER BY r.run_id DESC
LIMIT 1;

-- backfills  [every layout]
SELECT b.id, b.max_active_runs, b.is_paused IS TRUE, b.completed_at IS NOT NULL
FROM backfill b
WHERE b.id = ANY($1::integer[]) AND b.reprocess_behavior = 'none';

-- running_runs  [every layout]
SELECT count(*) FROM dag_run r WHERE r.state = 'running';

-- add_backfill  [standalone]
INSERT INTO backfill (dag_id, from_date, to_date, dag_run_conf, is_paused, reprocess_behavior, max_active_runs, created_at, completed_at, updated_at)
VALUES ($1::character varying, $2::timestamp with time zone, $3::timestamp with time zone, $4::text::jsonb, $5::boolean, $6::character varying, $7::integer, $8::timestamp with time zone, $9::timestamp with time zone, $10::timestamp with time zone)
RETURNING id;

-- add_backfill  [1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
INSERT INTO backfill ()
VALUES ()
RETURNING id;

-- add_backfill  [3.0.6]
INSERT INTO backfill (dag_id, from_date, to_date, dag_run_conf, is_paused, reprocess_behavior, max_active_runs, created_at, completed_at, updated_at)
VALUES ($1::character varying, $2::timestamp with time zone, $3::timestamp with time zone, $4::text::json, $5::boolean, $6::character varying, $7::integer, $8::timestamp with time zone, $9::timestamp with time zone, $10::timestamp with time zone)
RETURNING id;

-- add_backfill  [3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
INSERT INTO backfill (dag_id, from_date, to_date, dag_run_conf, is_paused, reprocess_behavior, max_active_runs, created_at, completed_at, updated_at, triggering_user_name)
VALUES ($1::character varying, $2::timestamp with time zone, $3::timestamp with time zone, $4::text::json, $5::boolean, $6::character varying, $7::integer, $8::timestamp with time zone, $9::timestamp with time zone, $10::timestamp with time zone, $11::character varying)
RETURNING id;

-- join_backfill  [every layout]
UPDATE backfill
SET max_active_runs = COALESCE($2::integer, max_active_runs),
    from_date = LEAST(from_date, $3::timestamptz), to_date = GREATEST(to_date, $4::timestamptz),
    is_paused = (is_paused IS TRUE AND completed_at IS NULL), completed_at = NULL, updated_at = $5::timestamptz
WHERE id = $1::integer;

-- insert_runs  [standalone]
INSERT INTO dag_run (run_id, execution_date, data_interval_start, data_interval_end, run_after, conf, dag_id, state, queued_at, run_type, external_trigger, backfill_id)
SELECT n.run_id, n.execution_date, n.data_interval_start, n.data_interval_end, n.run_after, COALESCE(n.conf, $13::text)::jsonb, $7::character varying, $8::character varying, $9::timestamp with time zone, $10::character varying, $11::boolean, $12::integer
FROM unnest($1::character varying[], $2::timestamp with time zone[], $3::timestamp with time zone[], $4::timestamp with time zone[], $5::timestamp with time zone[], $6::text[]) AS n (run_id, execution_date, data_interval_start, data_interval_end, run_after, conf)
ON CONFLICT DO NOTHING;

-- insert_runs  [1.10.15]
INSERT INTO dag_run (run_id, execution_date, conf, dag_id, state, start_date, external_trigger)
SELECT n.run_id, n.execution_date, COALESCE(n.conf, $8::bytea)::bytea, $4::character varying, $5::character varying, $6::timestamp with time zone, $7::boolean
FROM unnest($1::character varying[], $2::timestamp with time zone[], $3::bytea[]) AS n (run_id, execution_date, conf)
ON CONFLICT DO NOTHING;

-- insert_runs  [2.0.2]
INSERT INTO dag_run (run_id, execution_date, conf, dag_id, state, start_date, run_type, external_trigger)
SELECT n.run_id, n.execution_date, COALESCE(n.conf, $9::bytea)::bytea, $4::character varying, $5::character varying, $6::timestamp with time zone, $7::character varying, $8::boolean
FROM unnest($1::character varying[], $2::timestamp with time zone[], $3::bytea[]) AS n (run_id, execution_date, conf)
ON CONFLICT DO NOTHING;

-- insert_runs  [2.1.4]
INSERT INTO dag_run (run_id, execution_date, conf, dag_id, state, queued_at, run_type, external_trigger)
SELECT n.run_id, n.execution_date, COALESCE(n.conf, $9::bytea)::bytea, $4::character varying, $5::character varying, $6::timestamptz AT TIME ZONE 'UTC', $7::character varying, $8::boolean
FROM unnest($1::character varying[], $2::timestamp with time zone[], $3::bytea[]) AS n (run_id, execution_date, conf)
ON CONFLICT DO NOTHING;

-- insert_runs  [2.2.5]
INSERT INTO dag_run (run_id, execution_date, data_interval_start, data_interval_end, conf, dag_id, state, queued_at, run_type, external_trigger)
SELECT n.run_id, n.execution_date, n.data_interval_start, n.data_interval_end, COALESCE(n.conf, $11::bytea)::bytea, $6::character varying, $7::character varying, $8::timestamptz AT TIME ZONE 'UTC', $9::character varying, $10::boolean
FROM unnest($1::character varying[], $2::timestamp with time zone[], $3::timestamp with time zone[], $4::timestamp with time zone[], $5::bytea[]) AS n (run_id, execution_date, data_interval_start, data_interval_end, conf)
ON CONFLICT DO NOTHING;

-- insert_runs  [2.3.4]
INSERT INTO dag_run (run_id, execution_date, data_interval_start, data_interval_end, conf, dag_id, state, queued_at, run_type, external_trigger, log_template_id)
SELECT n.run_id, n.execution_date, n.data_interval_start, n.data_interval_end, COALESCE(n.conf, $12::bytea)::bytea, $6::character varying, $7::character varying, $8::timestamp with time zone, $9::character varying, $10::boolean, $11::integer
FROM unnest($1::character varying[], $2::timestamp with time zone[], $3::timestamp with time zone[], $4::timestamp with time zone[], $5::bytea[]) AS n (run_id, execution_date, data_interval_start, data_interval_end, conf)
ON CONFLICT DO NOTHING;

-- insert_runs  [2.6.3]
INSERT INTO dag_run (run_id, execution_date, data_interval_start, data_interval_end, conf, dag_id, state, queued_at, run_type, external_trigger, log_template_id, updated_at)
SELECT n.run_id, n.execution_date, n.data_interval_start, n.data_interval_end, COALESCE(n.conf, $13::bytea)::bytea, $6::character varying, $7::character varying, $8::timestamp with time zone, $9::character varying, $10::boolean, $11::integer, $12::timestamp with time zone
FROM unnest($1::character varying[], $2::timestamp with time zone[], $3::timestamp with time zone[], $4::timestamp with time zone[], $5::bytea[]) AS n (run_id, execution_date, data_interval_start, data_interval_end, conf)
ON CONFLICT DO NOTHING;

-- insert_runs  [2.11.2]
INSERT INTO dag_run (run_id, execution_date, data_interval_start, data_interval_end, conf, dag_id, state, queued_at, run_type, external_trigger, log_template_id, clear_number, updated_at)
SELECT n.run_id, n.execution_date, n.data_interval_start, n.data_interval_end, COALESCE(n.conf, $14::bytea)::bytea, $6::character varying, $7::character varying, $8::timestamp with time zone, $9::character varying, $10::boolean, $11::integer, $12::integer, $13::timestamp with time zone
FROM unnest($1::character varying[], $2::timestamp with time zone[], $3::timestamp with time zone[], $4::timestamp with time zone[], $5::bytea[]) AS n (run_id, execution_date, data_interval_start, data_interval_end, conf)
ON CONFLICT DO NOTHING;

-- insert_runs  [3.0.6]
INSERT INTO dag_run (run_id, logical_date, data_interval_start, data_interval_end, run_after, conf, dag_id, state, queued_at, run_type, triggered_by, backfill_id, log_template_id, created_dag_version_id, clear_number, span_status, updated_at)
SELECT n.run_id, n.logical_date, n.data_interval_start, n.data_interval_end, n.run_after, COALESCE(n.conf, $18::text)::jsonb, $7::character varying, $8::character varying, $9::timestamp with time zone, $10::character varying, $11::character varying, $12::integer, $13::integer, $14::uuid, $15::integer, $16::character varying, $17::timestamp with time zone
FROM unnest($1::character varying[], $2::timestamp with time zone[], $3::timestamp with time zone[], $4::timestamp with time zone[], $5::timestamp with time zone[], $6::text[]) AS n (run_id, logical_date, data_interval_start, data_interval_end, run_after, conf)
ON CONFLICT DO NOTHING;

-- insert_runs  [3.1.8]
INSERT INTO dag_run (run_id, logical_date, data_interval_start, data_interval_end, run_after, conf, dag_id, state, queued_at, run_type, triggered_by, triggering_user_name, backfill_id, log_template_id, created_dag_version_id, clear_number, span_status, updated_at)
SELECT n.run_id, n.logical_date, n.data_interval_start, n.data_interval_end, n.run_after, COALESCE(n.conf, $19::text)::jsonb, $7::character varying, $8::character varying, $9::timestamp with time zone, $10::character varying, $11::character varying, $12::character varying, $13::integer, $14::integer, $15::uuid, $16::integer, $17::character varying, $18::timestamp with time zone
FROM unnest($1::character varying[], $2::timestamp with time zone[], $3::timestamp with time zone[], $4::timestamp with time zone[], $5::timestamp with time zone[], $6::text[]) AS n (run_id, logical_date, data_interval_start, data_interval_end, run_after, conf)
ON CONFLICT DO NOTHING;

-- insert_runs  [3.2.2, 3.3.2]
INSERT INTO dag_run (run_id, logical_date, data_interval_start, data_interval_end, run_after, conf, dag_id, state, queued_at, run_type, triggered_by, triggering_user_name, backfill_id, log_template_id, created_dag_version_id, clear_number, span_status, created_at, updated_at)
SELECT n.run_id, n.logical_date, n.data_interval_start, n.data_interval_end, n.run_after, COALESCE(n.conf, $20::text)::jsonb, $7::character varying, $8::character varying, $9::timestamp with time zone, $10::character varying, $11::character varying, $12::character varying, $13::integer, $14::integer, $15::uuid, $16::integer, $17::character varying, $18::timestamp with time zone, $19::timestamp with time zone
FROM unnest($1::character varying[], $2::timestamp with time zone[], $3::timestamp with time zone[], $4::timestamp with time zone[], $5::timestamp with time zone[], $6::text[]) AS n (run_id, logical_date, data_interval_start, data_interval_end, run_after, conf)
ON CONFLICT DO NOTHING;

-- insert_runs  [3.4.0b2]
INSERT INTO dag_run (run_id, logical_date, data_interval_start, data_interval_end, run_after, conf, dag_id, state, queued_at, run_type, triggered_by, triggering_user_name, backfill_id, log_template_id, created_dag_version_id, clear_number, created_at, updated_at)
SELECT n.run_id, n.logical_date, n.data_interval_start, n.data_interval_end, n.run_after, COALESCE(n.conf, $19::text)::jsonb, $7::character varying, $8::character varying, $9::timestamp with time zone, $10::character varying, $11::character varying, $12::character varying, $13::integer, $14::integer, $15::uuid, $16::integer, $17::timestamp with time zone, $18::timestamp with time zone
FROM unnest($1::character varying[], $2::timestamp with time zone[], $3::timestamp with time zone[], $4::timestamp with time zone[], $5::timestamp with time zone[], $6::text[]) AS n (run_id, logical_date, data_interval_start, data_interval_end, run_after, conf)
ON CONFLICT DO NOTHING;

-- add_backfill_runs  [standalone, 1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
INSERT INTO backfill_dag_run (backfill_id, dag_run_id, logical_date, sort_ordinal)
SELECT $1::integer, r.id, r.execution_date, n.sort_ordinal::integer
FROM json_each_text($3::text::json) AS n (run_id, sort_ordinal)
CROSS JOIN LATERAL (SELECT o.id, o.execution_date FROM dag_run o WHERE o.dag_id = $2 AND o.run_id = n.run_id LIMIT 1) r;

-- add_backfill_runs  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
INSERT INTO backfill_dag_run (backfill_id, dag_run_id, logical_date, sort_ordinal)
SELECT $1::integer, r.id, r.logical_date, n.sort_ordinal::integer
FROM json_each_text($3::text::json) AS n (run_id, sort_ordinal)
CROSS JOIN LATERAL (SELECT o.id, o.logical_date FROM dag_run o WHERE o.dag_id = $2 AND o.run_id = n.run_id LIMIT 1) r;

-- latest_runs  [standalone]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__')
FROM dag d
JOIN dag_run r ON r.id = COALESCE(
    (SELECT n.id FROM dag_run n WHERE n.dag_id = d.dag_id AND n.execution_date IS NOT NULL ORDER BY n.execution_date DESC LIMIT 1),
    (SELECT max(n.id + 0) FROM dag_run n WHERE n.dag_id = d.dag_id))
WHERE d.is_active IS TRUE
ORDER BY d.dag_id COLLATE "C";

-- latest_runs  [1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__')
FROM dag d
JOIN dag_run r ON r.id = COALESCE(
    (SELECT n.id FROM dag_run n WHERE n.dag_id = d.dag_id AND n.execution_date IS NOT NULL ORDER BY n.execution_date DESC LIMIT 1),
    (SELECT max(n.id + 0) FROM dag_run n WHERE n.dag_id = d.dag_id))
WHERE d.is_active IS TRUE AND d.is_subdag IS NOT TRUE
ORDER BY d.dag_id COLLATE "C";

-- latest_runs  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.logical_date, r.start_date, r.end_date, (r.run_type IN ('manual', 'backfill', 'operator_triggered', 'asset_materialization'))
FROM dag d
JOIN dag_run r ON r.id = COALESCE(
    (SELECT n.id FROM dag_run n WHERE n.dag_id = d.dag_id AND n.logical_date IS NOT NULL ORDER BY n.logical_date DESC LIMIT 1),
    (SELECT max(n.id + 0) FROM dag_run n WHERE n.dag_id = d.dag_id))
WHERE d.is_stale IS NOT TRUE
ORDER BY d.dag_id COLLATE "C";

-- progress  [standalone]
SELECT r.dag_id, r.state, count(*), min(r.execution_date), max(r.execution_date), max(r.backfill_id),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM dag d
JOIN dag_run r ON r.dag_id = d.dag_id
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE)
GROUP BY r.dag_id, r.state
ORDER BY r.dag_id COLLATE "C";

-- progress  [1.10.15, 2.0.2]
SELECT r.dag_id, r.state, count(*), min(r.execution_date), max(r.execution_date), max(NULL),
       sum(CASE WHEN r.state = 'failed' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.execution_date = r.execution_date) THEN 1 ELSE 0 END), min(NULL::timestamptz), max(r.end_date)
FROM dag d
JOIN dag_run r ON r.dag_id = d.dag_id
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE)
GROUP BY r.dag_id, r.state
ORDER BY r.dag_id COLLATE "C";

-- progress  [2.1.4, 2.2.5]
SELECT r.dag_id, r.state, count(*), min(r.execution_date), max(r.execution_date), max(NULL),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at AT TIME ZONE 'UTC'), max(r.end_date)
FROM dag d
JOIN dag_run r ON r.dag_id = d.dag_id
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE)
GROUP BY r.dag_id, r.state
ORDER BY r.dag_id COLLATE "C";

-- progress  [2.3.4, 2.6.3, 2.11.2]
SELECT r.dag_id, r.state, count(*), min(r.execution_date), max(r.execution_date), max(NULL),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM dag d
JOIN dag_run r ON r.dag_id = d.dag_id
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE)
GROUP BY r.dag_id, r.state
ORDER BY r.dag_id COLLATE "C";

-- progress  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.dag_id, r.state, count(*), min(r.logical_date), max(r.logical_date), max(r.backfill_id),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM dag d
JOIN dag_run r ON r.dag_id = d.dag_id
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE)
GROUP BY r.dag_id, r.state
ORDER BY r.dag_id COLLATE "C";

-- progress_of_dag  [standalone]
SELECT r.dag_id, r.state, count(*), min(r.execution_date), max(r.execution_date), max(r.backfill_id),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2
GROUP BY r.dag_id, r.state;

-- progress_of_dag  [1.10.15, 2.0.2]
SELECT r.dag_id, r.state, count(*), min(r.execution_date), max(r.execution_date), max(NULL),
       sum(CASE WHEN r.state = 'failed' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.execution_date = r.execution_date) THEN 1 ELSE 0 END), min(NULL::timestamptz), max(r.end_date)
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2
GROUP BY r.dag_id, r.state;

-- progress_of_dag  [2.1.4, 2.2.5]
SELECT r.dag_id, r.state, count(*), min(r.execution_date), max(r.execution_date), max(NULL),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at AT TIME ZONE 'UTC'), max(r.end_date)
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2
GROUP BY r.dag_id, r.state;

-- progress_of_dag  [2.3.4, 2.6.3, 2.11.2]
SELECT r.dag_id, r.state, count(*), min(r.execution_date), max(r.execution_date), max(NULL),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2
GROUP BY r.dag_id, r.state;

-- progress_of_dag  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.dag_id, r.state, count(*), min(r.logical_date), max(r.logical_date), max(r.backfill_id),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2
GROUP BY r.dag_id, r.state;

-- newest_batches  [every layout]
WITH RECURSIVE walk (id, last_id, number, batches, runs, steps, bottom) AS (
    SELECT t.id + 1::bigint, NULL::bigint, 0::bigint, 0, 0::bigint, 0, t.id - $4::bigint
    FROM (SELECT r.id FROM dag_run r WHERE r.id < $1::bigint ORDER BY r.id DESC LIMIT 1) t
    UNION ALL
    SELECT n.id, (SELECT r.id FROM dag_run r WHERE r.dag_id = n.dag_id AND r.run_id >= n.prefix || '_0' AND r.run_id < n.prefix || '_A'
  AND COALESCE(starts_with(r.run_id, n.prefix || '_')
  AND substr(r.run_id, length(n.prefix) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) ORDER BY r.run_id DESC LIMIT 1),
           n.number, w.batches + CASE WHEN w.last_id = w.id THEN 1 ELSE 0 END,
           w.runs + CASE WHEN w.last_id = w.id THEN w.number ELSE 0 END, w.steps + 1, w.bottom
    FROM walk w
    LEFT JOIN dag_run o ON o.id = w.id AND w.last_id >= w.id
    CROSS JOIN LATERAL (
        SELECT r.id::bigint, r.dag_id, left(rtrim(left(r.run_id, CASE WHEN substr(r.run_id, length(r.run_id) - 6, 1) = '.' THEN -27 ELSE -20 END), '0123456789'), -1) AS prefix, substring(r.run_id FROM '_([0-9]{7,18})_[^_]*$')::bigint AS number
        FROM dag_run r
        WHERE r.id < w.id AND r.id > w.bottom AND r.dag_id IS NOT NULL
          AND CASE WHEN starts_with(r.run_id, 'scheduled__') THEN FALSE
                   WHEN r.dag_id = o.dag_id AND (left(r.run_id, -27) = left(o.run_id, -27)
                        OR right(r.run_id, 7) LIKE '.______' AND right(o.run_id, 7) LIKE '.______'
                       AND left(r.run_id, -34) = left(o.run_id, -34)) THEN FALSE
                   ELSE (right(r.run_id, 20) LIKE '#_____-__-__T__:__:__' ESCAPE '#'
    OR right(r.run_id, 27) LIKE '#_____-__-__T__:__:__.______' ESCAPE '#')
  AND r.run_id ~ '._[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$' END
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

-- newest_batches_of_dag  [every layout]
SELECT l.id, $2::text, l.run_id, TRUE, NULL
FROM (
    SELECT max(r.run_id) AS run_id
    FROM (SELECT o.run_id FROM dag_run o WHERE o.dag_id = $2 AND o.run_id < 'scheduled__1000'
          UNION ALL
          SELECT o.run_id FROM dag_run o WHERE o.dag_id = $2 AND o.run_id >= 'scheduled__3000') r
    WHERE NOT starts_with(r.run_id, 'scheduled__') AND (right(r.run_id, 20) LIKE '#_____-__-__T__:__:__' ESCAPE '#'
    OR right(r.run_id, 27) LIKE '#_____-__-__T__:__:__.______' ESCAPE '#')
  AND r.run_id ~ '._[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$'
    GROUP BY left(rtrim(left(r.run_id, CASE WHEN substr(r.run_id, length(r.run_id) - 6, 1) = '.' THEN -27 ELSE -20 END), '0123456789'), -1)) b
CROSS JOIN LATERAL (SELECT r.id, r.run_id FROM dag_run r WHERE r.dag_id = $2 AND r.run_id = b.run_id LIMIT 1) l
WHERE l.id < $1::bigint
ORDER BY l.id DESC
LIMIT $3;

-- progress_of_batches  [standalone]
SELECT n.place, r.state, count(*), min(r.execution_date), max(r.execution_date), max(r.backfill_id),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n (dag_id, prefix, place)
JOIN dag_run r ON r.dag_id = n.dag_id AND r.run_id >= n.prefix || '_0' AND r.run_id < n.prefix || '_A'
  AND COALESCE(starts_with(r.run_id, n.prefix || '_')
  AND substr(r.run_id, length(n.prefix) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE)
GROUP BY n.place, r.state
ORDER BY n.place;

-- progress_of_batches  [1.10.15, 2.0.2]
SELECT n.place, r.state, count(*), min(r.execution_date), max(r.execution_date), max(NULL),
       sum(CASE WHEN r.state = 'failed' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.execution_date = r.execution_date) THEN 1 ELSE 0 END), min(NULL::timestamptz), max(r.end_date)
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n (dag_id, prefix, place)
JOIN dag_run r ON r.dag_id = n.dag_id AND r.run_id >= n.prefix || '_0' AND r.run_id < n.prefix || '_A'
  AND COALESCE(starts_with(r.run_id, n.prefix || '_')
  AND substr(r.run_id, length(n.prefix) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE)
GROUP BY n.place, r.state
ORDER BY n.place;

-- progress_of_batches  [2.1.4, 2.2.5]
SELECT n.place, r.state, count(*), min(r.execution_date), max(r.execution_date), max(NULL),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at AT TIME ZONE 'UTC'), max(r.end_date)
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n (dag_id, prefix, place)
JOIN dag_run r ON r.dag_id = n.dag_id AND r.run_id >= n.prefix || '_0' AND r.run_id < n.prefix || '_A'
  AND COALESCE(starts_with(r.run_id, n.prefix || '_')
  AND substr(r.run_id, length(n.prefix) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE)
GROUP BY n.place, r.state
ORDER BY n.place;

-- progress_of_batches  [2.3.4, 2.6.3, 2.11.2]
SELECT n.place, r.state, count(*), min(r.execution_date), max(r.execution_date), max(NULL),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n (dag_id, prefix, place)
JOIN dag_run r ON r.dag_id = n.dag_id AND r.run_id >= n.prefix || '_0' AND r.run_id < n.prefix || '_A'
  AND COALESCE(starts_with(r.run_id, n.prefix || '_')
  AND substr(r.run_id, length(n.prefix) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE)
GROUP BY n.place, r.state
ORDER BY n.place;

-- progress_of_batches  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT n.place, r.state, count(*), min(r.logical_date), max(r.logical_date), max(r.backfill_id),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n (dag_id, prefix, place)
JOIN dag_run r ON r.dag_id = n.dag_id AND r.run_id >= n.prefix || '_0' AND r.run_id < n.prefix || '_A'
  AND COALESCE(starts_with(r.run_id, n.prefix || '_')
  AND substr(r.run_id, length(n.prefix) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE)
GROUP BY n.place, r.state
ORDER BY n.place;

-- unstarted  [standalone]
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2 AND r.run_id > $3 AND r.state = 'queued'
ORDER BY r.run_id
LIMIT $4
FOR NO KEY UPDATE OF r SKIP LOCKED;

-- unstarted  [1.10.15]
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2 AND r.run_id > $3 AND r.state = 'running' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.execution_date = r.execution_date)
ORDER BY r.run_id
LIMIT $4
FOR NO KEY UPDATE OF r SKIP LOCKED;

-- unstarted  [2.0.2]
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2 AND r.run_id > $3 AND r.state = 'running' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.execution_date = r.execution_date) AND r.last_scheduling_decision IS NULL
ORDER BY r.run_id
LIMIT $4
FOR NO KEY UPDATE OF r SKIP LOCKED;

-- unstarted  [2.1.4]
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2 AND r.run_id > $3 AND r.state = 'queued' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.execution_date = r.execution_date)
ORDER BY r.run_id
LIMIT $4
FOR NO KEY UPDATE OF r SKIP LOCKED;

-- unstarted  [2.2.5, 2.3.4, 2.6.3, 2.11.2, 3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2 AND r.run_id > $3 AND r.state = 'queued' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.run_id = r.run_id)
ORDER BY r.run_id
LIMIT $4
FOR NO KEY UPDATE OF r SKIP LOCKED;

-- cancel_runs  [standalone, 1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4]
UPDATE dag_run SET state = 'failed', end_date = $2 WHERE id = ANY($1::bigint[]);

-- cancel_runs  [2.6.3, 2.11.2, 3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
UPDATE dag_run SET state = 'failed', end_date = $2, updated_at = $2 WHERE id = ANY($1::bigint[]);

-- lock_backfills  [every layout]
SELECT b.id FROM backfill b WHERE b.id = ANY($1::integer[]) ORDER BY b.id FOR NO KEY UPDATE;

-- limit_backfill  [every layout]
UPDATE backfill SET max_active_runs = $2::integer, updated_at = $3::timestamptz WHERE id = $1::integer;

-- pause_backfills  [every layout]
UPDATE backfill SET is_paused = $2::boolean, updated_at = $3::timestamptz
WHERE id = ANY($1::integer[]) AND completed_at IS NULL
RETURNING id;

-- end_backfills  [every layout]
UPDATE backfill b
SET is_paused = FALSE, updated_at = $2::timestamptz,
    completed_at = CASE
        WHEN EXISTS (SELECT 1 FROM dag_run r WHERE r.backfill_id = b.id AND r.state IN ('queued', 'running')
                       AND r.dag_id = b.dag_id)
        THEN b.completed_at ELSE COALESCE(b.completed_at, $2::timestamptz) END
WHERE b.id = ANY($1::integer[]);

-- failed  [standalone]
SELECT r.run_id, TRUE
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2 AND r.run_id > $3 AND r.state = 'failed'
ORDER BY r.run_id
LIMIT $4;

-- failed  [1.10.15, 2.0.2, 2.1.4]
SELECT r.run_id, NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.execution_date = r.execution_date)
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2 AND r.run_id > $3 AND r.state = 'failed'
ORDER BY r.run_id
LIMIT $4;

-- failed  [2.2.5, 2.3.4, 2.6.3, 2.11.2, 3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.run_id, NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.run_id = r.run_id)
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2 AND r.run_id > $3 AND r.state = 'failed'
ORDER BY r.run_id
LIMIT $4;

-- requeueable  [standalone]
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2 AND r.run_id > $3 AND r.state = 'failed' AND TRUE
ORDER BY r.run_id
LIMIT $4
FOR NO KEY UPDATE OF r SKIP LOCKED;

-- requeueable  [1.10.15, 2.0.2, 2.1.4]
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2 AND r.run_id > $3 AND r.state = 'failed' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.execution_date = r.execution_date)
ORDER BY r.run_id
LIMIT $4
FOR NO KEY UPDATE OF r SKIP LOCKED;

-- requeueable  [2.2.5, 2.3.4, 2.6.3, 2.11.2, 3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A'
  AND COALESCE(starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2)
    ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$', FALSE) AND r.dag_id = $2 AND r.run_id > $3 AND r.state = 'failed' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.run_id = r.run_id)
ORDER BY r.run_id
LIMIT $4
FOR NO KEY UPDATE OF r SKIP LOCKED;

-- requeue_runs  [standalone, 2.3.4]
UPDATE dag_run SET state = 'queued', queued_at = $2::timestamp with time zone, start_date = NULL, end_date = NULL WHERE id = ANY($1::bigint[]);

-- requeue_runs  [1.10.15, 2.0.2]
UPDATE dag_run SET state = 'running', start_date = $2::timestamp with time zone, end_date = NULL WHERE id = ANY($1::bigint[]);

-- requeue_runs  [2.1.4, 2.2.5]
UPDATE dag_run SET state = 'queued', queued_at = $2::timestamptz AT TIME ZONE 'UTC', start_date = NULL, end_date = NULL WHERE id = ANY($1::bigint[]);

-- requeue_runs  [2.6.3, 2.11.2, 3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
UPDATE dag_run SET state = 'queued', queued_at = $2::timestamp with time zone, start_date = NULL, end_date = NULL, updated_at = $2::timestamp with time zone WHERE id = ANY($1::bigint[]);

-- reopen_backfills  [every layout]
UPDATE backfill b SET is_paused = FALSE, completed_at = NULL, updated_at = $2::timestamptz
WHERE b.id = ANY($1::integer[]) AND b.completed_at IS NOT NULL
  AND EXISTS (SELECT 1 FROM dag_run r WHERE r.backfill_id = b.id AND r.state IN ('queued', 'running')
                AND r.dag_id = b.dag_id);

-- set_paused  [standalone]
UPDATE dag d SET is_paused = $2 WHERE d.dag_id = $1 AND d.is_active IS TRUE;

-- set_paused  [1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
UPDATE dag d SET is_paused = $2 WHERE d.dag_id = $1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- set_paused  [3.0.6, 3.1.8, 3.2.2, 3.3.2]
UPDATE dag d SET is_paused = $2 WHERE d.dag_id = $1 AND d.is_stale IS NOT TRUE;

-- set_paused  [3.4.0b2]
UPDATE dag d SET is_paused = $2, is_draining = FALSE WHERE d.dag_id = $1 AND d.is_stale IS NOT TRUE;

-- counts  [standalone]
SELECT (SELECT count(*) FROM dag d WHERE d.is_active IS TRUE), (SELECT count(*) FROM dag_run);

-- counts  [1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT (SELECT count(*) FROM dag d WHERE d.is_active IS TRUE AND d.is_subdag IS NOT TRUE), (SELECT count(*) FROM dag_run);

-- counts  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT (SELECT count(*) FROM dag d WHERE d.is_stale IS NOT TRUE), (SELECT count(*) FROM dag_run);

-- retire_dags  [standalone]
UPDATE dag SET is_active = FALSE WHERE is_active;

-- update_dag  [standalone]
UPDATE dag SET is_active = TRUE, fileloc = $2
WHERE dag_id = $1;

-- add_dag  [standalone]
INSERT INTO dag (dag_id, is_paused, is_active, fileloc)
SELECT $1::text, $3::boolean, TRUE, $2::text
WHERE NOT EXISTS (SELECT 1 FROM dag WHERE dag_id = $1::text);

-- forget_serialized_dag  [standalone]
DELETE FROM serialized_dag WHERE dag_id = $1 AND dag_hash <> $2;

-- add_serialized_dag  [standalone]
INSERT INTO serialized_dag (dag_id, dag_hash, data, last_updated)
SELECT $1::text, $2::text, $3::text::jsonb, CURRENT_TIMESTAMP
WHERE NOT EXISTS (SELECT 1 FROM serialized_dag WHERE dag_id = $1::text);

-- audit  [1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3]
INSERT INTO log (dttm, dag_id, event, owner, extra)
VALUES ($1, $2, $3, $4, $5);

-- audit  [2.11.2, 3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
INSERT INTO log (dttm, dag_id, event, owner, owner_display_name, extra)
VALUES ($1, $2, $3, $4, $5, $6);
