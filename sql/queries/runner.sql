-- Runners and the hosts that use them.

-- name: runner_add :one
-- in: kind text, namespace_id int8?, project_id int8?, token_sha256 bytea, description text, tags text[]
-- in: run_untagged bool, is_protected bool, is_paused bool, is_locked bool, maximum_timeout int4?
-- in: maintenance_note text, created_by int8?
-- out: id int8
INSERT INTO runner (kind, namespace_id, project_id, token_sha256, description, tags, run_untagged,
	is_protected, is_paused, is_locked, maximum_timeout, maintenance_note, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
RETURNING id;

-- name: runner_find :find
-- in: token_sha256 bytea
-- out: id int8, kind text, namespace_id int8?, project_id int8?, description text, tags text[]
-- out: run_untagged bool, is_protected bool, is_paused bool, maximum_timeout int4?
SELECT id, kind, namespace_id, project_id, description, tags, run_untagged, is_protected, is_paused, maximum_timeout
FROM runner
WHERE token_sha256 = $1;

-- Every id that is not null must fit. The contact is that of its latest host.
-- name: runner_list :many
-- in: id int8?, project_id int8?, namespace_id int8?, offset int8, limit int4
-- out: id int8, kind text, namespace_id int8?, project_id int8?, description text, tags text[]
-- out: run_untagged bool, is_protected bool, is_paused bool, is_locked bool, maximum_timeout int4?
-- out: maintenance_note text, created_at timestamptz, contacted_at timestamptz?, version text?, ip text?
-- out: busy int8
SELECT r.id, r.kind, r.namespace_id, r.project_id, r.description, r.tags,
	r.run_untagged, r.is_protected, r.is_paused, r.is_locked, r.maximum_timeout,
	r.maintenance_note, r.created_at, m.contacted_at, m.version, m.ip,
	(SELECT count(*) FROM job j WHERE j.runner_id = r.id AND j.lease_until IS NOT NULL)
FROM runner r
LEFT JOIN LATERAL (
	SELECT contacted_at, version, ip FROM runner_manager
	WHERE runner_id = r.id ORDER BY contacted_at DESC LIMIT 1) m ON true
WHERE ($1::int8 IS NULL OR r.id = $1)
	AND ($2::int8 IS NULL OR r.project_id = $2)
	AND ($3::int8 IS NULL OR r.namespace_id = $3)
ORDER BY r.id
OFFSET $4 LIMIT $5;

-- Null leaves a column as it is.
-- name: runner_change :find
-- in: id int8, description text?, is_paused bool?, run_untagged bool?, is_protected bool?, is_locked bool?
-- in: has_tags bool, tags text[]
-- out: id int8
UPDATE runner SET
	description = coalesce($2, description),
	is_paused = coalesce($3, is_paused),
	run_untagged = coalesce($4, run_untagged),
	is_protected = coalesce($5, is_protected),
	is_locked = coalesce($6, is_locked),
	tags = CASE WHEN $7 THEN $8 ELSE tags END
WHERE id = $1
RETURNING id;

-- name: runner_remove :exec
-- in: id int8
DELETE FROM runner WHERE id = $1;

-- Writes at most once a minute for what has not changed.
-- name: runner_manager_note :one
-- in: runner_id int8, system_id text, version text, platform text, architecture text, executor text, ip text
-- in: can_cancel_gracefully bool
-- out: id int8
WITH changed AS (
	INSERT INTO runner_manager (runner_id, system_id, version, platform, architecture, executor, ip,
		can_cancel_gracefully)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
	ON CONFLICT (runner_id, system_id) DO UPDATE SET
		version = EXCLUDED.version, platform = EXCLUDED.platform, architecture = EXCLUDED.architecture,
		executor = EXCLUDED.executor, ip = EXCLUDED.ip,
		can_cancel_gracefully = EXCLUDED.can_cancel_gracefully, contacted_at = now()
	WHERE runner_manager.contacted_at < now() - interval '1 minute'
		OR (runner_manager.version, runner_manager.executor, runner_manager.ip) IS DISTINCT FROM
			(EXCLUDED.version, EXCLUDED.executor, EXCLUDED.ip)
	RETURNING id
)
SELECT id FROM changed
UNION ALL
SELECT id FROM runner_manager WHERE runner_id = $1 AND system_id = $2 AND NOT EXISTS (SELECT FROM changed);

-- name: runner_manager_remove :exec
-- in: runner_id int8, system_id text
DELETE FROM runner_manager WHERE runner_id = $1 AND system_id = $2;
