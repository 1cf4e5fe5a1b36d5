-- Pipelines as they are read. Lists find ids first, over the bare table, and then read those rows.

-- An empty array of statuses is any.
-- name: pipeline_ids :many
-- in: project_id int8, statuses text[], ref_name text?, source text?, sha text?, username text?, name text?
-- in: is_tag bool?, has_invalid_file bool, updated_after timestamptz?, updated_before timestamptz?
-- in: skip int8, take int4
-- out: id int8
SELECT p.id
FROM pipeline p
WHERE p.project_id = $1
	AND (cardinality($2) = 0 OR p.status = ANY ($2))
	AND ($3::text IS NULL OR p.ref_name = $3)
	AND ($4::text IS NULL OR p.source = $4)
	AND ($5::text IS NULL OR p.sha = $5)
	AND ($6::text IS NULL OR p.user_id = (SELECT u.id FROM users u WHERE lower(u.username COLLATE "C") = lower($6 COLLATE "C")))
	AND ($7::text IS NULL OR p.name = $7)
	AND ($8::bool IS NULL OR p.is_tag = $8)
	AND (NOT $9 OR p.config_error IS NOT NULL)
	AND ($10::timestamptz IS NULL OR p.updated_at > $10)
	AND ($11::timestamptz IS NULL OR p.updated_at < $11)
ORDER BY p.iid DESC
OFFSET $12 LIMIT $13;

-- Counts no further than `most`.
-- name: pipeline_count :one
-- in: project_id int8, statuses text[], ref_name text?, source text?, sha text?, username text?, name text?
-- in: is_tag bool?, has_invalid_file bool, updated_after timestamptz?, updated_before timestamptz?
-- in: most int8
-- out: count int8
SELECT count(*) FROM (
	SELECT 1 FROM pipeline p
	WHERE p.project_id = $1
		AND (cardinality($2) = 0 OR p.status = ANY ($2))
		AND ($3::text IS NULL OR p.ref_name = $3)
		AND ($4::text IS NULL OR p.source = $4)
		AND ($5::text IS NULL OR p.sha = $5)
		AND ($6::text IS NULL OR p.user_id = (SELECT u.id FROM users u WHERE lower(u.username COLLATE "C") = lower($6 COLLATE "C")))
		AND ($7::text IS NULL OR p.name = $7)
		AND ($8::bool IS NULL OR p.is_tag = $8)
		AND (NOT $9 OR p.config_error IS NOT NULL)
		AND ($10::timestamptz IS NULL OR p.updated_at > $10)
		AND ($11::timestamptz IS NULL OR p.updated_at < $11)
	LIMIT $12) AS found;

-- In the order of the ids. The time that its jobs ran is that of the union of their times.
-- name: pipeline_by_ids :many
-- in: project_id int8, ids int8[]
-- out: id int8, iid int8, source text, ref text, ref_name text, is_tag bool, is_protected bool
-- out: sha text, before_sha text, status text, has_warnings bool, name text?
-- out: user_id int8?, username text?, user_name text?
-- out: config_error text?, config_file text?, config_line int4?, config_column int4?, jobs int8
-- out: created_at timestamptz, updated_at timestamptz, started_at timestamptz?, finished_at timestamptz?
-- out: running_seconds float8, queued_seconds float8
SELECT p.id, p.iid, p.source, p.ref, p.ref_name, p.is_tag, p.is_protected,
	p.sha, p.before_sha, p.status, p.status = 'success' AND coalesce(of.has_warnings, false), p.name,
	p.user_id, u.username, u.name,
	p.config_error, p.config_file, p.config_line, p.config_column, of.jobs,
	p.created_at, p.updated_at, p.started_at, p.finished_at,
	coalesce((SELECT sum(extract(epoch FROM upper(r) - lower(r))) FROM unnest(of.times) AS r), 0)::float8,
	extract(epoch FROM coalesce(p.started_at, p.finished_at, now()) - p.created_at)::float8
FROM unnest($2) WITH ORDINALITY AS wanted (id, place)
JOIN pipeline p ON p.id = wanted.id AND p.project_id = $1
LEFT JOIN users u ON u.id = p.user_id
CROSS JOIN LATERAL (
	SELECT count(*) FILTER (WHERE j.is_latest) AS jobs,
		bool_or(j.is_latest AND j.allow_failure AND j.status IN ('failed', 'canceled')) AS has_warnings,
		range_agg(tstzrange(j.started_at, greatest(j.started_at, coalesce(j.finished_at, now()))))
			FILTER (WHERE j.started_at IS NOT NULL) AS times
	FROM job j WHERE j.pipeline_id = p.id) of
ORDER BY wanted.place;

-- name: pipeline_latest_id :find
-- in: project_id int8, ref text
-- out: id int8
SELECT id FROM pipeline WHERE project_id = $1 AND ref = $2 ORDER BY id DESC LIMIT 1;

-- name: pipeline_of_commits :many
-- in: project_id int8, shas text[]
-- out: key text, id int8, status text, has_warnings bool
SELECT wanted.sha, last.id, last.status, last.status = 'success' AND EXISTS (
		SELECT FROM job j WHERE j.pipeline_id = last.id AND j.is_latest AND j.allow_failure
			AND j.status IN ('failed', 'canceled'))
FROM unnest($2) AS wanted (sha)
CROSS JOIN LATERAL (
	SELECT p.id, p.status FROM (
		SELECT id, status FROM pipeline WHERE project_id = $1 AND sha = wanted.sha
		UNION ALL
		SELECT id, status FROM pipeline WHERE project_id = $1 AND source_sha = wanted.sha) p
	ORDER BY p.id DESC LIMIT 1) last;

-- name: pipeline_of_refs :many
-- in: project_id int8, refs text[]
-- out: key text, id int8, status text, has_warnings bool
SELECT wanted.ref, last.id, last.status, last.status = 'success' AND EXISTS (
		SELECT FROM job j WHERE j.pipeline_id = last.id AND j.is_latest AND j.allow_failure
			AND j.status IN ('failed', 'canceled'))
FROM unnest($2) AS wanted (ref)
CROSS JOIN LATERAL (
	SELECT p.id, p.status FROM pipeline p WHERE p.project_id = $1 AND p.ref = wanted.ref
	ORDER BY p.id DESC LIMIT 1) last;
