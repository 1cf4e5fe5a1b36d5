/*
 * POST /user/runners: makes a runner for the server, a group or a project, and
 * says its token this once. Source: gitlab-compat 1.3.
 */
#include "api/api.h"

#include "domain/runner.h"

static int check_project(struct request *rq, struct db *db, struct runner_new *in, struct err *e)
{
	struct project_access access;
	int64_t id;

	if (api_need_i64(rq, "project_id", &id, e) < 0 ||
	    access_find_project_by_id(db, &rq->actor, (struct project_id){ id }, rq->arena, &access,
				      e) < 0)
		return -(int)e->code;
	in->kind = RUNNER_PROJECT;
	in->project.v = id;
	return access_check(&rq->actor, ACTION_RUNNERS_CREATE, &access.target, e);
}

static int check_group(struct request *rq, struct db *db, struct runner_new *in, struct err *e)
{
	struct namespace_access access;
	int64_t id;

	if (api_need_i64(rq, "group_id", &id, e) < 0 ||
	    access_find_namespace_by_id(db, &rq->actor, (struct namespace_id){ id }, rq->arena,
					&access, e) < 0)
		return -(int)e->code;
	in->kind = RUNNER_GROUP;
	in->namespace.v = id;
	return access_check(&rq->actor, ACTION_GROUP_RUNNERS_CREATE, &access.target, e);
}

/* Whose jobs it will run decides who may make it. */
static int check_place(struct request *rq, struct db *db, struct runner_new *in, struct err *e)
{
	struct str type;

	if (api_need(rq, "runner_type", &type, e) < 0)
		return -(int)e->code;
	if (str_eq_c(type, "project_type"))
		return check_project(rq, db, in, e);
	if (str_eq_c(type, "group_type"))
		return check_group(rq, db, in, e);
	if (!str_eq_c(type, "instance_type"))
		return err_set(e, ERR_INVALID, "runner_type does not have a valid value");
	in->kind = RUNNER_INSTANCE;
	return access_check(&rq->actor, ACTION_ADMIN_RUNNERS_CREATE, NULL, e);
}

/* "a,b" or ["a", "b"]. */
static struct str_list tags_of(const struct request *rq)
{
	struct str_list sent = request_form_list(rq, "tag_list");
	struct str_list tags = { 0 };
	size_t most = sent.count;

	for (size_t i = 0; i < sent.count; i++)
		for (size_t j = 0; j < sent.items[i].n; j++)
			most += sent.items[i].p[j] == ',';
	tags.items = ARENA_ARRAY(rq->arena, struct str, most + 1);
	for (size_t i = 0; i < sent.count; i++) {
		struct str rest = sent.items[i];

		while (rest.n > 0) {
			size_t comma = str_find(rest, ',');
			struct str tag = str_trim(str_upto(rest, comma));

			if (tag.n > 0)
				tags.items[tags.count++] = tag;
			rest = str_from(rest, comma + 1);
		}
	}
	return tags;
}

static int read_new(const struct request *rq, struct runner_new *in, struct err *e)
{
	struct str level = request_form(rq, "access_level");
	int64_t timeout = 0;

	if (!str_is_empty(level) && !str_eq_c(level, "ref_protected") &&
	    !str_eq_c(level, "not_protected"))
		return err_set(e, ERR_INVALID, "access_level does not have a valid value");
	if (!str_is_empty(request_form(rq, "maximum_timeout")) &&
	    (!request_form_i64(rq, "maximum_timeout", &timeout) || timeout < 0 ||
	     timeout > INT32_MAX))
		return err_set(e, ERR_INVALID, "maximum_timeout does not have a valid value");
	in->description = request_form(rq, "description");
	in->maintenance_note = request_form(rq, "maintenance_note");
	in->tags = tags_of(rq);
	in->run_untagged = request_form_bool(rq, "run_untagged", true);
	in->is_protected = str_eq_c(level, "ref_protected");
	in->is_paused = request_form_bool(rq, "paused", false);
	in->is_locked = request_form_bool(rq, "locked", false);
	in->maximum_timeout = (int32_t)timeout;
	return 0;
}

int api_runner_create(struct request *rq, struct err *e)
{
	struct runner_new in = { 0 };
	struct jsonw *w = request_jsonw(rq);
	struct runner_id id;
	struct db *db = NULL;
	struct str token;

	if (request_db(rq, &db, e) < 0 || check_place(rq, db, &in, e) < 0 ||
	    read_new(rq, &in, e) < 0 ||
	    runner_create(db, &rq->actor, &in, rq->arena, &id, &token, e) < 0)
		return -(int)e->code;
	jsonw_object(w);
	jsonw_field_int(w, "id", id.v);
	jsonw_field_str(w, "token", token);
	jsonw_field_null(w, "token_expires_at");
	jsonw_end(w);
	rq->has_secret = true;
	return request_send_json(rq, 201, e);
}
