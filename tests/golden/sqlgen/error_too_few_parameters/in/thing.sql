-- name: a :exec
DELETE FROM t WHERE a = $1
