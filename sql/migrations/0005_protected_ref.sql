-- Which branches and tags may be changed by whom.

CREATE TABLE protected_ref (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	project_id bigint NOT NULL REFERENCES project ON DELETE CASCADE,
	kind text NOT NULL CHECK (kind IN ('branch', 'tag')),
	pattern text NOT NULL CHECK (length(pattern) BETWEEN 1 AND 255),
	push_level integer NOT NULL CHECK (push_level IN (0, 30, 40, 50, 60)),
	merge_level integer NOT NULL CHECK (merge_level IN (0, 30, 40, 50, 60)),
	force_level integer NOT NULL DEFAULT 0 CHECK (force_level IN (0, 30, 40, 50, 60)),
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT protected_ref_unique UNIQUE (project_id, kind, pattern)
);

COMMENT ON TABLE protected_ref IS 'Protected branches and tags; in a pattern * stands for any run of characters';
COMMENT ON COLUMN protected_ref.push_level IS 'Least level that may push; of a tag: create. 0 no one, 60 administrators';
COMMENT ON COLUMN protected_ref.merge_level IS 'Least level that may merge a merge request into it';
COMMENT ON COLUMN protected_ref.force_level IS 'Least level that may replace history or move the tag';
