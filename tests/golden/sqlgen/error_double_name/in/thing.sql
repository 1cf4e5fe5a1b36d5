-- name: a :exec
DELETE FROM t;
-- name: a :exec
DELETE FROM t
