/*
 * A log that comes in pieces of any size, with secrets in it, masked as
 * domain/trace.c does it. At no time does what a reader may see hold a whole
 * secret; every other byte is what was sent; the length is never another.
 *
 * Input: secrets, one a line, an empty line, then the log; the sizes of the
 * pieces follow from its bytes.
 */
#include "domain/trace_mask.h"

#include "base/arena.h"

#include <stdint.h>

#define SECRETS_MAX 4

/* What masking itself may write. */
static bool is_made_of_mask(struct str secret)
{
	const struct str word = STR("[MASKED]");

	return str_has(secret, '*') || str_has(secret, '[') || str_has(secret, ']') ||
	       str_find_str(word, secret) < word.n;
}

static void check_seen(struct str seen, struct str_list secrets)
{
	for (size_t i = 0; i < secrets.count; i++) {
		struct str s = secrets.items[i];

		if (s.n >= TRACE_SECRET_MIN && !is_made_of_mask(s))
			ASSERT(str_find_str(seen, s) == seen.n);
	}
}

static struct str_list read_secrets(struct str *text, struct arena *a)
{
	struct str_list secrets = { ARENA_ARRAY(a, struct str, SECRETS_MAX), 0 };
	struct str line;

	while (text->n > 0 && str_cut(text, '\n', &line) && line.n > 0)
		if (secrets.count < SECRETS_MAX)
			secrets.items[secrets.count++] = line;
	return secrets;
}

/* Appends sent[at..at+n) to the file of at bytes. */
static void append(char *file, struct str sent, size_t at, size_t n, struct str_list secrets)
{
	size_t hold = (size_t)trace_mask_hold(secrets);
	size_t before = at < hold ? at : hold;

	memcpy(file + at, sent.p + at, n);
	trace_mask(file + at - before, before + n, secrets);
	if (at + n > hold)
		check_seen(str_n(file, at + n - hold), secrets);
}

static void check_rest(const char *file, struct str sent)
{
	for (size_t i = 0; i < sent.n; i++)
		ASSERT(file[i] == sent.p[i] || file[i] == '*' || strchr("[MASKED]", file[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	struct str text = arena_str(a, str_n((const char *)data, size));
	struct str_list secrets = read_secrets(&text, a);
	char *file = ARENA_ARRAY(a, char, text.n + 1);
	size_t at = 0;

	while (at < text.n) {
		size_t n = 1 + ((unsigned char)text.p[at] & 15);

		if (n > text.n - at)
			n = text.n - at;
		append(file, text, at, n, secrets);
		at += n;
	}
	check_seen(str_n(file, text.n), secrets);
	check_rest(file, text);
	arena_close(a);
	return 0;
}
