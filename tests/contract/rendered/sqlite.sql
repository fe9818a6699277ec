-- Written by test_rendered.py.

-- runs  [standalone, 1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__')
FROM dag_run r
WHERE r.id > ?1
ORDER BY r.id
LIMIT ?2;

-- runs  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.logical_date, r.start_date, r.end_date, (r.run_type IN ('manual', 'backfill', 'operator_triggered', 'asset_materialization'))
FROM dag_run r
WHERE r.id > ?1
ORDER BY r.id
LIMIT ?2;

-- runs with every filter  [standalone, 1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__')
FROM dag_run r
WHERE r.id > ?1 AND r.dag_id = ?3 AND r.state = ?4 AND COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__') = ?5 AND instr(r.run_id, ?6) = 1
ORDER BY r.id
LIMIT ?2;

-- runs with every filter  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.logical_date, r.start_date, r.end_date, (r.run_type IN ('manual', 'backfill', 'operator_triggered', 'asset_materialization'))
FROM dag_run r
WHERE r.id > ?1 AND r.dag_id = ?3 AND r.state = ?4 AND (r.run_type IN ('manual', 'backfill', 'operator_triggered', 'asset_materialization')) = ?5 AND instr(r.run_id, ?6) = 1
ORDER BY r.id
LIMIT ?2;

-- dags  [standalone]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT r.execution_date FROM dag_run r WHERE r.dag_id = d.dag_id ORDER BY r.execution_date DESC LIMIT 1),
       (SELECT CASE WHEN json_valid(s.data) THEN json_extract(s.data, '$.dag.timetable') END FROM serialized_dag s WHERE s.dag_id = d.dag_id), NULL
FROM dag d
WHERE d.is_active IS TRUE
ORDER BY d.dag_id;

-- dags  [1.10.15]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT r.execution_date FROM dag_run r WHERE r.dag_id = d.dag_id ORDER BY r.execution_date DESC LIMIT 1),
       d.schedule_interval, NULL
FROM dag d
WHERE d.is_active IS TRUE AND d.is_subdag IS NOT TRUE
ORDER BY d.dag_id;

-- dags  [2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT r.execution_date FROM dag_run r WHERE r.dag_id = d.dag_id ORDER BY r.execution_date DESC LIMIT 1),
       d.schedule_interval, d.next_dagrun_create_after
FROM dag d
WHERE d.is_active IS TRUE AND d.is_subdag IS NOT TRUE
ORDER BY d.dag_id;

-- dags  [3.0.6, 3.1.8, 3.2.2, 3.3.2]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT r.logical_date FROM dag_run r WHERE r.dag_id = d.dag_id ORDER BY r.logical_date DESC LIMIT 1),
       d.timetable_summary, d.next_dagrun_create_after
FROM dag d
WHERE d.is_stale IS NOT TRUE
ORDER BY d.dag_id;

-- dags  [3.4.0b2]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, d.is_draining IS TRUE,
       (SELECT r.logical_date FROM dag_run r WHERE r.dag_id = d.dag_id ORDER BY r.logical_date DESC LIMIT 1),
       d.timetable_summary, d.next_dagrun_create_after
FROM dag d
WHERE d.is_stale IS NOT TRUE
ORDER BY d.dag_id;

-- dag_detail  [standalone]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT max(r.execution_date) FROM dag_run r WHERE r.dag_id = d.dag_id),
       (SELECT CASE WHEN json_valid(s.data) THEN json_extract(s.data, '$.dag.timetable') END FROM serialized_dag s WHERE s.dag_id = d.dag_id), NULL,
       (SELECT count(*) FROM dag_run r WHERE r.dag_id = d.dag_id AND r.state IN ('queued', 'running')),
       NULL, NULL, NULL,
       NULL, NULL, NULL IS TRUE,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1)
FROM dag d
WHERE d.dag_id = ?1 AND d.is_active IS TRUE;

-- dag_detail  [1.10.15]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT max(r.execution_date) FROM dag_run r WHERE r.dag_id = d.dag_id),
       d.schedule_interval, NULL,
       (SELECT count(*) FROM dag_run r WHERE r.dag_id = d.dag_id AND r.state IN ('queued', 'running')),
       NULL, NULL, (SELECT max(r.execution_date) FROM dag_run r WHERE r.dag_id = d.dag_id AND (r.external_trigger IS FALSE OR substr(r.run_id, 1, 11) = 'scheduled__')),
       d.owners, d.description, NULL IS TRUE,
       (SELECT COALESCE(s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR), 'bare@' || g.schedule_interval, 'bare@')
        FROM dag g LEFT JOIN serialized_dag s ON s.dag_id = g.dag_id WHERE g.dag_id = d.dag_id LIMIT 1)
FROM dag d
WHERE d.dag_id = ?1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- dag_detail  [2.0.2]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT max(r.execution_date) FROM dag_run r WHERE r.dag_id = d.dag_id),
       d.schedule_interval, NULL,
       (SELECT count(*) FROM dag_run r WHERE r.dag_id = d.dag_id AND r.state IN ('queued', 'running')),
       d.next_dagrun, d.next_dagrun_create_after, NULL,
       d.owners, d.description, NULL IS TRUE,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1)
FROM dag d
WHERE d.dag_id = ?1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- dag_detail  [2.1.4]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT max(r.execution_date) FROM dag_run r WHERE r.dag_id = d.dag_id),
       d.schedule_interval, d.max_active_runs,
       (SELECT count(*) FROM dag_run r WHERE r.dag_id = d.dag_id AND r.state IN ('queued', 'running')),
       d.next_dagrun, d.next_dagrun_create_after, NULL,
       d.owners, d.description, NULL IS TRUE,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1)
FROM dag d
WHERE d.dag_id = ?1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- dag_detail  [2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT max(r.execution_date) FROM dag_run r WHERE r.dag_id = d.dag_id),
       d.schedule_interval, d.max_active_runs,
       (SELECT count(*) FROM dag_run r WHERE r.dag_id = d.dag_id AND r.state IN ('queued', 'running')),
       d.next_dagrun, d.next_dagrun_create_after, NULL,
       d.owners, d.description, d.has_import_errors IS TRUE,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1)
FROM dag d
WHERE d.dag_id = ?1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- dag_detail  [3.0.6, 3.1.8, 3.2.2, 3.3.2]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, FALSE IS TRUE,
       (SELECT max(r.logical_date) FROM dag_run r WHERE r.dag_id = d.dag_id),
       d.timetable_summary, d.max_active_runs,
       (SELECT count(*) FROM dag_run r WHERE r.dag_id = d.dag_id AND r.state IN ('queued', 'running')),
       d.next_dagrun, d.next_dagrun_create_after, NULL,
       d.owners, d.description, d.has_import_errors IS TRUE,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id WHERE v.dag_id = d.dag_id ORDER BY v.version_number DESC LIMIT 1)
