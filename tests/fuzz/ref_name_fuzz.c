/*
 * Names of refs from strangers. What the policy lets through, git's own rules
 * (git/layout.h) let through too, and it begins with refs/heads/ or refs/tags/.
 */
#include "domain/ref_policy.h"
#include "git/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str name = str_n((const char *)data, size);
	struct err e;

	if (ref_policy_check_name(name, &e) == 0) {
		ASSERT(git_refname_check(name, &e) == 0);
		ASSERT(str_starts(name, STR("refs/heads/")) || str_starts(name, STR("refs/tags/")));
		ASSERT(!ref_policy_is_hidden(name));
	} else {
		ASSERT(err_is_public(e.code) && e.text[0] != '\0');
	}
	return 0;
}
