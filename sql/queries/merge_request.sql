-- Merge requests: rows, versions, people and approvals.

-- name: merge_request_by_iid :find
-- in: project_id int8, iid int8
-- out: id int8, project_id int8, project_path text, iid int8, source_project_id int8?, source_branch text
-- out: target_branch text, title text, description text, state text, is_draft bool, labels text[]
-- out: author_id int8?, author_username text?, author_name text?
-- out: assignee_ids int8[], assignee_usernames text[], assignee_names text[]
-- out: reviewer_ids int8[], reviewer_usernames text[], reviewer_names text[]
-- out: head_sha text, base_sha text?, start_sha text?, source_sha text?, target_sha text?, last_version int8
-- out: merge_check text, conflicts text[], is_behind bool, tree_is_tested bool, squash bool, remove_source bool
-- out: open_threads int4, notes int4
-- out: auto_merge_by int8?, auto_merge_username text?, auto_merge_name text?, merge_error text?
-- out: merge_sha text?, squash_sha text?, merged_from text?, merged_to text?
-- out: merged_by int8?, merged_by_username text?, merged_by_name text?
-- out: closed_by int8?, closed_by_username text?, closed_by_name text?
-- out: merged_at timestamptz?, closed_at timestamptz?, created_at timestamptz, updated_at timestamptz
-- out: source_project_path text?
SELECT id, project_id, project_path, iid, source_project_id, source_branch,
	target_branch, title, description, state, is_draft, labels,
	author_id, author_username, author_name,
	assignee_ids, assignee_usernames, assignee_names,
	reviewer_ids, reviewer_usernames, reviewer_names,
	head_sha, base_sha, start_sha, source_sha, target_sha, last_version,
	merge_check, conflicts, is_behind, tree_is_tested, squash, remove_source,
	open_threads, notes,
	auto_merge_by, auto_merge_username, auto_merge_name, merge_error,
	merge_sha, squash_sha, merged_from, merged_to,
	merged_by, merged_by_username, merged_by_name,
	closed_by, closed_by_username, closed_by_name,
	merged_at, closed_at, created_at, updated_at, source_project_path
FROM merge_request_row
WHERE project_id = $1 AND iid = $2;

-- name: merge_request_by_id :find
-- in: id int8
-- out: id int8, project_id int8, project_path text, iid int8, source_project_id int8?, source_branch text
-- out: target_branch text, title text, description text, state text, is_draft bool, labels text[]
-- out: author_id int8?, author_username text?, author_name text?
-- out: assignee_ids int8[], assignee_usernames text[], assignee_names text[]
-- out: reviewer_ids int8[], reviewer_usernames text[], reviewer_names text[]
-- out: head_sha text, base_sha text?, start_sha text?, source_sha text?, target_sha text?, last_version int8
-- out: merge_check text, conflicts text[], is_behind bool, tree_is_tested bool, squash bool, remove_source bool
-- out: open_threads int4, notes int4
-- out: auto_merge_by int8?, auto_merge_username text?, auto_merge_name text?, merge_error text?
-- out: merge_sha text?, squash_sha text?, merged_from text?, merged_to text?
-- out: merged_by int8?, merged_by_username text?, merged_by_name text?
-- out: closed_by int8?, closed_by_username text?, closed_by_name text?
-- out: merged_at timestamptz?, closed_at timestamptz?, created_at timestamptz, updated_at timestamptz
-- out: source_project_path text?
SELECT id, project_id, project_path, iid, source_project_id, source_branch,
	target_branch, title, description, state, is_draft, labels,
	author_id, author_username, author_name,
	assignee_ids, assignee_usernames, assignee_names,
	reviewer_ids, reviewer_usernames, reviewer_names,
	head_sha, base_sha, start_sha, source_sha, target_sha, last_version,
	merge_check, conflicts, is_behind, tree_is_tested, squash, remove_source,
	open_threads, notes,
	auto_merge_by, auto_merge_username, auto_merge_name, merge_error,
	merge_sha, squash_sha, merged_from, merged_to,
	merged_by, merged_by_username, merged_by_name,
	closed_by, closed_by_username, closed_by_name,
	merged_at, closed_at, created_at, updated_at, source_project_path
