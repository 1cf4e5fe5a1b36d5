-- Deployments, and what decides whether there may be one.

-- A job that names an environment, with what its pipeline and project say.
-- name: deploy_job :find
-- in: id int8
-- out: project_id int8, project_path text, default_branch text, pipeline_id int8, pipeline_iid int8
-- out: ref text, ref_name text, is_tag bool, sha text, environment text, action text, options text
-- out: is_deliberate bool, user_id int8?
SELECT j.project_id, r.path, r.default_branch, j.pipeline_id, p.iid, p.ref, p.ref_name, p.is_tag, p.sha,
	coalesce(j.environment, ''), coalesce(j.environment_action, 'start'), j.options, j.is_deliberate, j.user_id
FROM job j
JOIN pipeline p ON p.id = j.pipeline_id
JOIN project_row r ON r.id = j.project_id
WHERE j.id = $1 AND j.environment IS NOT NULL;

-- What a later pipeline brought there; of the same ref first.
-- name: deployment_newer :find
-- in: project_id int8, environment text, pipeline_number int8, ref text
-- out: pipeline_number int8, ref text, ref_name text, sha text
SELECT d.pipeline_number, d.ref, d.ref_name, d.sha FROM deployment d
JOIN environment n ON n.id = d.environment_id
WHERE n.project_id = $1 AND n.name = $2 AND d.status = 'success' AND d.pipeline_number > $3
ORDER BY (d.ref = $4) DESC, d.pipeline_number DESC LIMIT 1;

-- name: deployment_current :find
-- in: environment_id int8
-- out: pipeline_number int8, ref text, sha text
SELECT pipeline_number, ref, sha FROM deployment
WHERE environment_id = $1 AND status = 'success' ORDER BY id DESC LIMIT 1;

-- The same by name.
-- name: deployment_stands :find
-- in: project_id int8, environment text
-- out: pipeline_number int8, ref text, sha text
SELECT d.pipeline_number, d.ref, d.sha FROM deployment d
JOIN environment n ON n.id = d.environment_id
WHERE n.project_id = $1 AND n.name = $2 AND d.status = 'success' ORDER BY d.id DESC LIMIT 1;

-- On this ref the commit came before the other: its first pipeline tells.
-- name: deployment_is_older :one
-- in: project_id int8, ref text, sha text, than_sha text
-- out: is_older bool
SELECT coalesce((SELECT min(id) FROM pipeline WHERE project_id = $1 AND ref = $2 AND sha = $3)
	< (SELECT min(id) FROM pipeline WHERE project_id = $1 AND ref = $2 AND sha = $4), false);

-- name: deployment_next_iid :one
-- in: project_id int8
-- out: iid int8
INSERT INTO deployment_counter (project_id, last_iid) VALUES ($1, 1)
ON CONFLICT (project_id) DO UPDATE SET last_iid = deployment_counter.last_iid + 1
RETURNING last_iid;

-- The clock, not now(): a transaction may have begun before the last deployment ended.
-- name: deployment_add :exec
-- in: project_id int8, iid int8, environment_id int8, pipeline_id int8, job_id int8
-- in: ref text, ref_name text, is_tag bool, sha text, replaced_sha text?, kind text, user_id int8?
INSERT INTO deployment (project_id, iid, environment_id, pipeline_id, pipeline_number, job_id, ref, ref_name, is_tag,
	sha, replaced_sha, kind, status, user_id, created_at)
VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11, 'running', $12, clock_timestamp());

-- What its job was handed.
-- name: deployment_add_artifacts :exec
-- in: job_id int8
INSERT INTO deployment_artifact (deployment_id, job_name, filename, size, sha256)
SELECT d.id, other.name, a.filename, a.size, a.sha256
FROM deployment d
JOIN job j ON j.id = d.job_id
JOIN job other ON other.pipeline_id = j.pipeline_id AND other.is_latest AND other.name = ANY (j.artifacts_of)
JOIN artifact a ON a.job_id = other.id AND a.type = 'archive' AND a.removed_at IS NULL
WHERE d.job_id = $1 AND d.status = 'running';

-- name: deployment_artifacts :many
-- in: project_id int8, deployment_id int8
-- out: job_name text, filename text, size int8, sha256 text
SELECT a.job_name, a.filename, a.size, encode(a.sha256, 'hex')
FROM deployment d
JOIN deployment_artifact a ON a.deployment_id = d.id
WHERE d.project_id = $1 AND d.id = $2
ORDER BY a.job_name;

-- What its ref shall be; no commit: nothing stands there.
-- name: deployment_of_environment :find
-- in: project_id int8, environment_id int8
-- out: slug text, id int8?, sha text?
SELECT n.slug, d.id, d.sha
FROM environment n
LEFT JOIN LATERAL (
	SELECT x.id, x.sha FROM deployment x
	WHERE x.environment_id = n.id AND x.status = 'success' ORDER BY x.id DESC LIMIT 1) d ON n.state <> 'stopped'
WHERE n.project_id = $1 AND n.id = $2;

-- name: deployment_set_tree :exec
-- in: id int8, tree text
UPDATE deployment SET tree = $2 WHERE id = $1;

-- name: deployment_set_url :exec
-- in: job_id int8, external_url text
UPDATE deployment SET external_url = $2 WHERE job_id = $1 AND status = 'running';

-- name: deployment_settle :exec
-- in: job_id int8, status text
UPDATE deployment SET status = $2, finished_at = clock_timestamp() WHERE job_id = $1 AND status = 'running';

