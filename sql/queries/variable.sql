-- Stored variables, and those that pipelines and manual jobs were started with.

-- Of one owner: both ids null means the instance.
-- name: variable_list :many
-- in: namespace_id int8?, project_id int8?, id int8?, key text?, scope text?
-- out: id int8, key text, scope text, sealed bytea, is_file bool, is_protected bool, is_masked bool
-- out: is_hidden bool, is_raw bool, description text
SELECT id, key, scope, sealed, is_file, is_protected, is_masked, is_hidden, is_raw, description
FROM variable
WHERE namespace_id IS NOT DISTINCT FROM $1 AND project_id IS NOT DISTINCT FROM $2
	AND ($3::int8 IS NULL OR id = $3)
	AND ($4::text IS NULL OR key = $4)
	AND ($5::text IS NULL OR scope = $5)
ORDER BY key, scope;

-- name: variable_count :one
-- in: namespace_id int8?, project_id int8?
-- out: count int8
SELECT count(*) FROM variable
WHERE namespace_id IS NOT DISTINCT FROM $1 AND project_id IS NOT DISTINCT FROM $2;

-- name: variable_add :one
-- in: namespace_id int8?, project_id int8?, key text, scope text, sealed bytea, is_file bool
-- in: is_protected bool, is_masked bool, is_hidden bool, is_raw bool, description text
-- out: id int8
INSERT INTO variable (namespace_id, project_id, key, scope, sealed, is_file, is_protected, is_masked,
	is_hidden, is_raw, description)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
RETURNING id;

-- Every column is given. The value of a hidden one may have been replaced, not its being hidden.
-- name: variable_change :exec
-- in: id int8, scope text, sealed bytea, is_file bool, is_protected bool, is_masked bool, is_raw bool
-- in: description text
UPDATE variable SET scope = $2, sealed = $3, is_file = $4, is_protected = $5, is_masked = $6, is_raw = $7,
	description = $8, updated_at = now()
WHERE id = $1;

-- name: variable_remove :find
-- in: namespace_id int8?, project_id int8?, id int8
-- out: key text
DELETE FROM variable
WHERE id = $3 AND namespace_id IS NOT DISTINCT FROM $1 AND project_id IS NOT DISTINCT FROM $2
RETURNING key;

-- All that a job of the project may get: instance, then groups from the outermost, then project.
-- name: variable_of_project :many
-- in: project_id int8, is_protected bool
-- out: namespace_id int8?, project_id int8?, depth int4, key text, scope text, sealed bytea, is_file bool
-- out: is_masked bool, is_raw bool
SELECT v.namespace_id, v.project_id,
	(CASE WHEN v.project_id IS NOT NULL THEN 1000
		WHEN v.namespace_id IS NULL THEN 0
		ELSE array_position(n.lineage, v.namespace_id) END)::int4 AS depth,
	v.key, v.scope, v.sealed, v.is_file, v.is_masked, v.is_raw
FROM project p
JOIN namespace n ON n.id = p.namespace_id
JOIN variable v ON v.project_id = p.id OR v.namespace_id = ANY (n.lineage)
	OR (v.project_id IS NULL AND v.namespace_id IS NULL)
WHERE p.id = $1 AND ($2 OR NOT v.is_protected)
ORDER BY depth, v.key, v.scope;

-- name: pipeline_predefined_add :exec
-- in: pipeline_id int8, variables text
INSERT INTO pipeline_predefined (pipeline_id, variables) VALUES ($1, $2);

-- name: pipeline_variable_add :exec
-- in: pipeline_id int8, position int4, key text, sealed bytea, is_file bool, is_raw bool
INSERT INTO pipeline_variable (pipeline_id, position, key, sealed, is_file, is_raw) VALUES ($1, $2, $3, $4, $5, $6);

-- name: pipeline_variable_list :many
-- in: pipeline_id int8
-- out: position int4, key text, sealed bytea, is_file bool, is_raw bool
SELECT position, key, sealed, is_file, is_raw FROM pipeline_variable WHERE pipeline_id = $1 ORDER BY position;

-- name: job_variable_clear :exec
-- in: job_id int8
DELETE FROM job_variable WHERE job_id = $1;

-- name: job_variable_add :exec
-- in: job_id int8, position int4, key text, sealed bytea
INSERT INTO job_variable (job_id, position, key, sealed) VALUES ($1, $2, $3, $4);

-- Of the latest run that was given any: a retry has what the run before it had.
-- name: job_variable_list :many
-- in: job_id int8
-- out: given_to int8, position int4, key text, sealed bytea
WITH RECURSIVE run AS (
	SELECT id, retried_from FROM job WHERE id = $1
	UNION ALL
	SELECT j.id, j.retried_from FROM run r JOIN job j ON j.id = r.retried_from
)
SELECT job_id, position, key, sealed FROM job_variable
WHERE job_id = (SELECT max(v.job_id) FROM run r JOIN job_variable v ON v.job_id = r.id)
ORDER BY position;

-- What predefined variables say of a project and of who started the pipeline.
-- name: variable_facts :find
-- in: project_id int8, user_id int8?
-- out: path text, segment text, name text, description text, visibility text, default_branch text
-- out: namespace_id int8, namespace_path text, root_path text
-- out: username text?, user_name text?, email text?
SELECT p.path, p.segment, p.name, p.description, p.visibility, p.default_branch,
	p.namespace_id, p.namespace_path, split_part(p.namespace_path, '/', 1),
	u.username, u.name, u.email
FROM project_row p
LEFT JOIN user_row u ON u.id = $2
WHERE p.id = $1;

-- A job with its pipeline, for what the runner is handed.
-- name: variable_job :find
-- in: id int8
-- out: project_id int8, pipeline_id int8, iid int8, source text, ref text, ref_name text, is_tag bool, sha text
-- out: before_sha text, is_protected bool, pipeline_name text?, pipeline_created_at timestamptz
-- out: predefined text?, name text, stage text, run_when text, options text, started_at timestamptz?
-- out: environment text?, environment_action text?, user_id int8?, artifacts_of text[]
SELECT j.project_id, j.pipeline_id, p.iid, p.source, p.ref, p.ref_name, p.is_tag, p.sha,
	p.before_sha, p.is_protected, p.name, p.created_at,
	d.variables, j.name, j.stage, j.run_when, j.options, j.started_at,
	j.environment, j.environment_action, j.user_id, j.artifacts_of
FROM job j
JOIN pipeline p ON p.id = j.pipeline_id
LEFT JOIN pipeline_predefined d ON d.pipeline_id = p.id
WHERE j.id = $1;
