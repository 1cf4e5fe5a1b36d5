/*
 * Stored CI variables of projects, groups and the instance; GitLab names them by
 * key, and by filter[environment_scope] where a key has several scopes.
 */
#include "domain/variable.h"

#include "api/api.h"
#include "api/entity.h"

static struct variable_owner owner_of(const struct request *rq)
{
	if (rq->project)
		return (struct variable_owner){ .kind = VARIABLE_OF_PROJECT,
						.project = rq->project->id };
	if (rq->namespace)
		return (struct variable_owner){ .kind = VARIABLE_OF_GROUP,
						.namespace = rq->namespace->id };
	return (struct variable_owner){ .kind = VARIABLE_OF_INSTANCE };
}

static int open_store(struct request *rq, struct variable_store *store, struct err *e)
{
	store->keys = rq->app->secret;
	return request_db(rq, &store->db, e);
}

static void write_variable(struct jsonw *w, const struct variable *variable)
{
	jsonw_object(w);
	jsonw_field_str(w, "variable_type", variable->is_file ? STR("file") : STR("env_var"));
	jsonw_field_str(w, "key", variable->key);
	jsonw_field_str(w, "value", variable->value);
	jsonw_field_bool(w, "hidden", variable->is_hidden);
	jsonw_field_bool(w, "protected", variable->is_protected);
	jsonw_field_bool(w, "masked", variable->is_masked);
	jsonw_field_bool(w, "raw", variable->is_raw);
	jsonw_field_str(w, "environment_scope", variable->scope);
	jsonw_field_str(w, "description",
			str_is_empty(variable->description) ? STR_NONE : variable->description);
	jsonw_end(w);
}

int api_variable_list(struct request *rq, struct err *e)
{
	struct variable_owner owner = owner_of(rq);
	struct variable_store store;
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct variables list;
	struct jsonw *w;
	size_t first, end;

	if (open_store(rq, &store, e) < 0 ||
	    variable_list(&store, &owner, true, rq->arena, &list, e) < 0)
		return -(int)e->code;
	first = (uint64_t)slice.offset < list.count ? (size_t)slice.offset : list.count;
	end = list.count - first > (size_t)slice.limit ? first + (size_t)slice.limit : list.count;
	w = request_jsonw(rq);
	jsonw_array(w);
	for (size_t i = first; i < end; i++)
		write_variable(w, &list.items[i]);
	jsonw_end(w);
	api_page_headers(rq, &page, (int64_t)list.count);
	return request_send_json(rq, 200, e);
}

/* ?filter[environment_scope]=x, the same field of a form, or {"filter": {...}}; none: any. */
static struct str wanted_scope(const struct request *rq)
{
	struct str scope = request_query(rq, "filter[environment_scope]");

	if (str_is_none(scope))
		scope = request_form(rq, "filter[environment_scope]");
	if (str_is_none(scope) && rq->json)
		scope = jsonr_text(jsonr_get(jsonr_get(rq->json, "filter"), "environment_scope"));
	return scope;
}

static int find(struct request *rq, struct variable_store *store, struct variable_owner *owner,
		struct variable *found, struct err *e)
{
	*owner = owner_of(rq);
	if (open_store(rq, store, e) < 0)
		return -(int)e->code;
	return variable_get(store, owner, request_param(rq, "key"), wanted_scope(rq), rq->arena,
			    found, e);
}

static int send_one(struct request *rq, int status, const struct variable *variable, struct err *e)
{
	write_variable(request_jsonw(rq), variable);
	return request_send_json(rq, status, e);
}

int api_variable_get(struct request *rq, struct err *e)
{
	struct variable_store store;
	struct variable_owner owner;
	struct variable found;

	if (find(rq, &store, &owner, &found, e) < 0)
		return -(int)e->code;
	return send_one(rq, 200, &found, e);
}

/* What the request names stands over what `in` has. */
static int read_fields(const struct request *rq, struct variable *in, struct err *e)
{
	struct str type = request_form(rq, "variable_type");

	if (!str_is_empty(type) && !str_eq_c(type, "env_var") && !str_eq_c(type, "file"))
		return err_set(e, ERR_INVALID, "variable_type does not have a valid value");
	if (!str_is_empty(type))
		in->is_file = str_eq_c(type, "file");
	if (!str_is_none(request_form(rq, "value")))
		in->value = request_form(rq, "value");
	if (!str_is_none(request_form(rq, "environment_scope")))
		in->scope = request_form(rq, "environment_scope");
	if (!str_is_none(request_form(rq, "description")))
		in->description = request_form(rq, "description");
	in->is_protected = request_form_bool(rq, "protected", in->is_protected);
	in->is_masked = request_form_bool(rq, "masked", in->is_masked);
	in->is_raw = request_form_bool(rq, "raw", in->is_raw);
	return 0;
}

/* GitLab answers 400 where a value is not good, and with the field where a key is taken. */
static int refuse(struct request *rq, struct str key, const struct err *error, struct err *e)
{
	struct jsonw *w;

	if (error->code == ERR_UNPROCESSABLE)
		return api_send_message(rq, 400, str_c(err_sentence(error)), e);
	if (error->code != ERR_CONFLICT) {
		*e = *error;
		return -(int)e->code;
	}
	w = request_jsonw(rq);
	jsonw_object(w);
	jsonw_field_object(w, "message");
	jsonw_field_array(w, "key");
	jsonw_str(w, str_c(arena_strf(rq->arena, "(%.*s) has already been taken", STR_FMT(key))));
	jsonw_end(w);
	jsonw_end(w);
	jsonw_end(w);
	return request_send_json(rq, 400, e);
}

int api_variable_create(struct request *rq, struct err *e)
{
	struct variable_owner owner = owner_of(rq);
	struct variable in = { 0 };
	struct variable_store store;
	struct variable made;
	struct err error = { 0 };

	if (api_need(rq, "key", &in.key, e) < 0 || read_fields(rq, &in, e) < 0)
		return -(int)e->code;
	if (str_is_none(in.value))
		return err_set(e, ERR_INVALID, "value is missing");
	in.is_hidden = request_form_bool(rq, "masked_and_hidden", false);
	if (open_store(rq, &store, e) < 0)
		return -(int)e->code;
	if (variable_create(&store, &rq->actor, &owner, &in, rq->arena, &made, &error) < 0)
		return refuse(rq, in.key, &error, e);
	return send_one(rq, 201, &made, e);
}

int api_variable_update(struct request *rq, struct err *e)
{
	struct variable_store store;
	struct variable_owner owner;
	struct variable in, changed;
	struct err error = { 0 };

	if (find(rq, &store, &owner, &in, e) < 0)
		return -(int)e->code;
	in.value = STR_NONE;
	if (read_fields(rq, &in, e) < 0)
		return -(int)e->code;
	if (variable_update(&store, &rq->actor, &owner, &in, rq->arena, &changed, &error) < 0)
		return refuse(rq, in.key, &error, e);
	return send_one(rq, 200, &changed, e);
}

int api_variable_remove(struct request *rq, struct err *e)
{
	struct variable_store store;
	struct variable_owner owner;
	struct variable found;

	if (find(rq, &store, &owner, &found, e) < 0 ||
	    variable_remove(&store, &rq->actor, &owner, found.id, e) < 0)
		return -(int)e->code;
	return request_send_nothing(rq, e);
}
