-- name: a :one
SELECT 1
