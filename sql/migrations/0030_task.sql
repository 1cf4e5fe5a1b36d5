-- Tasks: what is to be done.

CREATE TABLE task (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	project_id bigint NOT NULL REFERENCES project ON DELETE CASCADE,
	iid bigint NOT NULL,
	title text NOT NULL CHECK (length(title) BETWEEN 1 AND 255),
	description text NOT NULL DEFAULT '',
	state text NOT NULL DEFAULT 'opened' CHECK (state IN ('opened', 'closed')),
	labels text[] NOT NULL DEFAULT '{}',
	author_id bigint REFERENCES users ON DELETE SET NULL,
	assignee_id bigint REFERENCES users ON DELETE SET NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	closed_at timestamptz,
	closed_by_id bigint REFERENCES users ON DELETE SET NULL,
	CONSTRAINT task_iid_unique UNIQUE (project_id, iid),
	CONSTRAINT task_closed_has_a_time CHECK ((closed_at IS NOT NULL) = (state = 'closed'))
);

CREATE INDEX task_assignee ON task (assignee_id, updated_at DESC) WHERE state = 'opened';

COMMENT ON TABLE task IS 'A task of a project; GitLab and the addresses call it an issue';
COMMENT ON COLUMN task.iid IS 'Counts per project: #3';
COMMENT ON COLUMN task.description IS 'Markdown';
COMMENT ON COLUMN task.labels IS 'Words, sorted, each once';
COMMENT ON COLUMN task.author_id IS 'Null: a person who is gone';
COMMENT ON COLUMN task.closed_by_id IS 'Who closed it: by hand, or by a push with a closing word; null while it is open';

CREATE TABLE task_counter (
	project_id bigint PRIMARY KEY REFERENCES project ON DELETE CASCADE,
	last_iid bigint NOT NULL
);

COMMENT ON TABLE task_counter IS 'The last iid of each project; its row is locked while the next is taken';

CREATE VIEW task_row AS
	SELECT t.id, t.project_id, t.iid, t.title, t.description, t.state, t.labels,
		t.author_id, a.username AS author_username, a.name AS author_name,
		t.assignee_id, s.username AS assignee_username, s.name AS assignee_name,
		t.created_at, t.updated_at, t.closed_at,
		t.closed_by_id, c.username AS closed_by_username, c.name AS closed_by_name
	FROM task t
	LEFT JOIN users a ON a.id = t.author_id
	LEFT JOIN users s ON s.id = t.assignee_id
	LEFT JOIN users c ON c.id = t.closed_by_id;

COMMENT ON VIEW task_row IS 'A task with the names of its people, as the program reads it';
