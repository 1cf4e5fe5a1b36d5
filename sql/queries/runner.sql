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
-- out: run_untagged bool, is_protected bool, is_paused bool, maximum_timeout int4?, class text, fingerprint text
SELECT id, kind, namespace_id, project_id, description, tags, run_untagged, is_protected, is_paused,
	maximum_timeout, class, encode(token_sha256, 'hex')
FROM runner
WHERE token_sha256 = $1;

-- name: runner_reset_token :exec
-- in: id int8, token_sha256 bytea
UPDATE runner SET token_sha256 = $2 WHERE id = $1;

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

-- name: runner_renew_local :find
-- in: token_sha256 bytea
-- out: id int8
UPDATE runner SET token_sha256 = $1 WHERE is_local RETURNING id;

-- name: runner_mark_local :exec
-- in: id int8
UPDATE runner SET is_local = true WHERE id = $1;
