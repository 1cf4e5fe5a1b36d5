/*
 * Predefined variables that exist before a pipeline does: rules, includes and
 * names read them. Those of a job are in job_dossier.c.
 * Source: gitlab-compat 3.1. CI_SERVER_NAME and GITLAB_CI are GitLab's, because
 * scripts test for them; HEARTH stands beside.
 */
#include "domain/pipeline_variables.h"

#include "domain/pipeline_variables_private.h"
#include "domain/promotion.h"

#define DIALECT "17.11.0"
#define CUT_MAX 2700     /* of a merge request's description */
#define MESSAGE_MAX 8192 /* of a commit's: it goes into the environment of each process */

void pipeline_predefined_set(struct ci_variables *v, struct str key, struct str value)
{
	ci_variables_set(v, (struct ci_variable){ .key = key,
						  .value = str_is_none(value) ? STR("") : value,
						  .is_raw = true });
}

static void set(struct ci_variables *v, const char *key, struct str value)
{
	pipeline_predefined_set(v, str_c(key), value);
}

static void set_int(struct ci_variables *v, const char *key, int64_t value)
{
	set(v, key, str_c(arena_strf(v->arena, "%lld", (long long)value)));
}

static void set_flag(struct ci_variables *v, const char *key, bool value)
{
	set(v, key, value ? STR("true") : STR("false"));
}

static void set_if(struct ci_variables *v, const char *key, struct str value)
{
	if (!str_is_empty(value))
		set(v, key, value);
}

/* At most n bytes, and no half character. */
static struct str cut(struct str text, size_t n)
{
	if (text.n <= n)
		return text;
	while (n > 0 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
		n--;
	return str_upto(text, n);
}

/* ------------------------------------------------------------------------- server */

static void split_address(struct str address, struct str *host, struct str *port)
{
	size_t colon = str_find_last(address, ':');

	*host = address;
	*port = STR_NONE;
	if (colon == address.n || str_ends(address, STR("]")))
		return;
	*host = str_upto(address, colon);
	*port = str_from(address, colon + 1);
}

void pipeline_predefined_add_server(const struct instance *instance, struct ci_variables *v)
{
	struct arena *a = v->arena;
	struct str rest = instance->job_url;
	bool is_https = str_cut_prefix(&rest, STR("https://"));
	struct str fqdn, host, port;

	(void)str_cut_prefix(&rest, STR("http://"));
	fqdn = str_upto(rest, str_find(rest, '/'));
	set(v, "CI", STR("true"));
	set(v, "GITLAB_CI", STR("true"));
	set(v, "HEARTH", STR("true"));
	set(v, "HEARTH_VERSION", instance->version);
	set(v, "CI_API_V4_URL", str_c(arena_strf(a, "%.*s/api/v4", STR_FMT(instance->job_url))));
	set(v, "CI_SERVER_URL", instance->job_url);
	split_address(fqdn, &host, &port);
	set(v, "CI_SERVER_FQDN", fqdn);
	set(v, "CI_SERVER_HOST", host);
	set(v, "CI_SERVER_PROTOCOL", is_https ? STR("https") : STR("http"));
	set(v, "CI_SERVER_PORT", !str_is_empty(port) ? port : is_https ? STR("443") : STR("80"));
	set(v, "CI_SERVER_NAME", STR("GitLab"));
	set(v, "CI_SERVER_VERSION", STR(DIALECT));
	set(v, "CI_SERVER_VERSION_MAJOR", STR("17"));
	set(v, "CI_SERVER_VERSION_MINOR", STR("11"));
	set(v, "CI_SERVER_VERSION_PATCH", STR("0"));
	set(v, "CI_SERVER_REVISION", STR("hearth"));
	split_address(instance->ssh, &host, &port);
	set(v, "CI_SERVER_SHELL_SSH_HOST", host);
	set(v, "CI_SERVER_SHELL_SSH_PORT", str_is_empty(port) ? STR("22") : port);
}

/* ------------------------------------------------------------------------ project */

void pipeline_predefined_add_project(const struct instance *instance, struct project_id project,
				     const struct q_variable_facts_row *facts,
				     struct ci_variables *v)
{
	struct arena *a = v->arena;

