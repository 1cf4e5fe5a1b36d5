-- People, and the bots behind project and group tokens.

CREATE TABLE users (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	username text NOT NULL CHECK (username ~ '^[A-Za-z0-9_][A-Za-z0-9_.-]{1,63}$'),
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
	email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
	kind text NOT NULL DEFAULT 'human' CHECK (kind IN ('human', 'bot')),
	state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'blocked')),
	is_admin boolean NOT NULL DEFAULT false,
	password_hash text,
	password_changed_at timestamptz,
	last_sign_in_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT users_bot_is_no_admin CHECK (kind = 'human' OR (NOT is_admin AND password_hash IS NULL))
);

CREATE UNIQUE INDEX users_username_unique ON users (lower(username COLLATE "C"));
CREATE UNIQUE INDEX users_email_unique ON users (lower(email COLLATE "C"));
CREATE INDEX users_admin ON users (id) WHERE is_admin;

COMMENT ON TABLE users IS 'People and bots; the plural because user is a reserved word';
COMMENT ON COLUMN users.username IS 'Also the segment of the personal namespace; unique case-blind';
COMMENT ON COLUMN users.kind IS 'bot: stands behind a project or group token, never signs in';
COMMENT ON COLUMN users.state IS 'blocked: no credential of the user works';
COMMENT ON COLUMN users.password_hash IS 'argon2id with its parameters; null: only a one-time link sets one';

CREATE TABLE session (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	token_sha256 bytea NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
	ip text,
	user_agent text,
	created_at timestamptz NOT NULL DEFAULT now(),
	last_seen_at timestamptz NOT NULL DEFAULT now(),
	proved_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL
);

CREATE INDEX session_of_user ON session (user_id);
CREATE INDEX session_expires ON session (expires_at);

COMMENT ON TABLE session IS 'Browsers that are signed in; deleted at sign-out, block and password change';
COMMENT ON COLUMN session.token_sha256 IS 'SHA-256 of the cookie; the cookie itself is stored nowhere';
COMMENT ON COLUMN session.last_seen_at IS 'Written at most once a minute; the idle end counts from it';
COMMENT ON COLUMN session.proved_at IS 'When the password was last given';
COMMENT ON COLUMN session.expires_at IS 'The absolute end';

CREATE TABLE one_time_link (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	purpose text NOT NULL DEFAULT 'set_password' CHECK (purpose IN ('set_password')),
	token_sha256 bytea NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
	created_by bigint REFERENCES users ON DELETE SET NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	used_at timestamptz
);

CREATE INDEX one_time_link_user ON one_time_link (user_id);

COMMENT ON TABLE one_time_link IS 'Links that work once, for setting a password';
COMMENT ON COLUMN one_time_link.used_at IS 'Set by the compare-and-set that spends it';

CREATE UNLOGGED TABLE rate_counter (
	key text PRIMARY KEY,
	window_ends_at timestamptz NOT NULL,
	hits bigint NOT NULL
);

CREATE INDEX rate_counter_end ON rate_counter (window_ends_at);

COMMENT ON TABLE rate_counter IS 'What must not be tried too often, while Redis does not answer; may be emptied';
