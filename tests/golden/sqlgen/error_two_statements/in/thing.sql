-- name: a :exec
DELETE FROM t; DELETE FROM u