	set_int(v, "CI_PROJECT_ID", project.v);
	set(v, "CI_PROJECT_NAME", facts->segment);
	set(v, "CI_PROJECT_TITLE", facts->name);
	set(v, "CI_PROJECT_DESCRIPTION", facts->description);
	set(v, "CI_PROJECT_PATH", facts->path);
	set(v, "CI_PROJECT_PATH_SLUG", ci_slug(a, facts->path));
	set(v, "CI_PROJECT_NAMESPACE", facts->namespace_path);
	set_int(v, "CI_PROJECT_NAMESPACE_ID", facts->namespace_id);
	set(v, "CI_PROJECT_NAMESPACE_SLUG", ci_slug(a, facts->namespace_path));
	set(v, "CI_PROJECT_ROOT_NAMESPACE", facts->root_path);
	set(v, "CI_PROJECT_URL",
	    str_c(arena_strf(a, "%.*s/%.*s", STR_FMT(instance->url), STR_FMT(facts->path))));
	set(v, "CI_PROJECT_VISIBILITY", facts->visibility);
	set(v, "CI_DEFAULT_BRANCH", facts->default_branch);
	set(v, "CI_DEFAULT_BRANCH_SLUG", ci_slug(a, facts->default_branch));
	set(v, "CI_CONFIG_PATH", STR(".gitlab-ci.yml"));
}

void pipeline_predefined_add_user(struct user_id user, const struct q_variable_facts_row *facts,
				  struct ci_variables *v)
{
	if (user.v == 0 || str_is_none(facts->username))
		return;
	set_int(v, "GITLAB_USER_ID", user.v);
	set(v, "GITLAB_USER_LOGIN", facts->username);
	set(v, "GITLAB_USER_NAME", facts->user_name);
	set(v, "GITLAB_USER_EMAIL", facts->email);
}

int pipeline_facts_read(struct db *db, struct project_id project, struct user_id user,
			struct arena *a, struct q_variable_facts_row *facts, struct err *e)
{
	bool found;

	if (q_variable_facts(db,
			     &(struct q_variable_facts_in){ .project_id = project.v,
							    .has_user_id = user.v != 0,
							    .user_id = user.v },
			     a, facts, &found, e) < 0)
		return -(int)e->code;
	return found ? 0 : err_set(e, ERR_NOT_FOUND, "The project is gone.");
}

/* ------------------------------------------------------------------ commit and ref */

/* "2024-01-31T16:47:55+02:00" */
static struct str moment_of(struct arena *a, const struct person *p)
{
	struct instant local = { p->when.us + (int64_t)p->offset_minutes * 60 * 1000000 };
	int minutes = p->offset_minutes < 0 ? -p->offset_minutes : p->offset_minutes;
	char text[INSTANT_TEXT_MAX];

