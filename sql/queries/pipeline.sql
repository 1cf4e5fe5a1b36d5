-- Pipelines. Their jobs are in job.sql.

-- name: pipeline_next_iid :one
-- in: project_id int8
-- out: iid int8
INSERT INTO pipeline_counter (project_id, last_iid) VALUES ($1, 1)
ON CONFLICT (project_id) DO UPDATE SET last_iid = pipeline_counter.last_iid + 1
RETURNING last_iid;

-- name: pipeline_add :one
-- in: project_id int8, iid int8, push_id int8?, source text, ref text, ref_name text, is_tag bool
-- in: sha text, before_sha text, status text, name text?, user_id int8?, is_protected bool
-- in: config_error text?, config_file text?, config_line int4?, config_column int4?
-- in: auto_cancel text, cancels_on_failure bool, source_sha text?, target_sha text?
-- out: id int8, created_at timestamptz
INSERT INTO pipeline (project_id, iid, push_id, source, ref, ref_name, is_tag, sha, before_sha, status, name,
	user_id, is_protected, config_error, config_file, config_line, config_column, auto_cancel, cancels_on_failure,
	source_sha, target_sha, finished_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
	$20, $21, CASE WHEN $10 IN ('failed', 'skipped') THEN now() END)
RETURNING id, created_at;

-- Through its project. The first lock of every change of a pipeline or of its jobs.
-- name: pipeline_lock :find
-- in: id int8
-- out: project_id int8, status text, is_protected bool, cancels_on_failure bool
SELECT project_id, status, is_protected, cancels_on_failure FROM pipeline WHERE id = $1 FOR UPDATE;

-- The same, unless somebody else is at it.
-- name: pipeline_lock_free :find
-- in: id int8
-- out: status text
SELECT status FROM pipeline WHERE id = $1 FOR UPDATE SKIP LOCKED;

-- name: pipeline_set_status :exec
-- in: id int8, from_status text, status text, is_started bool, is_finished bool
UPDATE pipeline SET status = $3, updated_at = now(),
	started_at = CASE WHEN $4 THEN coalesce(started_at, now()) ELSE started_at END,
	finished_at = CASE WHEN $5 THEN now() END
WHERE id = $1 AND status = $2;

-- For the badge of a ref.
-- name: pipeline_badge :find
-- in: project_id int8, ref text, ignore_skipped bool
-- out: status text
SELECT status FROM pipeline
WHERE project_id = $1 AND ref = $2 AND (NOT $3 OR status <> 'skipped')
ORDER BY id DESC LIMIT 1;

-- The ref whose rules say who may start and stop its jobs: of a merge request its source branch.
-- name: pipeline_place :find
-- in: project_id int8, id int8
-- out: ref text, status text
SELECT CASE WHEN ref LIKE 'refs/merge-requests/%' THEN 'refs/heads/' || ref_name ELSE ref END, status
FROM pipeline WHERE project_id = $1 AND id = $2;

-- What a newer pipeline of the same ref may make redundant: older, and not over.
-- name: pipeline_redundant :many
-- in: id int8
-- out: id int8, auto_cancel text
SELECT old.id, old.auto_cancel FROM pipeline p
JOIN pipeline old ON old.project_id = p.project_id AND old.ref = p.ref AND old.id < p.id
	AND (old.source = p.source OR 'push' IN (old.source, p.source)) AND old.sha <> p.sha
WHERE p.id = $1 AND p.source IN ('push', 'merge_request_event') AND old.auto_cancel <> 'none'
	AND old.status IN ('created', 'waiting_for_resource', 'preparing', 'pending', 'running', 'scheduled')
ORDER BY old.id;

-- name: pipeline_has_firm_start :one
-- in: id int8
-- out: has bool
SELECT EXISTS (SELECT FROM job WHERE pipeline_id = $1 AND NOT is_interruptible
	AND status IN ('running', 'canceling', 'success', 'failed', 'canceled') AND started_at IS NOT NULL);

-- name: pipeline_holds :find
-- in: id int8
-- out: runs bool, environment text?
SELECT EXISTS (SELECT FROM job WHERE pipeline_id = p.id AND status IN ('running', 'canceling')),
	(SELECT n.name FROM environment n JOIN LATERAL (
		SELECT x.pipeline_id FROM deployment x
		WHERE x.environment_id = n.id AND x.status = 'success' ORDER BY x.id DESC LIMIT 1) d
			ON d.pipeline_id = p.id
	WHERE n.project_id = p.project_id AND n.state <> 'stopped' ORDER BY n.name LIMIT 1)
FROM pipeline p WHERE p.id = $1;

-- name: pipeline_remove :exec
-- in: id int8
DELETE FROM pipeline WHERE id = $1;

-- name: pipeline_failed_jobs :many
-- in: id int8
-- out: id int8
SELECT id FROM job WHERE pipeline_id = $1 AND is_latest AND status IN ('failed', 'canceled') ORDER BY stage_index, id;

-- name: job_stuck :many
-- in: hours int4
-- out: id int8, pipeline_id int8, project_id int8
SELECT id, pipeline_id, project_id FROM job
WHERE status = 'pending' AND queued_at < now() - $1 * interval '1 hour'
ORDER BY queued_at LIMIT 100;

-- Whether the head of a merge request has a pipeline of its own, and one of what merging it gives.
-- name: pipeline_of_request :one
-- in: project_id int8, head_ref text, result_ref text, head_sha text, target_sha text?
-- out: has_any bool, has_result bool
SELECT count(*) > 0, count(*) FILTER (WHERE p.source_sha = $4 AND p.target_sha = $5) > 0
FROM pipeline p
WHERE p.project_id = $1
	AND ((p.sha = $4 AND p.ref = $2) OR (p.source_sha = $4 AND p.ref = $3));
