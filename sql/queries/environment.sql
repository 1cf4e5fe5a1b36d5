-- Environments. What was deployed to them is in deployment.sql.

-- In the claim of the first job that names it, and the lock in every later one.
-- name: environment_touch :one
-- in: project_id int8, name text, slug text, tier text
-- out: id int8, state text
INSERT INTO environment (project_id, name, slug, tier) VALUES ($1, $2, $3, $4)
ON CONFLICT (project_id, name) DO UPDATE SET name = environment.name
RETURNING id, state;

-- name: environment_lock :find
-- in: project_id int8, id int8
-- out: name text, state text
SELECT name, state FROM environment WHERE project_id = $1 AND id = $2 FOR UPDATE;

-- The environment that a job works on.
-- name: environment_lock_of_job :find
-- in: job_id int8
-- out: id int8, state text
SELECT n.id, n.state FROM environment n
JOIN job j ON j.project_id = n.project_id AND j.environment = n.name
WHERE j.id = $1
FOR UPDATE OF n;

-- A deployment came to its end well.
-- name: environment_arrive :exec
-- in: id int8, job_id int8, tier text?, auto_stop_seconds int8?
UPDATE environment SET state = 'available', updated_at = now(),
	external_url = coalesce((SELECT external_url FROM deployment WHERE job_id = $2), external_url),
	tier = coalesce($3, tier), auto_stop_at = now() + $4 * interval '1 second'
WHERE id = $1;

-- name: environment_set_state :exec
-- in: id int8, state text
UPDATE environment SET state = $2, updated_at = now(),
	auto_stop_at = CASE WHEN $2 = 'available' THEN auto_stop_at END
WHERE id = $1;

-- name: environment_add :find
-- in: project_id int8, name text, slug text, tier text, external_url text?, description text
-- out: id int8
INSERT INTO environment (project_id, name, slug, tier, external_url, description) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (project_id, name) DO NOTHING
RETURNING id;

-- name: environment_update :exec
-- in: project_id int8, id int8, external_url text?, description text?, tier text?
UPDATE environment SET updated_at = now(), external_url = CASE WHEN $3 = '' THEN NULL ELSE coalesce($3, external_url) END,
	description = coalesce($4, description), tier = coalesce($5, tier)
WHERE project_id = $1 AND id = $2;

-- name: environment_remove :exec
-- in: project_id int8, id int8
DELETE FROM environment WHERE project_id = $1 AND id = $2 AND state = 'stopped';

-- Refs of environments that were removed.
-- name: environment_lost_refs :many
-- in: project_id int8, take int4
-- out: name text
SELECT r.name FROM ref r
WHERE r.project_id = $1 AND starts_with(r.name, 'refs/environments/')
	AND NOT EXISTS (
		SELECT FROM environment n
		WHERE n.project_id = $1 AND 'refs/environments/' || n.slug = r.name)
LIMIT $2;

-- The path's first.
-- name: environment_list :many
-- in: project_id int8, id int8?, name text?, search text?, state text?, offset int8, limit int4
-- out: id int8, name text, slug text, tier text, state text, external_url text?, description text
-- out: auto_stop_at timestamptz?, created_at timestamptz, updated_at timestamptz, total int8
SELECT id, name, slug, tier, state, external_url, description, auto_stop_at, created_at, updated_at,
	count(*) OVER ()
FROM environment
WHERE project_id = $1
	AND ($2::int8 IS NULL OR id = $2)
	AND ($3::text IS NULL OR name = $3)
	AND ($4::text IS NULL OR strpos(lower(name), lower($4)) > 0)
	AND ($5::text IS NULL OR state = $5)
ORDER BY coalesce(array_position(ARRAY['testing', 'staging', 'production'], name), 4), lower(name), id
OFFSET $6 LIMIT $7;

-- name: environment_due :many
-- out: id int8, project_id int8
SELECT id, project_id FROM environment
WHERE auto_stop_at <= now() AND state = 'available'
ORDER BY auto_stop_at LIMIT 100;