	instant_format(local, text);
	text[strcspn(text, ".Z")] = '\0';
	return str_c(arena_strf(a, "%s%c%02d:%02d", text, p->offset_minutes < 0 ? '-' : '+',
				minutes / 60 % 100, minutes % 60));
}

static void add_commit(const struct pipeline_facts *facts, struct ci_variables *v)
{
	const struct commit *commit = facts->commit;
	struct str whole = str_trim(commit->message);
	struct str message = cut(whole, MESSAGE_MAX);

	set(v, "CI_COMMIT_SHA", facts->sha);
	set(v, "CI_COMMIT_SHORT_SHA", str_upto(facts->sha, 8));
	set(v, "CI_COMMIT_BEFORE_SHA",
	    str_is_empty(facts->before_sha) ? STR("0000000000000000000000000000000000000000")
					    : facts->before_sha);
	set(v, "CI_COMMIT_MESSAGE", message);
	if (message.n < whole.n || commit->message_is_cut)
		set(v, "CI_COMMIT_MESSAGE_IS_TRUNCATED", STR("true"));
	set(v, "CI_COMMIT_TITLE", cut(commit->subject, MESSAGE_MAX));
	set(v, "CI_COMMIT_DESCRIPTION", cut(commit->body, MESSAGE_MAX));
	set(v, "CI_COMMIT_TIMESTAMP", moment_of(v->arena, &commit->committer));
	set(v, "CI_COMMIT_AUTHOR",
	    str_c(arena_strf(v->arena, "%.*s <%.*s>", STR_FMT(commit->author.name),
			     STR_FMT(commit->author.email))));
}

static void add_ref(const struct pipeline_facts *facts, struct str default_branch,
		    struct ci_variables *v)
{
	set(v, "CI_PIPELINE_SOURCE", str_c(ci_pipeline_source_name(facts->source)));
	set(v, "CI_COMMIT_REF_NAME", facts->ref_name);
	set(v, "CI_COMMIT_REF_SLUG", ci_slug(v->arena, facts->ref_name));
	set_flag(v, "CI_COMMIT_REF_PROTECTED", facts->is_protected);
	if (facts->is_tag) {
		set(v, "CI_COMMIT_TAG", facts->ref_name);
		set(v, "CI_COMMIT_TAG_MESSAGE", cut(facts->tag_message, MESSAGE_MAX));
	} else if (!facts->request) {
		set(v, "CI_COMMIT_BRANCH", facts->ref_name);
	}
	set_if(v, "CI_OPEN_MERGE_REQUESTS", facts->open_requests);
	set_if(v, "HEARTH_ENVIRONMENT", promotion_environment(default_branch, facts->ref));
}

/* ------------------------------------------------------------------ merge request */

static void add_request_refs(const struct pipeline_merge_request *request, struct ci_variables *v)
{
	bool is_result = !str_is_none(request->source_sha);

	set(v, "CI_MERGE_REQUEST_REF_PATH",
	    str_c(arena_strf(v->arena, "refs/merge-requests/%lld/%s", (long long)request->iid,
			     is_result ? "merge" : "head")));
	set(v, "CI_MERGE_REQUEST_EVENT_TYPE", is_result ? STR("merged_result") : STR("detached"));
	set(v, "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", request->source_branch);
	set_flag(v, "CI_MERGE_REQUEST_SOURCE_BRANCH_PROTECTED", request->is_source_protected);
	set(v, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", request->source_sha);
	set(v, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", request->target_branch);
	set_flag(v, "CI_MERGE_REQUEST_TARGET_BRANCH_PROTECTED", request->is_target_protected);
	set(v, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA", request->target_sha);
	set(v, "CI_MERGE_REQUEST_DIFF_BASE_SHA", request->diff_base_sha);
}

static void add_request_places(const struct instance *instance, const struct pipeline_facts *facts,
			       struct str project_path, struct ci_variables *v)
{
	const struct pipeline_merge_request *request = facts->request;
	struct str url = instance->url;

	set_int(v, "CI_MERGE_REQUEST_PROJECT_ID", facts->project.v);
	set(v, "CI_MERGE_REQUEST_PROJECT_PATH", project_path);
	set(v, "CI_MERGE_REQUEST_PROJECT_URL",
	    str_c(arena_strf(v->arena, "%.*s/%.*s", STR_FMT(url), STR_FMT(project_path))));
	set_int(v, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID", request->source_project.v);
	set(v, "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH", request->source_project_path);
	set(v, "CI_MERGE_REQUEST_SOURCE_PROJECT_URL",
	    str_c(arena_strf(v->arena, "%.*s/%.*s", STR_FMT(url),
			     STR_FMT(request->source_project_path))));
}

static void add_request(const struct instance *instance, const struct pipeline_facts *facts,
			struct str project_path, struct ci_variables *v)
{
	const struct pipeline_merge_request *request = facts->request;
	struct str description = cut(request->description, CUT_MAX);

	set_int(v, "CI_MERGE_REQUEST_ID", request->id);
	set_int(v, "CI_MERGE_REQUEST_IID", request->iid);
	set(v, "CI_MERGE_REQUEST_TITLE", request->title);
	set(v, "CI_MERGE_REQUEST_DESCRIPTION", description);
	set_flag(v, "CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED",
		 description.n < request->description.n);
	set_if(v, "CI_MERGE_REQUEST_LABELS", request->labels);
	set_if(v, "CI_MERGE_REQUEST_ASSIGNEES", request->assignees);
	set_flag(v, "CI_MERGE_REQUEST_SQUASH_ON_MERGE", request->is_squashed);
	add_request_places(instance, facts, project_path, v);
	add_request_refs(request, v);
}

int pipeline_predefined(struct db *db, const struct instance *instance,
			const struct pipeline_facts *facts, struct arena *a,
			struct pipeline_predefined *made, struct err *e)
{
	struct q_variable_facts_row row = { 0 };

	if (pipeline_facts_read(db, facts->project, facts->user, a, &row, e) < 0)
		return -(int)e->code;
	ci_variables_init(&made->kept, a);
	add_commit(facts, &made->kept);
	add_ref(facts, row.default_branch, &made->kept);
	if (facts->request)
		add_request(instance, facts, row.path, &made->kept);
	ci_variables_init(&made->all, a);
	pipeline_predefined_add_server(instance, &made->all);
	pipeline_predefined_add_project(instance, facts->project, &row, &made->all);
	pipeline_predefined_add_user(facts->user, &row, &made->all);
	ci_variables_add(&made->all, &made->kept);
	made->project_path = row.path;
	return 0;
}
