-- How projects merge.

-- name: merge_setting_get :find
-- in: project_id int8
-- out: method text, squash text, needs_pipeline bool, skipped_is_green bool
-- out: needs_threads_resolved bool, approvals_required int4, removes_source bool, tests_result bool
SELECT method, squash, needs_pipeline, skipped_is_green, needs_threads_resolved, approvals_required,
	removes_source, tests_result
FROM merge_setting
WHERE project_id = $1;

-- name: merge_setting_put :exec
-- in: project_id int8, method text, squash text, needs_pipeline bool, skipped_is_green bool
-- in: needs_threads_resolved bool, approvals_required int4, removes_source bool, tests_result bool
INSERT INTO merge_setting (project_id, method, squash, needs_pipeline, skipped_is_green,
	needs_threads_resolved, approvals_required, removes_source, tests_result)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (project_id) DO UPDATE
SET method = excluded.method, squash = excluded.squash, needs_pipeline = excluded.needs_pipeline,
	skipped_is_green = excluded.skipped_is_green,
	needs_threads_resolved = excluded.needs_threads_resolved,
	approvals_required = excluded.approvals_required, removes_source = excluded.removes_source,
	tests_result = excluded.tests_result,
	updated_at = now();
