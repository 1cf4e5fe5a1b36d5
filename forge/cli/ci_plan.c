/* `hearth ci plan FILE`: the pipeline that a file would make for a branch, a tag or a merge
 * request. */
#include "ci/plan_json.h"
#include "cli/ci_folder.h"

static int plan_file(struct cli *cli, struct err *e)
{
	struct ci_folder folder;
	struct ci_plan plan;

	if (ci_read_folder(cli, cli_argument(cli, 0), &folder, e) < 0 ||
	    ci_plan(cli->arena, folder.file, folder.text, &folder.context, &plan, e) < 0)
		return -(int)e->code;
	ci_plan_emit(&cli->to, &plan);
	return plan.outcome == CI_CREATED ? 0 : 1;
}

static const struct command_option options[] = {
	{ "ref", "BRANCH", "the branch (of a merge request: its source); main if not given", 0 },
	{ "tag", "TAG", "a tag instead of a branch", 0 },
	{ "source", "SOURCE", "push, web, schedule, api, trigger or merge_request_event", 0 },
	{ "var", "KEY=VALUE", "a variable of the pipeline", OPTION_REPEATED },
};

const struct command command_ci_plan = {
	.name = "ci plan",
	.arguments = "FILE",
	.argument_min = 1,
	.argument_max = 1,
	.summary = "Prints, as JSON, the pipeline that a file would make.",
	.help = "Needs no server. The folder of the file stands for the root of the repository;\n"
		"rules:changes count as changed. Exit status 0 when a pipeline would be created.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.needs = COMMAND_NEEDS_NOTHING,
	.run = plan_file,
};
