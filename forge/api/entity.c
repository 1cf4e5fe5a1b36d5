/* People, groups and rights as JSON; projects are in entity_project.c. See entity.h. */
#include "api/entity.h"

#include "api/api.h"

static struct str page_of(const struct request *rq, struct str path)
{
	return request_absolute(rq, arena_fmt(rq->arena, "/%.*s", STR_FMT(path)));
}

static void write_user_core(struct jsonw *w, const struct request *rq, int64_t id,
			    struct str username, struct str name, bool is_blocked)
{
	jsonw_field_int(w, "id", id);
	jsonw_field_str(w, "username", username);
	jsonw_field_str(w, "name", name);
	jsonw_field_str(w, "state", is_blocked ? STR("blocked") : STR("active"));
	jsonw_field_bool(w, "locked", false);
	jsonw_field_null(w, "avatar_url");
	jsonw_field_str(w, "web_url", page_of(rq, username));
}

static void write_user_self(struct jsonw *w, const struct user *user)
{
	jsonw_field_str(w, "email", user->email);
	jsonw_field_str(w, "commit_email", user->email);
	jsonw_field_bool(w, "is_admin", user->is_admin);
	jsonw_field_bool(w, "can_create_group", true);
	jsonw_field_bool(w, "can_create_project", true);
	jsonw_field_int(w, "projects_limit", 100000);
	jsonw_field_bool(w, "two_factor_enabled", false);
	jsonw_field_bool(w, "external", false);
	jsonw_field_bool(w, "private_profile", false);
	api_field_time(w, "last_sign_in_at", user->has_last_sign_in_at, user->last_sign_in_at);
	api_field_time(w, "current_sign_in_at", user->has_last_sign_in_at, user->last_sign_in_at);
	jsonw_field_time(w, "confirmed_at", user->created_at);
	api_field_day(w, "last_activity_on", user->has_last_sign_in_at, user->last_sign_in_at);
	jsonw_field_array(w, "identities");
	jsonw_end(w);
	jsonw_field_int(w, "namespace_id", user->namespace.v);
	jsonw_field_int(w, "theme_id", 1);
	jsonw_field_int(w, "color_scheme_id", 1);
}

void entity_user(struct jsonw *w, const struct request *rq, const struct user *user,
		 enum entity_view view)
{
	static const char *const texts[] = { "bio",         "location",     "public_email",
					     "website_url", "organization", "job_title" };

	jsonw_object(w);
	write_user_core(w, rq, user->id.v, user->username, user->name, user->is_blocked);
	if (view != ENTITY_BASIC) {
		jsonw_field_time(w, "created_at", user->created_at);
		for (size_t i = 0; i < ARRAY_LEN(texts); i++)
			jsonw_field_str(w, texts[i], STR(""));
		jsonw_field_bool(w, "bot", user->is_bot);
		jsonw_field_null(w, "work_information");
		jsonw_field_int(w, "followers", 0);
		jsonw_field_int(w, "following", 0);
	}
	if (view == ENTITY_SELF)
		write_user_self(w, user);
	jsonw_end(w);
}

void entity_user_brief(struct jsonw *w, const struct request *rq, const struct user_brief *user)
{
	if (user->id.v == 0) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	write_user_core(w, rq, user->id.v, user->username, user->name, false);
	jsonw_end(w);
}

static void write_id_or_null(struct jsonw *w, const char *key, int64_t id)
{
	if (id)
		jsonw_field_int(w, key, id);
	else
		jsonw_field_null(w, key);
}

void entity_namespace(struct jsonw *w, const struct request *rq, const struct namespace *n)
{
	bool is_group = n->kind == NAMESPACE_GROUP;

	jsonw_object(w);
	jsonw_field_int(w, "id", n->id.v);
	jsonw_field_str(w, "name", n->name);
	jsonw_field_str(w, "path", n->segment);
	jsonw_field_str(w, "kind", is_group ? STR("group") : STR("user"));
	jsonw_field_str(w, "full_path", n->path);
	write_id_or_null(w, "parent_id", n->parent.v);
	jsonw_field_null(w, "avatar_url");
	jsonw_field_str(w, "web_url", page_of(rq, n->path));
	jsonw_end(w);
}

static void write_group_settings(struct jsonw *w)
{
	jsonw_field_bool(w, "share_with_group_lock", false);
	jsonw_field_bool(w, "require_two_factor_authentication", false);
	jsonw_field_int(w, "two_factor_grace_period", 48);
	jsonw_field_str(w, "project_creation_level", STR("developer"));
	jsonw_field_str(w, "subgroup_creation_level", STR("maintainer"));
	jsonw_field_bool(w, "auto_devops_enabled", false);
	jsonw_field_bool(w, "emails_enabled", true);
	jsonw_field_bool(w, "mentions_disabled", false);
	jsonw_field_bool(w, "lfs_enabled", false);
	jsonw_field_str(w, "default_branch", STR(PROJECT_DEFAULT_BRANCH));
	jsonw_field_int(w, "default_branch_protection", 2);
	jsonw_field_bool(w, "request_access_enabled", false);
	jsonw_field_str(w, "shared_runners_setting", STR("enabled"));
	jsonw_field_array(w, "shared_with_groups");
	jsonw_end(w);
}

