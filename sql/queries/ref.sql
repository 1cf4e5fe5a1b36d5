-- The last recorded value of every ref.

-- name: ref_record :exec
-- in: project_id int8, push_id int8, names text[], oids text[]
INSERT INTO ref (project_id, name, oid, push_id)
SELECT $1, r.name, r.oid, $2
FROM unnest($3::text[], $4::text[]) AS r (name, oid)
WHERE r.oid <> repeat('0', 40)
ON CONFLICT (project_id, name) DO UPDATE SET oid = excluded.oid, push_id = excluded.push_id;

-- name: ref_forget :exec
-- in: project_id int8, names text[]
DELETE FROM ref WHERE project_id = $1 AND name = ANY ($2::text[]);

-- In the order of bytes, as a scan of the disk gives them.
-- name: ref_list :many
-- in: project_id int8
-- out: name text, oid text
SELECT name, oid FROM ref WHERE project_id = $1 ORDER BY name COLLATE "C";

-- name: ref_find :find
-- in: project_id int8, name text
-- out: oid text
SELECT oid FROM ref WHERE project_id = $1 AND name = $2;

-- Below a folder of our own: "refs/merge-requests/3/".
-- name: ref_below :many
-- in: project_id int8, folder text, most int4
-- out: name text, oid text
SELECT name, oid FROM ref WHERE project_id = $1 AND starts_with(name, $2) ORDER BY name LIMIT $3;
