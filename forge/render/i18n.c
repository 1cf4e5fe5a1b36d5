#include "render/i18n.h"

#include "render/languages.h"

static size_t plural_english(int64_t n)
{
	return n == 1 ? 0 : 1;
}

static const struct language english = {
	.code = "en",
	.name = "English",
	.plural = plural_english,
	.forms = 2,
};

const struct language *language_at(size_t i)
{
	if (i == 0)
		return &english;
	return i <= language_count ? &languages[i - 1] : NULL;
}

const struct language *language_find(struct str code)
{
	struct str base = str_upto(code, str_find(code, '-'));
	const struct language *language;

	for (size_t i = 0; (language = language_at(i)) != NULL; i++) {
		if (str_eq_nocase(base, str_c(language->code)))
			return language;
	}
	return NULL;
}

/* "0.8" -> 800; malformed: 0, absent: 1000. */
static int quality_of(struct str parameters)
{
	struct str text = str_trim(parameters);
	int quality = 0;
	int digit = 1000;

	if (text.n == 0)
		return 1000;
	if (!str_cut_prefix(&text, STR("q=")))
		return 0;
	for (size_t i = 0; i < text.n && digit > 0; i++) {
		if (i == 1 && text.p[i] == '.')
			continue;
		if (text.p[i] < '0' || text.p[i] > '9')
			return 0;
		quality += (text.p[i] - '0') * digit;
		digit /= 10;
	}
	return quality > 1000 ? 1000 : quality;
}

const struct language *language_negotiate(struct str accept_language)
{
	const struct language *best = &english;
	int best_quality = 0;
	struct str part;

	if (str_is_empty(accept_language))
		return best;
	while (str_cut(&accept_language, ',', &part)) {
		size_t semicolon = str_find(part, ';');
		int quality = quality_of(str_from(part, semicolon + 1));
		const struct language *language =
			language_find(str_trim(str_upto(part, semicolon)));

		if (language != NULL && quality > best_quality) {
			best = language;
			best_quality = quality;
		}
	}
	return best;
}

static const struct i18n_message *find_message(const struct language *language, const char *msgid)
{
	size_t low = 0;
	size_t high = language->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(msgid, language->messages[middle].msgid);

		if (order == 0)
			return &language->messages[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const char *i18n_text(const struct language *language, const char *msgid)
{
	const struct i18n_message *message = find_message(language, msgid);

	return message != NULL ? message->forms[0] : msgid;
}

const char *i18n_plural(const struct language *language, const char *one, const char *other,
			int64_t n)
{
	const struct i18n_message *message = find_message(language, one);

	if (message != NULL && language->plural != NULL) {
		const char *form = message->forms[language->plural(n)];

		if (form != NULL)
			return form;
	}
	return plural_english(n) == 0 ? one : other;
}
