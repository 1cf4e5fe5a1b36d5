-- Jobs: made with their pipeline, claimed by runners, ended once.

-- name: job_add :one
-- in: project_id int8, pipeline_id int8, name text, stage text, stage_index int4, position int4
-- in: run_when text, start_in int4, allow_failure bool, allow_failure_codes int8[]
-- in: has_needs bool, needs text[], artifacts_of text[], tags text[]
-- in: is_protected bool, is_interruptible bool, timeout int4
-- in: retry_max int4, retry_when text[], retry_codes int8[]
-- in: environment text?, environment_action text?, resource_group text?, options text, user_id int8?
-- out: id int8
INSERT INTO job (project_id, pipeline_id, name, stage, stage_index, position, status, run_when, start_in,
	allow_failure, allow_failure_codes, has_needs, needs, artifacts_of, tags, is_protected, is_interruptible,
	timeout, retry_max, retry_when, retry_codes, environment, environment_action, resource_group, options, user_id)
VALUES ($1, $2, $3, $4, $5, $6, 'created', $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
	$21, $22, $23, $24, $25)
RETURNING id;

-- The latest job of each name, in the order of the plan.
-- name: job_states :many
-- in: pipeline_id int8
-- out: id int8, name text, status text, run_when text, start_in int4, allow_failure bool
-- out: stage_index int4, has_needs bool, needs text[], has_environment bool
SELECT id, name, status, run_when, start_in, allow_failure, stage_index, has_needs, needs, environment IS NOT NULL
FROM job
WHERE pipeline_id = $1 AND is_latest
ORDER BY stage_index, position, id;

-- The only way a job's state changes besides claim and end: compare and set.
-- name: job_set_status :exec
-- in: id int8, from_status text, status text, start_in int4
UPDATE job SET status = $3,
	queued_at = CASE WHEN $3 = 'pending' THEN now() ELSE queued_at END,
	scheduled_at = CASE WHEN $3 = 'scheduled' THEN now() + $4 * interval '1 second' END,
	finished_at = CASE WHEN $3 IN ('skipped', 'canceled') THEN now() END
WHERE id = $1 AND status = $2;

-- What never gets a runner: it is refused, overtaken, or nobody came for it.
-- name: job_refuse :exec
-- in: id int8, from_status text, status text, failure_reason text?, failure_message text?
UPDATE job SET status = $3, failure_reason = $4, failure_message = $5, finished_at = now(), scheduled_at = NULL
WHERE id = $1 AND status = $2;

-- A person starts it, and answers for it.
-- name: job_set_starter :exec
-- in: id int8, user_id int8?
UPDATE job SET is_deliberate = true, user_id = coalesce($2, user_id) WHERE id = $1;

-- The heads of the queue that a runner may run: of every group of alike jobs (job_group) the
-- best few, the project with the fewest running jobs first. A job whose resource group or
-- environment another job holds is no candidate until that one ends.
-- name: job_candidates :many
-- in: tags text[], run_untagged bool, is_protected bool, project_id int8?, namespace_id int8?
-- out: id int8, pipeline_id int8, has_environment bool
SELECT head.id, head.pipeline_id, head.has_environment
FROM job_group g
JOIN project p ON p.id = g.project_id AND p.deleted_at IS NULL AND p.archived_at IS NULL
JOIN namespace n ON n.id = p.namespace_id
CROSS JOIN LATERAL (
	SELECT j.id, j.pipeline_id, j.priority, j.environment IS NOT NULL AS has_environment FROM job j
	WHERE j.status = 'pending' AND j.project_id = g.project_id
		AND hash_array_extended(j.tags, 0) = g.tag_set AND j.is_protected = g.is_protected
		AND (coalesce(j.resource_group, '') = '' OR NOT EXISTS (
			SELECT FROM job h WHERE h.project_id = j.project_id AND h.status IN ('running', 'canceling')
				AND h.resource_group = j.resource_group))
		AND (j.environment IS NULL OR j.environment_action NOT IN ('start', 'stop') OR NOT EXISTS (
			SELECT FROM job h WHERE h.project_id = j.project_id AND h.status IN ('running', 'canceling')
				AND h.environment = j.environment AND h.environment_action IN ('start', 'stop')))
	ORDER BY j.priority DESC, j.id LIMIT 8) head
CROSS JOIN LATERAL (
	SELECT count(*) AS count FROM job b
	WHERE b.project_id = g.project_id AND b.status IN ('running', 'canceling')) busy
