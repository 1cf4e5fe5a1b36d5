#include "cli/account.h"
#include "cli/commands.h"

#include "domain/token.h"
#include "store/db.h"

static void show(struct cli *cli, const struct token *token, struct str text)
{
	struct jsonw *w = &cli->to;

	if (!cli->json) {
		/* Alone, so that TOKEN=$(hearth token create ...) works. */
		cli_say(cli, "%.*s", STR_FMT(text));
		return;
	}
	jsonw_object(w);
	jsonw_field_int(w, "id", token->id.v);
	jsonw_field_str(w, "name", token->name);
	jsonw_field_array(w, "scopes");
	for (size_t i = 0; i < token->scopes.count; i++)
		jsonw_str(w, token->scopes.items[i]);
	jsonw_end(w);
	jsonw_field_time(w, "expires_at", token->expires_at);
	jsonw_field_str(w, "token", text);
	jsonw_end(w);
}

static int create_token(struct cli *cli, struct err *e)
{
	const struct actor system = actor_system();
	AUTO_DB db = NULL;
	struct user user;
	struct token token;
	struct str text;
	struct token_new in = { .kind = TOKEN_PERSONAL, .name = str_c(cli_option(cli, "name")) };

	if (token_scopes_parse(str_c(cli_option(cli, "scopes")), &in.scopes, e) < 0 ||
	    account_read_date(cli, "expires", &in.has_expires_at, &in.expires_at, e) < 0 ||
	    db_acquire(cli->app->db, &db, e) < 0 ||
	    user_get_by_name(db, str_c(cli_argument(cli, 0)), cli->arena, &user, e) < 0)
		return -(int)e->code;
	in.user = user.id;
	if (token_create(db, &system, &in, cli->arena, &token, &text, e) < 0)
		return -(int)e->code;
	show(cli, &token, text);
	return 0;
}

static const struct command_option options[] = {
	{ "name", "N", "what it is for", OPTION_REQUIRED },
	{ "scopes", "A,B",
	  "what it may do: api, read_api, read_user, read_repository, "
	  "write_repository, create_runner, manage_runner",
	  OPTION_REQUIRED },
	{ "expires", "DATE", "the day on which it ends; a year from now if it is not given", 0 },
};

const struct command command_token_create = {
	.name = "token create",
	.arguments = "USER",
	.argument_min = 1,
	.argument_max = 1,
	.summary = "Makes a personal access token and prints it alone.",
	.help = "It is shown this once; only its hash is kept.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.needs = COMMAND_NEEDS_DATABASE,
	.run = create_token,
};
