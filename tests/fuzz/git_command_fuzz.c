/* A command that is accepted has a clean path: no way up, no option, no quote. */
#include "ssh/git_command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size);
	struct git_command command;
	struct err e = { 0 };
	int version = git_protocol_version(text);

	ASSERT(version >= 0 && version <= 2);
	if (git_command_parse(text, &command, &e) != 0) {
		ASSERT(e.code == ERR_INVALID || e.code == ERR_NOT_FOUND);
		return 0;
	}
	struct str path = str_c(command.path);

	ASSERT(path.n > 2 && path.n < sizeof(command.path));
	ASSERT(path.p[0] != '/' && path.p[0] != '-' && path.p[0] != '.');
	ASSERT(str_find_str(path, STR("..")) == path.n || str_find_str(path, STR("/..")) == path.n);
	ASSERT(str_find_str(path, STR("//")) == path.n && str_has(path, '/'));
	for (size_t i = 0; i < path.n; i++)
		ASSERT(path.p[i] > ' ' && path.p[i] < 0x7f && path.p[i] != '\'');
	return 0;
}
