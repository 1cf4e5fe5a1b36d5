-- Discussions and their notes. Exactly one of task_id and merge_request_id is given.

-- name: discussion_add :one
-- in: key text, project_id int8, task_id int8?, merge_request_id int8?, is_thread bool, is_system bool
-- in: base_sha text?, start_sha text?, head_sha text?, old_path text?, new_path text?
-- in: old_line int4?, new_line int4?
-- out: id int8
INSERT INTO discussion (key, project_id, task_id, merge_request_id, is_thread, is_system,
	base_sha, start_sha, head_sha, old_path, new_path, old_line, new_line)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
RETURNING id;

-- name: note_add :one
-- in: discussion_id int8, author_id int8?, body text, is_system bool
-- out: id int8, created_at timestamptz
INSERT INTO note (discussion_id, author_id, body, is_system)
VALUES ($1, $2, $3, $4)
RETURNING id, created_at;

-- name: discussion_list :many
-- in: task_id int8?, merge_request_id int8?, key text?, note_id int8?, skip int8, take int4
-- out: id int8, key text, is_thread bool, is_system bool, resolved_at timestamptz?
-- out: resolved_by_id int8?, resolved_by_username text?, resolved_by_name text?
-- out: base_sha text?, start_sha text?, head_sha text?, old_path text?, new_path text?
-- out: old_line int4?, new_line int4?, created_at timestamptz, total int8
SELECT d.id, d.key, d.is_thread, d.is_system, d.resolved_at,
	d.resolved_by_id, u.username, u.name,
	d.base_sha, d.start_sha, d.head_sha, d.old_path, d.new_path, d.old_line, d.new_line,
	d.created_at, count(*) OVER () AS total
FROM discussion d
LEFT JOIN users u ON u.id = d.resolved_by_id
WHERE (d.task_id = $1 OR d.merge_request_id = $2)
	AND ($3::text IS NULL OR d.key = $3)
	AND ($4::int8 IS NULL OR d.id = (SELECT n.discussion_id FROM note n WHERE n.id = $4))
ORDER BY d.id
OFFSET $5 LIMIT $6;

-- name: note_list :many
-- in: discussion_ids int8[]
-- out: id int8, discussion_id int8, author_id int8?, author_username text?, author_name text?
-- out: body text, is_system bool, created_at timestamptz, updated_at timestamptz, is_edited bool
SELECT n.id, n.discussion_id, n.author_id, u.username, u.name,
	n.body, n.is_system, n.created_at, n.updated_at, n.edited_at IS NOT NULL AS is_edited
FROM note n
LEFT JOIN users u ON u.id = n.author_id
WHERE n.discussion_id = ANY ($1)
ORDER BY n.discussion_id, n.id;

-- name: note_list_of_subject :many
-- in: task_id int8?, merge_request_id int8?, is_ascending bool, skip int8, take int4
-- out: note_id int8, author_id int8?, author_username text?, author_name text?, body text, is_system bool
-- out: note_created_at timestamptz, updated_at timestamptz, is_edited bool
-- out: id int8, key text, is_thread bool, resolved_at timestamptz?
-- out: resolved_by_id int8?, resolved_by_username text?, resolved_by_name text?
-- out: base_sha text?, start_sha text?, head_sha text?, old_path text?, new_path text?
-- out: old_line int4?, new_line int4?, created_at timestamptz, total int8
SELECT n.id, n.author_id, a.username, a.name, n.body, n.is_system,
	n.created_at AS note_created_at, n.updated_at, n.edited_at IS NOT NULL AS is_edited,
	d.id, d.key, d.is_thread, d.resolved_at,
	d.resolved_by_id, u.username, u.name,
	d.base_sha, d.start_sha, d.head_sha, d.old_path, d.new_path, d.old_line, d.new_line,
	d.created_at, count(*) OVER () AS total
FROM discussion d
JOIN note n ON n.discussion_id = d.id
LEFT JOIN users a ON a.id = n.author_id
LEFT JOIN users u ON u.id = d.resolved_by_id
WHERE d.task_id = $1 OR d.merge_request_id = $2
ORDER BY CASE WHEN $3 THEN n.id ELSE -n.id END
OFFSET $4 LIMIT $5;

-- How many discussions there are up to the one that holds the note.
-- name: discussion_rank :one
-- in: task_id int8?, merge_request_id int8?, note_id int8
-- out: rank int8
SELECT count(*) AS rank FROM discussion d
WHERE (d.task_id = $1 OR d.merge_request_id = $2)
	AND d.id <= (SELECT n.discussion_id FROM note n WHERE n.id = $3);

-- Answering makes a thread of a comment; the lock keeps it from being removed meanwhile.
-- name: discussion_answer :find
-- in: task_id int8?, merge_request_id int8?, key text
-- out: id int8
UPDATE discussion SET is_thread = true
WHERE (task_id = $1 OR merge_request_id = $2) AND key = $3 AND NOT is_system
RETURNING id;

-- name: note_set :exec
-- in: id int8, body text
UPDATE note SET body = $2, updated_at = now(), edited_at = now() WHERE id = $1 AND NOT is_system;

-- name: note_remove :find
-- in: id int8
-- out: discussion_id int8
DELETE FROM note WHERE id = $1 AND NOT is_system RETURNING discussion_id;

-- name: discussion_remove_empty :exec
-- in: id int8
DELETE FROM discussion d WHERE d.id = $1 AND NOT EXISTS (SELECT FROM note n WHERE n.discussion_id = d.id);

-- name: discussion_lock :find
-- in: id int8
-- out: id int8
SELECT id FROM discussion WHERE id = $1 FOR UPDATE;

-- name: discussion_resolve :exec
-- in: id int8, user_id int8?
UPDATE discussion SET resolved_at = now(), resolved_by_id = $2
WHERE id = $1 AND resolved_at IS NULL AND is_thread AND merge_request_id IS NOT NULL;

-- name: discussion_unresolve :exec
-- in: id int8
UPDATE discussion SET resolved_at = NULL, resolved_by_id = NULL WHERE id = $1 AND resolved_at IS NOT NULL;

-- name: discussion_counts :one
-- in: merge_request_id int8
-- out: open int4, notes int4
SELECT count(DISTINCT d.id) FILTER (WHERE d.is_thread AND d.resolved_at IS NULL)::int4 AS open,
	count(n.id) FILTER (WHERE NOT n.is_system)::int4 AS notes
FROM discussion d
LEFT JOIN note n ON n.discussion_id = d.id
WHERE d.merge_request_id = $1;
