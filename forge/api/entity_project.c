/* A project as JSON. What the server does not have yet is said to be switched off. */
#include "api/api.h"
#include "api/merge_setting.h"
#include "api/entity.h"
#include "domain/fork.h"

static struct str page(const struct request *rq, const struct project *p, const char *rest)
{
	return request_absolute(rq, arena_fmt(rq->arena, "/%.*s%s", STR_FMT(p->path), rest));
}

static void write_names(struct jsonw *w, const struct request *rq, const struct project *p)
{
	jsonw_field_int(w, "id", p->id.v);
	jsonw_field_str(w, "description", str_is_none(p->description) ? STR("") : p->description);
	jsonw_field_str(w, "name", p->name);
	jsonw_field_str(w, "name_with_namespace", p->full_name);
	jsonw_field_str(w, "path", p->segment);
	jsonw_field_str(w, "path_with_namespace", p->path);
	jsonw_field_time(w, "created_at", p->created_at);
	jsonw_field_str(w, "default_branch", p->default_branch);
	jsonw_field_array(w, "tag_list");
	jsonw_end(w);
	jsonw_field_array(w, "topics");
	jsonw_end(w);
	jsonw_field_str(w, "ssh_url_to_repo", site_ssh_url(rq->site, p->path, rq->arena));
	jsonw_field_str(w, "http_url_to_repo", page(rq, p, ".git"));
	jsonw_field_str(w, "web_url", page(rq, p, ""));
	jsonw_field_null(w, "readme_url");
	jsonw_field_null(w, "avatar_url");
	jsonw_field_int(w, "star_count", 0);
	jsonw_field_time(w, "last_activity_at", p->last_activity_at);
}

static void write_links(struct jsonw *w, const struct request *rq, const struct project *p)
{
	struct str self = request_absolute(
		rq, arena_fmt(rq->arena, "/api/v4/projects/%lld", (long long)p->id.v));

	jsonw_field_object(w, "_links");
	jsonw_field_str(w, "self", self);
	jsonw_field_str(w, "repo_branches",
			arena_fmt(rq->arena, "%.*s/repository/branches", STR_FMT(self)));
	jsonw_field_str(w, "members", arena_fmt(rq->arena, "%.*s/members", STR_FMT(self)));
	jsonw_end(w);
}

struct flag {
	const char *name;
	bool value;
};

