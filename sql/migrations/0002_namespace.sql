-- The folders of the forge's names, and the projects in them.

CREATE TABLE namespace (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind text NOT NULL CHECK (kind IN ('user', 'group')),
	parent_id bigint REFERENCES namespace ON DELETE RESTRICT,
	lineage bigint[] NOT NULL,
	user_id bigint UNIQUE REFERENCES users ON DELETE RESTRICT,
	segment text NOT NULL,
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
	description text NOT NULL DEFAULT '' CHECK (length(description) <= 2000),
	visibility text NOT NULL CHECK (visibility IN ('private', 'internal', 'public')),
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT namespace_user_or_group CHECK ((kind = 'user') = (user_id IS NOT NULL)),
	CONSTRAINT namespace_user_is_top CHECK (kind = 'group' OR parent_id IS NULL),
	CONSTRAINT namespace_lineage_ends_here CHECK (lineage[cardinality(lineage)] = id),
	CONSTRAINT namespace_depth CHECK (cardinality(lineage) <= 20)
);

CREATE INDEX namespace_parent ON namespace (parent_id);
CREATE INDEX namespace_lineage ON namespace USING gin (lineage);

COMMENT ON TABLE namespace IS 'Personal namespaces and groups, in one table because they share one space of names';
COMMENT ON COLUMN namespace.lineage IS 'Ids from the top down to this one: membership is inherited along it';
COMMENT ON COLUMN namespace.user_id IS 'The owner of a personal namespace';
COMMENT ON COLUMN namespace.segment IS 'The last part of the address';
COMMENT ON COLUMN namespace.visibility IS 'Who may see that a group exists; projects in it are not more visible';

CREATE TABLE project (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	namespace_id bigint REFERENCES namespace ON DELETE RESTRICT,
	segment text NOT NULL,
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
	description text NOT NULL DEFAULT '' CHECK (length(description) <= 2000),
	visibility text NOT NULL CHECK (visibility IN ('private', 'internal', 'public')),
	default_branch text NOT NULL DEFAULT 'main' CHECK (length(default_branch) BETWEEN 1 AND 255),
	creator_id bigint REFERENCES users ON DELETE SET NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	last_activity_at timestamptz NOT NULL DEFAULT now(),
	archived_at timestamptz,
	deleted_at timestamptz,
	repository_at timestamptz,
	pushed_at timestamptz,
	unsettled integer NOT NULL DEFAULT 0 CHECK (unsettled >= 0),
	generation bigint NOT NULL DEFAULT 0,
	CONSTRAINT project_alive_is_somewhere CHECK (deleted_at IS NOT NULL OR namespace_id IS NOT NULL)
);

CREATE INDEX project_namespace ON project (namespace_id);
CREATE INDEX project_activity ON project (last_activity_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX project_without_repository ON project (id) WHERE repository_at IS NULL AND deleted_at IS NULL;
CREATE INDEX project_unsettled ON project (id) WHERE unsettled > 0;

COMMENT ON TABLE project IS 'A repository and what is done around it';
COMMENT ON COLUMN project.namespace_id IS 'Null only when deleted, so that an emptied group can be removed';
COMMENT ON COLUMN project.segment IS 'The last part of the address';
COMMENT ON COLUMN project.archived_at IS 'Set: may be read, not changed';
COMMENT ON COLUMN project.deleted_at IS 'Set: hidden from all; the files are removed later';
COMMENT ON COLUMN project.repository_at IS 'When the folder of the repository was made';
COMMENT ON COLUMN project.pushed_at IS 'Of the last push; null: nothing was ever pushed';
COMMENT ON COLUMN project.unsettled IS 'Landings committed here whose refs may not be renamed yet';
COMMENT ON COLUMN project.generation IS 'Bumped when refs change, where hosts share the file system';

CREATE TABLE address (
	key text COLLATE "C" PRIMARY KEY,
	path text NOT NULL CHECK (length(path) <= 1024),
	namespace_id bigint REFERENCES namespace ON DELETE CASCADE,
	project_id bigint REFERENCES project ON DELETE CASCADE,
	is_old boolean NOT NULL DEFAULT false,
	since timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT address_key_is_path CHECK (key = lower(path COLLATE "C")),
	CONSTRAINT address_of_one_thing CHECK ((namespace_id IS NULL) <> (project_id IS NULL))
);

CREATE UNIQUE INDEX address_namespace ON address (namespace_id) WHERE NOT is_old;
CREATE UNIQUE INDEX address_project ON address (project_id) WHERE NOT is_old;
CREATE INDEX address_namespace_all ON address (namespace_id);
CREATE INDEX address_project_all ON address (project_id);

COMMENT ON TABLE address IS 'Every full path a person can type: current ones, and old ones that lead to where a thing moved';
COMMENT ON COLUMN address.key IS 'The path in lower case: names are unique case-blind, among groups, users and projects alike. Collation C: its index also finds what is below a path';
COMMENT ON COLUMN address.is_old IS 'Left behind by a rename; gives way when somebody takes the path';

CREATE VIEW namespace_row AS
	SELECT n.id, n.kind, n.parent_id, n.lineage, n.user_id, n.segment, a.path, a.key, n.name,
		(SELECT string_agg(x.name, ' / ' ORDER BY cardinality(x.lineage))
			FROM namespace x WHERE x.id = ANY (n.lineage)) AS full_name,
		n.description, n.visibility, n.created_at
	FROM namespace n
	JOIN address a ON a.namespace_id = n.id AND NOT a.is_old;

COMMENT ON VIEW namespace_row IS 'A namespace with its address, as the program reads it';

CREATE VIEW project_row AS
	SELECT p.id, p.namespace_id, p.segment, a.path, a.key, p.name,
		(SELECT string_agg(x.name, ' / ' ORDER BY cardinality(x.lineage))
			FROM namespace x WHERE x.id = ANY (n.lineage))
			|| ' / ' || p.name AS full_name,
		na.path AS namespace_path, p.description, p.visibility, p.default_branch, p.creator_id,
		p.archived_at IS NOT NULL AS is_archived, p.repository_at IS NOT NULL AS has_repository,
		p.pushed_at IS NULL AS is_empty, p.created_at, p.updated_at, p.last_activity_at,
		p.unsettled, n.lineage, n.user_id AS personal_user_id
	FROM project p
	JOIN namespace n ON n.id = p.namespace_id
	JOIN address a ON a.project_id = p.id AND NOT a.is_old
	JOIN address na ON na.namespace_id = n.id AND NOT na.is_old
	WHERE p.deleted_at IS NULL;

COMMENT ON VIEW project_row IS 'A project that is not deleted, with its address, as the program reads it';

CREATE VIEW user_row AS
	SELECT u.id, n.id AS namespace_id, u.username, u.name, u.email, u.is_admin,
		u.kind = 'bot' AS is_bot, u.state = 'blocked' AS is_blocked, u.password_hash,
		u.created_at, u.last_sign_in_at
	FROM users u
	LEFT JOIN namespace n ON n.user_id = u.id;

COMMENT ON VIEW user_row IS 'A user with the personal namespace (bots have none), as the program reads it';
