-- What threads change of a merge request.

-- name: merge_thread_lock :find
-- in: id int8
-- out: id int8
SELECT id FROM merge_request WHERE id = $1 FOR UPDATE;

-- name: merge_thread_count :exec
-- in: id int8, open_threads int4, notes int4
UPDATE merge_request SET open_threads = $2, notes = $3, updated_at = now() WHERE id = $1;
