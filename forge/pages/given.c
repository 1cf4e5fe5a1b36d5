#include "pages/given.h"

#include "domain/pipeline_variables.h"

struct view_given given_view(const struct request *rq, size_t rows)
{
	struct str_list keys = request_form_list(rq, "key");
	struct str_list values = request_form_list(rq, "value");
	struct view_given v = { .rows_count = keys.count > rows ? keys.count : rows };

	v.rows = ARENA_ARRAY(rq->arena, struct view_given_row, v.rows_count);
	for (size_t i = 0; i < v.rows_count; i++) {
		v.rows[i].number = i64_from_size(i + 1);
		if (i < keys.count)
			v.rows[i].key = keys.items[i];
		if (i < values.count)
			v.rows[i].value = values.items[i];
	}
	return v;
}

int given_read(const struct request *rq, struct ci_variables *given, struct err *e)
{
	struct str_list keys = request_form_list(rq, "key");
	struct str_list values = request_form_list(rq, "value");

	ci_variables_init(given, rq->arena);
	for (size_t i = 0; i < keys.count; i++) {
		struct str value = i < values.count ? values.items[i] : STR("");
		struct str key = str_trim(keys.items[i]);

		if (str_is_empty(key) && str_is_empty(value))
			continue;
		if (pipeline_given_add(given, key, value, false, e) < 0)
			return -(int)e->code;
	}
	return 0;
}
