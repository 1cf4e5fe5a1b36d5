-- Where a deployment says that it can be seen; the environment takes it over when it succeeds.

ALTER TABLE deployment ADD COLUMN external_url text CHECK (length(external_url) <= 2000);

COMMENT ON COLUMN deployment.external_url IS 'Null: its job names no address, or one that holds a masked value';
