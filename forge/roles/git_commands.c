#include "roles/git_commands.h"

#include "base/table.h"

void git_commands_init(struct git_commands *c, struct arena *a, int64_t max)
{
	memset(c, 0, sizeof(*c));
	c->arena = a;
	c->max = max > 0 && max < 1000000 ? (size_t)max : GIT_COMMANDS_DEFAULT_MAX;
}

static int bad_protocol(struct err *e, const char *what)
{
	return err_set(e, ERR_INVALID, "The client sent something that is not git's protocol (%s).",
		       what);
}

static int take_capability(struct git_commands *c, struct str word, struct err *e)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{ "report-status", &c->report_status },
		{ "report-status-v2", &c->report_status },
		{ "side-band-64k", &c->side_band },
		{ "quiet", &c->is_quiet },
		{ "atomic", &c->is_atomic },
		{ "push-options", &c->has_push_options },
	};

	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (str_eq_c(word, flags[i].name))
			*flags[i].flag = true;
	if (str_starts(word, STR("object-format=")) && !str_eq_c(word, "object-format=sha1"))
		return err_set(e, ERR_INVALID,
			       "This server keeps SHA-1 repositories only; yours uses another "
			       "object format.");
	return 0;
}

static int take_capabilities(struct git_commands *c, struct str words, struct err *e)
{
	struct str word;

	while (str_cut(&words, ' ', &word))
		if (take_capability(c, word, e) < 0)
			return -(int)e->code;
	return 0;
}

static bool take_oid(struct str hex, char to[static GIT_OID_TEXT])
{
	unsigned char bytes[20];

	return str_to_bytes(hex, bytes, sizeof(bytes)) && str_copy(to, GIT_OID_TEXT, hex);
}

static struct git_command_line *new_command(struct git_commands *c)
{
	if (c->count == c->room) {
		size_t room = c->room ? 2 * c->room : 16;
		struct git_command_line *more =
			ARENA_ARRAY(c->arena, struct git_command_line, room);

		if (c->count)
			memcpy(more, c->commands, c->count * sizeof(*more));
		c->commands = more;
		c->room = room;
	}
	return &c->commands[c->count];
}

static int take_command(struct git_commands *c, struct str text, struct err *e)
{
	struct git_command_line *command = new_command(c);
	struct str rest = text;
	struct str old_oid;
	struct str new_oid;

	if (c->count >= c->max)
		return err_set(e, ERR_TOO_LARGE,
			       "One push may change %zu branches and tags at most; push them in "
			       "several parts.",
			       c->max);
	if (!str_cut(&rest, ' ', &old_oid) || !str_cut(&rest, ' ', &new_oid) ||
	    !take_oid(old_oid, command->old_oid) || !take_oid(new_oid, command->new_oid))
		return bad_protocol(e, "a command without two object names");
	if (str_is_empty(rest) || rest.n >= GIT_MESSAGE_NAME_MAX || memchr(rest.p, '\0', rest.n))
		return bad_protocol(e, "a command without a ref, or with one that is too long");
	if (str_eq_c(old_oid, GIT_ZERO_OID) && str_eq_c(new_oid, GIT_ZERO_OID))
		return bad_protocol(e, "a command that changes nothing");
	command->name = arena_str(c->arena, rest);
	c->count++;
	return 0;
}

int git_commands_line(struct git_commands *c, struct str line, struct err *e)
{
	size_t end = str_find(line, '\0');
	char oid[GIT_OID_TEXT];

	if (str_starts(line, STR("shallow ")))
		/* Of no use: the objects' links are checked in any case. */
		return take_oid(str_from(line, 8), oid) ? 0 : bad_protocol(e, "a bad shallow line");
	if (str_starts(line, STR("push-cert")))
		return err_set(e, ERR_INVALID,
			       "Signed pushes (git push --signed) are not supported; "
			       "push without it.");
	if (end < line.n && c->count == 0 && take_capabilities(c, str_from(line, end + 1), e) < 0)
		return -(int)e->code;
	return take_command(c, str_upto(line, end), e);
}

int git_commands_option(struct git_commands *c, struct str line, struct err *e)
{
	if (c->option_count >= GIT_PUSH_OPTIONS_MAX)
		return err_set(e, ERR_TOO_LARGE, "A push may carry %d options at most.",
			       GIT_PUSH_OPTIONS_MAX);
	if (line.n >= GIT_MESSAGE_TEXT_MAX || !str_is_utf8_text(line))
		return err_set(e, ERR_INVALID,
			       "A push option is longer than %d bytes or not UTF-8.",
			       GIT_MESSAGE_TEXT_MAX - 1);
	if (!c->options)
		c->options = ARENA_ARRAY(c->arena, struct str, GIT_PUSH_OPTIONS_MAX);
	c->options[c->option_count++] = arena_str(c->arena, line);
	return 0;
}

int git_commands_check(const struct git_commands *c, struct err *e)
{
	struct table names;

	table_init(&names, c->arena);
	for (size_t i = 0; i < c->count; i++) {
		if (table_find(&names, c->commands[i].name))
			return bad_protocol(e, "one ref twice");
		table_set(&names, c->commands[i].name, &c->commands[i]);
	}
	return 0;
}

bool git_commands_have_pack(const struct git_commands *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->commands[i].new_oid, GIT_ZERO_OID) != 0)
			return true;
	return false;
}
