
-- name: a :exec
-- in: x varchar
DELETE FROM t
