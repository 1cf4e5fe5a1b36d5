-- What waits for a person.

-- A branch that is gone, and one whose newer pipeline says something else, waits for nobody.
-- name: waiting_pipelines :many
-- in: user_id int8, sees_internal bool, sees_all bool, take int4
-- out: id int8, project_path text, ref_name text, created_at timestamptz
SELECT p.id, v.path, p.ref_name, p.created_at
FROM pipeline p
JOIN project_row v ON v.id = p.project_id
WHERE p.user_id = $1 AND p.status = 'failed' AND p.created_at > now() - interval '30 days'
	AND NOT v.is_archived
	AND NOT EXISTS (
		SELECT FROM pipeline n
		WHERE n.project_id = p.project_id AND n.ref_name = p.ref_name AND n.is_tag = p.is_tag AND n.id > p.id)
	AND (p.is_tag OR EXISTS (
		SELECT FROM ref r WHERE r.project_id = p.project_id AND r.name = 'refs/heads/' || p.ref_name))
	AND ($3 OR v.visibility = 'public' OR ($2 AND v.visibility = 'internal')
		OR v.lineage && (SELECT member_namespaces($1, 10))
		OR v.id IN (SELECT unnest(member_projects($1))))
ORDER BY p.id DESC
LIMIT $4;
