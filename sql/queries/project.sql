-- Projects.

-- name: project_add :one
-- in: namespace_id int8, segment text, name text, description text, visibility text
-- in: default_branch text, creator_id int8?
-- out: id int8
INSERT INTO project (namespace_id, segment, name, description, visibility, default_branch, creator_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING id;

-- name: project_get :find
-- in: id int8
-- out: id int8, namespace_id int8, segment text, path text, name text, full_name text
-- out: namespace_path text, description text, visibility text, default_branch text
-- out: creator_id int8?, is_archived bool, has_repository bool, is_empty bool
-- out: created_at timestamptz, updated_at timestamptz, last_activity_at timestamptz
SELECT id, namespace_id, segment, path, name, full_name,
	namespace_path, description, visibility, default_branch,
	creator_id, is_archived, has_repository, is_empty,
	created_at, updated_at, last_activity_at
FROM project_row
WHERE id = $1;

-- name: project_lock :find
-- in: id int8
-- out: id int8, namespace_id int8, segment text, path text, visibility text
SELECT p.id, coalesce(p.namespace_id, 0), p.segment, a.path, p.visibility
FROM project p
JOIN address a ON a.project_id = p.id AND NOT a.is_old
WHERE p.id = $1 AND p.deleted_at IS NULL -- such a one has a namespace
FOR UPDATE OF p;

-- name: project_update :exec
-- in: id int8, name text, description text, default_branch text, visibility text
UPDATE project SET name = $2, description = $3, default_branch = $4, visibility = $5,
	updated_at = now()
WHERE id = $1 AND deleted_at IS NULL;

-- name: project_place :exec
-- in: id int8, namespace_id int8, segment text
UPDATE project SET namespace_id = $2, segment = $3, updated_at = now()
WHERE id = $1 AND deleted_at IS NULL;

-- name: project_archive :exec
-- in: id int8
UPDATE project SET archived_at = now(), updated_at = now()
WHERE id = $1 AND archived_at IS NULL AND deleted_at IS NULL;

-- name: project_unarchive :exec
-- in: id int8
UPDATE project SET archived_at = NULL, updated_at = now()
WHERE id = $1 AND archived_at IS NOT NULL AND deleted_at IS NULL;

-- name: project_remove :exec
-- in: id int8
UPDATE project SET deleted_at = now(), updated_at = now(), namespace_id = NULL
WHERE id = $1 AND deleted_at IS NULL;

-- Grants of a project that is gone.
-- name: project_remove_grants :exec
-- in: project_id int8
UPDATE token SET revoked_at = now() WHERE project_id = $1 AND revoked_at IS NULL;

-- name: project_note_repository :exec
-- in: id int8
UPDATE project SET repository_at = now() WHERE id = $1 AND repository_at IS NULL;

-- name: project_without_repository :many
-- out: id int8
SELECT id FROM project WHERE repository_at IS NULL AND deleted_at IS NULL ORDER BY id LIMIT 100;

-- The page is cut on the bare table first, so that whatever the planner guesses of the
-- filters, only its rows are joined with the rest. The sets of namespaces and projects are
-- computed once (hashed subplans).
-- only_... not 0: what a deploy or job token is bound to is all it sees.
-- name: project_list :many
-- in: user_id int8, sees_internal bool, sees_all bool, namespace_id int8?, with_subgroups bool
-- in: member_only bool, search text?, visibility text?, is_archived bool?
-- in: only_project_id int8, only_namespace_id int8, skip int8, take int4, fork_of int8
-- out: id int8, namespace_id int8, segment text, path text, name text, full_name text
-- out: namespace_path text, description text, visibility text, default_branch text
-- out: creator_id int8?, is_archived bool, has_repository bool, is_empty bool
-- out: created_at timestamptz, updated_at timestamptz, last_activity_at timestamptz, total int8
SELECT v.id, v.namespace_id, v.segment, v.path, v.name, v.full_name,
	v.namespace_path, v.description, v.visibility, v.default_branch,
	v.creator_id, v.is_archived, v.has_repository, v.is_empty,
	v.created_at, v.updated_at, v.last_activity_at, page.total
FROM (
	SELECT p.id, count(*) OVER () AS total
	FROM project p
	WHERE p.deleted_at IS NULL
		AND ($3
			OR p.visibility = 'public' OR ($2 AND p.visibility = 'internal')
			OR $10 <> 0 OR $11 <> 0
			OR p.namespace_id IN (
				SELECT n.id FROM namespace n
				WHERE n.lineage && (SELECT member_namespaces($1, 10)))
			OR p.id IN (SELECT unnest(member_projects($1))))
		AND (NOT $6
			OR p.namespace_id IN (
				SELECT n.id FROM namespace n
				WHERE n.lineage && (SELECT member_namespaces($1, 10)))
			OR p.id IN (SELECT unnest(member_projects($1))))
		AND ($10 = 0 OR p.id = $10)
		AND ($11 = 0
			OR p.namespace_id IN (SELECT n.id FROM namespace n WHERE n.lineage @> ARRAY[$11]))
		AND ($4::int8 IS NULL OR p.namespace_id = $4
			OR ($5
				AND p.namespace_id IN (
					SELECT n.id FROM namespace n WHERE n.lineage @> ARRAY[$4])))
		AND ($7::text IS NULL OR strpos(lower(p.name), lower($7)) > 0
			OR EXISTS (
				SELECT FROM address a
				WHERE a.project_id = p.id AND NOT a.is_old AND strpos(a.key, lower($7)) > 0))
		AND ($8::text IS NULL OR p.visibility = $8)
		AND ($9::bool IS NULL OR (p.archived_at IS NOT NULL) = $9)
		AND ($14 = 0 OR p.id IN (SELECT f.project_id FROM fork f WHERE f.source_id = $14))
	ORDER BY p.last_activity_at DESC, p.id DESC
	OFFSET $12 LIMIT $13
) AS page
JOIN project_row v ON v.id = page.id
ORDER BY v.last_activity_at DESC, v.id DESC;
