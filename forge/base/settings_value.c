/*
 * One value of one row: text in, checked field out. The sentence of a refusal
 * names the setting, what was written and what may be written.
 */
#include "base/settings.h"

static int refuse(const struct setting *row, struct str text, const char *may_be, struct err *e)
{
	if (row->type == SETTING_SECRET)
		return err_set(e, ERR_INVALID, "%s must be %s", row->key, may_be);
	return err_set(e, ERR_INVALID, "%s is \"%.*s\"; it must be %s", row->key, STR_FMT(text),
		       may_be);
}

static int refuse_range(const struct setting *row, struct str text, const char *unit, struct err *e)
{
	char may_be[120];

	snprintf(may_be, sizeof(may_be), "%lld to %lld%s", (long long)row->min, (long long)row->max,
		 unit);
	return refuse(row, text, may_be, e);
}

struct unit {
	const char *suffix;
	int64_t factor;
};

static const struct unit size_units[] = {
	{ "k", 1 << 10 }, { "K", 1 << 10 },          { "M", 1 << 20 },
	{ "G", 1 << 30 }, { "T", INT64_C(1) << 40 },
};
static const struct unit duration_units[] = {
	{ "s", 1 },
	{ "m", 60 },
	{ "h", 3600 },
	{ "d", 86400 },
};

static bool parse_with_unit(struct str text, const struct unit *units, size_t count, int64_t *value)
{
	int64_t factor = 1;

	for (size_t i = 0; i < count; i++) {
		if (!str_ends(text, str_c(units[i].suffix)))
			continue;
		factor = units[i].factor;
		text = str_upto(text, text.n - 1);
		break;
	}
	return str_to_i64(text, value) && !__builtin_mul_overflow(*value, factor, value);
}

static int store_number(const struct setting *row, struct str text, void *field, struct err *e)
{
	int64_t value;
	const char *unit = "";
	bool ok;

	switch (row->type) {
	case SETTING_SIZE:
		unit = " bytes (or with k, M, G, T)";
		ok = parse_with_unit(text, size_units, ARRAY_LEN(size_units), &value);
		break;
	case SETTING_DURATION:
		unit = " seconds (or with s, m, h, d)";
		ok = parse_with_unit(text, duration_units, ARRAY_LEN(duration_units), &value);
		break;
	default:
		ok = str_to_i64(text, &value);
	}
	if (!ok || value < row->min || value > row->max)
		return refuse_range(row, text, unit, e);
	*(int64_t *)field = value;
	return 0;
}

static int store_bool(const struct setting *row, struct str text, void *field, struct err *e)
{
	static const char *const yes[] = { "true", "yes", "on", "1" };
	static const char *const no[] = { "false", "no", "off", "0" };

	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (str_eq_c(text, yes[i]) || str_eq_c(text, no[i])) {
			*(bool *)field = str_eq_c(text, yes[i]);
			return 0;
		}
	}
	return refuse(row, text, "true or false", e);
}

static int store_choice(const struct setting *row, struct str text, void *field, struct err *e)
{
	struct str rest = str_c(row->choices);
	struct str word;
	char may_be[160];

	for (int i = 0; str_cut(&rest, '|', &word); i++) {
		if (str_eq(word, text)) {
			*(int *)field = i;
			return 0;
		}
	}
	snprintf(may_be, sizeof(may_be), "one of %s", row->choices);
	return refuse(row, text, may_be, e);
}

static int store_list(struct arena *a, const struct setting *row, struct str text, void *field,
		      struct err *e)
{
	struct str_list list = { ARENA_ARRAY(a, struct str, text.n / 2 + 1), 0 };
	size_t at = 0;

	while (at < text.n) {
		size_t end = at;

		while (end < text.n && !strchr(", \t", text.p[end]))
			end++;
		if (end > at)
			list.items[list.count++] = str_n(text.p + at, end - at);
		at = end + 1;
	}
	if (i64_from_size(list.count) < row->min || i64_from_size(list.count) > row->max)
		return refuse_range(row, text, " words", e);
	*(struct str_list *)field = list;
	return 0;
}

bool settings_address_split(struct str text, struct str *host, int *port)
{
	size_t colon = str_find_last(text, ':');
	struct str h = str_upto(text, colon);
	int64_t number;

	if (colon == text.n || !str_to_i64(str_from(text, colon + 1), &number) || number < 0 ||
	    number > 65535)
		return false;
	if (h.n >= 2 && h.p[0] == '[' && h.p[h.n - 1] == ']')
		h = str_n(h.p + 1, h.n - 2);
	else if (str_has(h, ':'))
		return false;
	for (size_t i = 0; i < h.n; i++) {
		if ((unsigned char)h.p[i] <= ' ' || strchr("/@[]?#", h.p[i]))
			return false;
	}
	*host = h;
	*port = (int)number;
	return true;
}

static int check_address(const struct setting *row, struct str text, struct err *e)
{
	struct str host;
	int port;

	if (text.n == 0 || settings_address_split(text, &host, &port))
		return 0;
	return refuse(row, text, "HOST:PORT, as 127.0.0.1:8080 or [::1]:8080", e);
}

static int check_url(const struct setting *row, struct str text, struct err *e)
{
	static const char may_be[] = "an address like https://example.org or "
				     "https://example.org/hearth, without a slash at the end";
	struct str rest = text;
	struct str host;
	int port;
	size_t slash;

	if (text.n == 0)
		return 0;
	if (!str_cut_prefix(&rest, STR("https://")) && !str_cut_prefix(&rest, STR("http://")))
		return refuse(row, text, may_be, e);
	slash = str_find(rest, '/');
	host = str_upto(rest, slash);
	if (host.n == 0 || str_ends(rest, STR("/")) || str_has(rest, '?') || str_has(rest, '#') ||
	    str_has(rest, '@') || str_has(rest, ' ') || str_has(rest, '"'))
		return refuse(row, text, may_be, e);
	if (host.p[host.n - 1] != ']' && str_has(host, ':') &&
	    !settings_address_split(host, &host, &port))
		return refuse(row, text, may_be, e);
	return 0;
}

static int store_text(struct arena *a, const struct setting *row, struct str text, void *field,
		      struct err *e)
{
	if (row->type == SETTING_ADDRESS && check_address(row, text, e) < 0)
		return -(int)ERR_INVALID;
	if (row->type == SETTING_URL && check_url(row, text, e) < 0)
		return -(int)ERR_INVALID;
	if (row->type == SETTING_PATH && text.n > 0 && text.p[0] != '/')
		return refuse(row, text, "a path that begins with /", e);
	if (row->max > 0 && (i64_from_size(text.n) < row->min || i64_from_size(text.n) > row->max))
		return refuse_range(row, text, " bytes long", e);
	*(const char **)field = arena_cstr(a, text);
	return 0;
}

int setting_store(struct arena *a, const struct setting *row, const char *c, void *field,
		  struct err *e)
{
	struct str text = arena_str(a, str_c(c));

	switch (row->type) {
	case SETTING_NUMBER:
	case SETTING_SIZE:
	case SETTING_DURATION:
		return store_number(row, text, field, e);
	case SETTING_BOOL:
		return store_bool(row, text, field, e);
	case SETTING_CHOICE:
		return store_choice(row, text, field, e);
	case SETTING_LIST:
		return store_list(a, row, text, field, e);
	case SETTING_TEXT:
	case SETTING_SECRET:
	case SETTING_ADDRESS:
	case SETTING_URL:
	case SETTING_PATH:
		return store_text(a, row, text, field, e);
	}
	return err_set(e, ERR_INTERNAL, "%s has no type", row->key);
}
