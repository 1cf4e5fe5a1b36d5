#include "git/submodule.h"

#include "git/object.h"
#include "git/text.h"

#define GITMODULES_MAX (256u << 10)
#define MODULES_MAX 1000
#define URL_MAX 2048

static struct str unquote(struct str value)
{
	if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
		return str_n(value.p + 1, value.n - 2);
	return value;
}

void submodules_parse(struct str text, struct arena *a, struct submodules *modules)
{
	struct submodule *current = NULL;
	struct str rest = text;
	struct str line;

	modules->items = ARENA_ARRAY(a, struct submodule, MODULES_MAX);
	modules->count = 0;
	while (rest.n > 0 && str_cut(&rest, '\n', &line)) {
		size_t equals = str_find(line, '=');
		struct str key = str_trim(str_upto(line, equals));
		struct str value = unquote(str_trim(str_from(line, equals + 1)));

		if (str_starts(key, STR("[submodule"))) {
			if (modules->count == MODULES_MAX)
				return;
			current = &modules->items[modules->count++];
		} else if (str_starts(key, STR("["))) {
			current = NULL;
		} else if (current && str_eq_c(key, "path")) {
			current->path = arena_str(a, value);
		} else if (current && str_eq_c(key, "url")) {
			current->url = text_utf8(a, value, URL_MAX, NULL);
		}
	}
}

int submodules_read(struct repo *repo, const struct oid *root, struct arena *a,
		    struct submodules *modules, struct err *e)
{
	AUTO_GIT(odb_object) object = NULL;
	struct err ignored = { 0 };
	struct raw_entry raw;
	bool found;

	if (object_at_path(repo, root, STR(".gitmodules"), &found, &raw, e))
		return -(int)e->code;
	if (!found ||
	    object_read(repo, &raw.oid, GIT_OBJECT_BLOB, GITMODULES_MAX, &object, &ignored))
		return 0;
	submodules_parse(object_bytes(object), a, modules);
	return 0;
}

struct str submodules_url(const struct submodules *modules, struct str path)
{
	for (size_t i = 0; i < modules->count; i++) {
		if (str_eq(modules->items[i].path, path))
			return modules->items[i].url;
	}
	return STR_NONE;
}
