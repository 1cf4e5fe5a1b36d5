#include "cli/ci_folder.h"

int ci_read_vars(struct cli *cli, struct ci_variables *variables, struct err *e)
{
	struct str_list vars = cli_options(cli, "var");

	for (size_t i = 0; i < vars.count; i++) {
		size_t at = str_find(vars.items[i], '=');
		struct str key = str_upto(vars.items[i], at);

		if (at == 0 || at == vars.items[i].n)
			return err_set(e, ERR_INVALID, "--var takes KEY=VALUE, not `%.*s`",
				       STR_FMT(str_upto(vars.items[i], 100)));
		ci_variables_set(variables,
				 (struct ci_variable){ .key = key,
						       .value = str_from(vars.items[i], at + 1) });
	}
	return 0;
}

static int read_context(struct cli *cli, struct ci_folder *f, struct err *e)
{
	const char *ref = cli_option(cli, "ref");
	const char *tag = cli_option(cli, "tag");
	const char *source = cli_option(cli, "source");

	if (ref && tag)
		return err_set(e, ERR_INVALID, "--ref and --tag exclude each other");
	if (ref || tag)
		f->context.ref_name = str_c(tag ? tag : ref);
	f->context.is_tag = tag != NULL;
	if (source && !ci_pipeline_source_parse(str_c(source), &f->context.source))
		return err_set(e, ERR_INVALID,
			       "--source is one of push, web, schedule, api, trigger, "
			       "merge_request_event");
	ci_folder_set_predefined(f);
	return ci_read_vars(cli, &f->pipeline, e);
}

int ci_read_folder(struct cli *cli, const char *path, struct ci_folder *folder, struct err *e)
{
	if (ci_folder_open(cli->arena, path, folder, e) < 0)
		return -(int)e->code;
	return read_context(cli, folder, e);
}