FROM dag d
WHERE d.dag_id = ?1 AND d.is_stale IS NOT TRUE;

-- dag_detail  [3.4.0b2]
SELECT d.dag_id, d.fileloc, d.is_paused IS TRUE, d.is_draining IS TRUE,
       (SELECT max(r.logical_date) FROM dag_run r WHERE r.dag_id = d.dag_id),
       d.timetable_summary, d.max_active_runs,
       (SELECT count(*) FROM dag_run r WHERE r.dag_id = d.dag_id AND r.state IN ('queued', 'running')),
       d.next_dagrun, d.next_dagrun_create_after, NULL,
       d.owners, d.description, d.has_import_errors IS TRUE,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id WHERE v.dag_id = d.dag_id ORDER BY v.version_number DESC LIMIT 1)
FROM dag d
WHERE d.dag_id = ?1 AND d.is_stale IS NOT TRUE;

-- runs_named  [standalone]
WITH RECURSIVE owners (dag_id) AS (
    SELECT min(n.dag_id) FROM dag_run n
    UNION ALL
    SELECT (SELECT min(n.dag_id) FROM dag_run n WHERE n.dag_id > o.dag_id) FROM owners o WHERE o.dag_id IS NOT NULL
), named (id) AS (
    SELECT n.id FROM owners o JOIN dag_run n ON n.dag_id = o.dag_id AND n.run_id = ?1
    UNION ALL
    SELECT n.id FROM dag_run n WHERE n.dag_id IS NULL AND n.run_id = ?1
)
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       r.data_interval_start, r.data_interval_end, r.run_after,
       r.queued_at, r.conf
FROM named JOIN dag_run r ON r.id = named.id
ORDER BY r.dag_id
LIMIT ?2;

-- runs_named  [1.10.15, 2.0.2]
WITH RECURSIVE owners (dag_id) AS (
    SELECT min(n.dag_id) FROM dag_run n
    UNION ALL
    SELECT (SELECT min(n.dag_id) FROM dag_run n WHERE n.dag_id > o.dag_id) FROM owners o WHERE o.dag_id IS NOT NULL
), named (id) AS (
    SELECT n.id FROM owners o JOIN dag_run n ON n.dag_id = o.dag_id AND n.run_id = ?1
    UNION ALL
    SELECT n.id FROM dag_run n WHERE n.dag_id IS NULL AND n.run_id = ?1
)
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       NULL, NULL, NULL,
       NULL, NULL
FROM named JOIN dag_run r ON r.id = named.id
ORDER BY r.dag_id
LIMIT ?2;

-- runs_named  [2.1.4]
WITH RECURSIVE owners (dag_id) AS (
    SELECT min(n.dag_id) FROM dag_run n
    UNION ALL
    SELECT (SELECT min(n.dag_id) FROM dag_run n WHERE n.dag_id > o.dag_id) FROM owners o WHERE o.dag_id IS NOT NULL
), named (id) AS (
    SELECT n.id FROM owners o JOIN dag_run n ON n.dag_id = o.dag_id AND n.run_id = ?1
    UNION ALL
    SELECT n.id FROM dag_run n WHERE n.dag_id IS NULL AND n.run_id = ?1
)
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       NULL, NULL, NULL,
       r.queued_at, NULL
FROM named JOIN dag_run r ON r.id = named.id
ORDER BY r.dag_id
LIMIT ?2;

-- runs_named  [2.2.5, 2.3.4, 2.6.3, 2.11.2]
WITH RECURSIVE owners (dag_id) AS (
    SELECT min(n.dag_id) FROM dag_run n
    UNION ALL
    SELECT (SELECT min(n.dag_id) FROM dag_run n WHERE n.dag_id > o.dag_id) FROM owners o WHERE o.dag_id IS NOT NULL
), named (id) AS (
    SELECT n.id FROM owners o JOIN dag_run n ON n.dag_id = o.dag_id AND n.run_id = ?1
    UNION ALL
    SELECT n.id FROM dag_run n WHERE n.dag_id IS NULL AND n.run_id = ?1
)
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       r.data_interval_start, r.data_interval_end, NULL,
       r.queued_at, NULL
FROM named JOIN dag_run r ON r.id = named.id
ORDER BY r.dag_id
LIMIT ?2;

-- runs_named  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
WITH RECURSIVE owners (dag_id) AS (
    SELECT min(n.dag_id) FROM dag_run n
    UNION ALL
    SELECT (SELECT min(n.dag_id) FROM dag_run n WHERE n.dag_id > o.dag_id) FROM owners o WHERE o.dag_id IS NOT NULL
), named (id) AS (
    SELECT n.id FROM owners o JOIN dag_run n ON n.dag_id = o.dag_id AND n.run_id = ?1
    UNION ALL
    SELECT n.id FROM dag_run n WHERE n.dag_id IS NULL AND n.run_id = ?1
)
SELECT r.id, r.dag_id, r.run_id, r.state, r.logical_date, r.start_date, r.end_date, (r.run_type IN ('manual', 'backfill', 'operator_triggered', 'asset_materialization')),
       r.data_interval_start, r.data_interval_end, r.run_after,
       r.queued_at, r.conf
FROM named JOIN dag_run r ON r.id = named.id
ORDER BY r.dag_id
LIMIT ?2;

-- run_of_dag  [standalone]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       r.data_interval_start, r.data_interval_end, r.run_after,
       r.queued_at, r.conf
FROM dag_run r
WHERE r.run_id = ?1 AND r.dag_id = ?2
LIMIT ?3;

-- run_of_dag  [1.10.15, 2.0.2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       NULL, NULL, NULL,
       NULL, NULL
FROM dag_run r
WHERE r.run_id = ?1 AND r.dag_id = ?2
LIMIT ?3;

-- run_of_dag  [2.1.4]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       NULL, NULL, NULL,
       r.queued_at, NULL
FROM dag_run r
WHERE r.run_id = ?1 AND r.dag_id = ?2
LIMIT ?3;

-- run_of_dag  [2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__'),
       r.data_interval_start, r.data_interval_end, NULL,
       r.queued_at, NULL
FROM dag_run r
WHERE r.run_id = ?1 AND r.dag_id = ?2
LIMIT ?3;

-- run_of_dag  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.logical_date, r.start_date, r.end_date, (r.run_type IN ('manual', 'backfill', 'operator_triggered', 'asset_materialization')),
       r.data_interval_start, r.data_interval_end, r.run_after,
       r.queued_at, r.conf
FROM dag_run r
WHERE r.run_id = ?1 AND r.dag_id = ?2
LIMIT ?3;

-- serialized_dag  [standalone, 2.0.2, 2.1.4, 2.2.5]
SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR), s.data, NULL
FROM serialized_dag s
WHERE s.dag_id = ?1
LIMIT 1;

-- serialized_dag  [1.10.15]
SELECT COALESCE(s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR), 'bare@' || g.schedule_interval, 'bare@'), COALESCE(CAST(s.data AS VARCHAR), '{"dag": {"schedule_interval": ' || COALESCE(g.schedule_interval, 'null') || '}}'), NULL
FROM dag g LEFT JOIN serialized_dag s ON s.dag_id = g.dag_id
WHERE g.dag_id = ?1
LIMIT 1;

