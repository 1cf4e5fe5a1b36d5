-- Who has which level where.

CREATE TABLE member (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	namespace_id bigint REFERENCES namespace ON DELETE CASCADE,
	project_id bigint REFERENCES project ON DELETE CASCADE,
	level integer NOT NULL CHECK (level IN (10, 20, 30, 40, 50)),
	created_by bigint REFERENCES users ON DELETE SET NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz,
	CONSTRAINT member_of_one_place CHECK ((namespace_id IS NULL) <> (project_id IS NULL)),
	CONSTRAINT member_namespace_unique UNIQUE (user_id, namespace_id),
	CONSTRAINT member_project_unique UNIQUE (user_id, project_id)
);

CREATE INDEX member_namespace ON member (namespace_id);
CREATE INDEX member_project ON member (project_id);

COMMENT ON TABLE member IS 'A user''s access level in a group or a project';
COMMENT ON COLUMN member.level IS '10 guest, 20 reporter, 30 developer, 40 maintainer, 50 owner';
COMMENT ON COLUMN member.expires_at IS 'The membership counts until then';

-- The effective level of a user in a project or namespace: the highest of the
-- memberships along the lineage. STABLE and SQL, so the planner inlines it.
CREATE FUNCTION member_level(member_user bigint, at_project bigint, at_lineage bigint[]) RETURNS integer
	LANGUAGE sql STABLE
	AS $$
	SELECT greatest(
		coalesce((SELECT max(m.level) FROM member m
			WHERE m.user_id = member_user
			AND (m.project_id = at_project OR m.namespace_id = ANY (at_lineage))
			AND (m.expires_at IS NULL OR m.expires_at > now())), 0),
		coalesce((SELECT 50 FROM namespace n
			WHERE n.user_id = member_user AND n.id = at_lineage[1]), 0))
	$$;

COMMENT ON FUNCTION member_level(bigint, bigint, bigint[]) IS
	'Effective access level, 0 for none; a personal namespace''s user is its owner';

CREATE FUNCTION member_level_below(member_user bigint, of_namespace bigint) RETURNS integer
	LANGUAGE sql STABLE
	AS $$
	SELECT CASE WHEN member_user <> 0 AND EXISTS (
		SELECT FROM member m
		LEFT JOIN project p ON p.id = m.project_id AND p.deleted_at IS NULL
		JOIN namespace n ON n.id = coalesce(m.namespace_id, p.namespace_id)
		WHERE m.user_id = member_user AND of_namespace = ANY (n.lineage)
		AND (m.expires_at IS NULL OR m.expires_at > now())) THEN 10 ELSE 0 END
	$$;

COMMENT ON FUNCTION member_level_below(bigint, bigint) IS
	'10 (guest) for a member of anything below the namespace, who may then see the namespace, else 0';
