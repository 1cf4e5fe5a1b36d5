/* `hearth ci rule EXPRESSION`: what a `rules:if` gives for these variables. */
#include "ci/expression.h"
#include "cli/ci_folder.h"

static int rule(struct cli *cli, struct err *e)
{
	struct ci_variables variables;
	bool is_true;

	ci_variables_init(&variables, cli->arena);
	if (ci_read_vars(cli, &variables, e) < 0 ||
	    ci_expression_evaluate(cli->arena, str_c(cli_argument(cli, 0)), &variables, &is_true,
				   e) < 0)
		return -(int)e->code;
	cli_say(cli, "%s", is_true ? "true" : "false");
	if (cli->json) {
		jsonw_object(&cli->to);
		jsonw_field_bool(&cli->to, "result", is_true);
		jsonw_end(&cli->to);
	}
	return 0;
}

static const struct command_option options[] = {
	{ "var", "KEY=VALUE", "a variable the expression sees", OPTION_REPEATED },
};

const struct command command_ci_rule = {
	.name = "ci rule",
	.arguments = "EXPRESSION",
	.argument_min = 1,
	.argument_max = 1,
	.summary = "Prints whether the expression of a rule is true or false.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.needs = COMMAND_NEEDS_NOTHING,
	.run = rule,
};
