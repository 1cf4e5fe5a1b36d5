#include "cli/account.h"
#include "cli/commands.h"

#include "domain/key.h"
#include "store/db.h"

static void show(struct cli *cli, const struct key *key, const struct user *user)
{
	struct jsonw *w = &cli->to;

	if (cli->json) {
		jsonw_object(w);
		jsonw_field_int(w, "id", key->id.v);
		jsonw_field_str(w, "title", key->title);
		jsonw_field_str(w, "key", key->text);
		jsonw_field_str(w, "fingerprint_sha256", key->fingerprint);
		jsonw_field_time(w, "created_at", key->created_at);
		jsonw_end(w);
	}
	cli_say(cli, "%.*s can use the key %.*s (%.*s) now.", STR_FMT(user->username),
		STR_FMT(key->fingerprint), STR_FMT(key->title));
}

static int add_key(struct cli *cli, struct err *e)
{
	const struct actor system = actor_system();
	AUTO_DB db = NULL;
	struct user user;
	struct key key;
	struct key_new in = { .title = str_c(cli_option(cli, "title")) };

	if (account_read_date(cli, "expires", &in.has_expires_at, &in.expires_at, e) < 0 ||
	    account_read_file(cli, cli_argument(cli, 1), &in.line, e) < 0 ||
	    db_acquire(cli->app->db, &db, e) < 0 ||
	    user_get_by_name(db, str_c(cli_argument(cli, 0)), cli->arena, &user, e) < 0)
		return -(int)e->code;
	in.user = user.id;
	if (key_create(db, &system, &in, cli->arena, &key, e) < 0)
		return -(int)e->code;
	show(cli, &key, &user);
	return 0;
}

static const struct command_option options[] = {
	{ "title", "TEXT", "how it is called in the list; the key's own comment if it is not given",
	  0 },
	{ "expires", "DATE", "the day on which it ends", 0 },
};

const struct command command_key_add = {
	.name = "key add",
	.arguments = "USER FILE.pub",
	.argument_min = 2,
	.argument_max = 2,
	.summary = "Lets a user come by SSH with this public key.",
	.help = "FILE.pub may be - for standard input.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.needs = COMMAND_NEEDS_DATABASE,
	.run = add_key,
};
