-- name: a :exec
-- in: x text, x text
DELETE FROM t
