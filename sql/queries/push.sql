-- Pushes: written by domain/landing.c, read by domain/push.c.

-- name: push_next_id :one
-- out: id int8
SELECT nextval(pg_get_serial_sequence('push', 'id'));

-- name: push_exists :find
-- in: id int8
-- out: project_id int8
SELECT project_id FROM push WHERE id = $1;

-- The first statement of every landing: it locks the project's row.
-- name: push_mark_project :exec
-- in: project_id int8
UPDATE project
SET unsettled = unsettled + 1, generation = generation + 1, pushed_at = now(), last_activity_at = now()
WHERE id = $1 AND deleted_at IS NULL;

-- name: push_insert :exec
-- in: id int8, project_id int8, user_id int8?, source text, request_id text, options text[]
INSERT INTO push (id, project_id, user_id, source, request_id, options)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: push_insert_refs :exec
-- in: push_id int8, names text[], old_oids text[], new_oids text[], forced int8[]
INSERT INTO push_ref (push_id, position, name, old_oid, new_oid, is_forced)
SELECT $1, r.position, r.name, r.old_oid, r.new_oid, r.forced <> 0
FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) WITH ORDINALITY
	AS r (name, old_oid, new_oid, forced, position);

-- name: push_settle :exec
-- in: push_id int8
WITH done AS (
	UPDATE push SET settled_at = now() WHERE id = $1 AND settled_at IS NULL RETURNING project_id
)
UPDATE project SET unsettled = unsettled - 1 FROM done WHERE project.id = done.project_id;

-- name: push_settle_project :exec
-- in: project_id int8
WITH done AS (
	UPDATE push SET settled_at = now() WHERE project_id = $1 AND settled_at IS NULL RETURNING 1
)
UPDATE project SET unsettled = unsettled - (SELECT count(*)::integer FROM done) WHERE id = $1;

-- name: push_unsettled_refs :many
-- in: project_id int8
-- out: name text, oid text?
SELECT DISTINCT pr.name, r.oid
FROM push p
JOIN push_ref pr ON pr.push_id = p.id
LEFT JOIN ref r ON r.project_id = p.project_id AND r.name = pr.name
WHERE p.project_id = $1 AND p.settled_at IS NULL
ORDER BY pr.name;

-- name: push_unsettled_projects :many
-- out: id int8
SELECT id FROM project WHERE unsettled > 0 AND deleted_at IS NULL ORDER BY id LIMIT 1000;

-- name: push_by_id :one
-- in: project_id int8, id int8
-- out: id int8, user_id int8?, username text?, source text, created_at timestamptz
SELECT p.id, p.user_id, u.username, p.source, p.created_at
FROM push p
LEFT JOIN users u ON u.id = p.user_id
WHERE p.project_id = $1 AND p.id = $2;

-- name: push_list :many
-- in: project_id int8, skip int8, count int4
-- out: id int8, user_id int8?, username text?, source text, created_at timestamptz
SELECT p.id, p.user_id, u.username, p.source, p.created_at
FROM push p
LEFT JOIN users u ON u.id = p.user_id
WHERE p.project_id = $1
ORDER BY p.id DESC
OFFSET $2 LIMIT $3;

-- name: push_refs :many
-- in: push_ids int8[]
-- out: push_id int8, name text, old_oid text, new_oid text, is_forced bool
SELECT push_id, name, old_oid, new_oid, is_forced
FROM push_ref
WHERE push_id = ANY ($1::bigint[])
ORDER BY push_id DESC, position;

-- name: push_is_first :one
-- in: project_id int8, id int8
-- out: is_first bool
SELECT NOT EXISTS (SELECT 1 FROM push WHERE project_id = $1 AND id < $2);
