-- Sessions of the browser.

-- name: session_add :one
-- in: user_id int8, token_sha256 bytea, ip text?, user_agent text?, days int4
-- out: id int8
INSERT INTO session (user_id, token_sha256, ip, user_agent, expires_at)
SELECT u.id, $2, $3, $4, now() + make_interval(days => $5)
FROM users u WHERE u.id = $1 AND u.state = 'active'
RETURNING id;

-- name: session_find :find
-- in: token_sha256 bytea, idle_seconds int4
-- out: id int8, user_id int8, ip text?, user_agent text?, created_at timestamptz
-- out: last_seen_at timestamptz, expires_at timestamptz, proved_at timestamptz
-- out: namespace_id int8?, username text, name text, email text, is_admin bool, is_stale bool
SELECT s.id, s.user_id, s.ip, s.user_agent, s.created_at,
	s.last_seen_at, s.expires_at, s.proved_at,
	u.namespace_id, u.username, u.name, u.email, u.is_admin,
	s.last_seen_at < now() - interval '1 minute'
FROM session s
JOIN user_row u ON u.id = s.user_id
WHERE s.token_sha256 = $1 AND s.expires_at > now()
	AND s.last_seen_at > now() - make_interval(secs => $2)
	AND NOT u.is_blocked;

-- name: session_note_use :exec
-- in: id int8
UPDATE session SET last_seen_at = now()
WHERE id = $1 AND last_seen_at < now() - interval '1 minute';

-- name: session_prove :exec
-- in: id int8
UPDATE session SET proved_at = now() WHERE id = $1;

-- name: session_list :many
-- in: user_id int8, idle_seconds int4
-- out: id int8, user_id int8, ip text?, user_agent text?, created_at timestamptz
-- out: last_seen_at timestamptz, expires_at timestamptz, proved_at timestamptz
SELECT id, user_id, ip, user_agent, created_at, last_seen_at, expires_at, proved_at
FROM session
WHERE user_id = $1 AND expires_at > now() AND last_seen_at > now() - make_interval(secs => $2)
ORDER BY last_seen_at DESC, id DESC;

-- name: session_remove :exec
-- in: id int8, user_id int8
DELETE FROM session WHERE id = $1 AND user_id = $2;

-- name: session_remove_others :exec
-- in: user_id int8, keep int8
DELETE FROM session WHERE user_id = $1 AND id <> $2;

-- name: session_remove_expired :exec
-- in: idle_seconds int4
DELETE FROM session
WHERE expires_at <= now() OR last_seen_at <= now() - make_interval(secs => $1);
