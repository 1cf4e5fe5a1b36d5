#include "cli/help.h"

#define COLUMN 26
#define WIDTH 80

/* "  left      right", right wrapped beside its column. */
static void two_columns(struct buf *out, const char *left, const char *right)
{
	struct str rest = str_c(right);
	struct str word;
	size_t at = COLUMN;

	buf_addf(out, "  %-*s", COLUMN - 2, left);
	if (strlen(left) > COLUMN - 3)
		buf_addf(out, "\n%*s", COLUMN, "");
	while (str_cut(&rest, ' ', &word)) {
		if (at > COLUMN && at + 1 + word.n > WIDTH) {
			buf_addf(out, "\n%*s", COLUMN, "");
			at = COLUMN;
		}
		if (at > COLUMN) {
			buf_add_char(out, ' ');
			at++;
		}
		buf_add(out, word);
		at += word.n;
	}
	buf_add_char(out, '\n');
}

static bool is_listed(const struct command *c, const char *group)
{
	struct str name = str_c(c->name);

	return !c->is_hidden && (!group || str_eq_c(str_upto(name, str_find(name, ' ')), group));
}

void help_all(const struct command *const *all, size_t count, const char *group, struct buf *out)
{
	buf_addf(out, "usage: hearth %s%sCOMMAND [--data DIR] [--json] ...\n\n", group ? group : "",
		 group ? " " : "");
	for (size_t i = 0; i < count; i++) {
		if (is_listed(all[i], group))
			two_columns(out, all[i]->name, all[i]->summary);
	}
	if (group)
		return;
	buf_add_c(
		out,
		"\n`hearth COMMAND --help` says more about one. --data (or HEARTH_DATA) names the\n"
		"data directory of the instance that is meant.\n");
}

static void usage_line(const struct command *c, struct buf *out)
{
	buf_addf(out, "usage: hearth %s", c->name);
	if (c->arguments)
		buf_addf(out, " %s", c->arguments);
	for (size_t i = 0; i < c->option_count; i++) {
		const struct command_option *o = &c->options[i];
		bool required = (o->flags & OPTION_REQUIRED) != 0;

		buf_addf(out, " %s--%s", required ? "" : "[", o->name);
		if (o->value)
			buf_addf(out, " %s", o->value);
		buf_add_c(out, required ? "" : "]");
		buf_add_c(out, (o->flags & OPTION_REPEATED) ? "..." : "");
	}
	buf_add_char(out, '\n');
}

void help_command(const struct command *c, struct buf *out)
{
	char left[64];

	usage_line(c, out);
	buf_addf(out, "\n%s\n", c->summary);
	if (c->help)
		buf_addf(out, "%s\n", c->help);
	buf_add_char(out, '\n');
	for (size_t i = 0; i < c->option_count; i++) {
		snprintf(left, sizeof(left), "--%s%s%s", c->options[i].name,
			 c->options[i].value ? " " : "",
			 c->options[i].value ? c->options[i].value : "");
		two_columns(out, left, c->options[i].help);
	}
	if (c->needs != COMMAND_NEEDS_NOTHING)
		two_columns(out, "--data DIR", "the instance's data directory (or HEARTH_DATA)");
	two_columns(out, "--json", "print JSON for programs");
}
