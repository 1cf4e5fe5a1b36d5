-- Members. A place is a project or a namespace: exactly one of the two ids.

-- name: member_add :exec
-- in: user_id int8, namespace_id int8?, project_id int8?, level int4, created_by int8?
-- in: expires_at timestamptz?
INSERT INTO member (user_id, namespace_id, project_id, level, created_by, expires_at)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: member_update :exec
-- in: user_id int8, namespace_id int8?, project_id int8?, level int4, expires_at timestamptz?
UPDATE member SET level = $4, expires_at = $5
WHERE user_id = $1 AND (namespace_id = $2 OR project_id = $3);

-- name: member_remove :exec
-- in: user_id int8, namespace_id int8?, project_id int8?
DELETE FROM member WHERE user_id = $1 AND (namespace_id = $2 OR project_id = $3);

-- Where membership is inherited from; the place itself is last.
-- name: member_lineage_of_project :find
-- in: project_id int8
-- out: lineage int8[]
SELECT n.lineage FROM project p JOIN namespace n ON n.id = p.namespace_id
WHERE p.id = $1 AND p.deleted_at IS NULL;

-- name: member_lineage_of_namespace :find
-- in: namespace_id int8
-- out: lineage int8[]
SELECT lineage FROM namespace WHERE id = $1;

-- Active owners along the lineage besides this user, for the rule of the last owner.
-- name: member_other_owners :one
-- in: lineage int8[], user_id int8
-- out: count int8
SELECT count(*)
FROM member m
JOIN users u ON u.id = m.user_id
WHERE m.namespace_id = ANY ($1) AND m.user_id <> $2 AND m.level = 50 AND m.expires_at IS NULL
	AND u.state = 'active' AND u.kind = 'human';

-- Highest membership of each user; of equal ones the direct one. lineage is empty
-- when inherited ones are not asked for. The user of a personal namespace is its
-- owner without a row.
-- name: member_list :many
-- in: namespace_id int8?, project_id int8?, lineage int8[], user_id int8?, search text?
-- in: skip int8, take int4
-- out: id int8, user_id int8, username text, name text, email text, is_blocked bool, is_bot bool
-- out: level int4, inherited_from text?, created_at timestamptz, expires_at timestamptz?, total int8
SELECT best.id, best.user_id, u.username, u.name, u.email, u.is_blocked, u.is_bot,
	best.level, best.inherited_from, best.created_at, best.expires_at, count(*) OVER ()
FROM (
	SELECT DISTINCT ON (m.user_id) m.id, m.user_id, m.level, m.created_at, m.expires_at,
		CASE WHEN m.project_id = $2 OR m.namespace_id = $1 THEN NULL ELSE a.path END
			AS inherited_from
	FROM (
		SELECT id, user_id, project_id, namespace_id, level, created_at, expires_at FROM member
		WHERE namespace_id = $1 OR project_id = $2 OR namespace_id = ANY ($3)
		UNION ALL
		SELECT 0, user_id, NULL, id, 50, created_at, NULL FROM namespace
		WHERE user_id IS NOT NULL AND (id = $1 OR id = ANY ($3))
	) AS m
	LEFT JOIN address a ON a.namespace_id = m.namespace_id AND NOT a.is_old
	WHERE ($4::int8 IS NULL OR m.user_id = $4)
		AND (m.expires_at IS NULL OR m.expires_at > now())
	ORDER BY m.user_id, m.level DESC, (m.project_id = $2 OR m.namespace_id = $1) DESC NULLS LAST
) AS best
JOIN user_row u ON u.id = best.user_id
WHERE $5::text IS NULL OR strpos(lower(u.username), lower($5)) > 0
	OR strpos(lower(u.name), lower($5)) > 0
ORDER BY best.level DESC, u.username COLLATE "C"
OFFSET $6 LIMIT $7;

-- The direct membership, locked.
-- name: member_lock :find
-- in: user_id int8, namespace_id int8?, project_id int8?
-- out: id int8, level int4
SELECT id, level FROM member
WHERE user_id = $1 AND (namespace_id = $2 OR project_id = $3)
FOR UPDATE;
