#include "scripts/template_routes.h"

#include "base/fs.h"

bool template_route_piece(struct str *rest, struct str *literal, struct str *parameter,
			  bool *keeps_slashes)
{
	static const char *const paths[] = { "project", "group", "namespace", "ref", "path" };
	size_t open = str_find(*rest, '{');
	size_t close;

	if (rest->n == 0)
		return false;
	*literal = str_upto(*rest, open);
	*rest = str_from(*rest, open);
	*parameter = STR_NONE;
	if (rest->n == 0)
		return true;
	close = str_find(*rest, '}');
	*parameter = str_from(str_upto(*rest, close), 1);
	*rest = str_from(*rest, close + 1);
	*keeps_slashes = str_ends(*parameter, STR("_path"));
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		if (str_eq_c(*parameter, paths[i]))
			*keeps_slashes = true;
	}
	return true;
}

static size_t count_parameters(struct str pattern)
{
	struct str literal;
	struct str parameter;
	bool keeps_slashes;
	size_t count = 0;

	while (template_route_piece(&pattern, &literal, &parameter, &keeps_slashes)) {
		if (!str_is_none(parameter))
			count++;
	}
	return count;
}

/* ROUTE(name, METHOD, "pattern" */
static int read_row(struct arena *a, struct str row, struct gen_place at, struct table *routes,
		    struct err *e)
{
	struct template_route *route = ARENA_NEW(a, struct template_route);
	struct str name;
	struct str method;

	if (!str_cut(&row, ',', &name) || !str_cut(&row, ',', &method) || str_is_none(row))
		return gen_fail(e, at, "a row is ROUTE(name, METHOD, \"pattern\", ...");
	row = str_trim(row);
	if (!str_cut_prefix(&row, STR("\"")) || !str_has(row, '"'))
		return gen_fail(e, at, "name, method and pattern must stand on one line");
	name = str_trim(name);
	if (table_find(routes, name) != NULL)
		return 0; /* the same name with another method */
	route->pattern = str_upto(row, str_find(row, '"'));
	route->parameters = count_parameters(route->pattern);
	table_set(routes, name, route);
	return 0;
}

int template_routes_read(struct arena *a, const char *path, struct table *routes, struct err *e)
{
	struct gen_place at = { .file = path };
	struct str rest;
	struct str line;

	table_init(routes, a);
	if (!fs_exists(path))
		return 0;
	if (gen_read(a, path, &rest, e) != 0)
		return -(int)e->code;
	while (str_cut(&rest, '\n', &line)) {
		struct str row = str_trim(line);

		at.line++;
		if (!str_cut_prefix(&row, STR("ROUTE(")))
			continue;
		if (read_row(a, row, at, routes, e) != 0)
			return -(int)e->code;
	}
	return 0;
}
