-- Bytes by their content, and what jobs made of them.

CREATE TABLE blob (
	sha256 bytea PRIMARY KEY CHECK (length(sha256) = 32),
	size bigint NOT NULL CHECK (size >= 0),
	created_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE blob IS 'A file of <data>/blobs; it is there if this row is. Its row is locked while the file appears or goes';
COMMENT ON COLUMN blob.created_at IS 'Of the latest link; what nobody links is removed an hour after it';

CREATE TABLE artifact (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	project_id bigint NOT NULL REFERENCES project ON DELETE CASCADE,
	job_id bigint NOT NULL REFERENCES job ON DELETE CASCADE,
	type text NOT NULL CHECK (length(type) BETWEEN 1 AND 64),
	format text NOT NULL CHECK (format IN ('zip', 'gzip', 'raw')),
	filename text NOT NULL CHECK (length(filename) BETWEEN 1 AND 255),
	size bigint NOT NULL CHECK (size >= 0),
	sha256 bytea REFERENCES blob,
	expires_at timestamptz,
	removed_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT artifact_once UNIQUE (job_id, type),
	CONSTRAINT artifact_has_bytes_or_had CHECK ((sha256 IS NULL) = (removed_at IS NOT NULL))
);

CREATE INDEX artifact_blob ON artifact (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX artifact_expiry ON artifact (expires_at) WHERE expires_at IS NOT NULL AND removed_at IS NULL;
CREATE INDEX artifact_project ON artifact (project_id);

COMMENT ON TABLE artifact IS 'What a job left: its archive and its reports, one of each type';
COMMENT ON COLUMN artifact.type IS 'As the runner names it: archive, metadata, junit, ...';
COMMENT ON COLUMN artifact.expires_at IS 'Null: kept until somebody removes it';
COMMENT ON COLUMN artifact.removed_at IS 'The bytes are gone, by expiry or by a person; the row stays to say so';
