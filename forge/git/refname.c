/*
 * The rules of a ref's name, after git's check-ref-format, with the few more
 * that keep names from being taken for options, objects or lock files.
 */
#include "git/layout.h"

#include "git/ref_snapshot.h"

#define PART_MAX 200

static int refused(struct str name, const char *rule, struct err *e)
{
	/* The name itself may hold anything; only its printable beginning is shown. */
	char shown[81];
	size_t n = 0;

	while (n < name.n && n < sizeof(shown) - 1 && name.p[n] > ' ' && name.p[n] < 0x7f) {
		shown[n] = name.p[n];
		n++;
	}
	shown[n] = '\0';
	return err_set(e, ERR_INVALID, "The name \"%s%s\" cannot be used: %s. Choose another name.",
		       shown, n < name.n ? "..." : "", rule);
}

static const char *broken_byte_rule(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (c <= ' ' || c == 0x7f)
			return "it holds a space or a control character";
		if (strchr("~^:?*[\\", c))
			return "it holds one of ~ ^ : ? * [ \\";
		if (c == '.' && i + 1 < name.n && name.p[i + 1] == '.')
			return "it holds \"..\"";
		if (c == '@' && i + 1 < name.n && name.p[i + 1] == '{')
			return "it holds \"@{\"";
	}
	return NULL;
}

static const char *broken_part_rule(struct str part)
{
	if (part.n == 0)
		return "a part between two slashes is empty";
	if (part.p[0] == '.')
		return "a part begins with a dot";
	if (part.p[0] == '-')
		return "a part begins with a hyphen";
	if (part.p[part.n - 1] == '.')
		return "a part ends with a dot";
	if (str_ends(part, STR(".lock")))
		return "a part ends with \".lock\"";
	if (part.n > PART_MAX)
		return "a part is longer than 200 bytes";
	return NULL;
}

static bool looks_like_an_object(struct str name)
{
	struct oid oid;

	return oid_parse(name, &oid);
}

/* What is refused of branches and tags, by the name people see. */
static const char *broken_short_rule(struct str name)
{
	if (!str_cut_prefix(&name, STR("refs/heads/")) && !str_cut_prefix(&name, STR("refs/tags/")))
		return NULL;
	if (str_eq(name, STR("HEAD")))
		return "HEAD is git's own word";
	if (looks_like_an_object(name))
		return "it looks like the name of a commit";
	return NULL;
}

int git_refname_check(struct str name, struct err *e)
{
	const char *rule;
	struct str rest = name;
	struct str part;

	if (!str_starts(name, STR("refs/")))
		return refused(name, "it does not begin with refs/", e);
	if (name.n >= REF_NAME_MAX)
		return refused(name, "it is too long", e);
	rule = broken_byte_rule(name);
	if (!rule && !str_is_utf8_text(name))
		rule = "it is not UTF-8";
	while (!rule && str_cut(&rest, '/', &part))
		rule = broken_part_rule(part);
	if (!rule)
		rule = broken_short_rule(name);
	return rule ? refused(name, rule, e) : 0;
}
