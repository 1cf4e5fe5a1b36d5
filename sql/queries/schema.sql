-- Migrations (forge/store/migrate.c).

-- One process migrates at a time; the number is the word "hearth" in ASCII.
-- name: schema_lock :exec
SELECT pg_advisory_lock(114788185011304);

-- name: schema_unlock :exec
SELECT pg_advisory_unlock(114788185011304);

-- name: schema_exists :one
-- out: has_table bool
SELECT to_regclass('schema_migration') IS NOT NULL;

-- name: schema_list :many
-- out: number int4, name text, sha256 text
SELECT number, name, sha256 FROM schema_migration ORDER BY number;

-- name: schema_add :exec
-- in: number int4, name text, sha256 text
INSERT INTO schema_migration (number, name, sha256) VALUES ($1, $2, $3);

-- name: schema_digest :one
-- in: content bytea
-- out: sha256 text
SELECT encode(sha256($1), 'hex');