-- serialized_dag  [2.3.4, 2.6.3, 2.11.2]
SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR), s.data, s.data_compressed
FROM serialized_dag s
WHERE s.dag_id = ?1
LIMIT 1;

-- serialized_dag  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR), s.data, s.data_compressed
FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id
WHERE v.dag_id = ?1
ORDER BY v.version_number DESC LIMIT 1;

-- lock_dag  [standalone]
SELECT d.dag_id FROM dag d WHERE d.dag_id = ?1 AND d.is_active IS TRUE;

-- lock_dag  [1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT d.dag_id FROM dag d WHERE d.dag_id = ?1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- lock_dag  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT d.dag_id FROM dag d WHERE d.dag_id = ?1 AND d.is_stale IS NOT TRUE;

-- target_dag  [standalone]
SELECT d.dag_id, d.is_paused IS TRUE, FALSE IS TRUE, NULL IS TRUE,
       NULL, FALSE IS TRUE,
       NULL IS TRUE,
       NULL,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       (SELECT NULL FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       NULL,
       NULL,
       NULL,
       CASE WHEN d.is_paused IS TRUE THEN NULL ELSE NULL END,
       NULL
FROM dag d
WHERE d.dag_id = ?1 AND d.is_active IS TRUE;

-- target_dag  [1.10.15]
SELECT d.dag_id, d.is_paused IS TRUE, FALSE IS TRUE, NULL IS TRUE,
       NULL, FALSE IS TRUE,
       NULL IS TRUE,
       NULL,
       (SELECT COALESCE(s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR), 'bare@' || g.schedule_interval, 'bare@')
        FROM dag g LEFT JOIN serialized_dag s ON s.dag_id = g.dag_id WHERE g.dag_id = d.dag_id LIMIT 1),
       (SELECT NULL FROM dag g LEFT JOIN serialized_dag s ON s.dag_id = g.dag_id WHERE g.dag_id = d.dag_id LIMIT 1),
       NULL,
       (SELECT max(a.version_num) FROM alembic_version a),
       (SELECT max(r.execution_date) FROM dag_run r WHERE r.dag_id = d.dag_id AND (r.external_trigger IS FALSE OR substr(r.run_id, 1, 11) = 'scheduled__')),
       CASE WHEN d.is_paused IS TRUE THEN NULL ELSE NULL END,
       NULL
FROM dag d
WHERE d.dag_id = ?1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- target_dag  [2.0.2]
SELECT d.dag_id, d.is_paused IS TRUE, FALSE IS TRUE, NULL IS TRUE,
       NULL, FALSE IS TRUE,
       NULL IS TRUE,
       NULL,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       (SELECT NULL FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       NULL,
       (SELECT max(a.version_num) FROM alembic_version a),
       NULL,
       CASE WHEN d.is_paused IS TRUE THEN NULL ELSE d.next_dagrun END,
       d.next_dagrun
FROM dag d
WHERE d.dag_id = ?1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- target_dag  [2.1.4]
SELECT d.dag_id, d.is_paused IS TRUE, FALSE IS TRUE, NULL IS TRUE,
       d.max_active_runs, FALSE IS TRUE,
       NULL IS TRUE,
       NULL,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       (SELECT NULL FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       NULL,
       (SELECT max(a.version_num) FROM alembic_version a),
       NULL,
       CASE WHEN d.is_paused IS TRUE THEN NULL ELSE d.next_dagrun END,
       d.next_dagrun
FROM dag d
WHERE d.dag_id = ?1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- target_dag  [2.2.5]
SELECT d.dag_id, d.is_paused IS TRUE, FALSE IS TRUE, d.has_import_errors IS TRUE,
       d.max_active_runs, FALSE IS TRUE,
       NULL IS TRUE,
       NULL,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       (SELECT NULL FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       NULL,
       (SELECT max(a.version_num) FROM alembic_version a),
       NULL,
       CASE WHEN d.is_paused IS TRUE THEN NULL ELSE d.next_dagrun END,
       d.next_dagrun
FROM dag d
WHERE d.dag_id = ?1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- target_dag  [2.3.4, 2.6.3, 2.11.2]
SELECT d.dag_id, d.is_paused IS TRUE, FALSE IS TRUE, d.has_import_errors IS TRUE,
       d.max_active_runs, FALSE IS TRUE,
       NULL IS TRUE,
       NULL,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       (SELECT NULL FROM serialized_dag s WHERE s.dag_id = d.dag_id LIMIT 1),
       (SELECT max(t.id) FROM log_template t),
       (SELECT max(a.version_num) FROM alembic_version a),
       NULL,
       CASE WHEN d.is_paused IS TRUE THEN NULL ELSE d.next_dagrun END,
       d.next_dagrun
FROM dag d
WHERE d.dag_id = ?1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- target_dag  [3.0.6, 3.1.8]
SELECT d.dag_id, d.is_paused IS TRUE, FALSE IS TRUE, d.has_import_errors IS TRUE,
       d.max_active_runs, FALSE IS TRUE,
       NULL IS TRUE,
       NULL,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id WHERE v.dag_id = d.dag_id ORDER BY v.version_number DESC LIMIT 1),
       (SELECT v.id FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id WHERE v.dag_id = d.dag_id ORDER BY v.version_number DESC LIMIT 1),
       (SELECT max(t.id) FROM log_template t),
       (SELECT max(a.version_num) FROM alembic_version a),
       NULL,
       CASE WHEN d.is_paused IS TRUE THEN NULL ELSE d.next_dagrun END,
       d.next_dagrun
FROM dag d
WHERE d.dag_id = ?1 AND d.is_stale IS NOT TRUE;

-- target_dag  [3.2.2, 3.3.2]
SELECT d.dag_id, d.is_paused IS TRUE, FALSE IS TRUE, d.has_import_errors IS TRUE,
       d.max_active_runs, FALSE IS TRUE,
       d.timetable_partitioned IS TRUE,
       d.allowed_run_types,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id WHERE v.dag_id = d.dag_id ORDER BY v.version_number DESC LIMIT 1),
       (SELECT v.id FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id WHERE v.dag_id = d.dag_id ORDER BY v.version_number DESC LIMIT 1),
       (SELECT max(t.id) FROM log_template t),
       (SELECT max(a.version_num) FROM alembic_version a),
       NULL,
       CASE WHEN d.is_paused IS TRUE THEN NULL ELSE d.next_dagrun END,
       d.next_dagrun
FROM dag d
WHERE d.dag_id = ?1 AND d.is_stale IS NOT TRUE;

-- target_dag  [3.4.0b2]
SELECT d.dag_id, d.is_paused IS TRUE, d.is_draining IS TRUE, d.has_import_errors IS TRUE,
       d.max_active_runs, d.timetable_asset_gated IS TRUE,
       d.timetable_partitioned IS TRUE,
       d.allowed_run_types,
       (SELECT s.dag_hash || '@' || CAST(s.last_updated AS VARCHAR)
        FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id WHERE v.dag_id = d.dag_id ORDER BY v.version_number DESC LIMIT 1),
       (SELECT v.id FROM serialized_dag s JOIN dag_version v ON v.id = s.dag_version_id WHERE v.dag_id = d.dag_id ORDER BY v.version_number DESC LIMIT 1),
       (SELECT max(t.id) FROM log_template t),
       (SELECT max(a.version_num) FROM alembic_version a),
       NULL,
       CASE WHEN d.is_paused IS TRUE THEN NULL ELSE d.next_dagrun END,
       d.next_dagrun
FROM dag d
WHERE d.dag_id = ?1 AND d.is_stale IS NOT TRUE;

-- taken  [standalone, 1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT r.execution_date, r.run_id
FROM dag_run r
WHERE r.dag_id = ?1 AND r.execution_date IN (SELECT value FROM json_each(?2));

-- taken  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.logical_date, r.run_id
FROM dag_run r
WHERE r.dag_id = ?1 AND r.logical_date IN (SELECT value FROM json_each(?2));

-- runs_on  [standalone, 1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__')
FROM dag_run r
WHERE r.dag_id = ?1 AND r.execution_date IN (SELECT value FROM json_each(?2));

-- runs_on  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.logical_date, r.start_date, r.end_date, (r.run_type IN ('manual', 'backfill', 'operator_triggered', 'asset_materialization'))
FROM dag_run r
WHERE r.dag_id = ?1 AND r.logical_date IN (SELECT value FROM json_each(?2));

-- last_run  [standalone, 3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT n.number, n.backfill_id
FROM (
    SELECT * FROM (
        SELECT CAST(substr(r.run_id, length(?1) + 2, 7) AS INTEGER) AS number, r.backfill_id AS backfill_id
        FROM dag_run r
        WHERE r.run_id >= ?1 || '_0' AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19 AND r.dag_id = ?2 AND substr(r.run_id, length(?1) + 9, 1) = '_'
        ORDER BY r.run_id DESC
        LIMIT 1)
    UNION ALL
    SELECT * FROM (
        SELECT CAST(substr(r.run_id, length(?1) + 2) AS INTEGER) AS number, r.backfill_id AS backfill_id
        FROM dag_run r
        WHERE r.dag_id = ?2 AND r.run_id >= ?1 || '_1' AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19
          AND substr(r.run_id, length(?1) + 9, 1) <> '_'
        ORDER BY number DESC
        LIMIT 1)
) n
ORDER BY n.number DESC
LIMIT 1;

-- last_run  [1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT n.number, n.backfill_id
FROM (
    SELECT * FROM (
        SELECT CAST(substr(r.run_id, length(?1) + 2, 7) AS INTEGER) AS number, NULL AS backfill_id
        FROM dag_run r
        WHERE r.run_id >= ?1 || '_0' AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19 AND r.dag_id = ?2 AND substr(r.run_id, length(?1) + 9, 1) = '_'
        ORDER BY r.run_id DESC
        LIMIT 1)
    UNION ALL
    SELECT * FROM (
        SELECT CAST(substr(r.run_id, length(?1) + 2) AS INTEGER) AS number, NULL AS backfill_id
        FROM dag_run r
        WHERE r.dag_id = ?2 AND r.run_id >= ?1 || '_1' AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19
          AND substr(r.run_id, length(?1) + 9, 1) <> '_'
        ORDER BY number DESC
        LIMIT 1)
) n
ORDER BY n.number DESC
LIMIT 1;

-- has_number  [every layout]
SELECT EXISTS (
    SELECT 1 FROM dag_run r
    WHERE r.dag_id = ?2 AND r.run_id >= ?1 || '_0' AND r.run_id < ?1 || '_A'
      AND instr(r.run_id, ?1 || '_') = 1);

-- backfill_of  [standalone, 3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.backfill_id
FROM dag_run r
WHERE r.run_id >= ?1 || '_0' AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19 AND r.dag_id = ?2 AND r.backfill_id IS NOT NULL
ORDER BY r.run_id DESC
LIMIT 1;

-- backfill_of  [1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT NULL
FROM dag_run r
WHERE r.run_id >= ?1 || '_0' AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19 AND r.dag_id = ?2 AND NULL IS NOT NULL
ORDER BY r.run_id DESC
LIMIT 1;

-- backfills  [every layout]
SELECT b.id, b.max_active_runs, b.is_paused IS TRUE, b.completed_at IS NOT NULL
FROM backfill b
WHERE b.id IN (SELECT value FROM json_each(?1)) AND b.reprocess_behavior = 'none';

-- running_runs  [every layout]
SELECT count(*) FROM dag_run r WHERE r.state = 'running';

-- add_backfill  [standalone, 3.0.6]
INSERT INTO backfill (dag_id, from_date, to_date, dag_run_conf, is_paused, reprocess_behavior, max_active_runs, created_at, completed_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
RETURNING id;

-- add_backfill  [1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
INSERT INTO backfill ()
VALUES ()
RETURNING id;

-- add_backfill  [3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
INSERT INTO backfill (dag_id, from_date, to_date, dag_run_conf, is_paused, reprocess_behavior, max_active_runs, created_at, completed_at, updated_at, triggering_user_name)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
RETURNING id;

-- join_backfill  [every layout]
UPDATE backfill
SET max_active_runs = COALESCE(?2, max_active_runs),
    from_date = min(from_date, ?3), to_date = max(to_date, ?4),
    is_paused = (is_paused IS TRUE AND completed_at IS NULL), completed_at = NULL, updated_at = ?5
WHERE id = ?1;

-- insert_runs  [standalone]
INSERT INTO dag_run (run_id, execution_date, data_interval_start, data_interval_end, run_after, conf, dag_id, state, queued_at, run_type, external_trigger, backfill_id)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
ON CONFLICT DO NOTHING;

-- insert_runs  [1.10.15]
INSERT INTO dag_run (run_id, execution_date, conf, dag_id, state, start_date, external_trigger)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT DO NOTHING;

-- insert_runs  [2.0.2]
INSERT INTO dag_run (run_id, execution_date, conf, dag_id, state, start_date, run_type, external_trigger)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT DO NOTHING;

-- insert_runs  [2.1.4]
INSERT INTO dag_run (run_id, execution_date, conf, dag_id, state, queued_at, run_type, external_trigger)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT DO NOTHING;

-- insert_runs  [2.2.5]
INSERT INTO dag_run (run_id, execution_date, data_interval_start, data_interval_end, conf, dag_id, state, queued_at, run_type, external_trigger)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT DO NOTHING;

-- insert_runs  [2.3.4]
INSERT INTO dag_run (run_id, execution_date, data_interval_start, data_interval_end, conf, dag_id, state, queued_at, run_type, external_trigger, log_template_id)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT DO NOTHING;

-- insert_runs  [2.6.3]
INSERT INTO dag_run (run_id, execution_date, data_interval_start, data_interval_end, conf, dag_id, state, queued_at, run_type, external_trigger, log_template_id, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
ON CONFLICT DO NOTHING;

-- insert_runs  [2.11.2]
INSERT INTO dag_run (run_id, execution_date, data_interval_start, data_interval_end, conf, dag_id, state, queued_at, run_type, external_trigger, log_template_id, clear_number, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
ON CONFLICT DO NOTHING;

-- insert_runs  [3.0.6]
INSERT INTO dag_run (run_id, logical_date, data_interval_start, data_interval_end, run_after, conf, dag_id, state, queued_at, run_type, triggered_by, backfill_id, log_template_id, created_dag_version_id, clear_number, span_status, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
ON CONFLICT DO NOTHING;

-- insert_runs  [3.1.8]
INSERT INTO dag_run (run_id, logical_date, data_interval_start, data_interval_end, run_after, conf, dag_id, state, queued_at, run_type, triggered_by, triggering_user_name, backfill_id, log_template_id, created_dag_version_id, clear_number, span_status, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
ON CONFLICT DO NOTHING;

-- insert_runs  [3.2.2, 3.3.2]
INSERT INTO dag_run (run_id, logical_date, data_interval_start, data_interval_end, run_after, conf, dag_id, state, queued_at, run_type, triggered_by, triggering_user_name, backfill_id, log_template_id, created_dag_version_id, clear_number, span_status, created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
ON CONFLICT DO NOTHING;

-- insert_runs  [3.4.0b2]
INSERT INTO dag_run (run_id, logical_date, data_interval_start, data_interval_end, run_after, conf, dag_id, state, queued_at, run_type, triggered_by, triggering_user_name, backfill_id, log_template_id, created_dag_version_id, clear_number, created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
ON CONFLICT DO NOTHING;

-- add_backfill_runs  [standalone, 1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
INSERT INTO backfill_dag_run (backfill_id, dag_run_id, logical_date, sort_ordinal)
SELECT ?1, r.id, r.execution_date, n.value
FROM json_each(?3) n
CROSS JOIN dag_run r ON r.dag_id = ?2 AND r.run_id = n.key;

-- add_backfill_runs  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
INSERT INTO backfill_dag_run (backfill_id, dag_run_id, logical_date, sort_ordinal)
SELECT ?1, r.id, r.logical_date, n.value
FROM json_each(?3) n
CROSS JOIN dag_run r ON r.dag_id = ?2 AND r.run_id = n.key;

-- latest_runs  [standalone]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__')
FROM dag d
JOIN dag_run r ON r.id = COALESCE(
    (SELECT n.id FROM dag_run n WHERE n.dag_id = d.dag_id AND n.execution_date IS NOT NULL ORDER BY n.execution_date DESC LIMIT 1),
    (SELECT max(n.id + 0) FROM dag_run n WHERE n.dag_id = d.dag_id))
WHERE d.is_active IS TRUE
ORDER BY d.dag_id;

-- latest_runs  [1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.execution_date, r.start_date, r.end_date, COALESCE(r.external_trigger, substr(r.run_id, 1, 11) <> 'scheduled__')
FROM dag d
JOIN dag_run r ON r.id = COALESCE(
    (SELECT n.id FROM dag_run n WHERE n.dag_id = d.dag_id AND n.execution_date IS NOT NULL ORDER BY n.execution_date DESC LIMIT 1),
    (SELECT max(n.id + 0) FROM dag_run n WHERE n.dag_id = d.dag_id))
WHERE d.is_active IS TRUE AND d.is_subdag IS NOT TRUE
ORDER BY d.dag_id;

-- latest_runs  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.id, r.dag_id, r.run_id, r.state, r.logical_date, r.start_date, r.end_date, (r.run_type IN ('manual', 'backfill', 'operator_triggered', 'asset_materialization'))
FROM dag d
JOIN dag_run r ON r.id = COALESCE(
    (SELECT n.id FROM dag_run n WHERE n.dag_id = d.dag_id AND n.logical_date IS NOT NULL ORDER BY n.logical_date DESC LIMIT 1),
    (SELECT max(n.id + 0) FROM dag_run n WHERE n.dag_id = d.dag_id))
WHERE d.is_stale IS NOT TRUE
ORDER BY d.dag_id;

-- progress  [standalone]
SELECT r.dag_id, r.state, count(*), min(r.execution_date), max(r.execution_date), max(r.backfill_id),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM dag d
JOIN dag_run r ON r.dag_id = d.dag_id
WHERE r.run_id >= ?1 || '_0' AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19
GROUP BY r.dag_id, r.state
ORDER BY r.dag_id;

-- progress  [1.10.15, 2.0.2]
SELECT r.dag_id, r.state, count(*), min(r.execution_date), max(r.execution_date), max(NULL),
       sum(CASE WHEN r.state = 'failed' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.execution_date = r.execution_date) THEN 1 ELSE 0 END), min(NULL), max(r.end_date)
FROM dag d
JOIN dag_run r ON r.dag_id = d.dag_id
WHERE r.run_id >= ?1 || '_0' AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19
GROUP BY r.dag_id, r.state
ORDER BY r.dag_id;

-- progress  [2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT r.dag_id, r.state, count(*), min(r.execution_date), max(r.execution_date), max(NULL),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM dag d
JOIN dag_run r ON r.dag_id = d.dag_id
WHERE r.run_id >= ?1 || '_0' AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19
GROUP BY r.dag_id, r.state
ORDER BY r.dag_id;

-- progress  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.dag_id, r.state, count(*), min(r.logical_date), max(r.logical_date), max(r.backfill_id),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM dag d
JOIN dag_run r ON r.dag_id = d.dag_id
WHERE r.run_id >= ?1 || '_0' AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19
GROUP BY r.dag_id, r.state
ORDER BY r.dag_id;

-- progress_of_dag  [standalone]
SELECT r.dag_id, r.state, count(*), min(r.execution_date), max(r.execution_date), max(r.backfill_id),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM dag_run r
WHERE r.run_id >= ?1 || '_0' AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19 AND r.dag_id = ?2
GROUP BY r.dag_id, r.state;

-- progress_of_dag  [1.10.15, 2.0.2]
SELECT r.dag_id, r.state, count(*), min(r.execution_date), max(r.execution_date), max(NULL),
       sum(CASE WHEN r.state = 'failed' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.execution_date = r.execution_date) THEN 1 ELSE 0 END), min(NULL), max(r.end_date)
FROM dag_run r
WHERE r.run_id >= ?1 || '_0' AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19 AND r.dag_id = ?2
GROUP BY r.dag_id, r.state;

-- progress_of_dag  [2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT r.dag_id, r.state, count(*), min(r.execution_date), max(r.execution_date), max(NULL),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM dag_run r
WHERE r.run_id >= ?1 || '_0' AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19 AND r.dag_id = ?2
GROUP BY r.dag_id, r.state;

-- progress_of_dag  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.dag_id, r.state, count(*), min(r.logical_date), max(r.logical_date), max(r.backfill_id),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM dag_run r
WHERE r.run_id >= ?1 || '_0' AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19 AND r.dag_id = ?2
GROUP BY r.dag_id, r.state;

-- newest_batches  [every layout]
WITH RECURSIVE walk (id, last_id, number, batches, runs, steps, bottom) AS (
    SELECT t.id + 1, NULL, 0, 0, 0, 0, t.id - ?4
    FROM (SELECT r.id FROM dag_run r WHERE r.id < ?1 ORDER BY r.id DESC LIMIT 1) t
    UNION ALL
    SELECT n.id, (SELECT r.id FROM dag_run r WHERE r.dag_id = n.dag_id AND r.run_id >= substr(rtrim(substr(n.run_id, 1, length(n.run_id) - iif(substr(n.run_id, -7, 1) = '.', 27, 20)), '0123456789'), 1, length(rtrim(substr(n.run_id, 1, length(n.run_id) - iif(substr(n.run_id, -7, 1) = '.', 27, 20)), '0123456789')) - 1) || '_0' AND r.run_id < substr(rtrim(substr(n.run_id, 1, length(n.run_id) - iif(substr(n.run_id, -7, 1) = '.', 27, 20)), '0123456789'), 1, length(rtrim(substr(n.run_id, 1, length(n.run_id) - iif(substr(n.run_id, -7, 1) = '.', 27, 20)), '0123456789')) - 1) || '_A' AND (ltrim(substr(r.run_id, length(substr(rtrim(substr(n.run_id, 1, length(n.run_id) - iif(substr(n.run_id, -7, 1) = '.', 27, 20)), '0123456789'), 1, length(rtrim(substr(n.run_id, 1, length(n.run_id) - iif(substr(n.run_id, -7, 1) = '.', 27, 20)), '0123456789')) - 1)) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(substr(rtrim(substr(n.run_id, 1, length(n.run_id) - iif(substr(n.run_id, -7, 1) = '.', 27, 20)), '0123456789'), 1, length(rtrim(substr(n.run_id, 1, length(n.run_id) - iif(substr(n.run_id, -7, 1) = '.', 27, 20)), '0123456789')) - 1)) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(substr(rtrim(substr(n.run_id, 1, length(n.run_id) - iif(substr(n.run_id, -7, 1) = '.', 27, 20)), '0123456789'), 1, length(rtrim(substr(n.run_id, 1, length(n.run_id) - iif(substr(n.run_id, -7, 1) = '.', 27, 20)), '0123456789')) - 1)) + 2), '_') BETWEEN 8 AND 19 ORDER BY r.run_id DESC LIMIT 1),
           CAST(substr(substr(n.run_id, 1, length(n.run_id) - iif(substr(n.run_id, -7, 1) = '.', 27, 20)), length(rtrim(substr(n.run_id, 1, length(n.run_id) - iif(substr(n.run_id, -7, 1) = '.', 27, 20)), '0123456789')) + 1) AS INTEGER), w.batches + (w.last_id IS w.id), w.runs + iif(w.last_id = w.id, w.number, 0),
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
                   THEN FALSE ELSE (substr(r.run_id, -27) GLOB '[0-9][0-9][0-9][0-9][0-9][0-9][0-9]_[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]'
    OR substr(r.run_id, -34) GLOB '[0-9][0-9][0-9][0-9][0-9][0-9][0-9]_[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND substr(rtrim(substr(r.run_id, 1, length(r.run_id) - iif(substr(r.run_id, -7, 1) = '.', 27, 20)), '0123456789'), -1) = '_' AND length(rtrim(substr(r.run_id, 1, length(r.run_id) - iif(substr(r.run_id, -7, 1) = '.', 27, 20)), '0123456789')) > 1
  AND length(substr(r.run_id, 1, length(r.run_id) - iif(substr(r.run_id, -7, 1) = '.', 27, 20))) - length(rtrim(substr(r.run_id, 1, length(r.run_id) - iif(substr(r.run_id, -7, 1) = '.', 27, 20)), '0123456789')) <= 18 END
        ORDER BY r.id DESC
        LIMIT 1)
    WHERE w.batches + (w.last_id IS w.id) < ?2 AND (w.runs < ?3 OR w.last_id <> w.id) AND w.steps < ?5
)
SELECT w.id, o.dag_id, o.run_id, w.last_id IS w.id,
       (SELECT r.id FROM dag_run r WHERE r.id <= w.bottom ORDER BY r.id DESC LIMIT 1)
FROM walk w
LEFT JOIN dag_run o ON o.id = w.id
ORDER BY w.steps;

-- newest_batches_of_dag  [every layout]
SELECT l.id, l.dag_id, l.run_id, TRUE, NULL
FROM (
    SELECT max(r.run_id) AS run_id
    FROM (SELECT o.run_id FROM dag_run o WHERE o.dag_id = ?2 AND o.run_id < 'scheduled__1000'
          UNION ALL
          SELECT o.run_id FROM dag_run o WHERE o.dag_id = ?2 AND o.run_id >= 'scheduled__3000') r
    WHERE substr(r.run_id, 1, 11) <> 'scheduled__' AND (substr(r.run_id, -27) GLOB '[0-9][0-9][0-9][0-9][0-9][0-9][0-9]_[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]'
    OR substr(r.run_id, -34) GLOB '[0-9][0-9][0-9][0-9][0-9][0-9][0-9]_[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND substr(rtrim(substr(r.run_id, 1, length(r.run_id) - iif(substr(r.run_id, -7, 1) = '.', 27, 20)), '0123456789'), -1) = '_' AND length(rtrim(substr(r.run_id, 1, length(r.run_id) - iif(substr(r.run_id, -7, 1) = '.', 27, 20)), '0123456789')) > 1
  AND length(substr(r.run_id, 1, length(r.run_id) - iif(substr(r.run_id, -7, 1) = '.', 27, 20))) - length(rtrim(substr(r.run_id, 1, length(r.run_id) - iif(substr(r.run_id, -7, 1) = '.', 27, 20)), '0123456789')) <= 18
    GROUP BY substr(rtrim(substr(r.run_id, 1, length(r.run_id) - iif(substr(r.run_id, -7, 1) = '.', 27, 20)), '0123456789'), 1, length(rtrim(substr(r.run_id, 1, length(r.run_id) - iif(substr(r.run_id, -7, 1) = '.', 27, 20)), '0123456789')) - 1)) b
CROSS JOIN dag_run l ON l.dag_id = ?2 AND l.run_id = b.run_id
WHERE l.id < ?1
ORDER BY l.id DESC
LIMIT ?3;

-- progress_of_batches  [standalone]
SELECT n.place, r.state, count(*), min(r.execution_date), max(r.execution_date), max(r.backfill_id),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM (SELECT a.key + 1 AS place, a.value AS dag_id, p.value AS prefix
      FROM json_each(?1) a JOIN json_each(?2) p ON p.key = a.key) n
CROSS JOIN dag_run r ON r.dag_id = n.dag_id AND r.run_id >= n.prefix || '_0' AND r.run_id < n.prefix || '_A' AND (ltrim(substr(r.run_id, length(n.prefix) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(n.prefix) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(n.prefix) + 2), '_') BETWEEN 8 AND 19
GROUP BY n.place, r.state
ORDER BY n.place;

-- progress_of_batches  [1.10.15, 2.0.2]
SELECT n.place, r.state, count(*), min(r.execution_date), max(r.execution_date), max(NULL),
       sum(CASE WHEN r.state = 'failed' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.execution_date = r.execution_date) THEN 1 ELSE 0 END), min(NULL), max(r.end_date)
FROM (SELECT a.key + 1 AS place, a.value AS dag_id, p.value AS prefix
      FROM json_each(?1) a JOIN json_each(?2) p ON p.key = a.key) n
CROSS JOIN dag_run r ON r.dag_id = n.dag_id AND r.run_id >= n.prefix || '_0' AND r.run_id < n.prefix || '_A' AND (ltrim(substr(r.run_id, length(n.prefix) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(n.prefix) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(n.prefix) + 2), '_') BETWEEN 8 AND 19
GROUP BY n.place, r.state
ORDER BY n.place;

-- progress_of_batches  [2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT n.place, r.state, count(*), min(r.execution_date), max(r.execution_date), max(NULL),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM (SELECT a.key + 1 AS place, a.value AS dag_id, p.value AS prefix
      FROM json_each(?1) a JOIN json_each(?2) p ON p.key = a.key) n
CROSS JOIN dag_run r ON r.dag_id = n.dag_id AND r.run_id >= n.prefix || '_0' AND r.run_id < n.prefix || '_A' AND (ltrim(substr(r.run_id, length(n.prefix) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(n.prefix) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(n.prefix) + 2), '_') BETWEEN 8 AND 19
GROUP BY n.place, r.state
ORDER BY n.place;

-- progress_of_batches  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT n.place, r.state, count(*), min(r.logical_date), max(r.logical_date), max(r.backfill_id),
       sum(CASE WHEN r.state = 'failed' AND r.start_date IS NULL THEN 1 ELSE 0 END), min(r.queued_at), max(r.end_date)
FROM (SELECT a.key + 1 AS place, a.value AS dag_id, p.value AS prefix
      FROM json_each(?1) a JOIN json_each(?2) p ON p.key = a.key) n
CROSS JOIN dag_run r ON r.dag_id = n.dag_id AND r.run_id >= n.prefix || '_0' AND r.run_id < n.prefix || '_A' AND (ltrim(substr(r.run_id, length(n.prefix) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(n.prefix) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(n.prefix) + 2), '_') BETWEEN 8 AND 19
GROUP BY n.place, r.state
ORDER BY n.place;

-- unstarted  [standalone]
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.dag_id = ?2 AND r.run_id > max(?1 || '_0', ?3) AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19 AND r.state = 'queued'
ORDER BY r.run_id
LIMIT ?4;

-- unstarted  [1.10.15]
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.dag_id = ?2 AND r.run_id > max(?1 || '_0', ?3) AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19 AND r.state = 'running' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.execution_date = r.execution_date)
ORDER BY r.run_id
LIMIT ?4;

-- unstarted  [2.0.2]
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.dag_id = ?2 AND r.run_id > max(?1 || '_0', ?3) AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19 AND r.state = 'running' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.execution_date = r.execution_date) AND r.last_scheduling_decision IS NULL
ORDER BY r.run_id
LIMIT ?4;

-- unstarted  [2.1.4]
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.dag_id = ?2 AND r.run_id > max(?1 || '_0', ?3) AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19 AND r.state = 'queued' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.execution_date = r.execution_date)
ORDER BY r.run_id
LIMIT ?4;

-- unstarted  [2.2.5, 2.3.4, 2.6.3, 2.11.2, 3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.dag_id = ?2 AND r.run_id > max(?1 || '_0', ?3) AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19 AND r.state = 'queued' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.run_id = r.run_id)
ORDER BY r.run_id
LIMIT ?4;

-- cancel_runs  [standalone, 1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4]
UPDATE dag_run SET state = 'failed', end_date = ?2 WHERE id IN (SELECT value FROM json_each(?1));

-- cancel_runs  [2.6.3, 2.11.2, 3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
UPDATE dag_run SET state = 'failed', end_date = ?2, updated_at = ?2 WHERE id IN (SELECT value FROM json_each(?1));

-- lock_backfills  [every layout]
SELECT b.id FROM backfill b WHERE b.id IN (SELECT value FROM json_each(?1)) ORDER BY b.id;

-- limit_backfill  [every layout]
UPDATE backfill SET max_active_runs = ?2, updated_at = ?3 WHERE id = ?1;

-- pause_backfills  [every layout]
UPDATE backfill SET is_paused = ?2, updated_at = ?3
WHERE id IN (SELECT value FROM json_each(?1)) AND completed_at IS NULL
RETURNING id;

-- end_backfills  [every layout]
UPDATE backfill
SET is_paused = FALSE, updated_at = ?2,
    completed_at = CASE
        WHEN EXISTS (SELECT 1 FROM dag_run r WHERE r.backfill_id = backfill.id AND r.state IN ('queued', 'running')
                       AND r.dag_id = backfill.dag_id)
        THEN completed_at ELSE COALESCE(completed_at, ?2) END
WHERE id IN (SELECT value FROM json_each(?1));

-- failed  [standalone]
SELECT r.run_id, TRUE
FROM dag_run r
WHERE r.dag_id = ?2 AND r.run_id > max(?1 || '_0', ?3) AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19
  AND r.state = 'failed'
ORDER BY r.run_id
LIMIT ?4;

-- failed  [1.10.15, 2.0.2, 2.1.4]
SELECT r.run_id, NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.execution_date = r.execution_date)
FROM dag_run r
WHERE r.dag_id = ?2 AND r.run_id > max(?1 || '_0', ?3) AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19
  AND r.state = 'failed'
ORDER BY r.run_id
LIMIT ?4;

-- failed  [2.2.5, 2.3.4, 2.6.3, 2.11.2, 3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.run_id, NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.run_id = r.run_id)
FROM dag_run r
WHERE r.dag_id = ?2 AND r.run_id > max(?1 || '_0', ?3) AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19
  AND r.state = 'failed'
ORDER BY r.run_id
LIMIT ?4;

-- requeueable  [standalone]
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.dag_id = ?2 AND r.run_id > max(?1 || '_0', ?3) AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19
  AND r.state = 'failed' AND TRUE
ORDER BY r.run_id
LIMIT ?4;

-- requeueable  [1.10.15, 2.0.2, 2.1.4]
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.dag_id = ?2 AND r.run_id > max(?1 || '_0', ?3) AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19
  AND r.state = 'failed' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.execution_date = r.execution_date)
ORDER BY r.run_id
LIMIT ?4;

-- requeueable  [2.2.5, 2.3.4, 2.6.3, 2.11.2, 3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT r.id, r.run_id
FROM dag_run r
WHERE r.dag_id = ?2 AND r.run_id > max(?1 || '_0', ?3) AND r.run_id < ?1 || '_A' AND (ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR ltrim(substr(r.run_id, length(?1) + 2), '0123456789') GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]')
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19
  AND r.state = 'failed' AND NOT EXISTS (SELECT 1 FROM task_instance i WHERE i.dag_id = r.dag_id AND i.run_id = r.run_id)
ORDER BY r.run_id
LIMIT ?4;

-- requeue_runs  [standalone, 2.1.4, 2.2.5, 2.3.4]
UPDATE dag_run SET state = 'queued', queued_at = ?2, start_date = NULL, end_date = NULL WHERE id IN (SELECT value FROM json_each(?1));

-- requeue_runs  [1.10.15, 2.0.2]
UPDATE dag_run SET state = 'running', start_date = ?2, end_date = NULL WHERE id IN (SELECT value FROM json_each(?1));

-- requeue_runs  [2.6.3, 2.11.2, 3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
UPDATE dag_run SET state = 'queued', queued_at = ?2, start_date = NULL, end_date = NULL, updated_at = ?2 WHERE id IN (SELECT value FROM json_each(?1));

-- reopen_backfills  [every layout]
UPDATE backfill SET is_paused = FALSE, completed_at = NULL, updated_at = ?2
WHERE id IN (SELECT value FROM json_each(?1)) AND completed_at IS NOT NULL
  AND EXISTS (SELECT 1 FROM dag_run r WHERE r.backfill_id = backfill.id AND r.state IN ('queued', 'running')
                AND r.dag_id = backfill.dag_id);

-- set_paused  [standalone]
UPDATE dag AS d SET is_paused = ?2 WHERE d.dag_id = ?1 AND d.is_active IS TRUE;

-- set_paused  [1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
UPDATE dag AS d SET is_paused = ?2 WHERE d.dag_id = ?1 AND d.is_active IS TRUE AND d.is_subdag IS NOT TRUE;

-- set_paused  [3.0.6, 3.1.8, 3.2.2, 3.3.2]
UPDATE dag AS d SET is_paused = ?2 WHERE d.dag_id = ?1 AND d.is_stale IS NOT TRUE;

-- set_paused  [3.4.0b2]
UPDATE dag AS d SET is_paused = ?2, is_draining = FALSE WHERE d.dag_id = ?1 AND d.is_stale IS NOT TRUE;

-- counts  [standalone]
SELECT (SELECT count(*) FROM dag d WHERE d.is_active IS TRUE), (SELECT count(*) FROM dag_run);

-- counts  [1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3, 2.11.2]
SELECT (SELECT count(*) FROM dag d WHERE d.is_active IS TRUE AND d.is_subdag IS NOT TRUE), (SELECT count(*) FROM dag_run);

-- counts  [3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
SELECT (SELECT count(*) FROM dag d WHERE d.is_stale IS NOT TRUE), (SELECT count(*) FROM dag_run);

-- retire_dags  [standalone]
UPDATE dag SET is_active = FALSE WHERE is_active;

-- update_dag  [standalone]
UPDATE dag SET is_active = TRUE, fileloc = ?2
WHERE dag_id = ?1;

-- add_dag  [standalone]
INSERT INTO dag (dag_id, is_paused, is_active, fileloc)
SELECT ?1, ?3, TRUE, ?2
WHERE NOT EXISTS (SELECT 1 FROM dag WHERE dag_id = ?1);

-- forget_serialized_dag  [standalone]
DELETE FROM serialized_dag WHERE dag_id = ?1 AND dag_hash <> ?2;

-- add_serialized_dag  [standalone]
INSERT INTO serialized_dag (dag_id, dag_hash, data, last_updated)
SELECT ?1, ?2, ?3, CURRENT_TIMESTAMP
WHERE NOT EXISTS (SELECT 1 FROM serialized_dag WHERE dag_id = ?1);

-- audit  [1.10.15, 2.0.2, 2.1.4, 2.2.5, 2.3.4, 2.6.3]
INSERT INTO log (dttm, dag_id, event, owner, extra)
VALUES (?1, ?2, ?3, ?4, ?5);

-- audit  [2.11.2, 3.0.6, 3.1.8, 3.2.2, 3.3.2, 3.4.0b2]
INSERT INTO log (dttm, dag_id, event, owner, owner_display_name, extra)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);
