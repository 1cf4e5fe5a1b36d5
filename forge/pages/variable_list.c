/* All variables of one owner, without their values, and the form for a new one. */
#include "pages/variable.h"
#include "tmpl/variable_list.h"

struct variable_owner variable_owner_of(const struct request *rq)
{
	if (rq->project)
		return (struct variable_owner){ .kind = VARIABLE_OF_PROJECT,
						.project = rq->project->id,
						.path = rq->project->path };
	if (rq->namespace)
		return (struct variable_owner){ .kind = VARIABLE_OF_GROUP,
						.namespace = rq->namespace->id,
						.path = rq->namespace->path };
	return (struct variable_owner){ .kind = VARIABLE_OF_INSTANCE };
}

void variable_frame(struct request *rq, struct view_page *page)
{
	bool is_instance = !rq->project && !rq->namespace;

	page_frame(rq, page, is_instance ? "admin" : rq->project ? "settings" : "variables");
	page->section = "variables";
	page->project.section = "variables";
}

struct str variable_list_path(struct request *rq)
{
	if (rq->project)
		return url_for(rq->arena, ROUTE_variables, rq->project->path);
	if (rq->namespace)
		return url_for(rq->arena, ROUTE_group_variables, rq->namespace->path);
	return url_of(rq->arena, ROUTE_admin_variables);
}

static struct str edit_path(struct request *rq, struct variable_id id)
{
	return page_url(rq, arena_fmt(rq->arena, "%.*s/%lld", STR_FMT(variable_list_path(rq)),
				      (long long)id.v));
}

static bool may_change(const struct request *rq)
{
	if (rq->project)
		return request_may(rq, ACTION_VARIABLES_CHANGE);
	return request_may(rq, rq->namespace ? ACTION_GROUP_VARIABLES_CHANGE : ACTION_ADMIN_CHANGE);
}

/* ---------------------------------------------------------------------- the list */

static struct view_variable_row row_of(const struct variable *variable)
{
	return (struct view_variable_row){
		.key = variable->key,
		.scope = variable->scope,
		.description = variable->description,
		.is_everywhere = str_eq_c(variable->scope, "*"),
		.is_file = variable->is_file,
		.is_protected = variable->is_protected,
		.is_masked = variable->is_masked && !variable->is_hidden,
		.is_hidden = variable->is_hidden,
		.is_raw = variable->is_raw,
	};
}

static int list_own(struct request *rq, const struct variable_store *store,
		    struct view_variable_rows *rows, struct err *e)
{
	struct variable_owner owner = variable_owner_of(rq);
	struct variables list;

	if (variable_list(store, &owner, false, rq->arena, &list, e) < 0)
		return -(int)e->code;
	rows->items = ARENA_ARRAY(rq->arena, struct view_variable_row, list.count + 1);
	for (size_t i = 0; i < list.count; i++) {
		rows->items[rows->count] = row_of(&list.items[i]);
		rows->items[rows->count++].edit = edit_path(rq, list.items[i].id);
	}
	return 0;
}

static void add_inherited(struct request *rq, const struct variables *list, struct str from,
			  struct view_variable_rows *rows)
{
	struct view_variable_row *items =
		ARENA_ARRAY(rq->arena, struct view_variable_row, rows->count + list->count + 1);

	if (rows->count > 0)
		memcpy(items, rows->items, rows->count * sizeof(*items));
	for (size_t i = 0; i < list->count; i++) {
		items[rows->count] = row_of(&list->items[i]);
		items[rows->count++].from = from;
	}
	rows->items = items;
}

/* Of the groups above: their names say that they are there; values are seen at their owner. */
static int list_inherited(struct request *rq, const struct variable_store *store,
			  struct view_variable_rows *rows, struct err *e)
{
	struct namespace_id at = rq->project ? rq->project->namespace : rq->namespace->id;
	struct namespaces lineage;

