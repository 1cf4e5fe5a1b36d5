/* What the commands about people, keys, tokens and projects share. */
#ifndef CLI_ACCOUNT_H
#define CLI_ACCOUNT_H

#include "cli/command.h"
#include "domain/user.h"

/* A small file; "-" is standard input. Says what to do when the instance's user may not read it. */
MUST_USE int account_read_file(struct cli *cli, const char *path, struct str *text, struct err *e);

/* The password in --password-file (its first line; "-" is standard input), or none. */
MUST_USE int account_read_password(struct cli *cli, struct str *password, struct err *e);

/* Makes a one-time link to set a password; the whole address. */
MUST_USE int account_make_link(struct cli *cli, struct db *db, struct user_id id, struct str *link,
			       struct err *e);

/* "2025-12-31", or none: *has says. ERR_INVALID with the form. */
MUST_USE int account_read_date(const struct cli *cli, const char *option, bool *has,
			       struct instant *at, struct err *e);

/* A positive number. ERR_INVALID "... is no number of a token." */
MUST_USE int account_read_id(const char *text, const char *what, int64_t *id, struct err *e);

/* The fields of a user, as the API names them. */
void account_write_user(struct jsonw *w, const struct user *user);

#endif
