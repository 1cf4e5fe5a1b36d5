-- Merge requests: what shall become part of which branch, and what was thought of it.

CREATE TABLE merge_request (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	project_id bigint NOT NULL REFERENCES project ON DELETE CASCADE,
	iid bigint NOT NULL,
	source_project_id bigint REFERENCES project ON DELETE SET NULL,
	source_branch text NOT NULL CHECK (length(source_branch) BETWEEN 1 AND 1000),
	target_branch text NOT NULL CHECK (length(target_branch) BETWEEN 1 AND 1000),
	title text NOT NULL CHECK (length(title) BETWEEN 1 AND 255),
	description text NOT NULL DEFAULT '' CHECK (octet_length(description) <= 65536),
	state text NOT NULL DEFAULT 'opened' CHECK (state IN ('opened', 'closed', 'merged')),
	is_draft boolean GENERATED ALWAYS AS (title ~* '^\s*(draft:|\[draft\]|\(draft\))') STORED,
	author_id bigint REFERENCES users ON DELETE SET NULL,
	labels text[] NOT NULL DEFAULT '{}' CHECK (cardinality(labels) <= 50),
	squash boolean NOT NULL DEFAULT false,
	remove_source boolean NOT NULL DEFAULT false,
	head_sha text NOT NULL CHECK (length(head_sha) = 40),
	last_version bigint NOT NULL DEFAULT 0,
	merge_check text NOT NULL DEFAULT 'unchecked'
		CHECK (merge_check IN ('unchecked', 'clean', 'conflict', 'contained', 'unrelated')),
	checked_head text CHECK (length(checked_head) = 40),
	checked_target text CHECK (length(checked_target) = 40),
	conflicts text[] NOT NULL DEFAULT '{}',
	is_behind boolean NOT NULL DEFAULT false,
	tree_is_tested boolean NOT NULL DEFAULT false,
	open_threads integer NOT NULL DEFAULT 0 CHECK (open_threads >= 0),
	notes integer NOT NULL DEFAULT 0 CHECK (notes >= 0),
	auto_merge_by bigint REFERENCES users ON DELETE SET NULL,
	auto_merge_options text,
	merge_error text,
	merge_push_id bigint REFERENCES push ON DELETE SET NULL,
	merge_sha text CHECK (length(merge_sha) = 40),
	squash_sha text CHECK (length(squash_sha) = 40),
	merged_from text CHECK (length(merged_from) = 40),
	merged_to text CHECK (length(merged_to) = 40),
	merged_by bigint REFERENCES users ON DELETE SET NULL,
	merged_at timestamptz,
	closed_by bigint REFERENCES users ON DELETE SET NULL,
	closed_at timestamptz,
	head_ref_sha text CHECK (length(head_ref_sha) = 40),
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT merge_request_iid_unique UNIQUE (project_id, iid),
	CONSTRAINT merge_request_merged_at CHECK ((merged_at IS NOT NULL) = (state = 'merged')),
	CONSTRAINT merge_request_closed_at CHECK ((closed_at IS NOT NULL) = (state = 'closed')),
	CONSTRAINT merge_request_auto_merge_is_open CHECK (auto_merge_by IS NULL OR state = 'opened'),
	CONSTRAINT merge_request_two_branches CHECK (source_project_id <> project_id OR source_branch <> target_branch)
);

CREATE UNIQUE INDEX merge_request_open_once
	ON merge_request (project_id, source_project_id, source_branch, target_branch) WHERE state = 'opened';
CREATE INDEX merge_request_source ON merge_request (source_project_id, source_branch) WHERE state = 'opened';
CREATE INDEX merge_request_target ON merge_request (project_id, target_branch) WHERE state = 'opened';
CREATE INDEX merge_request_head ON merge_request (project_id, head_sha);
CREATE INDEX merge_request_author ON merge_request (author_id, id DESC);
CREATE INDEX merge_request_created ON merge_request (project_id, id DESC);

