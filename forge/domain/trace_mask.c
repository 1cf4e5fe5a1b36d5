#include "domain/trace_mask.h"

static void hide(char *at, size_t n)
{
	const struct str word = STR("[MASKED]");

	memset(at, '*', n);
	if (n >= word.n)
		memcpy(at, word.p, word.n);
}

static void hide_all(char *bytes, size_t n, struct str secret)
{
	char *at = bytes;

	if (secret.n < TRACE_SECRET_MIN)
		return;
	while ((at = memmem(at, n - (size_t)(at - bytes), secret.p, secret.n))) {
		hide(at, secret.n);
		at += secret.n;
	}
}

void trace_mask(char *bytes, size_t n, struct str_list secrets)
{
	for (size_t i = 0; i < secrets.count; i++)
		hide_all(bytes, n, secrets.items[i]);
}

int32_t trace_mask_hold(struct str_list secrets)
{
	size_t longest = 0;

	for (size_t i = 0; i < secrets.count; i++)
		if (secrets.items[i].n > longest)
			longest = secrets.items[i].n;
	if (longest > TRACE_HOLD_MAX)
		longest = TRACE_HOLD_MAX;
	return longest > 0 ? (int32_t)longest - 1 : 0;
}