FROM merge_request_row
WHERE id = $1;

-- name: merge_request_of_branch :many
-- in: source_project_id int8, source_branch text
-- out: id int8, project_id int8, project_path text, iid int8, source_project_id int8?, source_branch text
-- out: target_branch text, title text, description text, state text, is_draft bool, labels text[]
-- out: author_id int8?, author_username text?, author_name text?
-- out: assignee_ids int8[], assignee_usernames text[], assignee_names text[]
-- out: reviewer_ids int8[], reviewer_usernames text[], reviewer_names text[]
-- out: head_sha text, base_sha text?, start_sha text?, source_sha text?, target_sha text?, last_version int8
-- out: merge_check text, conflicts text[], is_behind bool, tree_is_tested bool, squash bool, remove_source bool
-- out: open_threads int4, notes int4
-- out: auto_merge_by int8?, auto_merge_username text?, auto_merge_name text?, merge_error text?
-- out: merge_sha text?, squash_sha text?, merged_from text?, merged_to text?
-- out: merged_by int8?, merged_by_username text?, merged_by_name text?
-- out: closed_by int8?, closed_by_username text?, closed_by_name text?
-- out: merged_at timestamptz?, closed_at timestamptz?, created_at timestamptz, updated_at timestamptz
-- out: source_project_path text?
SELECT id, project_id, project_path, iid, source_project_id, source_branch,
	target_branch, title, description, state, is_draft, labels,
	author_id, author_username, author_name,
	assignee_ids, assignee_usernames, assignee_names,
	reviewer_ids, reviewer_usernames, reviewer_names,
	head_sha, base_sha, start_sha, source_sha, target_sha, last_version,
	merge_check, conflicts, is_behind, tree_is_tested, squash, remove_source,
	open_threads, notes,
	auto_merge_by, auto_merge_username, auto_merge_name, merge_error,
	merge_sha, squash_sha, merged_from, merged_to,
	merged_by, merged_by_username, merged_by_name,
	closed_by, closed_by_username, closed_by_name,
	merged_at, closed_at, created_at, updated_at, source_project_path
FROM merge_request_row
WHERE source_project_id = $1 AND source_branch = $2 AND state = 'opened'
ORDER BY id DESC
LIMIT 20;

-- The page is cut on the bare table, then joined with the view. A project of 0 is every
-- project in which the viewer is at least reporter, or whose visibility shows it.
-- name: merge_request_list :many
-- in: viewer int8, sees_internal bool, sees_all bool, only_project_id int8, only_namespace_id int8
-- in: project_id int8, state text?, author_id int8, assignee_id int8, reviewer_id int8
-- in: source_branch text?, target_branch text?, labels text[], search text?, head_sha text?, is_draft bool?
-- in: iids int8[], waits_for int8, by_updated bool, is_ascending bool, skip int8, take int4, namespace_id int8
-- out: id int8, project_id int8, project_path text, iid int8, source_project_id int8?, source_branch text
-- out: target_branch text, title text, description text, state text, is_draft bool, labels text[]
-- out: author_id int8?, author_username text?, author_name text?
-- out: assignee_ids int8[], assignee_usernames text[], assignee_names text[]
-- out: reviewer_ids int8[], reviewer_usernames text[], reviewer_names text[]
-- out: head_sha text, base_sha text?, start_sha text?, source_sha text?, target_sha text?, last_version int8
-- out: merge_check text, conflicts text[], is_behind bool, tree_is_tested bool, squash bool, remove_source bool
-- out: open_threads int4, notes int4
-- out: auto_merge_by int8?, auto_merge_username text?, auto_merge_name text?, merge_error text?
-- out: merge_sha text?, squash_sha text?, merged_from text?, merged_to text?
-- out: merged_by int8?, merged_by_username text?, merged_by_name text?
-- out: closed_by int8?, closed_by_username text?, closed_by_name text?
-- out: merged_at timestamptz?, closed_at timestamptz?, created_at timestamptz, updated_at timestamptz
-- out: source_project_path text?, total int8
SELECT v.id, v.project_id, v.project_path, v.iid, v.source_project_id, v.source_branch,
	v.target_branch, v.title, v.description, v.state, v.is_draft, v.labels,
	v.author_id, v.author_username, v.author_name,
	v.assignee_ids, v.assignee_usernames, v.assignee_names,
	v.reviewer_ids, v.reviewer_usernames, v.reviewer_names,
	v.head_sha, v.base_sha, v.start_sha, v.source_sha, v.target_sha, v.last_version,
	v.merge_check, v.conflicts, v.is_behind, v.tree_is_tested, v.squash, v.remove_source,
	v.open_threads, v.notes,
	v.auto_merge_by, v.auto_merge_username, v.auto_merge_name, v.merge_error,
	v.merge_sha, v.squash_sha, v.merged_from, v.merged_to,
	v.merged_by, v.merged_by_username, v.merged_by_name,
	v.closed_by, v.closed_by_username, v.closed_by_name,
	v.merged_at, v.closed_at, v.created_at, v.updated_at, v.source_project_path, page.total
