-- The log of a job as its row tells it; the bytes are in a file (forge/domain/trace.h).

-- name: trace_find :find
-- in: id int8
-- out: trace_length int8, trace_hold int4, trace_is_debug bool, status text, project_id int8
SELECT trace_length, trace_hold, trace_is_debug, status, project_id FROM job WHERE id = $1;

-- The row is locked while the file is written, so that two appends never mix.
-- name: trace_lock :find
-- in: id int8, token_sha256 bytea
-- out: trace_length int8, trace_crc int8, trace_hold int4, trace_may_restart bool, status text
-- out: project_id int8, pipeline_id int8
SELECT trace_length, trace_crc, trace_hold, trace_may_restart, status, project_id, pipeline_id
FROM job WHERE id = $1 AND token_sha256 = $2 FOR UPDATE;

-- name: trace_set :exec
-- in: id int8, trace_length int8, trace_crc int8, trace_hold int4, trace_is_debug bool, is_restart bool
-- in: lease_seconds int4
UPDATE job SET trace_length = $2, trace_crc = $3, trace_hold = greatest(trace_hold, $4),
	trace_is_debug = trace_is_debug OR $5,
	trace_may_restart = trace_may_restart AND NOT $6,
	has_reported = true,
	lease_until = CASE WHEN lease_until IS NOT NULL THEN now() + $7 * interval '1 second' END
WHERE id = $1;

-- name: trace_allow_restart :exec
-- in: id int8, token_sha256 bytea
UPDATE job SET trace_may_restart = true
WHERE id = $1 AND token_sha256 = $2 AND status IN ('running', 'canceling');

-- Which of these files belong to a job.
-- name: trace_owners :many
-- in: ids int8[]
-- out: id int8
SELECT id FROM job WHERE id = ANY ($1);
