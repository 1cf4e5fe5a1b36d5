-- Variables that jobs are given.

CREATE TABLE variable (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	namespace_id bigint REFERENCES namespace ON DELETE CASCADE,
	project_id bigint REFERENCES project ON DELETE CASCADE,
	key text COLLATE "C" NOT NULL CHECK (key ~ '^[A-Za-z0-9_]{1,255}$'),
	scope text COLLATE "C" NOT NULL DEFAULT '*' CHECK (length(scope) BETWEEN 1 AND 255),
	sealed bytea NOT NULL,
	is_file boolean NOT NULL,
	is_protected boolean NOT NULL,
	is_masked boolean NOT NULL,
	is_hidden boolean NOT NULL,
	is_raw boolean NOT NULL,
	description text NOT NULL DEFAULT '' CHECK (length(description) <= 255),
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT variable_of_one_owner CHECK (namespace_id IS NULL OR project_id IS NULL),
	CONSTRAINT variable_hidden_is_masked CHECK (is_masked OR NOT is_hidden)
);

CREATE UNIQUE INDEX variable_once ON variable
	(coalesce(project_id, 0), coalesce(namespace_id, 0), key, scope);
CREATE INDEX variable_namespace ON variable (namespace_id) WHERE namespace_id IS NOT NULL;
CREATE INDEX variable_project ON variable (project_id) WHERE project_id IS NOT NULL;

COMMENT ON TABLE variable IS 'Stored CI variables of a project, of a group, or (neither) of the instance';
COMMENT ON COLUMN variable.scope IS 'Names of environments; * stands for any run of characters';
COMMENT ON COLUMN variable.sealed IS 'The value, by secret_seal, bound to owner and key: moved elsewhere it does not open';
COMMENT ON COLUMN variable.is_file IS 'The job gets a file with the value, and its path as the variable';
COMMENT ON COLUMN variable.is_hidden IS 'Its value is never shown again';
COMMENT ON COLUMN variable.is_raw IS 'References in it are not expanded';

CREATE TABLE pipeline_predefined (
	pipeline_id bigint PRIMARY KEY REFERENCES pipeline ON DELETE CASCADE,
	variables text NOT NULL
);

COMMENT ON TABLE pipeline_predefined IS 'What commit, ref and merge request gave when the pipeline was planned';
COMMENT ON COLUMN pipeline_predefined.variables IS 'JSON: [{key, value}]';

CREATE TABLE pipeline_variable (
	pipeline_id bigint NOT NULL REFERENCES pipeline ON DELETE CASCADE,
	position integer NOT NULL,
	key text NOT NULL CHECK (key ~ '^[A-Za-z0-9_]{1,255}$'),
	sealed bytea NOT NULL,
	is_file boolean NOT NULL,
	is_raw boolean NOT NULL,
	PRIMARY KEY (pipeline_id, position)
);

COMMENT ON TABLE pipeline_variable IS 'Given by who started the pipeline: push option, page, API, schedule';

CREATE TABLE job_variable (
	job_id bigint NOT NULL REFERENCES job ON DELETE CASCADE,
	position integer NOT NULL,
	key text NOT NULL CHECK (key ~ '^[A-Za-z0-9_]{1,255}$'),
	sealed bytea NOT NULL,
	PRIMARY KEY (job_id, position)
);

COMMENT ON TABLE job_variable IS 'Given by who played a manual job';