FROM (
	SELECT m.id, count(*) OVER () AS total
	FROM merge_request m
	JOIN project p ON p.id = m.project_id AND p.deleted_at IS NULL
	WHERE ($6 = 0 OR m.project_id = $6)
		AND ($3 OR p.visibility = 'public' OR ($2 AND p.visibility = 'internal')
			OR $4 <> 0 OR $5 <> 0
			OR p.namespace_id IN (
				SELECT n.id FROM namespace n WHERE n.lineage && (SELECT member_namespaces($1, 20)))
			OR EXISTS (
				SELECT FROM member x
				WHERE x.user_id = $1 AND x.project_id = p.id AND x.level >= 20
					AND (x.expires_at IS NULL OR x.expires_at > now())))
		AND ($4 = 0 OR p.id = $4)
		AND ($5 = 0
			OR p.namespace_id IN (SELECT n.id FROM namespace n WHERE n.lineage @> ARRAY[$5]))
		AND ($23 = 0
			OR p.namespace_id IN (SELECT n.id FROM namespace n WHERE n.lineage @> ARRAY[$23]))
		AND ($7::text IS NULL OR m.state = $7)
		AND ($8 = 0 OR m.author_id = $8)
		AND ($9 = 0
			OR EXISTS (
				SELECT FROM merge_request_person x
				WHERE x.merge_request_id = m.id AND x.user_id = $9 AND x.role = 'assignee'))
		AND ($10 = 0
			OR EXISTS (
				SELECT FROM merge_request_person x
				WHERE x.merge_request_id = m.id AND x.user_id = $10 AND x.role = 'reviewer'))
		AND ($11::text IS NULL OR m.source_branch = $11)
		AND ($12::text IS NULL OR m.target_branch = $12)
		AND m.labels @> $13
		AND ($14::text IS NULL OR strpos(lower(m.title), lower($14)) > 0
			OR strpos(lower(m.description), lower($14)) > 0)
		AND ($15::text IS NULL OR m.head_sha = $15)
		AND ($16::bool IS NULL OR m.is_draft = $16)
		AND (cardinality($17::bigint[]) = 0 OR m.iid = ANY ($17))
		AND ($18 = 0
			OR (m.state = 'opened' AND NOT m.is_draft
				AND EXISTS (
					SELECT FROM merge_request_person x
					WHERE x.merge_request_id = m.id AND x.user_id = $18 AND x.role = 'reviewer')
				AND NOT EXISTS (
					SELECT FROM merge_request_approval x
					WHERE x.merge_request_id = m.id AND x.user_id = $18)))
	ORDER BY
		CASE WHEN $20 THEN CASE WHEN $19 THEN m.updated_at ELSE m.created_at END END,
		CASE WHEN NOT $20 THEN CASE WHEN $19 THEN m.updated_at ELSE m.created_at END END DESC,
		CASE WHEN $20 THEN m.id ELSE -m.id END
	OFFSET $21 LIMIT $22
) AS page
JOIN merge_request_row v ON v.id = page.id
ORDER BY
	CASE WHEN $20 THEN CASE WHEN $19 THEN v.updated_at ELSE v.created_at END END,
	CASE WHEN NOT $20 THEN CASE WHEN $19 THEN v.updated_at ELSE v.created_at END END DESC,
	CASE WHEN $20 THEN v.id ELSE -v.id END;