-- order_by: ref, finished_at or updated_at; else in the order of their making.
-- name: deployment_list :many
-- in: project_id int8, id int8?, environment_id int8?, environment text?, status text?, is_oldest_first bool
-- in: offset int8, limit int4, order_by text?
-- out: id int8, iid int8, environment_id int8, environment text, pipeline_id int8?, pipeline_iid int8?
-- out: job_id int8?, job_name text?, ref text, ref_name text, is_tag bool, sha text, replaced_sha text?
-- out: kind text, status text, user_id int8?, username text?, user_name text?
-- out: created_at timestamptz, finished_at timestamptz?, tree text?, is_current bool, total int8
SELECT d.id, d.iid, d.environment_id, n.name, d.pipeline_id, p.iid, d.job_id, j.name, d.ref, d.ref_name, d.is_tag,
	d.sha, d.replaced_sha, d.kind, d.status, d.user_id, u.username, u.name, d.created_at, d.finished_at,
	d.tree, d.status = 'success' AND n.state <> 'stopped' AND NOT EXISTS (
		SELECT FROM deployment x
		WHERE x.environment_id = d.environment_id AND x.status = 'success' AND x.id > d.id),
	d.total
FROM (
	SELECT d.*, count(*) OVER () AS total, row_number() OVER asked AS place
	FROM deployment d
	JOIN environment n ON n.id = d.environment_id
	WHERE d.project_id = $1
		AND ($2::int8 IS NULL OR d.id = $2)
		AND ($3::int8 IS NULL OR d.environment_id = $3)
		AND ($4::text IS NULL OR n.name = $4)
		AND ($5::text IS NULL OR d.status = $5)
	WINDOW asked AS (ORDER BY CASE WHEN $9::text = 'ref' THEN d.ref_name END,
		CASE WHEN $9 = 'finished_at' THEN d.finished_at
			WHEN $9 = 'updated_at' THEN coalesce(d.finished_at, d.created_at) END,
		d.id)
	ORDER BY CASE WHEN $6 THEN row_number() OVER asked ELSE -row_number() OVER asked END
	OFFSET $7 LIMIT $8) d
JOIN environment n ON n.id = d.environment_id
LEFT JOIN pipeline p ON p.id = d.pipeline_id
LEFT JOIN job j ON j.id = d.job_id
LEFT JOIN user_row u ON u.id = d.user_id
ORDER BY CASE WHEN $6 THEN d.place ELSE -d.place END;

-- Of these environments, or of the path's: what stands there, and what is newer and does not.
-- name: deployment_board :many
-- in: project_id int8, environment_ids int8[], of_path bool
-- out: id int8, iid int8, environment_id int8, environment text, pipeline_id int8?, pipeline_iid int8?
-- out: job_id int8?, job_name text?, ref text, ref_name text, is_tag bool, sha text, replaced_sha text?
-- out: kind text, status text, user_id int8?, username text?, user_name text?
-- out: created_at timestamptz, finished_at timestamptz?, tree text?, is_current bool
SELECT d.id, d.iid, d.environment_id, n.name, d.pipeline_id, p.iid, d.job_id, j.name, d.ref, d.ref_name, d.is_tag,
	d.sha, d.replaced_sha, d.kind, d.status, d.user_id, u.username, u.name, d.created_at, d.finished_at,
	d.tree, d.status = 'success' AND n.state <> 'stopped'
FROM environment n
CROSS JOIN LATERAL (
	(SELECT x.* FROM deployment x
		WHERE x.environment_id = n.id AND x.status = 'success' ORDER BY x.id DESC LIMIT 1)
	UNION ALL
	(SELECT l.* FROM (
		SELECT y.* FROM deployment y WHERE y.environment_id = n.id ORDER BY y.id DESC LIMIT 1) l
		WHERE l.status <> 'success')) d
LEFT JOIN pipeline p ON p.id = d.pipeline_id
LEFT JOIN job j ON j.id = d.job_id
LEFT JOIN user_row u ON u.id = d.user_id
WHERE n.project_id = $1
	AND (n.id = ANY ($2) OR ($3 AND n.name IN ('testing', 'staging', 'production')))
ORDER BY n.id, d.id;

-- The latest run of the job of a deployment: it is what is retried.
-- name: deployment_job :find
-- in: project_id int8, id int8
-- out: pipeline_id int8, ref text, job_id int8, status text
SELECT j.pipeline_id, d.ref, l.id, l.status FROM deployment d
JOIN job j ON j.id = d.job_id
JOIN job l ON l.pipeline_id = j.pipeline_id AND l.name = j.name AND l.is_latest
WHERE d.project_id = $1 AND d.id = $2;

-- The job that stops an environment: named by the last deployment, in the same pipeline; its ref
-- as pipeline_place has it.
-- name: deployment_stop_job :find
-- in: environment_id int8
-- out: job_id int8, status text, ref text, pipeline_id int8
SELECT s.id, s.status,
	CASE WHEN d.ref LIKE 'refs/merge-requests/%' THEN 'refs/heads/' || d.ref_name ELSE d.ref END, s.pipeline_id
FROM (
	SELECT x.pipeline_id, x.job_id, x.ref, x.ref_name FROM deployment x
	WHERE x.environment_id = $1 AND x.status = 'success' AND x.job_id IS NOT NULL
	ORDER BY x.id DESC LIMIT 1) d
JOIN job j ON j.id = d.job_id
JOIN job s ON s.pipeline_id = d.pipeline_id AND s.is_latest AND s.environment = j.environment
	AND s.environment_action = 'stop' AND s.name = (j.options::json ->> 'on_stop');

-- name: deployment_running :find
-- in: environment_id int8
-- out: id int8
SELECT id FROM deployment WHERE environment_id = $1 AND status = 'running';
