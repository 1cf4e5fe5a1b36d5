-- What exactly stands in an environment: the commit's files, and what jobs had made of them.

ALTER TABLE deployment ADD COLUMN tree text CHECK (length(tree) = 40);

COMMENT ON COLUMN deployment.tree IS 'The tree of the commit: two commits with the same one have the same files. Filled soon after it succeeded';

CREATE TABLE deployment_artifact (
	deployment_id bigint NOT NULL REFERENCES deployment ON DELETE CASCADE,
	job_name text NOT NULL,
	filename text NOT NULL,
	size bigint NOT NULL,
	sha256 bytea NOT NULL CHECK (length(sha256) = 32),
	PRIMARY KEY (deployment_id, job_name)
);

COMMENT ON TABLE deployment_artifact IS 'The archives that the deploy job was handed, by content; kept when the bytes are gone';