-- name: merge_request_count :one
-- in: project_id int8
-- out: opened int8, closed int8, merged int8
SELECT count(*) FILTER (WHERE state = 'opened'), count(*) FILTER (WHERE state = 'closed'),
	count(*) FILTER (WHERE state = 'merged')
FROM merge_request
WHERE project_id = $1;

-- name: merge_request_versions :many
-- in: merge_request_id int8
-- out: id int8, number int8, head_sha text, base_sha text?, start_sha text, user_id int8?
-- out: username text?, user_name text?, created_at timestamptz
SELECT v.id, v.number, v.head_sha, v.base_sha, v.start_sha, v.user_id, u.username, u.name, v.created_at
FROM merge_request_version v
LEFT JOIN user_row u ON u.id = v.user_id
WHERE v.merge_request_id = $1
ORDER BY v.number DESC
LIMIT 1000;

-- ---- changing: the row is locked first ----

-- As a landing's UPDATE locks it: rows that only refer to the project may still be added.
-- name: merge_request_lock_project :find
-- in: project_id int8
-- out: id int8
SELECT id FROM project WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE;

-- name: merge_request_next_iid :one
-- in: project_id int8
-- out: iid int8
INSERT INTO merge_request_counter (project_id, last_iid) VALUES ($1, 1)
ON CONFLICT (project_id) DO UPDATE SET last_iid = merge_request_counter.last_iid + 1
RETURNING last_iid;

-- name: merge_request_add :one
-- in: project_id int8, iid int8, source_project_id int8, source_branch text, target_branch text
-- in: title text, description text, author_id int8?, labels text[], squash bool, remove_source bool
-- in: head_sha text
-- out: id int8
INSERT INTO merge_request (project_id, iid, source_project_id, source_branch, target_branch,
	title, description, author_id, labels, squash, remove_source, head_sha)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
RETURNING id;

-- name: merge_request_lock :find
-- in: id int8
-- out: id int8
SELECT id FROM merge_request WHERE id = $1 FOR UPDATE;

-- name: merge_request_lock_by_iid :find
-- in: project_id int8, iid int8
-- out: id int8
SELECT id FROM merge_request WHERE project_id = $1 AND iid = $2 FOR UPDATE;

-- name: merge_request_find_open :find
-- in: project_id int8, source_project_id int8, source_branch text, target_branch text
-- out: iid int8
SELECT iid FROM merge_request
WHERE project_id = $1 AND source_project_id = $2 AND source_branch = $3 AND target_branch = $4
	AND state = 'opened';

-- name: merge_request_set :exec
-- in: id int8, title text, description text, target_branch text, labels text[], squash bool
-- in: remove_source bool
UPDATE merge_request SET title = $2, description = $3, target_branch = $4, labels = $5, squash = $6,
	remove_source = $7, updated_at = now()
WHERE id = $1;

-- name: merge_request_close :exec
-- in: id int8, user_id int8?
UPDATE merge_request SET state = 'closed', closed_at = now(), closed_by = $2, auto_merge_by = NULL,
	auto_merge_options = NULL, updated_at = now()
WHERE id = $1 AND state = 'opened';

