-- Tokens for programs.

-- name: token_add :one
-- in: kind text, user_id int8?, project_id int8?, namespace_id int8?, name text, username text?
-- in: sha256 bytea, scopes text[], level int4?, created_by int8?, expires_at timestamptz
-- out: id int8, created_at timestamptz
INSERT INTO token (kind, user_id, project_id, namespace_id, name, username,
	sha256, scopes, level, created_by, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
RETURNING id, created_at;

-- name: token_find :find
-- in: sha256 bytea
-- out: id int8, kind text, project_id int8?, namespace_id int8?, token_name text
-- out: token_username text?, scopes text[]
-- out: user_id int8?, personal_id int8?, username text?, name text?, email text?, is_admin bool?
-- out: is_bot bool?, is_stale bool
SELECT t.id, t.kind, t.project_id, t.namespace_id, t.name,
	t.username, t.scopes,
	u.id, u.namespace_id, u.username, u.name, u.email, u.is_admin,
	u.is_bot, t.last_used_at IS NULL OR t.last_used_at < now() - interval '1 minute'
FROM token t
LEFT JOIN user_row u ON u.id = t.user_id
WHERE t.sha256 = $1 AND t.revoked_at IS NULL AND t.expires_at > now()
	AND (t.user_id IS NULL OR NOT u.is_blocked);

-- name: token_note_use :exec
-- in: id int8, ip text?
UPDATE token SET last_used_at = now(), last_used_ip = $2
WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute');

-- Exactly one of the three ids: the personal tokens of a user, the project and deploy
-- tokens of a project, the group and deploy tokens of a namespace.
-- name: token_list :many
-- in: user_id int8?, project_id int8?, namespace_id int8?
-- out: id int8, kind text, user_id int8?, project_id int8?, namespace_id int8?, name text
-- out: username text?, scopes text[], level int4?, created_at timestamptz, expires_at timestamptz
-- out: last_used_at timestamptz?, revoked_at timestamptz?, is_active bool
SELECT id, kind, user_id, project_id, namespace_id, name,
	username, scopes, level, created_at, expires_at,
	last_used_at, revoked_at, revoked_at IS NULL AND expires_at > now()
FROM token
WHERE (kind = 'personal' AND user_id = $1) OR project_id = $2 OR namespace_id = $3
ORDER BY id;

-- Each id that is not null must fit.
-- name: token_revoke :find
-- in: id int8, user_id int8?, project_id int8?, namespace_id int8?
-- out: kind text, name text, user_id int8?, project_id int8?, namespace_id int8?
UPDATE token SET revoked_at = now()
WHERE id = $1 AND revoked_at IS NULL
	AND ($2::int8 IS NULL OR (kind = 'personal' AND user_id = $2))
	AND ($3::int8 IS NULL OR project_id = $3)
	AND ($4::int8 IS NULL OR namespace_id = $4)
RETURNING kind, name, user_id, project_id, namespace_id;

-- The token of a job, as long as it runs and its person is not blocked.
-- name: token_find_job :find
-- in: sha256 bytea
-- out: id int8, project_id int8, sha text
-- out: user_id int8?, username text?, name text?, email text?, is_admin bool?, is_bot bool?
SELECT j.id, j.project_id, p.sha,
	u.id, u.username, u.name, u.email, u.is_admin, u.is_bot
FROM job j
JOIN pipeline p ON p.id = j.pipeline_id
LEFT JOIN user_row u ON u.id = j.user_id
WHERE j.token_sha256 = $1 AND j.status IN ('running', 'canceling')
	AND (u.id IS NULL OR NOT u.is_blocked);