COMMENT ON TABLE merge_request IS 'A branch that shall become part of another; belongs to the target''s project';
COMMENT ON COLUMN merge_request.iid IS 'Counts per project: !5';
COMMENT ON COLUMN merge_request.source_project_id IS 'The same project, or a fork; null: that was deleted';
COMMENT ON COLUMN merge_request.source_branch IS 'Without refs/heads/';
COMMENT ON COLUMN merge_request.is_draft IS 'By the title, as GitLab has it';
COMMENT ON COLUMN merge_request.head_sha IS 'Of the last version; written by the landing that moves the source branch';
COMMENT ON COLUMN merge_request.merge_check IS 'Whether both sides fit; holds for checked_head and checked_target only';
COMMENT ON COLUMN merge_request.conflicts IS 'Paths of that pair, at most 100';
COMMENT ON COLUMN merge_request.is_behind IS 'Of that pair: the target has commits that the source has not';
COMMENT ON COLUMN merge_request.tree_is_tested IS 'Of that pair: merging gives exactly the files of checked_head';
COMMENT ON COLUMN merge_request.open_threads IS 'Unresolved ones; written under this row''s lock by whoever changes a thread';
COMMENT ON COLUMN merge_request.notes IS 'By people';
COMMENT ON COLUMN merge_request.auto_merge_by IS 'Set: merge for this user once all gates are open; a new head ends it';
COMMENT ON COLUMN merge_request.auto_merge_options IS 'JSON: what was asked for with it';
COMMENT ON COLUMN merge_request.merge_error IS 'Why the last auto-merge gave up';
COMMENT ON COLUMN merge_request.merge_push_id IS 'The landing that merged it; null: a push that contained it';
COMMENT ON COLUMN merge_request.merge_sha IS 'The merge commit; null after fast-forward and squash';
COMMENT ON COLUMN merge_request.merged_from IS 'Where the target stood before the merge, for reverting it';
COMMENT ON COLUMN merge_request.head_ref_sha IS 'Where refs/merge-requests/<iid>/head was last set to';

CREATE TABLE merge_request_counter (
	project_id bigint PRIMARY KEY REFERENCES project ON DELETE CASCADE,
	last_iid bigint NOT NULL
);

COMMENT ON TABLE merge_request_counter IS 'The last iid of each project; its row is locked while the next is taken';

CREATE TABLE merge_request_version (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	merge_request_id bigint NOT NULL REFERENCES merge_request ON DELETE CASCADE,
	number bigint NOT NULL,
	head_sha text NOT NULL CHECK (length(head_sha) = 40),
	base_sha text CHECK (length(base_sha) = 40),
	start_sha text NOT NULL CHECK (length(start_sha) = 40),
	push_id bigint REFERENCES push ON DELETE SET NULL,
	user_id bigint REFERENCES users ON DELETE SET NULL,
	is_forced boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT merge_request_version_number UNIQUE (merge_request_id, number)
);

COMMENT ON TABLE merge_request_version IS 'A state of the source branch; the diff that was looked at';
COMMENT ON COLUMN merge_request_version.base_sha IS 'Merge base of head and start; null: not asked for yet';
COMMENT ON COLUMN merge_request_version.start_sha IS 'Where the target stood';
COMMENT ON COLUMN merge_request_version.user_id IS 'Who pushed it: may not approve it';
COMMENT ON COLUMN merge_request_version.is_forced IS 'The head before it is no ancestor';

CREATE TABLE merge_request_person (
	merge_request_id bigint NOT NULL REFERENCES merge_request ON DELETE CASCADE,
	role text NOT NULL CHECK (role IN ('assignee', 'reviewer')),
	user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (merge_request_id, role, user_id)
);

CREATE INDEX merge_request_person_user ON merge_request_person (user_id, role);

COMMENT ON TABLE merge_request_person IS 'Who works on it and who shall review it';

CREATE TABLE merge_request_approval (
	merge_request_id bigint NOT NULL REFERENCES merge_request ON DELETE CASCADE,
	user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	head_sha text NOT NULL CHECK (length(head_sha) = 40),
	target_branch text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (merge_request_id, user_id)
);

COMMENT ON TABLE merge_request_approval IS 'Of one head for one target; a push or another target deletes it, and it does not come back with the old head';

CREATE TABLE merge_setting (
	project_id bigint PRIMARY KEY REFERENCES project ON DELETE CASCADE,
	method text NOT NULL CHECK (method IN ('merge', 'rebase_merge', 'ff')),
	squash text NOT NULL CHECK (squash IN ('never', 'always', 'default_on', 'default_off')),
	needs_pipeline boolean NOT NULL,
	skipped_is_green boolean NOT NULL,
	needs_threads_resolved boolean NOT NULL,
	approvals_required integer NOT NULL CHECK (approvals_required BETWEEN 0 AND 20),
	removes_source boolean NOT NULL,
	updated_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE merge_setting IS 'How a project merges; without a row: by merge commit, nothing required';
COMMENT ON COLUMN merge_setting.method IS 'GitLab''s words: merge commit, merge commit on top of the target only, fast-forward only';
COMMENT ON COLUMN merge_setting.removes_source IS 'New merge requests propose to delete their source branch';
