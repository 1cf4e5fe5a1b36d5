-- Tasks.

-- name: task_next_iid :one
-- in: project_id int8
-- out: iid int8
INSERT INTO task_counter (project_id, last_iid) VALUES ($1, 1)
ON CONFLICT (project_id) DO UPDATE SET last_iid = task_counter.last_iid + 1
RETURNING last_iid;

-- name: task_add :one
-- in: project_id int8, iid int8, title text, description text, labels text[], author_id int8?
-- in: assignee_id int8?
-- out: id int8
INSERT INTO task (project_id, iid, title, description, labels, author_id, assignee_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING id;

-- The row, and what task_get says, at once: whoever changes it takes this lock first.
-- name: task_lock :find
-- in: project_id int8, iid int8
-- out: id int8
SELECT id FROM task WHERE project_id = $1 AND iid = $2 FOR UPDATE;

-- name: task_get :find
-- in: project_id int8, iid int8
-- out: id int8, project_id int8, iid int8, title text, description text, state text, labels text[]
-- out: author_id int8?, author_username text?, author_name text?
-- out: assignee_id int8?, assignee_username text?, assignee_name text?
-- out: created_at timestamptz, updated_at timestamptz, closed_at timestamptz?
-- out: closed_by_id int8?, closed_by_username text?, closed_by_name text?, notes int8
SELECT t.id, t.project_id, t.iid, t.title, t.description, t.state, t.labels,
	t.author_id, t.author_username, t.author_name,
	t.assignee_id, t.assignee_username, t.assignee_name,
	t.created_at, t.updated_at, t.closed_at,
	t.closed_by_id, t.closed_by_username, t.closed_by_name,
	(SELECT count(*) FROM note n
		JOIN discussion d ON d.id = n.discussion_id
		WHERE d.task_id = t.id AND NOT n.is_system) AS notes
FROM task_row t
WHERE t.project_id = $1 AND t.iid = $2;

-- name: task_set :exec
-- in: id int8, title text, description text, labels text[], assignee_id int8?
UPDATE task SET title = $2, description = $3, labels = $4, assignee_id = $5, updated_at = now()
WHERE id = $1;

-- name: task_close :exec
-- in: id int8, closed_by_id int8?
UPDATE task SET state = 'closed', closed_at = now(), closed_by_id = $2, updated_at = now()
WHERE id = $1 AND state = 'opened';

-- name: task_reopen :exec
-- in: id int8
UPDATE task SET state = 'opened', closed_at = NULL, closed_by_id = NULL, updated_at = now()
WHERE id = $1 AND state = 'closed';

-- name: task_touch :exec
-- in: id int8
UPDATE task SET updated_at = now() WHERE id = $1;

-- A project of 0 is every project that the viewer sees; else whoever asks has checked that.
-- name: task_list :many
-- in: project_id int8, state text?, author text?, assignee text?, is_unassigned bool, labels text[]
-- in: search text?, iids int8[]?, is_oldest_first bool, skip int8, take int4
-- in: viewer int8, sees_internal bool, sees_all bool, only_project_id int8, only_namespace_id int8
-- in: namespace_id int8
-- out: id int8, project_id int8, project_path text, iid int8, title text, description text, state text
-- out: labels text[], author_id int8?, author_username text?, author_name text?
-- out: assignee_id int8?, assignee_username text?, assignee_name text?
-- out: created_at timestamptz, updated_at timestamptz, closed_at timestamptz?
-- out: closed_by_id int8?, closed_by_username text?, closed_by_name text?, notes int8, total int8
SELECT t.id, t.project_id, p.path, t.iid, t.title, t.description, t.state,
	t.labels, t.author_id, t.author_username, t.author_name,
	t.assignee_id, t.assignee_username, t.assignee_name,
	t.created_at, t.updated_at, t.closed_at,
	t.closed_by_id, t.closed_by_username, t.closed_by_name,
	(SELECT count(*) FROM note n
		JOIN discussion d ON d.id = n.discussion_id
		WHERE d.task_id = t.id AND NOT n.is_system) AS notes,
	page.total
FROM (
	SELECT x.id, count(*) OVER () AS total
	FROM task x
	JOIN project o ON o.id = x.project_id AND o.deleted_at IS NULL
	LEFT JOIN users a ON a.id = x.author_id
	LEFT JOIN users s ON s.id = x.assignee_id
	WHERE ($1 = 0 OR x.project_id = $1)
		AND ($1 <> 0 OR $14 OR o.visibility = 'public' OR ($13 AND o.visibility = 'internal')
			OR $15 <> 0 OR $16 <> 0
			OR o.namespace_id IN (
				SELECT n.id FROM namespace n WHERE n.lineage && (SELECT member_namespaces($12, 10)))
			OR o.id IN (SELECT unnest(member_projects($12))))
		AND ($15 = 0 OR o.id = $15)
		AND ($16 = 0
			OR o.namespace_id IN (SELECT n.id FROM namespace n WHERE n.lineage @> ARRAY[$16]))
		AND ($17 = 0
			OR o.namespace_id IN (SELECT n.id FROM namespace n WHERE n.lineage @> ARRAY[$17]))
		AND ($2::text IS NULL OR x.state = $2)
		AND ($3::text IS NULL OR lower(a.username COLLATE "C") = lower($3 COLLATE "C"))
		AND ($4::text IS NULL OR lower(s.username COLLATE "C") = lower($4 COLLATE "C"))
		AND (NOT $5 OR x.assignee_id IS NULL)
		AND x.labels @> $6
		AND ($7::text IS NULL OR strpos(lower(x.title), lower($7)) > 0
			OR strpos(lower(x.description), lower($7)) > 0)
		AND ($8::int8[] IS NULL OR x.iid = ANY ($8))
	ORDER BY CASE WHEN $9 THEN x.id ELSE -x.id END
	OFFSET $10 LIMIT $11
) AS page
JOIN task_row t ON t.id = page.id
JOIN project_row p ON p.id = t.project_id
ORDER BY CASE WHEN $9 THEN t.id ELSE -t.id END;

-- name: task_count :one
-- in: project_id int8
-- out: opened int8, closed int8
SELECT count(*) FILTER (WHERE state = 'opened') AS opened,
	count(*) FILTER (WHERE state = 'closed') AS closed
FROM task
WHERE project_id = $1;

-- name: task_labels :many
-- in: project_id int8
-- out: label text
SELECT DISTINCT l.label COLLATE "C" AS label
FROM task t, unnest(t.labels) AS l (label)
WHERE t.project_id = $1
ORDER BY 1
LIMIT 1000;

-- Only where the person may still look.
-- name: task_waiting :many
-- in: user_id int8, sees_internal bool, sees_all bool, skip int8, take int4
-- out: id int8, project_id int8, project_path text, iid int8, title text, state text, labels text[]
-- out: author_id int8?, author_username text?, author_name text?
-- out: created_at timestamptz, updated_at timestamptz, total int8
SELECT t.id, t.project_id, p.path, t.iid, t.title, t.state, t.labels,
	t.author_id, a.username, a.name, t.created_at, t.updated_at,
	count(*) OVER () AS total
FROM task t
JOIN project_row p ON p.id = t.project_id
LEFT JOIN users a ON a.id = t.author_id
WHERE t.assignee_id = $1 AND t.state = 'opened' AND NOT p.is_archived
	AND ($3 OR p.visibility = 'public' OR ($2 AND p.visibility = 'internal')
		OR p.lineage && (SELECT member_namespaces($1, 10))
		OR p.id IN (SELECT unnest(member_projects($1))))
ORDER BY t.updated_at DESC, t.id DESC
OFFSET $4 LIMIT $5;

-- Merge requests that came with these commits.
-- name: task_merge_requests :many
-- in: project_id int8, shas text[]
-- out: iid int8, title text, description text
SELECT iid, title, description
FROM merge_request
WHERE project_id = $1 AND state = 'merged'
	AND (head_sha = ANY ($2) OR merge_sha = ANY ($2) OR squash_sha = ANY ($2))
ORDER BY iid
LIMIT 1000;
