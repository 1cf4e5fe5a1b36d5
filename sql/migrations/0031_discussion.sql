-- What people say about tasks and merge requests.

CREATE TABLE discussion (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	key text NOT NULL CHECK (length(key) = 40),
	project_id bigint NOT NULL REFERENCES project ON DELETE CASCADE,
	task_id bigint REFERENCES task ON DELETE CASCADE,
	merge_request_id bigint REFERENCES merge_request ON DELETE CASCADE,
	is_thread boolean NOT NULL,
	is_system boolean NOT NULL DEFAULT false,
	resolved_at timestamptz,
	resolved_by_id bigint REFERENCES users ON DELETE SET NULL,
	base_sha text CHECK (length(base_sha) = 40),
	start_sha text CHECK (length(start_sha) = 40),
	head_sha text CHECK (length(head_sha) = 40),
	old_path text,
	new_path text,
	old_line integer CHECK (old_line > 0),
	new_line integer CHECK (new_line > 0),
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT discussion_key_unique UNIQUE (key),
	CONSTRAINT discussion_has_one_subject CHECK ((task_id IS NULL) <> (merge_request_id IS NULL)),
	CONSTRAINT discussion_position_is_whole CHECK (
		num_nulls(base_sha, start_sha, head_sha, old_path, new_path) IN (0, 5)
		AND (head_sha IS NULL) = (old_line IS NULL AND new_line IS NULL)),
	CONSTRAINT discussion_at_a_line_is_a_thread CHECK (
		head_sha IS NULL OR (is_thread AND merge_request_id IS NOT NULL)),
	CONSTRAINT discussion_resolves_threads CHECK (
		resolved_at IS NULL OR (is_thread AND merge_request_id IS NOT NULL))
);

CREATE INDEX discussion_task ON discussion (task_id, id) WHERE task_id IS NOT NULL;
CREATE INDEX discussion_merge_request ON discussion (merge_request_id, id) WHERE merge_request_id IS NOT NULL;

COMMENT ON TABLE discussion IS 'A comment, a thread of notes, or a word by Hearth, about one task or merge request';
COMMENT ON COLUMN discussion.key IS 'Its id in the API: 40 hex digits';
COMMENT ON COLUMN discussion.project_id IS 'Where the subject lives: of a merge request the target';
COMMENT ON COLUMN discussion.is_thread IS 'May be answered and, on a merge request, resolved; a comment becomes one when it is answered';
COMMENT ON COLUMN discussion.resolved_at IS 'Null: open, if it is a thread on a merge request';
COMMENT ON COLUMN discussion.base_sha IS 'A line of a diff is meant: the merge base, the target''s tip, the source''s tip as they were';
COMMENT ON COLUMN discussion.old_line IS 'Null: the line is new';
COMMENT ON COLUMN discussion.new_line IS 'Null: the line was removed';

CREATE TABLE note (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	discussion_id bigint NOT NULL REFERENCES discussion ON DELETE CASCADE,
	author_id bigint REFERENCES users ON DELETE SET NULL,
	body text NOT NULL CHECK (body <> ''),
	is_system boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	edited_at timestamptz
);

CREATE INDEX note_discussion ON note (discussion_id, id);

COMMENT ON TABLE note IS 'One comment';
COMMENT ON COLUMN note.author_id IS 'Null: somebody who is gone, or Hearth itself';
COMMENT ON COLUMN note.body IS 'Markdown; of Hearth''s own what goes on after the name of who caused it';