WHERE g.tags <@ $1 AND ($2 OR cardinality(g.tags) > 0) AND (g.is_protected OR NOT $3)
	AND ($4::int8 IS NULL OR g.project_id = $4)
	AND ($5::int8 IS NULL OR $5 = ANY (n.lineage))
ORDER BY busy.count, head.priority DESC, head.id
LIMIT 32;

-- After the pipeline is locked: the job is still pending and nobody else is at it.
-- name: job_claim :find
-- in: id int8, runner_id int8, manager_id int8?, token_sha256 bytea, lease_seconds int4
-- out: project_id int8, name text, stage text, timeout int4, options text, user_id int8?, queued_seconds float8
-- out: is_exclusive bool
UPDATE job SET status = 'running', runner_id = $2, manager_id = $3, token_sha256 = $4,
	lease_until = now() + $5 * interval '1 second', started_at = now(), has_reported = false
WHERE id = (SELECT id FROM job WHERE id = $1 AND status = 'pending' FOR UPDATE SKIP LOCKED)
RETURNING project_id, name, stage, timeout, options, user_id,
	extract(epoch FROM now() - queued_at)::float8,
	coalesce(environment_action IN ('start', 'stop'), false) OR coalesce(resource_group, '') <> '';

-- Whose token this is; status tells whether it still counts.
-- name: job_by_token :find
-- in: id int8, token_sha256 bytea
-- out: project_id int8, pipeline_id int8, status text, failure_reason text?, user_id int8?
SELECT project_id, pipeline_id, status, failure_reason, user_id FROM job WHERE id = $1 AND token_sha256 = $2;

-- Only the holder of the lease, and only while it holds it.
-- name: job_renew_lease :find
-- in: id int8, token_sha256 bytea, lease_seconds int4
-- out: status text
UPDATE job SET lease_until = now() + $3 * interval '1 second', has_reported = true
WHERE id = $1 AND token_sha256 = $2 AND status IN ('running', 'canceling')
RETURNING status;

-- is_exclusive: others may wait for what it held.
-- name: job_finish :find
-- in: id int8, token_sha256 bytea, status text, failure_reason text?, exit_code int4?
-- out: status text, is_exclusive bool
UPDATE job SET lease_until = NULL, finished_at = now(),
	status = CASE WHEN status = 'canceling' THEN 'canceled' ELSE $3 END,
	failure_reason = CASE WHEN status = 'canceling' THEN NULL ELSE $4 END,
	exit_code = $5,
	allow_failure = allow_failure OR coalesce($5 = ANY (allow_failure_codes), false)
WHERE id = $1 AND token_sha256 = $2 AND status IN ('running', 'canceling')
RETURNING status, environment IS NOT NULL OR coalesce(resource_group, '') <> '';

-- How many jobs wait for the resource group or environment that this one held.
-- name: job_waiters :one
-- in: id int8
-- out: count int8
SELECT count(*) FROM job held
JOIN job w ON w.project_id = held.project_id AND w.status = 'pending' AND w.id <> held.id
	AND ((held.resource_group <> '' AND w.resource_group = held.resource_group)
		OR (held.environment_action IN ('start', 'stop') AND w.environment = held.environment))
WHERE held.id = $1;

-- A lapsed lease, under the pipeline's lock. A claim from which no report ever came goes back to
-- the queue, unless it deploys; what did report has failed.
-- name: job_lapse :find
-- in: id int8
-- out: status text, is_exclusive bool
UPDATE job SET lease_until = NULL,
	status = CASE WHEN status = 'canceling' THEN 'canceled'
		WHEN NOT has_reported AND environment IS NULL THEN 'pending' ELSE 'failed' END,
	token_sha256 = CASE WHEN NOT has_reported AND environment IS NULL AND status = 'running' THEN NULL
		ELSE token_sha256 END,
	failure_reason = CASE WHEN status = 'running' AND (has_reported OR environment IS NOT NULL)
		THEN 'stuck_or_timeout_failure' END,
	finished_at = CASE WHEN status = 'running' AND NOT has_reported AND environment IS NULL THEN NULL
		ELSE now() END,
	started_at = CASE WHEN status = 'running' AND NOT has_reported AND environment IS NULL THEN NULL
		ELSE started_at END
WHERE id = $1 AND lease_until < now() - interval '15 seconds'
RETURNING status, environment IS NOT NULL OR coalesce(resource_group, '') <> '';

-- When the forge may have been away nobody could renew a lease: each begins anew.
-- name: job_lease_after_outage :exec
UPDATE job SET lease_until = now() + interval '60 seconds'
WHERE lease_until < now() + interval '60 seconds';

