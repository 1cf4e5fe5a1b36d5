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

-- For lists: where a user is a member, as arrays that a statement computes once.
-- (For one project or namespace the level is a subquery of the statement itself: a
-- call of an SQL function costs more than the whole lookup.)

CREATE FUNCTION member_namespaces(of_user bigint, least_level integer) RETURNS bigint[]
	LANGUAGE sql STABLE
	AS $$
	SELECT coalesce(array_agg(id), '{}') FROM (
		SELECT m.namespace_id AS id FROM member m
		WHERE m.user_id = of_user AND m.namespace_id IS NOT NULL AND m.level >= least_level
			AND (m.expires_at IS NULL OR m.expires_at > now())
		UNION ALL
		SELECT n.id FROM namespace n WHERE n.user_id = of_user
	) AS places
	$$;

COMMENT ON FUNCTION member_namespaces(bigint, integer) IS
	'Namespaces in which the user has a level of their own; what has one of them in its lineage inherits it';

CREATE FUNCTION member_projects(of_user bigint) RETURNS bigint[]
	LANGUAGE sql STABLE
	AS $$
	SELECT coalesce(array_agg(m.project_id), '{}') FROM member m
	WHERE m.user_id = of_user AND m.project_id IS NOT NULL
		AND (m.expires_at IS NULL OR m.expires_at > now())
	$$;

COMMENT ON FUNCTION member_projects(bigint) IS 'Projects of which the user is a direct member';

CREATE FUNCTION member_way(of_user bigint) RETURNS bigint[]
	LANGUAGE sql STABLE
	AS $$
	SELECT coalesce(array_agg(DISTINCT step), '{}')
	FROM member m
	LEFT JOIN project p ON p.id = m.project_id AND p.deleted_at IS NULL
	JOIN namespace n ON n.id = coalesce(m.namespace_id, p.namespace_id)
	CROSS JOIN unnest(n.lineage) AS step
	WHERE m.user_id = of_user AND (m.expires_at IS NULL OR m.expires_at > now())
	$$;

COMMENT ON FUNCTION member_way(bigint) IS
	'Namespaces on the way down to a membership: the user may see them, as a guest';
