-- People.

-- name: user_add :one
-- in: username text, name text, email text, kind text, is_admin bool, password_hash text?
-- out: id int8
INSERT INTO users (username, name, email, kind, is_admin, password_hash, password_changed_at)
VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $6::text IS NULL THEN NULL ELSE now() END)
RETURNING id;

-- name: user_get :find
-- in: id int8
-- out: id int8, namespace_id int8?, username text, name text, email text, is_admin bool, is_bot bool
-- out: is_blocked bool, password_hash text?, created_at timestamptz, last_sign_in_at timestamptz?
SELECT id, namespace_id, username, name, email, is_admin, is_bot,
	is_blocked, password_hash, created_at, last_sign_in_at
FROM user_row
WHERE id = $1;

-- name: user_by_name :find
-- in: username text
-- out: id int8, namespace_id int8?, username text, name text, email text, is_admin bool, is_bot bool
-- out: is_blocked bool, password_hash text?, created_at timestamptz, last_sign_in_at timestamptz?
SELECT id, namespace_id, username, name, email, is_admin, is_bot,
	is_blocked, password_hash, created_at, last_sign_in_at
FROM user_row
WHERE lower(username COLLATE "C") = lower($1 COLLATE "C");

-- Names have no @ and e-mail addresses have one, so at most one row.
-- name: user_by_login :find
-- in: login text
-- out: id int8, namespace_id int8?, username text, name text, email text, is_admin bool, is_bot bool
-- out: is_blocked bool, password_hash text?, created_at timestamptz, last_sign_in_at timestamptz?
SELECT id, namespace_id, username, name, email, is_admin, is_bot,
	is_blocked, password_hash, created_at, last_sign_in_at
FROM user_row
WHERE (lower(username COLLATE "C") = lower($1 COLLATE "C")
		OR lower(email COLLATE "C") = lower($1 COLLATE "C"))
	AND NOT is_bot;

-- name: user_list :many
-- in: search text?, with_email bool, skip int8, take int4
-- out: id int8, namespace_id int8?, username text, name text, email text, is_admin bool, is_bot bool
-- out: is_blocked bool, password_hash text?, created_at timestamptz, last_sign_in_at timestamptz?
-- out: total int8
SELECT id, namespace_id, username, name, email, is_admin, is_bot,
	is_blocked, password_hash, created_at, last_sign_in_at, count(*) OVER ()
FROM user_row
WHERE NOT is_bot
	AND ($1::text IS NULL OR strpos(lower(username), lower($1)) > 0
		OR strpos(lower(name), lower($1)) > 0
		OR ($2 AND strpos(lower(email), lower($1)) > 0))
ORDER BY id
OFFSET $3 LIMIT $4;

-- name: user_count :one
-- out: humans int8
SELECT count(*) FROM users WHERE kind = 'human';

-- name: user_set_password :exec
-- in: id int8, password_hash text
UPDATE users SET password_hash = $2, password_changed_at = now() WHERE id = $1 AND kind = 'human';

-- The same password, hashed anew: only if nobody changed it meanwhile.
-- name: user_rehash :exec
-- in: id int8, old_hash text, new_hash text
UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2;

-- name: user_note_sign_in :exec
-- in: id int8
UPDATE users SET last_sign_in_at = now() WHERE id = $1;

-- The rows of all active administrators, locked, so that two of them cannot
-- both be "not the last".
-- name: user_lock_admins :many
-- out: id int8
SELECT id FROM users WHERE is_admin AND state = 'active' ORDER BY id FOR UPDATE;

-- name: user_set_state :exec
-- in: id int8, state text
UPDATE users SET state = $2 WHERE id = $1 AND state <> $2;

-- name: user_set_admin :exec
-- in: id int8, is_admin bool
UPDATE users SET is_admin = $2 WHERE id = $1 AND kind = 'human' AND is_admin <> $2;

-- name: user_update :exec
-- in: id int8, name text, email text
UPDATE users SET name = $2, email = $3 WHERE id = $1;

-- name: link_add :exec
-- in: user_id int8, token_sha256 bytea, created_by int8?, hours int4
INSERT INTO one_time_link (user_id, token_sha256, created_by, expires_at)
VALUES ($1, $2, $3, now() + make_interval(hours => $4));

-- name: link_end_all :exec
-- in: user_id int8
UPDATE one_time_link SET used_at = now() WHERE user_id = $1 AND used_at IS NULL;

-- name: link_user :find
-- in: token_sha256 bytea
-- out: user_id int8
SELECT l.user_id FROM one_time_link l JOIN users u ON u.id = l.user_id
WHERE l.token_sha256 = $1 AND l.used_at IS NULL AND l.expires_at > now() AND u.state = 'active';

-- name: link_use :find
-- in: token_sha256 bytea
-- out: user_id int8
UPDATE one_time_link l SET used_at = now()
FROM users u
WHERE l.token_sha256 = $1 AND l.used_at IS NULL AND l.expires_at > now()
	AND u.id = l.user_id AND u.state = 'active'
RETURNING l.user_id;