void entity_group(struct jsonw *w, const struct request *rq, const struct namespace *g)
{
	jsonw_object(w);
	jsonw_field_int(w, "id", g->id.v);
	jsonw_field_str(w, "name", g->name);
	jsonw_field_str(w, "path", g->segment);
	jsonw_field_str(w, "full_name", g->full_name);
	jsonw_field_str(w, "full_path", g->path);
	jsonw_field_str(w, "description", str_is_none(g->description) ? STR("") : g->description);
	jsonw_field_str(w, "visibility", str_c(visibility_name(g->visibility)));
	write_id_or_null(w, "parent_id", g->parent.v);
	jsonw_field_str(w, "web_url",
			request_absolute(rq, arena_fmt(rq->arena, "/%.*s", STR_FMT(g->path))));
	jsonw_field_null(w, "avatar_url");
	jsonw_field_time(w, "created_at", g->created_at);
	write_group_settings(w);
	jsonw_field_null(w, "marked_for_deletion_on");
	jsonw_end(w);
}

void entity_member(struct jsonw *w, const struct request *rq, const struct member *m)
{
	jsonw_object(w);
	write_user_core(w, rq, m->user.v, m->username, m->name, m->is_blocked);
	jsonw_field_int(w, "access_level", m->level);
	jsonw_field_time(w, "created_at", m->created_at);
	api_field_day(w, "expires_at", m->has_expires_at, m->expires_at);
	jsonw_field_str(w, "membership_state", STR("active"));
	if (rq->actor.is_admin && !str_is_none(m->email))
		jsonw_field_str(w, "email", m->email);
	jsonw_end(w);
}

void entity_key(struct jsonw *w, const struct key *key)
{
	jsonw_object(w);
	jsonw_field_int(w, "id", key->id.v);
	jsonw_field_str(w, "title", key->title);
	jsonw_field_str(w, "key", key->text);
	jsonw_field_time(w, "created_at", key->created_at);
	api_field_time(w, "expires_at", key->has_expires_at, key->expires_at);
	api_field_time(w, "last_used_at", key->has_last_used_at, key->last_used_at);
	jsonw_field_str(w, "usage_type", STR("auth"));
	jsonw_end(w);
}

void entity_token(struct jsonw *w, const struct token *t, struct str text)
{
	jsonw_object(w);
	jsonw_field_int(w, "id", t->id.v);
	jsonw_field_str(w, "name", t->name);
	jsonw_field_null(w, "description");
	jsonw_field_bool(w, "revoked", t->has_revoked_at);
	jsonw_field_time(w, "created_at", t->created_at);
	jsonw_field_array(w, "scopes");
	for (size_t i = 0; i < t->scopes.count; i++)
		jsonw_str(w, t->scopes.items[i]);
	jsonw_end(w);
	jsonw_field_int(w, "user_id", t->user.v);
	api_field_time(w, "last_used_at", t->has_last_used_at, t->last_used_at);
	jsonw_field_bool(w, "active", t->is_active);
	api_field_day(w, "expires_at", true, t->expires_at);
	if (t->kind == TOKEN_PROJECT || t->kind == TOKEN_GROUP)
		jsonw_field_int(w, "access_level", t->level);
	if (!str_is_none(text))
		jsonw_field_str(w, "token", text);
	jsonw_end(w);
}

static const char *level_description(enum access_level level)
{
	switch (level) {
	case LEVEL_NONE:
		return "No one";
	case LEVEL_DEVELOPER:
		return "Developers + Maintainers";
	case LEVEL_MAINTAINER:
		return "Maintainers";
	case LEVEL_OWNER:
		return "Owners";
	default:
		return "Administrators";
	}
}

static void write_levels(struct jsonw *w, const char *key, int64_t id, enum access_level level)
{
	jsonw_field_array(w, key);
	jsonw_object(w);
	jsonw_field_int(w, "id", id);
	jsonw_field_int(w, "access_level", level);
	jsonw_field_str(w, "access_level_description", str_c(level_description(level)));
	jsonw_field_null(w, "user_id");
	jsonw_field_null(w, "group_id");
	jsonw_field_null(w, "deploy_key_id");
	jsonw_end(w);
	jsonw_end(w);
}

void entity_protected_branch(struct jsonw *w, const struct protected_ref *ref)
{
	jsonw_object(w);
	jsonw_field_int(w, "id", ref->id.v);
	jsonw_field_str(w, "name", ref->pattern);
	write_levels(w, "push_access_levels", ref->id.v, ref->push_level);
	write_levels(w, "merge_access_levels", ref->id.v, ref->merge_level);
	jsonw_field_array(w, "unprotect_access_levels");
	jsonw_end(w);
	jsonw_field_bool(w, "allow_force_push", ref->force_level != LEVEL_NONE);
	jsonw_field_bool(w, "code_owner_approval_required", false);
	jsonw_end(w);
}

void entity_protected_tag(struct jsonw *w, const struct protected_ref *ref)
{
	jsonw_object(w);
	jsonw_field_int(w, "id", ref->id.v);
	jsonw_field_str(w, "name", ref->pattern);
	write_levels(w, "create_access_levels", ref->id.v, ref->push_level);
	jsonw_end(w);
}
