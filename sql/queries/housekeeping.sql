-- When to tidy which repository.

-- A push of many refs weighs as several: each leaves a file that every scan opens.
-- name: housekeeping_note_push :exec
-- in: project_id int8, weight int4, pushes_max int4
INSERT INTO housekeeping (project_id, pushes, due_at)
VALUES ($1, $2, CASE WHEN $2 >= $3 THEN now() ELSE now() + interval '1 day' END)
ON CONFLICT (project_id) DO UPDATE SET
	pushes = housekeeping.pushes + excluded.pushes,
	due_at = CASE WHEN housekeeping.pushes + excluded.pushes >= $3 THEN now()
		WHEN housekeeping.due_at = 'infinity' THEN now() + interval '1 day'
		ELSE housekeeping.due_at END;

-- name: housekeeping_claim :find
-- in: full_days int4
-- out: project_id int8, pushes int4, is_full bool
UPDATE housekeeping h SET due_at = now() + interval '3 hours'
FROM project p
WHERE h.project_id = (
		SELECT c.project_id FROM housekeeping c
		WHERE c.due_at <= now()
		ORDER BY c.due_at
		FOR UPDATE SKIP LOCKED
		LIMIT 1
	)
	AND p.id = h.project_id
RETURNING h.project_id, h.pushes, h.full_at < now() - make_interval(days => $1) AND p.deleted_at IS NULL;

-- Commits that a job may have to fetch though no branch leads to them: of pipelines that are not over
-- or not old, and of the deployments one goes back to. The newest come first.
-- name: housekeeping_kept :many
-- in: project_id int8, days int4, deployments int4, most int4
-- out: sha text
SELECT k.sha
FROM (
	SELECT p.sha, p.created_at FROM pipeline p
	WHERE p.project_id = $1 AND (p.created_at > now() - make_interval(days => $2)
		OR p.status NOT IN ('success', 'failed', 'canceled', 'skipped'))
	UNION ALL
	SELECT d.sha, d.created_at
	FROM (
		SELECT sha, created_at, row_number() OVER (PARTITION BY environment_id ORDER BY id DESC) AS place
		FROM deployment WHERE project_id = $1 AND status = 'success') d
	WHERE d.place <= $3) k
GROUP BY k.sha
ORDER BY max(k.created_at) DESC
LIMIT $4;

-- A repository nobody pushes to has nothing to tidy: it is due again by its next push.
-- name: housekeeping_done :exec
-- in: project_id int8, pushes int4, is_full bool
UPDATE housekeeping
SET pushes = greatest(pushes - $2, 0), light_at = now(),
	full_at = CASE WHEN $3 THEN now() ELSE full_at END,
	due_at = CASE WHEN pushes > 0 THEN now() + interval '1 day' ELSE 'infinity' END
WHERE project_id = $1;

-- Deleted projects whose files are still there.
-- name: housekeeping_removable :many
-- out: project_id int8
SELECT id FROM project WHERE deleted_at IS NOT NULL ORDER BY id LIMIT 100;

-- name: housekeeping_removed :exec
-- in: project_id int8
DELETE FROM project WHERE id = $1 AND deleted_at IS NOT NULL;

-- Repositories for reconciling, in portions.
-- name: housekeeping_repositories :many
-- in: after_id int8
-- out: project_id int8
SELECT id FROM project
WHERE id > $1 AND deleted_at IS NULL AND repository_at IS NOT NULL
ORDER BY id
LIMIT 200;

-- Used and expired links say who let whom in; after a month that is in the audit log alone.
-- name: housekeeping_remove_links :exec
DELETE FROM one_time_link WHERE expires_at < now() - interval '30 days';