-- name: merge_request_reopen :exec
-- in: id int8
UPDATE merge_request SET state = 'opened', closed_at = NULL, closed_by = NULL, updated_at = now()
WHERE id = $1 AND state = 'closed';

-- name: merge_request_remove :exec
-- in: id int8
DELETE FROM merge_request WHERE id = $1;

-- name: merge_request_touch :exec
-- in: id int8
UPDATE merge_request SET updated_at = now() WHERE id = $1;

-- name: merge_request_clear_people :exec
-- in: id int8, role text, user_ids int8[]
DELETE FROM merge_request_person
WHERE merge_request_id = $1 AND role = $2 AND user_id <> ALL ($3::bigint[]);

-- name: merge_request_add_people :exec
-- in: id int8, role text, user_ids int8[]
INSERT INTO merge_request_person (merge_request_id, role, user_id)
SELECT $1, $2, u FROM unnest($3::bigint[]) AS u
ON CONFLICT DO NOTHING;

-- How many of these may be named: people who can sign in, or the bots of tokens.
-- name: merge_request_count_people :one
-- in: user_ids int8[]
-- out: count int8
SELECT count(*) FROM users WHERE id = ANY ($1::bigint[]) AND state = 'active';

-- The next version, and the head that goes with it.
-- name: merge_request_add_version :exec
-- in: id int8, head_sha text, start_sha text, push_id int8?, user_id int8?, is_forced bool
WITH head AS (
	UPDATE merge_request SET head_sha = $2, last_version = last_version + 1, merge_error = NULL,
		auto_merge_by = NULL, auto_merge_options = NULL, updated_at = now()
	WHERE id = $1
	RETURNING last_version
)
INSERT INTO merge_request_version (merge_request_id, number, head_sha, start_sha, push_id, user_id, is_forced)
SELECT $1, head.last_version, $2, $3, $4, $5, $6 FROM head;

-- Who brought the head as it is: it may not be who opened or changed the merge request.
-- name: merge_request_last_pusher :find
-- in: id int8
-- out: user_id int8?
SELECT user_id FROM merge_request_version WHERE merge_request_id = $1 ORDER BY number DESC LIMIT 1;

-- name: merge_request_set_check :exec
-- in: id int8, head_sha text, target_sha text, merge_check text, conflicts text[], is_behind bool
-- in: tree_is_tested bool
UPDATE merge_request SET checked_head = $2, checked_target = $3, merge_check = $4, conflicts = $5,
	is_behind = $6, tree_is_tested = $7
WHERE id = $1 AND head_sha = $2;

-- name: merge_request_set_base :exec
-- in: id int8, head_sha text, base_sha text
UPDATE merge_request_version SET base_sha = $3
WHERE merge_request_id = $1 AND head_sha = $2 AND base_sha IS NULL;

-- ---- what a landing moves ----

-- Locked in the order of their ids, whichever branches they have.
-- name: merge_request_lock_sources :many
-- in: project_id int8, branches text[]
-- out: id int8, project_id int8, iid int8, source_branch text, head_sha text, target_oid text
SELECT m.id, m.project_id, m.iid, m.source_branch, m.head_sha,
	coalesce((
		SELECT r.oid FROM ref r
		WHERE r.project_id = m.project_id AND r.name = 'refs/heads/' || m.target_branch
	), m.head_sha)
FROM merge_request m
WHERE m.source_project_id = $1 AND m.project_id = $1 AND m.source_branch = ANY ($2::text[])
	AND m.state = 'opened'
ORDER BY m.id
FOR UPDATE;

-- Those of other projects: their heads follow once the commits are there.
-- name: merge_request_from_fork :many
-- in: project_id int8, branches text[]
-- out: id int8, project_id int8
SELECT id, project_id FROM merge_request
WHERE source_project_id = $1 AND project_id <> $1 AND source_branch = ANY ($2::text[])
	AND state = 'opened'
ORDER BY id
LIMIT 1000;

