-- Pipelines of the result of a merge: which two commits it was made of.

ALTER TABLE pipeline
	ADD COLUMN source_sha text CHECK (length(source_sha) = 40),
	ADD COLUMN target_sha text CHECK (length(target_sha) = 40),
	ADD CONSTRAINT pipeline_result_is_of_two CHECK ((source_sha IS NULL) = (target_sha IS NULL));

CREATE INDEX pipeline_result ON pipeline (project_id, source_sha, id DESC) WHERE source_sha IS NOT NULL;

COMMENT ON COLUMN pipeline.source_sha IS 'Set: sha is what merging this head of a merge request into target_sha gives';
COMMENT ON COLUMN pipeline.target_sha IS 'Where the target stood; the result counts for exactly this pair';

ALTER TABLE merge_setting ADD COLUMN tests_result boolean NOT NULL DEFAULT false;

COMMENT ON COLUMN merge_setting.tests_result IS 'Pipelines of merge requests run on what the merge would give, not on the head';
