#include "pages/project_row.h"

void project_rows(struct request *rq, const struct projects *projects,
		  struct view_project_row **rows, size_t *count)
{
	struct view_project_row *items =
		ARENA_ARRAY(rq->arena, struct view_project_row, projects->count + 1);

	for (size_t i = 0; i < projects->count; i++) {
		const struct project *project = projects->items[i];

		items[i] = (struct view_project_row){
			.path = project->path,
			.name = project->name,
			.namespace = project->namespace_path,
			.description = project->description,
			.tile = page_tile(project->path),
			.initial = page_letter(project->name),
			.visibility = { .name = str_c(visibility_name(project->visibility)) },
			.is_archived = project->is_archived,
			.is_empty = project->is_empty,
			.active = project->last_activity_at,
		};
	}
	*rows = items;
	*count = projects->count;
}

void group_rows(struct request *rq, const struct namespaces *groups, struct view_group_row **rows,
		size_t *count)
{
	struct view_group_row *items =
		ARENA_ARRAY(rq->arena, struct view_group_row, groups->count + 1);

	for (size_t i = 0; i < groups->count; i++) {
		const struct namespace *group = groups->items[i];

		items[i] = (struct view_group_row){
			.path = group->path,
			.full_name = group->full_name,
			.description = group->description,
			.tile = page_tile(group->path),
			.initial = page_letter(group->name),
			.visibility = { .name = str_c(visibility_name(group->visibility)) },
		};
	}
	*rows = items;
	*count = groups->count;
}
