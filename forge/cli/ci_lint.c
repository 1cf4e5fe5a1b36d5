/* `hearth ci lint FILE`: is the pipeline file valid, whatever branch it runs for? */
#include "ci/plan_json.h"
#include "cli/ci_folder.h"

static void say_problem(struct cli *cli, const char *kind, const struct ci_problem *problem)
{
	const struct ci_mark *mark = &problem->mark;

	if (mark->line > 0)
		cli_say(cli, "%.*s:%d:%d: %s%.*s", STR_FMT(mark->file), mark->line, mark->column,
			kind, STR_FMT(problem->text));
	else
		cli_say(cli, "%.*s: %s%.*s", STR_FMT(mark->file), kind, STR_FMT(problem->text));
}

static int lint(struct cli *cli, struct err *e)
{
	struct ci_folder folder;
	struct ci_plan plan;

	if (ci_read_folder(cli, cli_argument(cli, 0), &folder, e) < 0 ||
	    ci_lint(cli->arena, folder.file, folder.text, &folder.context, &plan, e) < 0)
		return -(int)e->code;
	if (cli->json)
		ci_lint_emit(&cli->to, &plan);
	for (size_t i = 0; i < plan.warnings.count; i++)
		say_problem(cli, "warning: ", &plan.warnings.items[i]);
	if (plan.outcome == CI_ERROR) {
		say_problem(cli, "", &plan.problem);
		return 1;
	}
	cli_say(cli, "%.*s is valid", STR_FMT(folder.file));
	return 0;
}

const struct command command_ci_lint = {
	.name = "ci lint",
	.arguments = "FILE",
	.argument_min = 1,
	.argument_max = 1,
	.summary = "Says whether a pipeline file is valid, and where it is not.",
	.help = "Needs no server. The folder of the file stands for the root of the repository.",
	.needs = COMMAND_NEEDS_NOTHING,
	.run = lint,
};
