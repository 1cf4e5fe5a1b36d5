-- Forks: projects that began as a copy of another. Merge requests may come from them.

CREATE TABLE fork (
	project_id bigint PRIMARY KEY REFERENCES project ON DELETE CASCADE,
	source_id bigint REFERENCES project ON DELETE SET NULL,
	state text NOT NULL DEFAULT 'copying' CHECK (state IN ('copying', 'ready', 'failed')),
	user_id bigint REFERENCES users ON DELETE SET NULL,
	attempts integer NOT NULL DEFAULT 0,
	due_at timestamptz NOT NULL DEFAULT now(),
	error text,
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT fork_of_another CHECK (source_id <> project_id)
);

CREATE INDEX fork_source ON fork (source_id);
CREATE INDEX fork_due ON fork (due_at) WHERE state = 'copying';

COMMENT ON TABLE fork IS 'A project that began as a copy of another';
COMMENT ON COLUMN fork.source_id IS 'Null: it is gone';
COMMENT ON COLUMN fork.state IS 'Copying until every branch and tag of the source is here';
COMMENT ON COLUMN fork.user_id IS 'Who forked: must still be allowed to read the source when it is copied';
COMMENT ON COLUMN fork.due_at IS 'Not copied before this; a claim moves it ahead, so that a copy whose worker died is taken up again';
COMMENT ON COLUMN fork.error IS 'Why it failed, for its owner';

-- The source of a merge request as people read it; none once that project is deleted.
CREATE OR REPLACE VIEW merge_request_row AS
	SELECT m.id, m.project_id, pa.path AS project_path, m.iid, sp.id AS source_project_id, m.source_branch,
		m.target_branch, m.title, m.description, m.state, m.is_draft, m.labels,
		m.author_id, au.username AS author_username, au.name AS author_name,
		coalesce(people.assignee_ids, '{}') AS assignee_ids,
		coalesce(people.assignee_usernames, '{}') AS assignee_usernames,
		coalesce(people.assignee_names, '{}') AS assignee_names,
		coalesce(people.reviewer_ids, '{}') AS reviewer_ids,
		coalesce(people.reviewer_usernames, '{}') AS reviewer_usernames,
		coalesce(people.reviewer_names, '{}') AS reviewer_names,
		m.head_sha, v.base_sha, v.start_sha, sr.oid AS source_sha, tr.oid AS target_sha, m.last_version,
		CASE WHEN m.checked_head = m.head_sha AND m.checked_target = tr.oid THEN m.merge_check
			ELSE 'unchecked' END AS merge_check,
		m.conflicts, m.is_behind, m.tree_is_tested, m.squash, m.remove_source, m.open_threads, m.notes,
		m.auto_merge_by, ab.username AS auto_merge_username, ab.name AS auto_merge_name, m.merge_error,
		m.merge_sha, m.squash_sha, m.merged_from, m.merged_to,
		m.merged_by, mb.username AS merged_by_username, mb.name AS merged_by_name,
		m.closed_by, cb.username AS closed_by_username, cb.name AS closed_by_name,
		m.merged_at, m.closed_at, m.created_at, m.updated_at, sa.path AS source_project_path
	FROM merge_request m
	JOIN address pa ON pa.project_id = m.project_id AND NOT pa.is_old
	LEFT JOIN project sp ON sp.id = m.source_project_id AND sp.deleted_at IS NULL
	LEFT JOIN address sa ON sa.project_id = sp.id AND NOT sa.is_old
	LEFT JOIN merge_request_version v ON v.merge_request_id = m.id AND v.number = m.last_version
	LEFT JOIN ref sr ON sr.project_id = sp.id AND sr.name = 'refs/heads/' || m.source_branch
	LEFT JOIN ref tr ON tr.project_id = m.project_id AND tr.name = 'refs/heads/' || m.target_branch
	LEFT JOIN users au ON au.id = m.author_id
	LEFT JOIN users ab ON ab.id = m.auto_merge_by
	LEFT JOIN users mb ON mb.id = m.merged_by
	LEFT JOIN users cb ON cb.id = m.closed_by
	LEFT JOIN LATERAL (
		SELECT
			array_agg(p.user_id ORDER BY u.username) FILTER (WHERE p.role = 'assignee') AS assignee_ids,
			array_agg(u.username ORDER BY u.username) FILTER (WHERE p.role = 'assignee') AS assignee_usernames,
			array_agg(u.name ORDER BY u.username) FILTER (WHERE p.role = 'assignee') AS assignee_names,
			array_agg(p.user_id ORDER BY u.username) FILTER (WHERE p.role = 'reviewer') AS reviewer_ids,
			array_agg(u.username ORDER BY u.username) FILTER (WHERE p.role = 'reviewer') AS reviewer_usernames,
			array_agg(u.name ORDER BY u.username) FILTER (WHERE p.role = 'reviewer') AS reviewer_names
		FROM merge_request_person p
		JOIN users u ON u.id = p.user_id
		WHERE p.merge_request_id = m.id
	) AS people ON true;