static void write_features(struct jsonw *w)
{
	static const struct flag flags[] = {
		{ "issues_enabled", true },
		{ "merge_requests_enabled", true },
		{ "wiki_enabled", false },
		{ "jobs_enabled", true },
		{ "snippets_enabled", false },
		{ "container_registry_enabled", false },
		{ "lfs_enabled", false },
		{ "packages_enabled", false },
		{ "request_access_enabled", false },
		{ "shared_runners_enabled", true },
		{ "group_runners_enabled", true },
		{ "public_jobs", true },
		{ "printing_merge_request_link_enabled", true },
		{ "autoclose_referenced_issues", true },
		{ "auto_devops_enabled", false },
		{ "emails_enabled", true },
		{ "mirror", false },
		{ "service_desk_enabled", false },
		{ "keep_latest_artifact", true },
		{ "merge_trains_enabled", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		jsonw_field_bool(w, flags[i].name, flags[i].value);
}

static void write_access_levels(struct jsonw *w)
{
	static const char *const on[] = { "repository", "issues", "merge_requests", "builds",
					  "forking" };
	static const char *const off[] = {
		"wiki",
		"snippets",
		"pages",
		"analytics",
		"releases",
		"environments",
		"feature_flags",
		"infrastructure",
		"monitor",
		"container_registry",
		"security_and_compliance",
		"model_experiments",
		"model_registry",
	};
	char name[64];

	for (size_t i = 0; i < ARRAY_LEN(on); i++) {
		snprintf(name, sizeof(name), "%s_access_level", on[i]);
		jsonw_field_str(w, name, STR("enabled"));
	}
	for (size_t i = 0; i < ARRAY_LEN(off); i++) {
		snprintf(name, sizeof(name), "%s_access_level", off[i]);
		jsonw_field_str(w, name, STR("disabled"));
	}
}

static void write_settings(struct jsonw *w)
{
	write_features(w);
	write_access_levels(w);
	jsonw_field_null(w, "import_url");
	jsonw_field_int(w, "open_issues_count", 0);
	jsonw_field_int(w, "ci_default_git_depth", 20);
	jsonw_field_int(w, "build_timeout", 3600);
	jsonw_field_str(w, "build_git_strategy", STR("fetch"));
	jsonw_field_str(w, "auto_cancel_pending_pipelines", STR("enabled"));
	jsonw_field_str(w, "ci_config_path", STR(""));
	jsonw_field_null(w, "suggestion_commit_message");
	jsonw_field_null(w, "merge_commit_template");
	jsonw_field_null(w, "squash_commit_template");
	jsonw_field_array(w, "shared_with_groups");
	jsonw_end(w);
	jsonw_field_null(w, "marked_for_deletion_at");
	jsonw_field_null(w, "marked_for_deletion_on");
}

/* GitLab counts the copy of a fork among imports. */
static void write_forking(struct jsonw *w, const struct request *rq,
			  const struct entity_project *in)
{
	static const char *const states[] = {
		[FORK_COPYING] = "started", [FORK_READY] = "finished", [FORK_FAILED] = "failed"
	};
	bool is_fork = in->forking && in->forking->is_fork;

	jsonw_field_str(w, "import_status", str_c(is_fork ? states[in->forking->state] : "none"));
	if (is_fork && !str_is_none(in->forking->error))
		jsonw_field_str(w, "import_error", in->forking->error);
	else
		jsonw_field_null(w, "import_error");
	if (!in->forked_from) {
		jsonw_field_null(w, "forked_from_project");
		return;
	}
	jsonw_field_object(w, "forked_from_project");
	write_names(w, rq, in->forked_from);
	jsonw_end(w);
}

static void write_permissions(struct jsonw *w, const struct access_target *target)
{
	jsonw_field_object(w, "permissions");
	if (target && target->level > LEVEL_NONE) {
		jsonw_field_object(w, "project_access");
		jsonw_field_int(w, "access_level",
				target->level > LEVEL_OWNER ? LEVEL_OWNER : target->level);
		jsonw_field_int(w, "notification_level", 3);
		jsonw_end(w);
	} else {
		jsonw_field_null(w, "project_access");
	}
	jsonw_field_null(w, "group_access");
	jsonw_end(w);
}

void entity_project(struct jsonw *w, const struct request *rq, const struct entity_project *in,
		    enum entity_view view)
{
	const struct project *p = in->project;

	jsonw_object(w);
	write_names(w, rq, p);
	jsonw_field_int(w, "forks_count", in->forking ? in->forking->forks : 0);
	jsonw_key(w, "namespace");
	entity_namespace(w, rq, in->namespace);
	if (view != ENTITY_BASIC) {
		jsonw_field_str(w, "visibility", str_c(visibility_name(p->visibility)));
		jsonw_field_bool(w, "archived", p->is_archived);
		jsonw_field_bool(w, "empty_repo", p->is_empty);
		jsonw_field_time(w, "updated_at", p->updated_at);
		jsonw_field_int(w, "creator_id", p->creator.v);
		write_forking(w, rq, in);
		write_links(w, rq, p);
		write_settings(w);
		if (in->merging)
			api_merge_setting_fields(w, in->merging);
		jsonw_field_bool(w, "can_create_merge_request_in",
				 in->target && access_allows(&rq->actor, ACTION_MERGE_REQUEST_OFFER,
							     in->target));
		write_permissions(w, in->target);
	}
	jsonw_end(w);
}
