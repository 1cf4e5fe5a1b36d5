/* register, list, verify, unregister: the registrations of this runner and their forges. */
#include "runner/command.h"

#include "base/fs.h"
#include "base/jsonr.h"
#include "base/jsonw.h"
#include "runner/config.h"
#include "runner/executor.h"
#include "runner/forge_client.h"
#include "runner/version.h"

#define CONFIG_OPTION                                                                         \
	{                                                                                     \
		"config", "FILE", "the runner's file; " RUNNER_CONFIG_DEFAULT " if not given" \
	}

static void token_body(const struct runner_config *config, const char *token, struct buf *body)
{
	struct jsonw w = jsonw_to(body);

	jsonw_object(&w);
	jsonw_field_str(&w, "token", str_c(token));
	jsonw_field_str(&w, "system_id", str_c(config->system_id));
	jsonw_field_object(&w, "info");
	jsonw_field_str(&w, "name", STR(RUNNER_NAME));
	jsonw_field_str(&w, "version", STR(RUNNER_VERSION));
	jsonw_field_str(&w, "platform", STR("linux"));
	jsonw_end(&w);
	jsonw_end(&w);
}

/* Sends the token; 0 if the forge answered `expected`, else its own sentence. */
static int send_token(struct arena *a, const struct runner_config *config, const char *url,
		      const char *token, const char *method, const char *path, long expected,
		      struct err *e)
{
	struct forge_request request = FORGE_REQUEST_INIT;
	struct forge_client *client;
	struct forge_call *call;
	struct buf body;
	int result;

	if (forge_client_open(url, &client, e) < 0)
		return -(int)e->code;
	buf_init(&body, 65536);
	token_body(config, token, &body);
	request.method = method;
	request.path = path;
	request.body = buf_str(&body);
	request.token_header = "RUNNER-TOKEN";
	request.token = str_c(token);
	result = forge_client_do(client, &request, &call, e);
	if (result == 0) {
		const struct forge_answer *answer = forge_call_answer(call);

		if (answer->status == 403)
			result = err_set(e, ERR_FORBIDDEN,
					 "%s does not know this token; take a new one from the "
					 "runners page of the forge",
					 url);
		else if (answer->status != expected)
			result = err_set(e, ERR_UNPROCESSABLE, "%s: %s", url,
					 forge_answer_message(a, answer));
		forge_call_close(call);
	}
	buf_fini(&body);
	forge_client_close(client);
	return result;
}

static int verify_token(struct arena *a, const struct runner_config *config, const char *url,
			const char *token, struct err *e)
{
	return send_token(a, config, url, token, "POST", "/runners/verify", 200, e);
}

static int run_register(struct invocation *in, struct err *e)
{
	const char *executor = option_value(in, "executor");
	const char *name = option_value(in, "name");
	struct registration r = { 0 };
	struct runner_config config;

	if (option_required(in, "url", &r.url, e) < 0 ||
	    option_required(in, "token", &r.token, e) < 0)
		return -(int)e->code;
	r.executor = executor ? executor : "shell";
	r.name = name ? name : "default";
	if (executor_find(str_c(r.executor)) == NULL)
		return err_set(e, ERR_INVALID, "--executor is one of %s", executor_names());
	if (runner_config_read(in->arena, option_config(in), &config, e) < 0 ||
	    verify_token(in->arena, &config, r.url, r.token, e) < 0 ||
	    runner_config_add(in->arena, option_config(in), &r, e) < 0)
		return -(int)e->code;
	printf("Registered as [runner %s] in %s\n", r.name, option_config(in));
	return 0;
}

static int run_list(struct invocation *in, struct err *e)
{
	struct runner_config config;

	if (runner_config_read(in->arena, option_config(in), &config, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < config.registration_count; i++)
		printf("%s\t%s\t%s\n", config.registrations[i].name, config.registrations[i].url,
		       config.registrations[i].executor);
	return 0;
}

static int run_verify(struct invocation *in, struct err *e)
{
	struct runner_config config;
	int status = 0;

	if (runner_config_read(in->arena, option_config(in), &config, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < config.registration_count; i++) {
		const struct registration *r = &config.registrations[i];
		struct err one = { 0 };

		if (verify_token(in->arena, &config, r->url, r->token, &one) == 0) {
			printf("%s: valid\n", r->name);
		} else {
			printf("%s: %s\n", r->name, one.text);
			status = 1;
		}
	}
	return status;
}

static const struct registration *find(const struct runner_config *config, const char *name)
{
	for (size_t i = 0; i < config->registration_count; i++)
		if (strcmp(config->registrations[i].name, name) == 0)
			return &config->registrations[i];
	return NULL;
}

/* The forge is told first; with --force the section goes even if it cannot be. */
static int run_unregister(struct invocation *in, struct err *e)
{
	const struct registration *r;
	struct runner_config config;
	const char *name;

	if (option_required(in, "name", &name, e) < 0 ||
	    runner_config_read(in->arena, option_config(in), &config, e) < 0)
		return -(int)e->code;
	r = find(&config, name);
	if (r == NULL)
		return err_set(e, ERR_NOT_FOUND, "%s has no [runner %s]", config.path, name);
	if (send_token(in->arena, &config, r->url, r->token, "DELETE", "/runners/managers", 204,
		       e) < 0) {
		if (option_value(in, "force") == NULL)
			return err_add(e,
				       "not unregistered (--force removes it here all the same)");
		err_clear(e);
	}
	if (runner_config_remove(in->arena, config.path, name, e) < 0)
		return -(int)e->code;
	printf("Unregistered %s\n", name);
	return 0;
}

const struct command command_register = {
	.name = "register",
	.summary = "Adds a registration: checks the token with the forge and writes it down.",
	.options = { { "url", "URL", "the forge" },
		     { "token", "TOKEN", "the runner's token (glrt-...), from the runners page" },
		     { "executor", "NAME", "shell (default) or bubblewrap" },
		     { "name", "NAME", "what the registration is called here" },
		     CONFIG_OPTION },
	.run = run_register,
};

const struct command command_list = {
	.name = "list",
	.summary = "Lists the registrations.",
	.options = { CONFIG_OPTION },
	.run = run_list,
};

const struct command command_verify = {
	.name = "verify",
	.summary = "Asks each forge whether it knows the registration's token.",
	.options = { CONFIG_OPTION },
	.run = run_verify,
};

const struct command command_unregister = {
	.name = "unregister",
	.summary = "Removes a registration, here and at the forge.",
	.options = { { "name", "NAME", "which" },
		     { "force", NULL, "also if the forge cannot be told" },
		     CONFIG_OPTION },
	.run = run_unregister,
};
