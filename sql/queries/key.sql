-- SSH public keys.

-- name: key_add :one
-- in: user_id int8, title text, type text, blob bytea, fingerprint text, expires_at timestamptz?
-- out: id int8, created_at timestamptz
INSERT INTO key (user_id, title, type, blob, fingerprint, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id, created_at;

-- name: key_list :many
-- in: user_id int8
-- out: id int8, user_id int8, title text, type text, blob bytea, fingerprint text
-- out: created_at timestamptz, expires_at timestamptz?, last_used_at timestamptz?
SELECT id, user_id, title, type, blob, fingerprint, created_at, expires_at, last_used_at
FROM key
WHERE user_id = $1
ORDER BY id;

-- user_id null: whoever's it is.
-- name: key_remove :find
-- in: id int8, user_id int8?
-- out: fingerprint text, user_id int8
DELETE FROM key WHERE id = $1 AND ($2::int8 IS NULL OR user_id = $2)
RETURNING fingerprint, user_id;

-- name: key_find :find
-- in: fingerprint text, blob bytea
-- out: id int8, user_id int8, namespace_id int8?, username text, name text, email text, is_admin bool
SELECT k.id, u.id, u.namespace_id, u.username, u.name, u.email, u.is_admin
FROM key k
JOIN user_row u ON u.id = k.user_id
WHERE k.fingerprint = $1 AND k.blob = $2
	AND (k.expires_at IS NULL OR k.expires_at > now()) AND NOT u.is_blocked;

-- name: key_note_use :exec
-- in: id int8
UPDATE key SET last_used_at = now()
WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute');
