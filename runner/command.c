#include "runner/command.h"

#include "runner/config.h"

const char *option_value(const struct invocation *in, const char *name)
{
	for (size_t i = 0; i < COMMAND_OPTIONS_MAX && in->command->options[i].name; i++)
		if (strcmp(in->command->options[i].name, name) == 0)
			return in->values[i];
	return NULL;
}

int option_required(const struct invocation *in, const char *name, const char **value,
		    struct err *e)
{
	*value = option_value(in, name);
	if (*value == NULL || (*value)[0] == '\0')
		return err_set(e, ERR_INVALID, "hearth-runner %s needs --%s", in->command->name,
			       name);
	return 0;
}

const char *option_config(const struct invocation *in)
{
	const char *path = option_value(in, "config");

	return path ? path : RUNNER_CONFIG_DEFAULT;
}