-- Whose push brought a branch to where it is.
-- name: merge_request_pusher :find
-- in: project_id int8, name text
-- out: push_id int8, user_id int8?
SELECT p.id, p.user_id
FROM ref r
JOIN push p ON p.id = r.push_id
WHERE r.project_id = $1 AND r.name = $2;

-- name: merge_request_has_target :one
-- in: project_id int8, branches text[]
-- out: is_one bool
SELECT EXISTS (
	SELECT 1 FROM merge_request
	WHERE project_id = $1 AND target_branch = ANY ($2::text[]) AND state = 'opened'
);

-- ---- approvals ----

-- name: merge_request_forget_approvals :exec
-- in: id int8
DELETE FROM merge_request_approval WHERE merge_request_id = $1;

-- name: merge_request_approve :exec
-- in: id int8, user_id int8, head_sha text, target_branch text
INSERT INTO merge_request_approval (merge_request_id, user_id, head_sha, target_branch)
VALUES ($1, $2, $3, $4)
ON CONFLICT (merge_request_id, user_id) DO UPDATE
SET head_sha = excluded.head_sha, target_branch = excluded.target_branch;

-- name: merge_request_unapprove :exec
-- in: id int8, user_id int8
DELETE FROM merge_request_approval WHERE merge_request_id = $1 AND user_id = $2;

-- Only those of the head and target as they are now, by people who may sign in and approve now.
-- name: merge_request_approvals :many
-- in: id int8, head_sha text, target_branch text
-- out: user_id int8, username text, name text, created_at timestamptz
SELECT a.user_id, u.username, u.name, a.created_at
FROM merge_request_approval a
JOIN merge_request m ON m.id = a.merge_request_id
JOIN project_row p ON p.id = m.project_id
JOIN users u ON u.id = a.user_id AND u.state = 'active'
WHERE a.merge_request_id = $1 AND a.head_sha = $2 AND a.target_branch = $3
	AND (u.is_admin OR p.personal_user_id = u.id
		OR EXISTS (
			SELECT FROM member x
			WHERE x.user_id = u.id AND (x.project_id = p.id OR x.namespace_id = ANY (p.lineage))
				AND x.level >= 30 AND (x.expires_at IS NULL OR x.expires_at > now())))
ORDER BY a.created_at, a.user_id;

-- ---- merging ----

-- The latest pipeline that ran on this head, as a branch's or as the merge request's, or on what
-- merging exactly this pair gives; where merging changes the files, the latter first. If there is
-- none of these, one that ran on what merging it gave when the target stood elsewhere.
-- name: merge_request_pipeline :find
-- in: project_id int8, head_sha text, branch_ref text, head_ref text, result_ref text, target_sha text?
-- in: tree_is_tested bool
-- out: id int8, status text, is_of_result bool, is_of_old_target bool
SELECT p.id, p.status, coalesce(p.target_sha = $6, false),
	p.target_sha IS NOT NULL AND p.target_sha IS DISTINCT FROM $6
FROM pipeline p
WHERE p.project_id = $1
	AND ((p.sha = $2 AND p.ref IN ($3, $4))
		OR (p.source_sha = $2 AND p.ref = $5))
ORDER BY p.target_sha IS NOT NULL AND p.target_sha IS DISTINCT FROM $6,
	p.target_sha IS NOT NULL AND NOT $7 DESC, p.id DESC
LIMIT 1;

-- The same, and it cannot change before the merge is done.
-- name: merge_request_pipeline_locked :find
-- in: project_id int8, head_sha text, branch_ref text, head_ref text, result_ref text, target_sha text?
-- in: tree_is_tested bool
-- out: id int8, status text, is_of_result bool, is_of_old_target bool
SELECT p.id, p.status, coalesce(p.target_sha = $6, false),
	p.target_sha IS NOT NULL AND p.target_sha IS DISTINCT FROM $6
