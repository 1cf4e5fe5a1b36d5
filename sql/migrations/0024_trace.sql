-- The log of a job beside its length, and which runners may run the same jobs.

ALTER TABLE job ADD COLUMN trace_hold integer NOT NULL DEFAULT 0 CHECK (trace_hold >= 0);
ALTER TABLE job ADD COLUMN trace_may_restart boolean NOT NULL DEFAULT false;
ALTER TABLE job ADD COLUMN trace_is_debug boolean NOT NULL DEFAULT false;

COMMENT ON COLUMN job.trace_hold IS 'Bytes at the end that nobody may read before the job is over: they may be the start of a secret';
COMMENT ON COLUMN job.trace_may_restart IS 'The runner was told that its log differs from ours, and may send it again from 0';
COMMENT ON COLUMN job.trace_is_debug IS 'The job printed its variables: developers and above only';

CREATE FUNCTION runner_class(kind text, namespace_id bigint, project_id bigint, tags text[],
	run_untagged boolean, is_protected boolean) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT left(md5(concat_ws('/', kind, coalesce(namespace_id, project_id, 0), run_untagged, is_protected,
		(SELECT coalesce(string_agg(tag, ',' ORDER BY tag), '') FROM (SELECT DISTINCT unnest(tags) AS tag) one))), 20)
$$;

ALTER TABLE runner ADD COLUMN class text NOT NULL GENERATED ALWAYS AS
	(runner_class(kind, namespace_id, project_id, tags, run_untagged, is_protected)) STORED;
CREATE INDEX runner_of_class ON runner (class);

COMMENT ON COLUMN runner.class IS 'Runners of one class may run the same jobs: one Redis stream, one wake-up for all of them';
COMMENT ON FUNCTION runner_class IS 'The same text for the same scope, tags (in any order), untagged and protected';
