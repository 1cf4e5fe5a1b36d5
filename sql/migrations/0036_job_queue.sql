-- A runner looks at the heads of the queue, one group of alike jobs after the other: of one project,
-- with the same tags, protected or not. So what it may not run costs nothing, however long it waits.

DROP INDEX job_queue;
CREATE INDEX job_queue ON job (project_id, hash_array_extended(tags, 0), is_protected, priority DESC, id)
	WHERE status = 'pending';
CREATE INDEX job_waiting ON job (queued_at) WHERE status = 'pending';

-- Steps over job_queue from group to group.
CREATE VIEW job_group AS
WITH RECURSIVE head AS (
	(SELECT project_id, hash_array_extended(tags, 0) AS tag_set, is_protected, tags
	FROM job WHERE status = 'pending'
	ORDER BY project_id, hash_array_extended(tags, 0), is_protected LIMIT 1)
	UNION ALL
	SELECT next.* FROM head CROSS JOIN LATERAL (
		SELECT j.project_id, hash_array_extended(j.tags, 0), j.is_protected, j.tags
		FROM job j
		WHERE j.status = 'pending' AND (j.project_id, hash_array_extended(j.tags, 0), j.is_protected)
			> (head.project_id, head.tag_set, head.is_protected)
		ORDER BY j.project_id, hash_array_extended(j.tags, 0), j.is_protected LIMIT 1) next
)
SELECT project_id, tag_set, is_protected, tags FROM head;

COMMENT ON VIEW job_group IS 'Pending jobs that the same runners may run: one row for each project, tags and protection';