-- name: job_lapsed :many
-- out: id int8, pipeline_id int8, project_id int8
SELECT id, pipeline_id, project_id FROM job WHERE lease_until < now() - interval '15 seconds' ORDER BY lease_until LIMIT 100;

-- name: job_due :many
-- out: id int8, pipeline_id int8, project_id int8
SELECT id, pipeline_id, project_id FROM job WHERE status = 'scheduled' AND scheduled_at <= now() ORDER BY scheduled_at LIMIT 100;

-- A running job is asked to end; whatever else is not over is over at once.
-- name: job_cancel :find
-- in: id int8
-- out: status text
UPDATE job SET
	status = CASE WHEN status = 'running' THEN 'canceling' ELSE 'canceled' END,
	finished_at = CASE WHEN status = 'running' THEN NULL ELSE now() END
WHERE id = $1 AND status IN ('created', 'waiting_for_resource', 'preparing', 'pending', 'running', 'manual', 'scheduled')
RETURNING status;

-- The same for a whole pipeline; only_interruptible: of what runs or waits, no deployment under way.
-- name: job_cancel_all :many
-- in: pipeline_id int8, only_interruptible bool
-- out: id int8, status text
UPDATE job SET
	status = CASE WHEN status = 'running' THEN 'canceling' ELSE 'canceled' END,
	finished_at = CASE WHEN status = 'running' THEN NULL ELSE now() END
WHERE pipeline_id = $1
	AND status IN ('created', 'waiting_for_resource', 'preparing', 'pending', 'running', 'manual', 'scheduled')
	AND (NOT $2 OR (is_interruptible
		AND NOT (status = 'running' AND environment IS NOT NULL AND environment_action = 'start')))
RETURNING id, status;

-- workflow:auto_cancel:on_job_failure: one failed for good, so the others need not go on.
-- name: job_cancel_others :exec
-- in: id int8
UPDATE job SET
	status = CASE WHEN job.status = 'running' THEN 'canceling' ELSE 'canceled' END,
	finished_at = CASE WHEN job.status = 'running' THEN NULL ELSE now() END
FROM job f JOIN pipeline p ON p.id = f.pipeline_id AND p.cancels_on_failure
WHERE f.id = $1 AND f.status = 'failed' AND f.is_latest AND NOT f.allow_failure
	AND job.pipeline_id = f.pipeline_id AND job.id <> f.id
	AND job.status IN ('created', 'waiting_for_resource', 'preparing', 'pending', 'running', 'manual', 'scheduled');

-- The same job once more; the old row is no longer the latest of its name.
-- name: job_retry :find
-- in: id int8, user_id int8?, attempt int4, is_deliberate bool
-- out: id int8
WITH old AS (
	UPDATE job SET is_latest = false
	WHERE id = $1 AND is_latest AND status IN ('success', 'failed', 'canceled')
	RETURNING *
)
INSERT INTO job (project_id, pipeline_id, name, stage, stage_index, position, status, run_when, start_in,
	allow_failure, allow_failure_codes, has_needs, needs, artifacts_of, tags, is_protected, is_interruptible,
	priority, timeout, retry_max, retry_when, retry_codes, environment, environment_action, resource_group,
	options, retried_from, attempt, is_deliberate, user_id)
SELECT project_id, pipeline_id, name, stage, stage_index, position, 'created', run_when, start_in,
	allow_failure AND cardinality(allow_failure_codes) = 0, allow_failure_codes, has_needs, needs, artifacts_of,
	tags, is_protected, is_interruptible, priority, timeout, retry_max, retry_when, retry_codes, environment,
	environment_action, resource_group, options, id, $3, is_deliberate OR $4, coalesce($2, user_id)
FROM old
RETURNING id;

-- name: job_retry_rule :find
-- in: id int8
-- out: retry_max int4, retry_when text[], retry_codes int8[], attempt int4, failure_reason text?, exit_code int4?
-- out: environment text?
SELECT retry_max, retry_when, retry_codes, attempt, failure_reason, exit_code, environment FROM job WHERE id = $1;

-- name: job_place :find
-- in: id int8
-- out: pipeline_id int8, project_id int8, status text, name text, run_when text
SELECT pipeline_id, project_id, status, name, run_when FROM job WHERE id = $1;

-- What was skipped and comes after this job is created again, so that it is decided anew.
-- name: job_reconsider :exec
-- in: id int8
UPDATE job SET status = 'created', finished_at = NULL, failure_reason = NULL, failure_message = NULL
FROM job again
WHERE again.id = $1 AND job.pipeline_id = again.pipeline_id AND job.is_latest AND job.status = 'skipped'
	AND (job.has_needs OR job.stage_index > again.stage_index);
