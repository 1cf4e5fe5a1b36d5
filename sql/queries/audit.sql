-- The audit log.

-- name: audit_add :exec
-- in: act text, actor_kind text, actor_user_id int8?, actor_name text?, credential text?, ip text?
-- in: request_id text?, object_kind text, object_id int8?, object text?, project_id int8?
-- in: namespace_id int8?, detail jsonb
INSERT INTO audit_event (act, actor_kind, actor_user_id, actor_name, credential, ip,
	request_id, object_kind, object_id, object, project_id, namespace_id, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);
