-- Jobs as they are read. Lists find ids first and then read those rows.

-- name: job_ids_of_pipeline :many
-- in: project_id int8, pipeline_id int8, with_retried bool
-- out: id int8
SELECT id FROM job
WHERE project_id = $1 AND pipeline_id = $2 AND (is_latest OR $3)
ORDER BY stage_index, position, id DESC;

-- An empty array of statuses is any.
-- name: job_ids :many
-- in: project_id int8, statuses text[], skip int8, take int4
-- out: id int8
SELECT id FROM job
WHERE project_id = $1 AND (cardinality($2) = 0 OR status = ANY ($2))
ORDER BY id DESC
OFFSET $3 LIMIT $4;

-- In the order of the ids.
-- name: job_by_ids :many
-- in: project_id int8, ids int8[]
-- out: id int8, pipeline_id int8, name text, stage text, stage_index int4, status text, run_when text
-- out: allow_failure bool, has_needs bool, needs text[], tags text[], is_protected bool
-- out: environment text?, environment_action text?, resource_group text?, timeout int4, attempt int4
-- out: retried_from int8?, is_latest bool, failure_reason text?, failure_message text?, exit_code int4?, trace_length int8
-- out: runner_id int8?, runner_description text?, runner_kind text?, runner_is_paused bool?
-- out: version text?, platform text?, architecture text?, executor text?, ip text?, contacted_at timestamptz?
-- out: user_id int8?, username text?, user_name text?
-- out: created_at timestamptz, queued_at timestamptz?, scheduled_at timestamptz?
-- out: started_at timestamptz?, finished_at timestamptz?, running_seconds float8, queued_seconds float8
-- out: pipeline_iid int8, source text, ref text, ref_name text, sha text, is_tag bool
-- out: pipeline_status text, pipeline_created_at timestamptz, pipeline_updated_at timestamptz
SELECT j.id, j.pipeline_id, j.name, j.stage, j.stage_index, j.status, j.run_when,
	j.allow_failure, j.has_needs, j.needs, j.tags, j.is_protected,
	j.environment, j.environment_action, j.resource_group, j.timeout, j.attempt,
	j.retried_from, j.is_latest, j.failure_reason, j.failure_message, j.exit_code, j.trace_length,
	r.id, r.description, r.kind, r.is_paused,
	m.version, m.platform, m.architecture, m.executor, m.ip, m.contacted_at,
	j.user_id, u.username, u.name,
	j.created_at, j.queued_at, j.scheduled_at, j.started_at, j.finished_at,
	coalesce(extract(epoch FROM coalesce(j.finished_at, now()) - j.started_at), 0)::float8,
	coalesce(extract(epoch FROM coalesce(j.started_at, j.finished_at, now()) - j.queued_at), 0)::float8,
	p.iid, p.source, p.ref, p.ref_name, p.sha, p.is_tag, p.status, p.created_at, p.updated_at
FROM unnest($2) WITH ORDINALITY AS wanted (id, place)
JOIN job j ON j.id = wanted.id AND j.project_id = $1
JOIN pipeline p ON p.id = j.pipeline_id
LEFT JOIN runner r ON r.id = j.runner_id
LEFT JOIN runner_manager m ON m.id = j.manager_id
LEFT JOIN users u ON u.id = j.user_id
ORDER BY wanted.place;

-- What must end before this job is decided, first things first.
-- name: job_blockers :many
-- in: id int8
-- out: name text, stage text
SELECT b.name, b.stage
FROM job j
JOIN job b ON b.pipeline_id = j.pipeline_id AND b.is_latest
WHERE j.id = $1 AND b.status NOT IN ('success', 'failed', 'canceled', 'skipped')
	AND NOT (b.status = 'manual' AND b.allow_failure)
	AND CASE WHEN j.has_needs THEN b.name = ANY (j.needs) ELSE b.stage_index < j.stage_index END
ORDER BY b.stage_index, b.position
LIMIT 20;

-- The job that must end before a pending one may be claimed: of its resource group, or one that
-- works on its environment.
-- name: job_holder :find
-- in: id int8
-- out: is_environment bool
SELECT j.resource_group IS NULL OR h.resource_group IS DISTINCT FROM j.resource_group
FROM job j
JOIN job h ON h.project_id = j.project_id AND h.id <> j.id AND h.status IN ('running', 'canceling')
	AND (h.resource_group = j.resource_group OR (h.environment = j.environment
		AND j.environment_action IN ('start', 'stop') AND h.environment_action IN ('start', 'stop')))
WHERE j.id = $1
ORDER BY 1
LIMIT 1;

-- Of the runners that serve the project of a pending job: how many are left by each condition.
-- name: job_runners_left :find
-- in: id int8, online_seconds int4
-- out: is_archived bool, serving int8, with_tags int8, with_right int8, awake int8, seen int8
-- out: last_seen timestamptz?, is_online bool, jobs_before int8
SELECT of.is_archived, count(r.id),
	count(r.id) FILTER (WHERE r.has_tags),
	count(r.id) FILTER (WHERE r.has_tags AND r.has_right),
	count(r.id) FILTER (WHERE r.has_tags AND r.has_right AND NOT r.is_paused),
	count(r.seen_at) FILTER (WHERE r.has_tags AND r.has_right AND NOT r.is_paused),
	max(r.seen_at) FILTER (WHERE r.has_tags AND r.has_right AND NOT r.is_paused),
	coalesce(max(r.seen_at) FILTER (WHERE r.has_tags AND r.has_right AND NOT r.is_paused)
		> now() - $2 * interval '1 second', false),
	(SELECT count(*) FROM job b WHERE b.project_id = of.project_id AND b.status = 'pending'
		AND (b.priority > of.priority OR (b.priority = of.priority AND b.id < of.id)))
FROM (
	SELECT j.id, j.project_id, j.priority, j.tags, j.is_protected, n.lineage,
		p.archived_at IS NOT NULL AS is_archived
	FROM job j JOIN project p ON p.id = j.project_id JOIN namespace n ON n.id = p.namespace_id
	WHERE j.id = $1) of
LEFT JOIN LATERAL (
	SELECT x.id, x.is_paused, of.tags <@ x.tags AND (x.run_untagged OR cardinality(of.tags) > 0) AS has_tags,
		of.is_protected OR NOT x.is_protected AS has_right,
		(SELECT max(m.contacted_at) FROM runner_manager m WHERE m.runner_id = x.id) AS seen_at
	FROM runner x
	WHERE x.kind = 'instance' OR x.project_id = of.project_id OR x.namespace_id = ANY (of.lineage)) r ON true
GROUP BY of.id, of.project_id, of.priority, of.is_archived;
