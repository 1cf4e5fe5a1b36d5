-- name: a :exec
-- in: x int8, y int8
DELETE FROM t WHERE a = $1
