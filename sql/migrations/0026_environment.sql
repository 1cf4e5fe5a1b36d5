-- Where software stands and how it came there: environments and their deployments.

CREATE TABLE environment (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	project_id bigint NOT NULL REFERENCES project ON DELETE CASCADE,
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
	slug text NOT NULL CHECK (length(slug) BETWEEN 1 AND 24),
	tier text NOT NULL CHECK (tier IN ('production', 'staging', 'testing', 'development', 'other')),
	state text NOT NULL DEFAULT 'available' CHECK (state IN ('available', 'stopping', 'stopped')),
	external_url text CHECK (length(external_url) <= 2000),
	description text NOT NULL DEFAULT '' CHECK (length(description) <= 10000),
	auto_stop_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT environment_name_unique UNIQUE (project_id, name)
);

CREATE INDEX environment_auto_stop ON environment (auto_stop_at)
	WHERE auto_stop_at IS NOT NULL AND state = 'available';

COMMENT ON TABLE environment IS 'A place where a project''s software runs';
COMMENT ON COLUMN environment.name IS 'As the job names it; a slash makes folders (review/x). Case counts';
COMMENT ON COLUMN environment.slug IS 'For host names: lower case, at most 24 bytes (forge/domain/environment.h)';
COMMENT ON COLUMN environment.external_url IS 'Where people see it; set by the last successful deployment or by hand';
COMMENT ON COLUMN environment.auto_stop_at IS 'Its stop job is started then; each deployment sets it anew';

CREATE TABLE deployment_counter (
	project_id bigint PRIMARY KEY REFERENCES project ON DELETE CASCADE,
	last_iid bigint NOT NULL
);

COMMENT ON TABLE deployment_counter IS 'The last iid of each project; its row is locked while the next is taken';

CREATE TABLE deployment (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	project_id bigint NOT NULL REFERENCES project ON DELETE CASCADE,
	iid bigint NOT NULL,
	environment_id bigint NOT NULL REFERENCES environment ON DELETE CASCADE,
	pipeline_id bigint REFERENCES pipeline ON DELETE SET NULL,
	job_id bigint REFERENCES job ON DELETE SET NULL,
	pipeline_number bigint NOT NULL,
	ref text NOT NULL CHECK (ref LIKE 'refs/%'),
	ref_name text NOT NULL,
	is_tag boolean NOT NULL,
	sha text NOT NULL CHECK (length(sha) = 40),
	replaced_sha text CHECK (length(replaced_sha) = 40),
	kind text NOT NULL CHECK (kind IN ('deploy', 'redeploy', 'rollback')),
	status text NOT NULL CHECK (status IN ('running', 'success', 'failed', 'canceled')),
	user_id bigint REFERENCES users ON DELETE SET NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	finished_at timestamptz,
	CONSTRAINT deployment_iid_unique UNIQUE (project_id, iid),
	CONSTRAINT deployment_end_has_a_time CHECK ((finished_at IS NOT NULL) = (status <> 'running'))
);

CREATE UNIQUE INDEX deployment_one_at_a_time ON deployment (environment_id) WHERE status = 'running';
CREATE INDEX deployment_environment ON deployment (environment_id, id DESC);
CREATE INDEX deployment_project ON deployment (project_id, id DESC);
CREATE INDEX deployment_job ON deployment (job_id);
CREATE INDEX deployment_pipeline ON deployment (pipeline_id);

COMMENT ON TABLE deployment IS 'One run of a deploy job: inserted when a runner takes the job, settled at its end';
COMMENT ON COLUMN deployment.pipeline_number IS 'The pipeline''s id, kept when the pipeline is deleted: what came before what';
COMMENT ON COLUMN deployment.replaced_sha IS 'What stood there when it began; null: nothing';
COMMENT ON COLUMN deployment.kind IS 'rollback: a person brought back an older commit; redeploy: the same commit again';
COMMENT ON COLUMN deployment.user_id IS 'Who started the job: the pipeline''s user, or who played or retried it';

-- The artifacts of these pipelines are kept: an environment can be brought back to them.
CREATE VIEW pipeline_deployable AS
SELECT DISTINCT d.pipeline_id
FROM environment n
CROSS JOIN LATERAL (
	SELECT x.pipeline_id FROM deployment x
	WHERE x.environment_id = n.id AND x.status = 'success' AND x.pipeline_id IS NOT NULL
	ORDER BY x.id DESC LIMIT 10) d
WHERE n.state <> 'stopped';

COMMENT ON VIEW pipeline_deployable IS 'The pipelines of the last ten successful deployments of each environment that is not stopped';

ALTER TABLE job
	ADD COLUMN is_deliberate boolean NOT NULL DEFAULT false,
	ADD COLUMN failure_message text CHECK (length(failure_message) <= 1000);

COMMENT ON COLUMN job.is_deliberate IS 'A person played or retried it: an older commit may then replace a newer one';
COMMENT ON COLUMN job.failure_message IS 'Why the forge ended it or let it not start, as a sentence';

CREATE UNIQUE INDEX job_resource ON job (project_id, resource_group)
	WHERE status IN ('running', 'canceling') AND resource_group <> '';

COMMENT ON INDEX job_resource IS 'One running job for each resource group: who comes second stays pending';
