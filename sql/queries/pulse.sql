-- Has anything changed? For streams of open pages.

-- name: pulse_of_pipeline :find
-- in: project_id int8, id int8
-- out: status text, word text
SELECT p.status, md5(concat_ws('/', p.status,
	(SELECT string_agg(concat_ws(':', j.id, j.status), ' ' ORDER BY j.id) FROM job j WHERE j.pipeline_id = p.id)))
FROM pipeline p
WHERE p.project_id = $1 AND p.id = $2;

-- Of the merge request's page: what it is, what blocks it, how the pipelines of its head (in a
-- fork: the fork's) and of the merge's result do.
-- name: pulse_of_merge_request :find
-- in: project_id int8, iid int8
-- out: is_open bool, pipeline_id int8, word text
SELECT m.state = 'opened', coalesce(r.last, 0),
	md5(concat_ws('/', m.state, m.head_sha, m.target_branch, m.title, m.merge_check, m.checked_target, m.is_behind,
		m.open_threads, m.auto_merge_by, m.merge_error, r.runs,
		(SELECT string_agg(a.user_id::text, ' ' ORDER BY a.user_id) FROM merge_request_approval a
			WHERE a.merge_request_id = m.id AND a.head_sha = m.head_sha)))
FROM merge_request m
CROSS JOIN LATERAL (
	SELECT max(p.id) AS last, string_agg(concat_ws(':', p.id, p.status), ' ' ORDER BY p.id) AS runs
	FROM (
		SELECT id, status FROM pipeline
		WHERE project_id IN (m.project_id, m.source_project_id) AND sha = m.head_sha
		UNION
		SELECT id, status FROM pipeline
		WHERE project_id = m.project_id AND source_sha = m.head_sha
	) p
) r
WHERE m.project_id = $1 AND m.iid = $2;
