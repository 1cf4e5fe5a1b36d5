-- name: a :exec
-- out: x int8
SELECT 1
