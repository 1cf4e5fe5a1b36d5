-- Namespaces and addresses.

-- name: namespace_add_user :one
-- in: user_id int8, segment text, name text
-- out: id int8
WITH made AS (SELECT nextval(pg_get_serial_sequence('namespace', 'id')) AS id)
INSERT INTO namespace (id, kind, lineage, user_id, segment, name, visibility)
OVERRIDING SYSTEM VALUE
SELECT made.id, 'user', ARRAY[made.id], $1, $2, $3, 'internal' FROM made
RETURNING id;

-- parent_id null: at the top.
-- name: namespace_add_group :one
-- in: parent_id int8?, segment text, name text, description text, visibility text
-- out: id int8
WITH made AS (SELECT nextval(pg_get_serial_sequence('namespace', 'id')) AS id)
INSERT INTO namespace (id, kind, parent_id, lineage, segment, name, description, visibility)
OVERRIDING SYSTEM VALUE
SELECT made.id, 'group', $1,
	coalesce((SELECT p.lineage FROM namespace p WHERE p.id = $1), '{}') || made.id,
	$2, $3, $4, $5
FROM made
RETURNING id;

-- Locked against being removed or renamed while something is put into it.
-- name: namespace_lock :find
-- in: id int8
-- out: id int8, kind text, path text, visibility text, depth int4
SELECT n.id, n.kind, a.path, n.visibility, cardinality(n.lineage)
FROM namespace n
JOIN address a ON a.namespace_id = n.id AND NOT a.is_old
WHERE n.id = $1
FOR UPDATE OF n;

-- name: namespace_update :exec
-- in: id int8, name text, description text, visibility text, segment text
UPDATE namespace SET name = $2, description = $3, visibility = $4, segment = $5 WHERE id = $1;

-- Things below that would be more visible than the group.
-- name: namespace_widest_below :one
-- in: id int8
-- out: has_public bool, has_internal bool
SELECT coalesce(bool_or(v = 'public'), false), coalesce(bool_or(v = 'internal'), false)
FROM (
	SELECT n.visibility AS v FROM namespace n WHERE n.lineage @> ARRAY[$1] AND n.id <> $1
	UNION ALL
	SELECT p.visibility FROM project p JOIN namespace n ON n.id = p.namespace_id
	WHERE n.lineage @> ARRAY[$1] AND p.deleted_at IS NULL
) AS below;

-- name: namespace_is_empty :one
-- in: id int8
-- out: is_empty bool
SELECT NOT EXISTS (SELECT FROM namespace n WHERE n.parent_id = $1)
	AND NOT EXISTS (SELECT FROM project p WHERE p.namespace_id = $1);

-- name: namespace_remove :exec
-- in: id int8
DELETE FROM namespace WHERE id = $1 AND kind = 'group';

-- Takes a path that is free or was left behind; affects no row if it is taken.
-- name: address_take :exec
-- in: path text, namespace_id int8?, project_id int8?
INSERT INTO address AS a (key, path, namespace_id, project_id)
VALUES (lower($1 COLLATE "C"), $1, $2, $3)
ON CONFLICT (key) DO UPDATE SET
	path = excluded.path, namespace_id = excluded.namespace_id,
	project_id = excluded.project_id, is_old = false, since = now()
WHERE a.is_old;

-- Another case only: the key stays.
-- name: address_recase :exec
-- in: old_path text, new_path text
UPDATE address SET path = $2 || substr(path, length($1) + 1)
WHERE NOT is_old
	AND (key = lower($1 COLLATE "C")
		OR (key >= (lower($1 COLLATE "C") || '/') AND key < (lower($1 COLLATE "C") || '0')));

-- A move in two steps: the old addresses of the thing and of all below it are
-- marked, then copies of them are taken under the new path.
-- name: address_leave :exec
-- in: old_path text
UPDATE address SET is_old = true, since = now()
WHERE NOT is_old
	AND (key = lower($1 COLLATE "C")
		OR (key >= (lower($1 COLLATE "C") || '/') AND key < (lower($1 COLLATE "C") || '0')));

-- name: address_follow :exec
-- in: old_path text, new_path text
INSERT INTO address AS a (key, path, namespace_id, project_id)
SELECT lower(($2 || substr(o.path, length($1) + 1)) COLLATE "C"),
	$2 || substr(o.path, length($1) + 1), o.namespace_id, o.project_id
FROM address o
WHERE o.is_old AND o.since = now()
	AND (o.key = lower($1 COLLATE "C")
		OR (o.key >= (lower($1 COLLATE "C") || '/') AND o.key < (lower($1 COLLATE "C") || '0')))
ON CONFLICT (key) DO UPDATE SET
	path = excluded.path, namespace_id = excluded.namespace_id,
	project_id = excluded.project_id, is_old = false, since = now()
WHERE a.is_old;

-- name: address_longest :one
-- in: path text
-- out: length int8
SELECT coalesce(max(length(path)), 0)::int8 FROM address
WHERE NOT is_old
	AND (key = lower($1 COLLATE "C")
		OR (key >= (lower($1 COLLATE "C") || '/') AND key < (lower($1 COLLATE "C") || '0')));

-- name: address_remove_of_project :exec
-- in: project_id int8
DELETE FROM address WHERE project_id = $1;

-- name: namespace_by_path :find
-- in: path text
-- out: id int8, kind text, is_old bool, is_project bool
SELECT coalesce(a.namespace_id, 0), coalesce(n.kind, ''), a.is_old, a.project_id IS NOT NULL
FROM address a
LEFT JOIN namespace n ON n.id = a.namespace_id
WHERE a.key = lower($1 COLLATE "C");

-- name: namespace_list :many
-- in: user_id int8, sees_internal bool, sees_all bool, parent_id int8?, top_only bool
-- in: groups_only bool, least_level int4, search text?, skip int8, take int4
-- out: id int8, kind text, parent_id int8?, user_id int8?, segment text, path text, name text
-- out: full_name text, description text, visibility text, created_at timestamptz, total int8
SELECT n.id, n.kind, n.parent_id, n.user_id, n.segment, n.path, n.name,
	n.full_name, n.description, n.visibility, n.created_at, count(*) OVER ()
FROM namespace_row n
WHERE ($3
		OR n.visibility = 'public' OR ($2 AND n.visibility = 'internal')
		OR n.lineage && (SELECT member_namespaces($1, 10))
		OR n.id = ANY (coalesce((SELECT member_way($1)), '{}')))
	AND ($4::int8 IS NULL OR n.parent_id = $4)
	AND (NOT $5 OR n.parent_id IS NULL)
	AND (NOT $6 OR n.kind = 'group')
	AND ($7 = 0 OR (n.kind = 'user' AND n.user_id = $1)
		OR (n.kind = 'group' AND ($3 OR n.lineage && (SELECT member_namespaces($1, $7)))))
	AND ($8::text IS NULL OR strpos(n.key, lower($8)) > 0 OR strpos(lower(n.name), lower($8)) > 0)
ORDER BY n.key
OFFSET $9 LIMIT $10;

-- name: namespace_lineage :many
-- in: id int8
-- out: id int8, kind text, parent_id int8?, user_id int8?, segment text, path text, name text
-- out: full_name text, description text, visibility text, created_at timestamptz
SELECT n.id, n.kind, n.parent_id, n.user_id, n.segment, n.path, n.name,
	n.full_name, n.description, n.visibility, n.created_at
FROM namespace own
JOIN namespace_row n ON n.id = ANY (own.lineage)
WHERE own.id = $1
ORDER BY cardinality(n.lineage);
