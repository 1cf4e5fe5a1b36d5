#include "cli/account.h"

#include "base/fs.h"

#include <errno.h>

#define FILE_MAX (64 * 1024)

/* Standard input, to its end. */
static int read_input(struct cli *cli, struct str *text, struct err *e)
{
	char *bytes = arena_alloc(cli->arena, FILE_MAX);
	size_t n = 0;
	ssize_t got;

	while ((got = read(STDIN_FILENO, bytes + n, FILE_MAX - n)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(e, errno, "standard input");
		n += (size_t)got;
		if (n == FILE_MAX)
			return err_set(e, ERR_TOO_LARGE, "Standard input holds more than %d bytes.",
				       FILE_MAX);
	}
	*text = str_n(bytes, n);
	return 0;
}

int account_read_file(struct cli *cli, const char *path, struct str *text, struct err *e)
{
	if (strcmp(path, "-") == 0)
		return read_input(cli, text, e);
	if (access(path, R_OK) == 0)
		return fs_read(cli->arena, path, FILE_MAX, text, e);
	if (errno == ENOENT || errno == ENOTDIR)
		return err_set(e, ERR_NOT_FOUND, "There is no file %s.", path);
	if (errno == EACCES)
		return err_set(
			e, ERR_FORBIDDEN,
			"The user who owns the data directory, as whom this command runs, may not "
			"read %s. Write - for the file and give it on standard input: < %s",
			path, path);
	return err_errno(e, errno, "%s", path);
}

int account_read_password(struct cli *cli, struct str *password, struct err *e)
{
	const char *path = cli_option(cli, "password-file");
	struct str text = STR_NONE;

	*password = STR_NONE;
	if (!path)
		return 0;
	if (account_read_file(cli, path, &text, e) < 0)
		return -(int)e->code;
	/* A line's end is the editor's, blanks may be the password's. */
	text = str_upto(text, str_find(text, '\n'));
	if (text.n > 0 && text.p[text.n - 1] == '\r')
		text.n--;
	if (text.n == 0)
		return err_set(e, ERR_UNPROCESSABLE, "The password in %s is empty.", path);
	*password = text;
	return 0;
}

int account_make_link(struct cli *cli, struct db *db, struct user_id id, struct str *link,
		      struct err *e)
{
	const struct actor system = actor_system();
	struct str token;

	if (user_link_create(db, &system, id, cli->arena, &token, e) < 0)
		return -(int)e->code;
	*link = arena_fmt(cli->arena, "%s/-/password/%.*s", cli->app->config->external_url,
			  STR_FMT(token));
	return 0;
}

int account_read_date(const struct cli *cli, const char *option, bool *has, struct instant *at,
		      struct err *e)
{
	const char *text = cli_option(cli, option);

	*has = text != NULL;
	if (text && !instant_parse(str_c(text), at))
		return err_set(e, ERR_INVALID, "--%s wants a date: 2030-12-31.", option);
	return 0;
}

int account_read_id(const char *text, const char *what, int64_t *id, struct err *e)
{
	if (!str_to_i64(str_c(text), id) || *id < 1)
		return err_set(e, ERR_INVALID, "%s is no number of a %s.", text, what);
	return 0;
}

void account_write_user(struct jsonw *w, const struct user *user)
{
	jsonw_field_int(w, "id", user->id.v);
	jsonw_field_str(w, "username", user->username);
	jsonw_field_str(w, "name", user->name);
	jsonw_field_str(w, "email", user->email);
	jsonw_field_str(w, "state", user->is_blocked ? STR("blocked") : STR("active"));
	jsonw_field_bool(w, "is_admin", user->is_admin);
	jsonw_field_time(w, "created_at", user->created_at);
	if (user->has_last_sign_in_at)
		jsonw_field_time(w, "last_sign_in_at", user->last_sign_in_at);
	else
		jsonw_field_null(w, "last_sign_in_at");
}
