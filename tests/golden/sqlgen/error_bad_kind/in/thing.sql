-- name: a :all
SELECT 1
