#include "domain/push_option.h"

/* Where a value goes: a flag, a text, or one more of a list. */
enum target_kind { FLAG, TEXT, LIST };

struct row {
	const char *name;
	enum target_kind kind;
	size_t at;
	size_t has_at; /* a second flag: it was said at all; 0: none */
};

#define AT(field) offsetof(struct push_options, field)

static const struct row rows[] = {
	{ "ci.skip", FLAG, AT(skips), 0 },
	{ "ci.no_pipeline", FLAG, AT(has_no_pipeline), 0 },
	{ "ci.variable", LIST, AT(variables), 0 },
	{ "merge_request.create", FLAG, AT(merge_request.creates), 0 },
	{ "merge_request.target", TEXT, AT(merge_request.target), 0 },
	{ "merge_request.target_project", TEXT, AT(merge_request.target_project), 0 },
	{ "merge_request.title", TEXT, AT(merge_request.title), 0 },
	{ "merge_request.description", TEXT, AT(merge_request.description), 0 },
	{ "merge_request.draft", FLAG, AT(merge_request.is_draft), AT(merge_request.has_draft) },
	{ "merge_request.squash", FLAG, AT(merge_request.squashes), AT(merge_request.has_squash) },
	{ "merge_request.remove_source_branch", FLAG, AT(merge_request.removes_source),
	  AT(merge_request.has_remove) },
	{ "merge_request.auto_merge", FLAG, AT(merge_request.auto_merges), 0 },
	{ "merge_request.merge_when_pipeline_succeeds", FLAG, AT(merge_request.auto_merges), 0 },
	{ "merge_request.assign", LIST, AT(merge_request.assign), 0 },
	{ "merge_request.unassign", LIST, AT(merge_request.unassign), 0 },
	{ "merge_request.label", LIST, AT(merge_request.label), 0 },
	{ "merge_request.unlabel", LIST, AT(merge_request.unlabel), 0 },
};

static bool means_yes(struct str value)
{
	return !str_eq_nocase(value, STR("false")) && !str_eq_nocase(value, STR("no")) &&
	       !str_eq_c(value, "0");
}

static void add(struct str_list *list, struct str value, size_t room, struct arena *a)
{
	if (!list->items)
		list->items = ARENA_ARRAY(a, struct str, room);
	list->items[list->count++] = value;
}

static void set(struct push_options *to, const struct row *row, struct str value, size_t room,
		struct arena *a)
{
	char *base = (char *)to;

	switch (row->kind) {
	case FLAG:
		*(bool *)(void *)(base + row->at) = means_yes(value);
		break;
	case TEXT:
		*(struct str *)(void *)(base + row->at) = value;
		break;
	case LIST:
		add((struct str_list *)(void *)(base + row->at), value, room, a);
		break;
	}
	if (row->has_at)
		*(bool *)(void *)(base + row->has_at) = true;
}

/* "mr.create" is "merge_request.create". */
static struct str whole_name(struct str name, struct arena *a)
{
	struct str rest = name;

	if (str_cut_prefix(&rest, STR("mr.")))
		return arena_fmt(a, "merge_request.%.*s", STR_FMT(rest));
	return name;
}

void push_options_read(const struct str_list *options, struct arena *a, struct push_options *read)
{
	*read = (struct push_options){ 0 };
	for (size_t i = 0; i < options->count; i++) {
		size_t end = str_find(options->items[i], '=');
		struct str name = whole_name(str_upto(options->items[i], end), a);
		struct str value = str_from(options->items[i], end + 1);

		if (str_starts(name, STR("merge_request.")))
			read->merge_request.is_wanted = true;
		for (size_t r = 0; r < ARRAY_LEN(rows); r++)
			if (str_eq_c(name, rows[r].name))
				set(read, &rows[r], value, options->count, a);
	}
}
