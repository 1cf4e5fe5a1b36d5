-- What ran. This file runs at every start, before the list is read, so it
-- must stay fine to run again.

CREATE TABLE IF NOT EXISTS schema_migration (
	number integer PRIMARY KEY,
	name text NOT NULL,
	sha256 text NOT NULL,
	applied_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE schema_migration IS 'The migrations that ran, with the SHA-256 of their text';
