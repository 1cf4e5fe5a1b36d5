#include "runner/mask.h"

#define HELD_MAX (4u * 1024 * 1024)

void mask_init(struct mask *m, struct arena *a, size_t most)
{
	*m = (struct mask){ .secrets = ARENA_ARRAY(a, struct str, most),
			    .prefixes = ARENA_ARRAY(a, struct str, most) };
	buf_init(&m->held, HELD_MAX);
}

void mask_fini(struct mask *m)
{
	buf_fini(&m->held);
}

void mask_add_secret(struct mask *m, struct str secret)
{
	if (secret.n > 0 && secret.n <= HELD_MAX / 4)
		m->secrets[m->secret_count++] = secret;
}

void mask_add_prefix(struct mask *m, struct str prefix)
{
	if (prefix.n > 0)
		m->prefixes[m->prefix_count++] = prefix;
}

static bool is_token_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

enum found { FOUND_NOTHING, FOUND_WHOLE, FOUND_START };

/* Whether rest starts with a word (the longest counts), or may yet turn out to. */
static enum found look(struct str rest, const struct str *words, size_t count, bool is_end,
		       size_t *length)
{
	*length = 0;
	for (size_t i = 0; i < count; i++) {
		if (str_starts(rest, words[i]) && words[i].n > *length)
			*length = words[i].n;
		else if (!is_end && rest.n < words[i].n && str_starts(words[i], rest))
			return FOUND_START;
	}
	return *length > 0 ? FOUND_WHOLE : FOUND_NOTHING;
}

/* Handles what rest starts with; gives how many bytes are done, 0 if more must come first. */
static size_t take(struct mask *m, struct str rest, bool is_end, struct buf *out)
{
	size_t length = 0;
	enum found secret;
	enum found prefix;

	if (m->in_token > 0) {
		if (is_token_char(rest.p[0]) && m->in_token < MASK_TOKEN_MAX) {
			m->in_token++;
			return 1;
		}
		m->in_token = 0;
	}
	secret = look(rest, m->secrets, m->secret_count, is_end, &length);
	if (secret == FOUND_WHOLE) {
		buf_add(out, STR(MASK_TEXT));
		return length;
	}
	prefix = look(rest, m->prefixes, m->prefix_count, is_end, &length);
	if (prefix == FOUND_WHOLE && secret != FOUND_START) {
		buf_add(out, str_upto(rest, length));
		buf_add(out, STR(MASK_TEXT));
		m->in_token = 1;
		return length;
	}
	if (secret == FOUND_START || prefix == FOUND_START)
		return 0;
	buf_add_char(out, rest.p[0]);
	return 1;
}

static void run(struct mask *m, bool is_end, struct buf *out)
{
	struct str rest = buf_str(&m->held);
	size_t total = rest.n;

	while (rest.n > 0) {
		size_t done = take(m, rest, is_end, out);

		if (done == 0)
			break;
		rest = str_from(rest, done);
	}
	buf_drop_front(&m->held, total - rest.n);
}

void mask_write(struct mask *m, struct str bytes, struct buf *out)
{
	buf_add(&m->held, bytes);
	run(m, false, out);
}

void mask_flush(struct mask *m, struct buf *out)
{
	run(m, true, out);
	m->in_token = 0;
}

void mask_drop(struct mask *m)
{
	buf_clear(&m->held);
	m->in_token = 0;
}
