-- The runner that `hearth up` starts by itself.

ALTER TABLE runner ADD COLUMN is_local boolean NOT NULL DEFAULT false;

CREATE UNIQUE INDEX runner_local ON runner (is_local) WHERE is_local;

COMMENT ON COLUMN runner.is_local IS 'Started with the server, which gives it a new token at each start';
