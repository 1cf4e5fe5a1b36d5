-- What programs prove themselves with: SSH keys and tokens.

CREATE TABLE key (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	title text NOT NULL CHECK (length(title) BETWEEN 1 AND 255),
	type text NOT NULL,
	blob bytea NOT NULL,
	fingerprint text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz,
	last_used_at timestamptz,
	CONSTRAINT key_fingerprint_unique UNIQUE (fingerprint)
);

CREATE INDEX key_user ON key (user_id);

COMMENT ON TABLE key IS 'SSH public keys; one key belongs to one user';
COMMENT ON COLUMN key.blob IS 'The canonical binary form (RFC 4253, 6.6); what two keys are compared by';
COMMENT ON COLUMN key.fingerprint IS 'SHA256:..., of the blob';

CREATE TABLE token (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind text NOT NULL CHECK (kind IN ('personal', 'project', 'group', 'deploy')),
	user_id bigint REFERENCES users ON DELETE CASCADE,
	project_id bigint REFERENCES project ON DELETE CASCADE,
	namespace_id bigint REFERENCES namespace ON DELETE CASCADE,
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
	username text,
	sha256 bytea NOT NULL UNIQUE CHECK (length(sha256) = 32),
	scopes text[] NOT NULL CHECK (cardinality(scopes) BETWEEN 1 AND 20),
	level integer CHECK (level IN (10, 20, 30, 40, 50)),
	created_by bigint REFERENCES users ON DELETE SET NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	last_used_at timestamptz,
	last_used_ip text,
	revoked_at timestamptz,
	CONSTRAINT token_shape CHECK (CASE kind
		WHEN 'personal' THEN user_id IS NOT NULL AND project_id IS NULL AND namespace_id IS NULL
		WHEN 'project' THEN user_id IS NOT NULL AND project_id IS NOT NULL AND namespace_id IS NULL AND level IS NOT NULL
		WHEN 'group' THEN user_id IS NOT NULL AND project_id IS NULL AND namespace_id IS NOT NULL AND level IS NOT NULL
		ELSE user_id IS NULL AND (project_id IS NULL) <> (namespace_id IS NULL) AND username IS NOT NULL
	END)
);

CREATE INDEX token_user ON token (user_id);
CREATE INDEX token_project ON token (project_id);
CREATE INDEX token_namespace ON token (namespace_id);

COMMENT ON TABLE token IS 'Tokens for programs; only the SHA-256 of the text is stored';
COMMENT ON COLUMN token.user_id IS 'Whom it acts as: a person, or the bot of a project or group token';
COMMENT ON COLUMN token.username IS 'Of a deploy token: the name git sends with it';
COMMENT ON COLUMN token.level IS 'Of a project or group token: its bot''s membership';
