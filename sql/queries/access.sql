-- What an actor may know about a project or namespace: one statement a request.
-- user_id is 0 for actors that are no user.

-- name: access_project :find
-- in: path text, user_id int8
-- out: id int8, namespace_id int8, segment text, path text, name text, full_name text
-- out: namespace_path text, description text, visibility text, default_branch text
-- out: creator_id int8?, is_archived bool, has_repository bool, is_empty bool
-- out: created_at timestamptz, updated_at timestamptz, last_activity_at timestamptz
-- out: level int4, is_old bool, unsettled int4, lineage int8[]
SELECT p.id, p.namespace_id, p.segment, p.path, p.name, p.full_name,
	p.namespace_path, p.description, p.visibility, p.default_branch,
	p.creator_id, p.is_archived, p.has_repository, p.is_empty,
	p.created_at, p.updated_at, p.last_activity_at,
	greatest(coalesce((
			SELECT max(m.level) FROM member m
			WHERE m.user_id = $2 AND (m.project_id = p.id OR m.namespace_id = ANY (p.lineage))
				AND (m.expires_at IS NULL OR m.expires_at > now())), 0),
		CASE WHEN p.personal_user_id = $2 THEN 50 ELSE 0 END), a.is_old, p.unsettled, p.lineage
FROM address a
JOIN project_row p ON p.id = a.project_id
WHERE a.key = lower($1 COLLATE "C");

-- name: access_project_by_id :find
-- in: id int8, user_id int8
-- out: id int8, namespace_id int8, segment text, path text, name text, full_name text
-- out: namespace_path text, description text, visibility text, default_branch text
-- out: creator_id int8?, is_archived bool, has_repository bool, is_empty bool
-- out: created_at timestamptz, updated_at timestamptz, last_activity_at timestamptz
-- out: level int4, is_old bool, unsettled int4, lineage int8[]
SELECT p.id, p.namespace_id, p.segment, p.path, p.name, p.full_name,
	p.namespace_path, p.description, p.visibility, p.default_branch,
	p.creator_id, p.is_archived, p.has_repository, p.is_empty,
	p.created_at, p.updated_at, p.last_activity_at,
	greatest(coalesce((
			SELECT max(m.level) FROM member m
			WHERE m.user_id = $2 AND (m.project_id = p.id OR m.namespace_id = ANY (p.lineage))
				AND (m.expires_at IS NULL OR m.expires_at > now())), 0),
		CASE WHEN p.personal_user_id = $2 THEN 50 ELSE 0 END), false, p.unsettled, p.lineage
FROM project_row p
WHERE p.id = $1;

-- Whoever is a member of anything below a group may see the group, as a guest.
-- name: access_namespace :find
-- in: path text, user_id int8
-- out: id int8, kind text, parent_id int8?, user_id int8?, segment text, path text, name text
-- out: full_name text, description text, visibility text, created_at timestamptz
-- out: level int4, is_old bool, lineage int8[]
SELECT n.id, n.kind, n.parent_id, n.user_id, n.segment, n.path, n.name,
	n.full_name, n.description, n.visibility, n.created_at,
	greatest(coalesce((
			SELECT max(m.level) FROM member m
			WHERE m.user_id = $2 AND m.namespace_id = ANY (n.lineage)
				AND (m.expires_at IS NULL OR m.expires_at > now())), 0),
		CASE WHEN n.user_id = $2 THEN 50 ELSE 0 END,
		CASE WHEN EXISTS (
			SELECT FROM member m
			LEFT JOIN project mp ON mp.id = m.project_id AND mp.deleted_at IS NULL
			JOIN namespace mn ON mn.id = coalesce(m.namespace_id, mp.namespace_id)
			WHERE m.user_id = $2 AND n.id = ANY (mn.lineage)
				AND (m.expires_at IS NULL OR m.expires_at > now())) THEN 10 ELSE 0 END), a.is_old, n.lineage
FROM address a
JOIN namespace_row n ON n.id = a.namespace_id
WHERE a.key = lower($1 COLLATE "C");

-- name: access_namespace_by_id :find
-- in: id int8, user_id int8
-- out: id int8, kind text, parent_id int8?, user_id int8?, segment text, path text, name text
-- out: full_name text, description text, visibility text, created_at timestamptz
-- out: level int4, is_old bool, lineage int8[]
SELECT n.id, n.kind, n.parent_id, n.user_id, n.segment, n.path, n.name,
	n.full_name, n.description, n.visibility, n.created_at,
	greatest(coalesce((
			SELECT max(m.level) FROM member m
			WHERE m.user_id = $2 AND m.namespace_id = ANY (n.lineage)
				AND (m.expires_at IS NULL OR m.expires_at > now())), 0),
		CASE WHEN n.user_id = $2 THEN 50 ELSE 0 END,
		CASE WHEN EXISTS (
			SELECT FROM member m
			LEFT JOIN project mp ON mp.id = m.project_id AND mp.deleted_at IS NULL
			JOIN namespace mn ON mn.id = coalesce(m.namespace_id, mp.namespace_id)
			WHERE m.user_id = $2 AND n.id = ANY (mn.lineage)
				AND (m.expires_at IS NULL OR m.expires_at > now())) THEN 10 ELSE 0 END), false, n.lineage
FROM namespace_row n
WHERE n.id = $1;
