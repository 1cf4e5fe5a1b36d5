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
-- in: auto_cancel text, cancels_on_failure bool
-- out: id int8, created_at timestamptz
INSERT INTO pipeline (project_id, iid, push_id, source, ref, ref_name, is_tag, sha, before_sha, status, name,
	user_id, is_protected, config_error, config_file, config_line, config_column, auto_cancel, cancels_on_failure,
	finished_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
	CASE WHEN $10 IN ('failed', 'skipped') THEN now() END)
RETURNING id, created_at;

-- Through its project. The first lock of every change of a pipeline or of its jobs.
-- name: pipeline_lock :find
-- in: id int8
-- out: project_id int8, status text, is_protected bool, cancels_on_failure bool
SELECT project_id, status, is_protected, cancels_on_failure FROM pipeline WHERE id = $1 FOR UPDATE;

-- name: pipeline_set_status :exec
-- in: id int8, from_status text, status text, is_started bool, is_finished bool
UPDATE pipeline SET status = $3, updated_at = now(),
	started_at = CASE WHEN $4 THEN coalesce(started_at, now()) ELSE started_at END,
	finished_at = CASE WHEN $5 THEN now() END
WHERE id = $1 AND status = $2;
