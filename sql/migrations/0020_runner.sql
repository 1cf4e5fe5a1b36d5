-- Who runs jobs.

CREATE TABLE runner (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind text NOT NULL CHECK (kind IN ('instance', 'group', 'project')),
	namespace_id bigint REFERENCES namespace ON DELETE CASCADE,
	project_id bigint REFERENCES project ON DELETE CASCADE,
	token_sha256 bytea NOT NULL CHECK (length(token_sha256) = 32),
	description text NOT NULL DEFAULT '' CHECK (length(description) <= 1024),
	tags text[] NOT NULL DEFAULT '{}' CHECK (cardinality(tags) <= 50),
	run_untagged boolean NOT NULL DEFAULT true,
	is_protected boolean NOT NULL DEFAULT false,
	is_paused boolean NOT NULL DEFAULT false,
	is_locked boolean NOT NULL DEFAULT false,
	maximum_timeout integer CHECK (maximum_timeout >= 600),
	maintenance_note text NOT NULL DEFAULT '' CHECK (length(maintenance_note) <= 1024),
	created_by bigint REFERENCES users ON DELETE SET NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT runner_token_unique UNIQUE (token_sha256),
	CONSTRAINT runner_of_group CHECK ((kind = 'group') = (namespace_id IS NOT NULL)),
	CONSTRAINT runner_of_project CHECK ((kind = 'project') = (project_id IS NOT NULL)),
	CONSTRAINT runner_can_run_something CHECK (run_untagged OR cardinality(tags) > 0)
);

CREATE INDEX runner_namespace ON runner (namespace_id) WHERE namespace_id IS NOT NULL;
CREATE INDEX runner_project ON runner (project_id) WHERE project_id IS NOT NULL;

COMMENT ON TABLE runner IS 'A registration: a token that one or many hosts use to ask for jobs';
COMMENT ON COLUMN runner.kind IS 'Whose jobs it may run: all, those of a group and below, those of one project';
COMMENT ON COLUMN runner.is_protected IS 'Runs only jobs of protected branches and tags';
COMMENT ON COLUMN runner.is_locked IS 'Stays with its project';
COMMENT ON COLUMN runner.maximum_timeout IS 'Seconds; no job gets more time here';

CREATE TABLE runner_manager (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	runner_id bigint NOT NULL REFERENCES runner ON DELETE CASCADE,
	system_id text NOT NULL CHECK (length(system_id) <= 64),
	version text NOT NULL DEFAULT '',
	platform text NOT NULL DEFAULT '',
	architecture text NOT NULL DEFAULT '',
	executor text NOT NULL DEFAULT '',
	ip text NOT NULL DEFAULT '',
	can_cancel_gracefully boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	contacted_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT runner_manager_once UNIQUE (runner_id, system_id)
);

COMMENT ON TABLE runner_manager IS 'A host that used a runner''s token';
COMMENT ON COLUMN runner_manager.can_cancel_gracefully IS 'It lets after_script run when a job is canceled';
COMMENT ON COLUMN runner_manager.contacted_at IS 'Written at most once a minute';
