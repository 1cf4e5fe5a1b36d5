-- Has anything changed? For streams of open pages.

-- name: pulse_of_pipeline :find
-- in: project_id int8, id int8
-- out: status text, word text
SELECT p.status, md5(concat_ws('/', p.status,
	(SELECT string_agg(concat_ws(':', j.id, j.status), ' ' ORDER BY j.id) FROM job j WHERE j.pipeline_id = p.id)))
FROM pipeline p
WHERE p.project_id = $1 AND p.id = $2;
