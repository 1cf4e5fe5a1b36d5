-- Things, to show every kind and type.

-- name: thing_by_name :one
-- in: name text, id int8?
-- out: id int8, name text, note text?, blocked_at timestamptz?
-- a comment that goes
SELECT id, name, note, blocked_at FROM thing -- $9 is in a comment
WHERE name = $1 AND note <> 'a$7;?"' AND ($2 IS NULL OR id = $2);

-- name: thing_find :find
-- in: ids int8[], tags text[]?
-- in: data jsonb
-- out: bytes bytea, ratio float8?, small int4, is_on bool
SELECT bytes, ratio, small, is_on FROM thing WHERE id = ANY($1) AND tags && $2 AND data @> $3;

-- name: thing_list :many
-- out: id int8
SELECT id FROM thing /* $8 */ ORDER BY id;

-- name: thing_clear :exec
DELETE FROM thing;