	if (namespace_lineage(store->db, at, rq->arena, &lineage, e) < 0)
		return -(int)e->code;
	for (size_t i = lineage.count; i > 0; i--) {
		const struct namespace *above = lineage.items[i - 1];
		struct variable_owner owner = { .kind = VARIABLE_OF_GROUP, .namespace = above->id };
		struct variables list;

		if (!rq->project && above->id.v == at.v)
			continue;
		if (variable_list(store, &owner, false, rq->arena, &list, e) < 0)
			return -(int)e->code;
		add_inherited(rq, &list, above->path, rows);
	}
	return 0;
}

static int list_page(struct request *rq, struct view_variable_list *v, struct err *e)
{
	struct variable_store store = { NULL, rq->app->secret };

	if (request_db(rq, &store.db, e) < 0 || list_own(rq, &store, &v->own, e) < 0 ||
	    ((rq->project || rq->namespace) && list_inherited(rq, &store, &v->inherited, e) < 0))
		return -(int)e->code;
	variable_frame(rq, &v->page);
	v->is_project = rq->project != NULL;
	v->is_group = !rq->project && rq->namespace;
	v->may_change = v->own.may_change = may_change(rq);
	v->inherited.is_inherited = true;
	v->action = page_url(rq, variable_list_path(rq));
	tmpl_variable_list(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_variables(struct request *rq, struct err *e)
{
	struct view_variable_list v = {
		.fresh = { .is_new = true, .scope = STR("*"), .shown = STR("visible") }
	};

	return list_page(rq, &v, e);
}

/* -------------------------------------------------------------------- a new one */

/* Browsers end the lines of a text with CR LF; what jobs get ends them as everybody else does. */
static struct str plain_lines(const struct request *rq, struct str text)
{
	char *plain;
	size_t n = 0;

	if (!str_has(text, '\r'))
		return text;
	plain = arena_cstr(rq->arena, text);
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\r' || i + 1 == text.n || text.p[i + 1] != '\n')
			plain[n++] = text.p[i];
	return str_n(plain, n);
}

struct variable variable_of_form(const struct request *rq)
{
	struct str shown = request_form(rq, "shown");

	return (struct variable){
		.key = str_trim(request_form(rq, "key")),
		.value = plain_lines(rq, request_form(rq, "value")),
		.scope = str_trim(request_form(rq, "scope")),
		.description = str_trim(request_form(rq, "description")),
		.is_file = request_form_bool(rq, "is_file", false),
		.is_protected = request_form_bool(rq, "is_protected", false),
		.is_masked = str_eq_c(shown, "masked"),
		.is_hidden = str_eq_c(shown, "hidden"),
		.is_raw = request_form_bool(rq, "is_raw", false),
	};
}

void variable_show_form(const struct variable *variable, struct view_variable_form *form)
{
	*form = (struct view_variable_form){
		.is_new = variable->id.v == 0,
		.is_hidden = variable->id.v != 0 && variable->is_hidden,
		.key = variable->key,
		.value = variable->value,
		.scope = variable->scope,
		.description = variable->description,
		.shown = variable->is_hidden   ? STR("hidden")
			 : variable->is_masked ? STR("masked")
					       : STR("visible"),
		.is_file = variable->is_file,
		.is_protected = variable->is_protected,
		.is_raw = variable->is_raw,
	};
}

int page_variable_add(struct request *rq, struct err *e)
{
	struct variable_owner owner = variable_owner_of(rq);
	struct variable in = variable_of_form(rq);
	struct variable_store store = { NULL, rq->app->secret };
	struct view_variable_list v = { 0 };
	struct variable made;
	struct err error = { 0 };

	if (request_db(rq, &store.db, e) < 0)
		return -(int)e->code;
	if (variable_create(&store, &rq->actor, &owner, &in, rq->arena, &made, &error) == 0) {
		page_notice(rq, I18N("The variable is stored."));
		return request_redirect(rq, variable_list_path(rq), e);
	}
	if (!page_is_problem(rq, &error, &v.problem, e))
		return -(int)e->code;
	variable_show_form(&in, &v.fresh);
	rq->has_secret = true;
	return list_page(rq, &v, e);
}
