-- Runners as people read and change them.

-- What is null or empty asks for nothing. The host is the one heard last. kept_by: whoever is
-- maintainer where the runner belongs, that is in its project, its group or above.
-- name: runner_view_list :many
-- in: id int8?, project_id int8?, namespace_id int8?, kind text?, serves int8?, tags text[], state text?
-- in: is_paused bool?, online_seconds int4, stale_seconds int4, skip int8, take int4, kept_by int8?
-- out: id int8, kind text, namespace_id int8?, project_id int8?, description text, tags text[]
-- out: run_untagged bool, is_protected bool, is_paused bool, is_locked bool, maximum_timeout int4?
-- out: maintenance_note text, created_at timestamptz, contacted_at timestamptz?, state text
-- out: version text?, platform text?, architecture text?, executor text?, ip text?
-- out: managers int8, busy int8, place text?, total int8
SELECT r.id, r.kind, r.namespace_id, r.project_id, r.description, r.tags,
	r.run_untagged, r.is_protected, r.is_paused, r.is_locked, r.maximum_timeout,
	r.maintenance_note, r.created_at, r.contacted_at, r.state,
	r.version, r.platform, r.architecture, r.executor, r.ip,
	(SELECT count(*) FROM runner_manager m WHERE m.runner_id = r.id),
	(SELECT count(*) FROM job j WHERE j.runner_id = r.id AND j.lease_until IS NOT NULL),
	a.path, count(*) OVER ()
FROM (
	SELECT x.*, m.contacted_at, m.version, m.platform, m.architecture, m.executor, m.ip,
		CASE WHEN m.contacted_at IS NULL THEN 'never_contacted'
			WHEN m.contacted_at < now() - $10 * interval '1 second' THEN 'stale'
			WHEN m.contacted_at < now() - $9 * interval '1 second' THEN 'offline'
			ELSE 'online' END AS state
	FROM runner x
	LEFT JOIN LATERAL (
		SELECT contacted_at, version, platform, architecture, executor, ip FROM runner_manager
		WHERE runner_id = x.id ORDER BY contacted_at DESC LIMIT 1) m ON true) r
LEFT JOIN address a ON NOT a.is_old AND (a.project_id = r.project_id OR a.namespace_id = r.namespace_id)
WHERE ($1::int8 IS NULL OR r.id = $1)
	AND ($2::int8 IS NULL OR r.project_id = $2)
	AND ($3::int8 IS NULL OR r.namespace_id = $3)
	AND ($4::text IS NULL OR r.kind = $4)
	AND ($5::int8 IS NULL OR r.kind = 'instance' OR r.project_id = $5 OR r.namespace_id = ANY (
		SELECT unnest(n.lineage) FROM project p JOIN namespace n ON n.id = p.namespace_id WHERE p.id = $5))
	AND $6 <@ r.tags
	AND ($7::text IS NULL OR r.state = $7)
	AND ($8::bool IS NULL OR r.is_paused = $8)
	AND ($13::int8 IS NULL OR EXISTS (
		SELECT FROM namespace n LEFT JOIN project p ON p.id = r.project_id
		WHERE n.id = coalesce(r.namespace_id, p.namespace_id)
			AND n.lineage && (SELECT member_namespaces($13, 40)))
		OR EXISTS (
		SELECT FROM member m WHERE m.project_id = r.project_id AND m.user_id = $13 AND m.level >= 40
			AND (m.expires_at IS NULL OR m.expires_at > now())))
ORDER BY CASE r.kind WHEN 'project' THEN 0 WHEN 'group' THEN 1 ELSE 2 END, r.id DESC
OFFSET $11 LIMIT $12;

-- name: runner_hosts :many
-- in: runner_id int8, online_seconds int4, stale_seconds int4
-- out: id int8, system_id text, version text, platform text, architecture text, executor text, ip text
-- out: created_at timestamptz, contacted_at timestamptz, state text
SELECT id, system_id, version, platform, architecture, executor, ip, created_at, contacted_at,
	CASE WHEN contacted_at < now() - $3 * interval '1 second' THEN 'stale'
		WHEN contacted_at < now() - $2 * interval '1 second' THEN 'offline'
		ELSE 'online' END
FROM runner_manager
WHERE runner_id = $1
ORDER BY contacted_at DESC
LIMIT 100;

-- name: runner_for_change :find
-- in: id int8
-- out: description text, tags text[], run_untagged bool, is_protected bool, is_paused bool, is_locked bool
-- out: maximum_timeout int4?, maintenance_note text, namespace_id int8?, project_id int8?
SELECT description, tags, run_untagged, is_protected, is_paused, is_locked, maximum_timeout, maintenance_note,
	namespace_id, project_id
FROM runner WHERE id = $1 FOR UPDATE;

-- name: runner_update :exec
-- in: id int8, description text, tags text[], run_untagged bool, is_protected bool, is_paused bool
-- in: is_locked bool, maximum_timeout int4?, maintenance_note text
UPDATE runner SET description = $2, tags = $3, run_untagged = $4, is_protected = $5, is_paused = $6,
	is_locked = $7, maximum_timeout = $8, maintenance_note = $9
WHERE id = $1;
