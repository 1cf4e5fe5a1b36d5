-- Which runners hear of which jobs (forge/domain/queue.h).

-- The classes of runners that may run jobs which just became pending.
-- name: queue_classes :many
-- in: project_id int8, pipeline_id int8?
-- out: class text, jobs int8
SELECT r.class, count(*)
FROM (
	SELECT tags, is_protected FROM job
	WHERE status = 'pending' AND project_id = $1 AND ($2::int8 IS NULL OR pipeline_id = $2)
	LIMIT 256) j
JOIN project p ON p.id = $1 AND p.deleted_at IS NULL AND p.archived_at IS NULL
JOIN namespace n ON n.id = p.namespace_id
JOIN (
	SELECT DISTINCT class, kind, namespace_id, project_id, tags, run_untagged, is_protected
	FROM runner WHERE NOT is_paused) r
	ON (r.kind = 'instance' OR r.project_id = p.id OR r.namespace_id = ANY (n.lineage))
		AND j.tags <@ r.tags AND (r.run_untagged OR cardinality(j.tags) > 0)
		AND (j.is_protected OR NOT r.is_protected)
GROUP BY r.class;

-- Classes for which jobs still wait a while after they became pending; up to 64 are counted.
-- name: queue_waiting :many
-- out: class text, jobs int8
SELECT r.class, least(sum(old.jobs), 64)::int8
FROM (
	SELECT DISTINCT class, kind, namespace_id, project_id, tags, run_untagged, is_protected
	FROM runner WHERE NOT is_paused) r
JOIN job_group g ON g.tags <@ r.tags AND (r.run_untagged OR cardinality(g.tags) > 0)
	AND (g.is_protected OR NOT r.is_protected)
JOIN project p ON p.id = g.project_id AND p.deleted_at IS NULL AND p.archived_at IS NULL
JOIN namespace n ON n.id = p.namespace_id
	AND (r.kind = 'instance' OR r.project_id = p.id OR r.namespace_id = ANY (n.lineage))
CROSS JOIN LATERAL (
	SELECT count(*) AS jobs FROM (
		SELECT FROM job j
		WHERE j.status = 'pending' AND j.project_id = g.project_id
			AND hash_array_extended(j.tags, 0) = g.tag_set AND j.is_protected = g.is_protected
			AND j.queued_at < now() - interval '2 seconds'
		LIMIT 64) few) old
WHERE old.jobs > 0
GROUP BY r.class;

-- name: queue_runners :many
-- out: id int8, class text, fingerprint text
SELECT id, class, encode(token_sha256, 'hex') FROM runner ORDER BY class;
