-- Events: written by domain/event.c, taken by work.

-- name: outbox_add :exec
-- in: kind text, project_id int8, subject_id int8
INSERT INTO outbox (kind, project_id, subject_id) VALUES ($1, $2, $3);

-- The oldest of a project first; one that is being handled or waits holds up its project only.
-- name: outbox_claim :find
-- out: id int8, kind text, project_id int8, subject_id int8, attempts int4
UPDATE outbox SET due_at = now() + interval '10 minutes', attempts = attempts + 1
WHERE id = (
	SELECT o.id FROM outbox o
	WHERE o.failed_at IS NULL AND o.due_at <= now()
		AND NOT EXISTS (
			SELECT 1 FROM outbox earlier
			WHERE earlier.project_id = o.project_id AND earlier.id < o.id
				AND earlier.failed_at IS NULL
		)
	ORDER BY o.id
	FOR UPDATE SKIP LOCKED
	LIMIT 1
)
RETURNING id, kind, project_id, subject_id, attempts;

-- name: outbox_done :exec
-- in: id int8
DELETE FROM outbox WHERE id = $1;

-- name: outbox_retry :exec
-- in: id int8, attempts int4, error text, seconds int4, attempts_max int4
UPDATE outbox
SET due_at = now() + make_interval(secs => $4), error = $3,
	failed_at = CASE WHEN $2 >= $5 THEN now() END
WHERE id = $1;

-- name: outbox_counts :one
-- out: waiting int8, failed int8, oldest_seconds int8
SELECT count(*) FILTER (WHERE failed_at IS NULL), count(*) FILTER (WHERE failed_at IS NOT NULL),
	coalesce(max(extract(epoch FROM now() - created_at)) FILTER (WHERE failed_at IS NULL), 0)::int8
FROM outbox;
