-- name: a :exec
-- in: default text
DELETE FROM t
