#include "domain/token.h"

struct scope_row {
	uint32_t bit;
	const char *word;
	bool is_personal;
};

static const struct scope_row rows[] = {
#define SCOPE_ROW(name, word, sentence, personal) { SCOPE_##name, word, personal },
	TOKEN_SCOPES(SCOPE_ROW)
#undef SCOPE_ROW
};

static int unknown(struct str word, struct err *e)
{
	struct str shown = str_upto(word, 40);

	if (!str_is_utf8_text(shown))
		shown = STR("this");
	return err_set(e, ERR_UNPROCESSABLE,
		       "\"%.*s\" is no scope of a token. There are: api, read_api, read_user, "
		       "read_repository, write_repository, create_runner, manage_runner.",
		       STR_FMT(shown));
}

static int add_word(struct str word, uint32_t *scopes, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].is_personal && str_eq_c(word, rows[i].word)) {
			*scopes |= rows[i].bit;
			return 0;
		}
	}
	return unknown(word, e);
}

int token_scopes_parse(struct str text, uint32_t *scopes, struct err *e)
{
	struct str part;
	uint32_t made = 0;

	while (str_cut(&text, ',', &part)) {
		if (add_word(str_trim(part), &made, e) < 0)
			return -(int)e->code;
	}
	*scopes = made;
	return 0;
}

int token_scopes_from_list(const struct str_list *list, uint32_t *scopes, struct err *e)
{
	uint32_t made = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (add_word(list->items[i], &made, e) < 0)
			return -(int)e->code;
	}
	*scopes = made;
	return 0;
}

struct str_list token_scopes_list(struct arena *a, uint32_t scopes)
{
	struct str_list list = { ARENA_ARRAY(a, struct str, ARRAY_LEN(rows)), 0 };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (scopes & rows[i].bit)
			list.items[list.count++] = str_c(rows[i].word);
	}
	return list;
}
