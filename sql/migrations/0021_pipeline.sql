-- Pipelines and their jobs: the queue that cannot lie. States change only by
-- compare-and-set, the pipeline's row locked first (forge/domain/README.md).

CREATE TABLE pipeline (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	project_id bigint NOT NULL REFERENCES project ON DELETE CASCADE,
	iid bigint NOT NULL,
	push_id bigint REFERENCES push ON DELETE SET NULL,
	source text NOT NULL CHECK (source IN ('push', 'web', 'schedule', 'api', 'trigger', 'merge_request_event')),
	ref text NOT NULL CHECK (ref LIKE 'refs/%'),
	ref_name text NOT NULL,
	is_tag boolean NOT NULL,
	sha text NOT NULL CHECK (length(sha) = 40),
	before_sha text NOT NULL CHECK (length(before_sha) = 40),
	status text NOT NULL CHECK (status IN ('created', 'waiting_for_resource', 'preparing', 'pending', 'running',
		'canceling', 'success', 'failed', 'canceled', 'skipped', 'manual', 'scheduled')),
	name text,
	user_id bigint REFERENCES users ON DELETE SET NULL,
	is_protected boolean NOT NULL,
	config_error text,
	config_file text,
	config_line integer,
	config_column integer,
	auto_cancel text NOT NULL DEFAULT 'conservative' CHECK (auto_cancel IN ('conservative', 'interruptible', 'none')),
	cancels_on_failure boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	started_at timestamptz,
	finished_at timestamptz,
	updated_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT pipeline_iid_unique UNIQUE (project_id, iid),
	CONSTRAINT pipeline_once UNIQUE (push_id, ref, source)
);

CREATE INDEX pipeline_ref ON pipeline (project_id, ref, id DESC);
CREATE INDEX pipeline_sha ON pipeline (project_id, sha, id DESC);

COMMENT ON TABLE pipeline IS 'The jobs of one commit for one reason';
COMMENT ON COLUMN pipeline.iid IS 'Counts per project';
COMMENT ON COLUMN pipeline.ref IS 'In full: refs/heads/x, refs/tags/x, refs/merge-requests/n/head';
COMMENT ON COLUMN pipeline.ref_name IS 'As CI_COMMIT_REF_NAME: the branch or tag; of a merge request its source branch';
COMMENT ON COLUMN pipeline.before_sha IS 'Zeros: there was nothing before';
COMMENT ON COLUMN pipeline.status IS 'What its latest jobs make of it (forge/ci/status.h), written with them';
COMMENT ON COLUMN pipeline.config_error IS 'Set: the file is not valid; there are no jobs and the status is failed';

CREATE TABLE pipeline_counter (
	project_id bigint PRIMARY KEY REFERENCES project ON DELETE CASCADE,
	last_iid bigint NOT NULL
);

COMMENT ON TABLE pipeline_counter IS 'The last iid of each project; its row is locked while the next is taken';

CREATE TABLE job (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	project_id bigint NOT NULL REFERENCES project ON DELETE CASCADE,
	pipeline_id bigint NOT NULL REFERENCES pipeline ON DELETE CASCADE,
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
	stage text NOT NULL,
	stage_index integer NOT NULL,
	position integer NOT NULL,
	status text NOT NULL CHECK (status IN ('created', 'waiting_for_resource', 'preparing', 'pending', 'running',
		'canceling', 'success', 'failed', 'canceled', 'skipped', 'manual', 'scheduled')),
	run_when text NOT NULL CHECK (run_when IN ('on_success', 'on_failure', 'always', 'manual', 'delayed')),
	start_in integer NOT NULL DEFAULT 0,
	allow_failure boolean NOT NULL,
	allow_failure_codes bigint[] NOT NULL DEFAULT '{}',
	has_needs boolean NOT NULL,
	needs text[] NOT NULL DEFAULT '{}',
	artifacts_of text[] NOT NULL DEFAULT '{}',
	tags text[] NOT NULL DEFAULT '{}',
	is_protected boolean NOT NULL,
	is_interruptible boolean NOT NULL,
	priority integer NOT NULL DEFAULT 0,
	timeout integer NOT NULL CHECK (timeout > 0),
	retry_max integer NOT NULL DEFAULT 0 CHECK (retry_max BETWEEN 0 AND 2),
	retry_when text[] NOT NULL DEFAULT '{}',
	retry_codes bigint[] NOT NULL DEFAULT '{}',
	environment text,
	environment_action text,
	resource_group text,
	options text NOT NULL,
	retried_from bigint REFERENCES job ON DELETE SET NULL,
	attempt integer NOT NULL DEFAULT 0,
	is_latest boolean NOT NULL DEFAULT true,
	runner_id bigint REFERENCES runner ON DELETE SET NULL,
	manager_id bigint REFERENCES runner_manager ON DELETE SET NULL,
	token_sha256 bytea CHECK (length(token_sha256) = 32),
	lease_until timestamptz,
	has_reported boolean NOT NULL DEFAULT false,
	failure_reason text,
	exit_code integer,
	trace_length bigint NOT NULL DEFAULT 0 CHECK (trace_length >= 0),
	trace_crc bigint NOT NULL DEFAULT 0,
	user_id bigint REFERENCES users ON DELETE SET NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	queued_at timestamptz,
	scheduled_at timestamptz,
	started_at timestamptz,
	finished_at timestamptz,
	CONSTRAINT job_token_unique UNIQUE (token_sha256),
	CONSTRAINT job_runs_under_a_lease CHECK ((lease_until IS NOT NULL) = (status IN ('running', 'canceling'))),
	CONSTRAINT job_end_has_a_time CHECK ((finished_at IS NOT NULL) = (status IN ('success', 'failed', 'canceled', 'skipped')))
);

CREATE INDEX job_pipeline ON job (pipeline_id, stage_index, position, id);
CREATE UNIQUE INDEX job_latest ON job (pipeline_id, name) WHERE is_latest;
CREATE INDEX job_queue ON job (project_id, priority DESC, id) WHERE status = 'pending';
CREATE INDEX job_busy ON job (project_id) WHERE status IN ('running', 'canceling');
CREATE INDEX job_lease ON job (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX job_scheduled ON job (scheduled_at) WHERE status = 'scheduled';
CREATE INDEX job_project ON job (project_id, id DESC);

COMMENT ON TABLE job IS 'One attempt at a job; a retry is a new row';
COMMENT ON COLUMN job.needs IS 'Names of jobs of the same pipeline; with has_needs false the job goes by stages';
COMMENT ON COLUMN job.artifacts_of IS 'Names of jobs whose artifacts it gets';
COMMENT ON COLUMN job.options IS 'JSON: scripts, variables, artifacts, image, services, cache, as planned';
COMMENT ON COLUMN job.is_latest IS 'False once it was retried; only latest jobs make the pipeline''s state';
COMMENT ON COLUMN job.token_sha256 IS 'Of the job token, unique for each claim: the fence. Kept after the end, so that a repeated report is known';
COMMENT ON COLUMN job.lease_until IS 'By the database''s clock; lapsed means the runner is lost';
COMMENT ON COLUMN job.has_reported IS 'The runner has said anything since the claim; if not, the job may go back to the queue';
COMMENT ON COLUMN job.trace_length IS 'Bytes of the trace that exist; what the file has beyond is not there';
COMMENT ON COLUMN job.trace_crc IS 'CRC-32 of those bytes as received';
