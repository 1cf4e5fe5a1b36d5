/* What follows from an environment's name alone. */
#include "domain/environment.h"

#include "secret/secret.h"

#define SLUG_MAX 24
#define SLUG_HEAD 17 /* of a shortened slug; '-' and six signs of a digest follow */
#define SLUG_TAIL 6
#define NAME_MAX_BYTES 255

static const char *const tier_names[] = {
#define TIER_NAME(name, word) [ENVIRONMENT_##name] = word,
	ENVIRONMENT_TIERS(TIER_NAME)
#undef TIER_NAME
};

static const char *const state_names[] = {
	[ENVIRONMENT_AVAILABLE] = "available",
	[ENVIRONMENT_STOPPING] = "stopping",
	[ENVIRONMENT_STOPPED] = "stopped",
};

const char *environment_tier_name(enum environment_tier tier)
{
	ASSERT((size_t)tier < ARRAY_LEN(tier_names));
	return tier_names[tier];
}

bool environment_tier_parse(struct str name, enum environment_tier *tier)
{
	for (size_t i = 0; i < ARRAY_LEN(tier_names); i++) {
		if (str_eq_c(name, tier_names[i])) {
			*tier = (enum environment_tier)i;
			return true;
		}
	}
	return false;
}

const char *environment_state_name(enum environment_state state)
{
	ASSERT((size_t)state < ARRAY_LEN(state_names));
	return state_names[state];
}

bool environment_state_parse(struct str name, enum environment_state *state)
{
	for (size_t i = 0; i < ARRAY_LEN(state_names); i++) {
		if (str_eq_c(name, state_names[i])) {
			*state = (enum environment_state)i;
			return true;
		}
	}
	return false;
}

/* In GitLab's order: the first word that the name contains decides. */
static const struct guess {
	const char *part;
	enum environment_tier tier;
} guesses[] = {
	{ "dev", ENVIRONMENT_DEVELOPMENT },   { "review", ENVIRONMENT_DEVELOPMENT },
	{ "trunk", ENVIRONMENT_DEVELOPMENT }, { "test", ENVIRONMENT_TESTING },
	{ "tst", ENVIRONMENT_TESTING },       { "int", ENVIRONMENT_TESTING },
	{ "acpt", ENVIRONMENT_TESTING },      { "accept", ENVIRONMENT_TESTING },
	{ "qa", ENVIRONMENT_TESTING },        { "qc", ENVIRONMENT_TESTING },
	{ "control", ENVIRONMENT_TESTING },   { "quality", ENVIRONMENT_TESTING },
	{ "stg", ENVIRONMENT_STAGING },       { "stag", ENVIRONMENT_STAGING },
	{ "mod", ENVIRONMENT_STAGING },       { "pre", ENVIRONMENT_STAGING },
	{ "demo", ENVIRONMENT_STAGING },      { "non", ENVIRONMENT_STAGING },
	{ "prd", ENVIRONMENT_PRODUCTION },    { "prod", ENVIRONMENT_PRODUCTION },
	{ "live", ENVIRONMENT_PRODUCTION },
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool contains(struct str name, struct str part)
{
	for (size_t at = 0; at + part.n <= name.n; at++)
		if (str_eq_nocase(str_upto(str_from(name, at), part.n), part))
			return true;
	return false;
}

enum environment_tier environment_tier_guess(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(guesses); i++)
		if (contains(name, str_c(guesses[i].part)))
			return guesses[i].tier;
	return ENVIRONMENT_OTHER;
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Lower case, anything else a single '-', a letter first. */
static struct str slug_text(struct arena *a, struct str name)
{
	char *text = ARENA_ARRAY(a, char, name.n + 5);
	size_t n = 0;

	if (name.n == 0 || !(lower(name.p[0]) >= 'a' && lower(name.p[0]) <= 'z'))
		while (n < 4)
			text[n] = "env-"[n], n++;
	for (size_t i = 0; i < name.n; i++) {
		char c = lower(name.p[i]);

		if (is_plain(c))
			text[n++] = c;
		else if (n > 0 && text[n - 1] != '-')
			text[n++] = '-';
	}
	while (n > 0 && text[n - 1] == '-')
		n--;
	return str_n(text, n);
}

/* The last six signs of the digest as one number to the base of 36: GitLab's, so that addresses
 * stay. */
static void digest_tail(struct str name, char tail[SLUG_TAIL])
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	const uint64_t six_signs = (uint64_t)36 * 36 * 36 * 36 * 36 * 36;
	unsigned char digest[SECRET_SHA256_SIZE];
	uint64_t number = 0;

	secret_sha256(name, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		number = ((number << 8) | digest[i]) % six_signs;
	for (size_t i = SLUG_TAIL; i > 0; i--, number /= 36)
		tail[i - 1] = digits[number % 36];
}

/* What the name lost on the way is told apart by its digest: review/x is not review-x. */
struct str environment_slug(struct arena *a, struct str name)
{
	struct str slug = slug_text(a, name);
	char tail[SLUG_TAIL];

	if (slug.n <= SLUG_MAX && str_eq(slug, name))
		return slug;
	slug = str_upto(slug, SLUG_HEAD);
	while (str_ends(slug, STR("-")))
		slug.n--;
	digest_tail(name, tail);
	return arena_fmt(a, "%.*s-%.*s", STR_FMT(slug), SLUG_TAIL, tail);
}

static bool may_stand_in_name(char c)
{
	return is_plain(lower(c)) || strchr(" -_/$.{}", c) != NULL;
}

int environment_check_name(struct str name, struct err *e)
{
	bool is_good = !str_is_empty(name) && name.n <= NAME_MAX_BYTES && name.p[0] != '/' &&
		       name.p[name.n - 1] != '/';

	for (size_t i = 0; is_good && i < name.n; i++)
		is_good = name.p[i] != 0 && may_stand_in_name(name.p[i]);
	if (is_good)
		return 0;
	return err_set(e, ERR_UNPROCESSABLE,
		       "\"%.*s\" cannot be the name of an environment: letters, digits, spaces and "
		       "-_/$.{} may stand in it, no / at its ends, at most 255 characters.",
		       STR_FMT(str_upto(name, 60)));
}
