-- Who did what. Rows are only ever added.

CREATE TABLE audit_event (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT now(),
	act text NOT NULL,
	actor_kind text NOT NULL,
	actor_user_id bigint,
	actor_name text,
	credential text,
	ip text,
	request_id text,
	object_kind text NOT NULL,
	object_id bigint,
	object text,
	project_id bigint,
	namespace_id bigint,
	detail jsonb NOT NULL DEFAULT '{}'
);

CREATE INDEX audit_event_at ON audit_event (at);
CREATE INDEX audit_event_project ON audit_event (project_id, id) WHERE project_id IS NOT NULL;
CREATE INDEX audit_event_actor ON audit_event (actor_user_id, id) WHERE actor_user_id IS NOT NULL;

COMMENT ON TABLE audit_event IS 'Who did what, from where, with which credential; no foreign keys, so that it outlives its objects';
COMMENT ON COLUMN audit_event.credential IS 'session 5, token 7, key 9: the row that proved the actor';
COMMENT ON COLUMN audit_event.object IS 'Name or path of the object as it was';

CREATE FUNCTION audit_event_is_append_only() RETURNS trigger
	LANGUAGE plpgsql
	AS $$
	BEGIN
		RAISE EXCEPTION 'audit_event is append-only';
	END
	$$;

CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
	FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only();
