-- Protected branches and tags.

-- name: protected_ref_list :many
-- in: project_id int8
-- out: id int8, kind text, pattern text, push_level int4, merge_level int4, force_level int4
-- out: created_at timestamptz
SELECT id, kind, pattern, push_level, merge_level, force_level, created_at
FROM protected_ref
WHERE project_id = $1
ORDER BY kind, pattern COLLATE "C";

-- name: protected_ref_add :one
-- in: project_id int8, kind text, pattern text, push_level int4, merge_level int4, force_level int4
-- out: id int8, created_at timestamptz
INSERT INTO protected_ref (project_id, kind, pattern, push_level, merge_level, force_level)
VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id, created_at;

-- name: protected_ref_update :find
-- in: project_id int8, id int8, push_level int4, merge_level int4, force_level int4
-- out: kind text, pattern text
UPDATE protected_ref SET push_level = $3, merge_level = $4, force_level = $5
WHERE project_id = $1 AND id = $2
RETURNING kind, pattern;

-- name: protected_ref_remove :find
-- in: project_id int8, id int8
-- out: kind text, pattern text
DELETE FROM protected_ref WHERE project_id = $1 AND id = $2 RETURNING kind, pattern;