FROM pipeline p
WHERE p.project_id = $1
	AND ((p.sha = $2 AND p.ref IN ($3, $4))
		OR (p.source_sha = $2 AND p.ref = $5))
ORDER BY p.target_sha IS NOT NULL AND p.target_sha IS DISTINCT FROM $6,
	p.target_sha IS NOT NULL AND NOT $7 DESC, p.id DESC
LIMIT 1
FOR SHARE;

-- name: merge_request_set_merged :exec
-- in: id int8, user_id int8?, push_id int8?, merge_sha text?, squash_sha text?, merged_from text?
-- in: merged_to text?
UPDATE merge_request SET state = 'merged', merged_at = now(), merged_by = $2, merge_push_id = $3, merge_sha = $4,
	squash_sha = $5, merged_from = $6, merged_to = $7, auto_merge_by = NULL, auto_merge_options = NULL,
	merge_error = NULL, updated_at = now()
WHERE id = $1 AND state = 'opened';

-- name: merge_request_set_auto_merge :exec
-- in: id int8, user_id int8, options text
UPDATE merge_request SET auto_merge_by = $2, auto_merge_options = $3, merge_error = NULL, updated_at = now()
WHERE id = $1 AND state = 'opened';

-- name: merge_request_end_auto_merge :exec
-- in: id int8, merge_error text?
UPDATE merge_request SET auto_merge_by = NULL, auto_merge_options = NULL, merge_error = $2, updated_at = now()
WHERE id = $1 AND auto_merge_by IS NOT NULL;

-- name: merge_request_auto_merge :find
-- in: id int8
-- out: user_id int8, options text
SELECT coalesce(auto_merge_by, 0), coalesce(auto_merge_options, '{}') FROM merge_request
WHERE id = $1 AND auto_merge_by IS NOT NULL AND auto_merge_options IS NOT NULL AND state = 'opened';

-- name: merge_request_of_target :many
-- in: project_id int8, target_branch text
-- out: id int8, iid int8, head_sha text, is_auto bool
SELECT id, iid, head_sha, auto_merge_by IS NOT NULL FROM merge_request
WHERE project_id = $1 AND target_branch = $2 AND state = 'opened'
ORDER BY id
LIMIT 1000;

-- Those whose auto-merge waits for a pipeline of this commit.
-- name: merge_request_of_pipeline :many
-- in: pipeline_id int8
-- out: id int8, project_id int8
SELECT m.id, m.project_id
FROM pipeline p
JOIN merge_request m ON m.source_project_id = p.project_id AND m.head_sha = coalesce(p.source_sha, p.sha)
WHERE p.id = $1 AND m.state = 'opened' AND m.auto_merge_by IS NOT NULL
ORDER BY m.id;

-- name: merge_request_count_sources :one
-- in: source_project_id int8, source_branch text
-- out: count int8
SELECT count(*) FROM merge_request
WHERE source_project_id = $1 AND source_branch = $2 AND state = 'opened';

-- name: merge_request_set_threads :exec
-- in: id int8, open_threads int4, notes int4
UPDATE merge_request SET open_threads = $2, notes = $3, updated_at = now() WHERE id = $1;

-- name: merge_request_waits :find
-- in: id int8
-- out: project_id int8
SELECT project_id FROM merge_request WHERE id = $1 AND state = 'opened' AND auto_merge_by IS NOT NULL;

-- Heads of versions that the next version did not go on from, and that no ref keeps yet.
-- name: merge_request_lost_heads :many
-- in: id int8, project_id int8, folder text
-- out: number int8, head_sha text
SELECT v.number, v.head_sha
FROM merge_request_version v
JOIN merge_request_version n ON n.merge_request_id = v.merge_request_id AND n.number = v.number + 1
WHERE v.merge_request_id = $1 AND n.is_forced
	AND NOT EXISTS (
		SELECT FROM ref r
		WHERE r.project_id = $2 AND r.name = $3 || v.number::text
	)
ORDER BY v.number
LIMIT 50;
