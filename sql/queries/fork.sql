-- Forks: what a project was copied from, and the copies that are still to be made.

-- name: fork_add :exec
-- in: project_id int8, source_id int8, user_id int8?
INSERT INTO fork (project_id, source_id, user_id) VALUES ($1, $2, $3);

-- How each of these projects is related to others; a source that is deleted is none.
-- name: fork_facts :many
-- in: project_ids int8[]
-- out: project_id int8, is_fork bool, source_id int8?, state text?, error text?, forks int8
SELECT p.id, f.project_id IS NOT NULL, s.id, f.state, f.error,
	(SELECT count(*) FROM fork x
		JOIN project c ON c.id = x.project_id AND c.deleted_at IS NULL
		WHERE x.source_id = p.id)
FROM project p
LEFT JOIN fork f ON f.project_id = p.id
LEFT JOIN project s ON s.id = f.source_id AND s.deleted_at IS NULL
WHERE p.id = ANY ($1::bigint[]);

-- name: fork_source_visibility :find
-- in: project_id int8
-- out: visibility text
SELECT s.visibility
FROM fork f
JOIN project s ON s.id = f.source_id AND s.deleted_at IS NULL
WHERE f.project_id = $1;

-- The next that is due, for two minutes.
-- name: fork_claim :find
-- out: project_id int8, source_id int8?, user_id int8?, attempts int4
UPDATE fork SET due_at = now() + interval '2 minutes', attempts = attempts + 1
WHERE project_id = (
	SELECT f.project_id FROM fork f
	JOIN project p ON p.id = f.project_id AND p.deleted_at IS NULL
	WHERE f.state = 'copying' AND f.due_at <= now()
	ORDER BY f.due_at
	FOR UPDATE OF f SKIP LOCKED
	LIMIT 1
)
RETURNING project_id, source_id, user_id, attempts;

-- Branches and tags of the source that the fork has not, in the order of bytes.
-- name: fork_missing_refs :many
-- in: project_id int8, source_id int8, take int4
-- out: name text, oid text
SELECT s.name, s.oid FROM ref s
WHERE s.project_id = $2 AND (s.name LIKE 'refs/heads/%' OR s.name LIKE 'refs/tags/%')
	AND NOT EXISTS (SELECT FROM ref r WHERE r.project_id = $1 AND r.name = s.name)
ORDER BY s.name COLLATE "C"
LIMIT $3;

-- name: fork_ready :exec
-- in: project_id int8
UPDATE fork SET state = 'ready', error = NULL WHERE project_id = $1 AND state = 'copying';

-- name: fork_failed :exec
-- in: project_id int8, error text
UPDATE fork SET state = 'failed', error = $2 WHERE project_id = $1 AND state = 'copying';

-- name: fork_retry :exec
-- in: project_id int8, seconds int4, error text
UPDATE fork SET due_at = now() + make_interval(secs => $2), error = $3
WHERE project_id = $1 AND state = 'copying';
