#include "render/route_url.h"
#include "support/check.h"

static void parameters_are_encoded_by_their_kind(void **state UNUSED)
{
	struct arena *a = arena_open(0);

	check_str(url_of(a, ROUTE_health), "/-/health");
	check_str(url_of(a, ROUTE_home), "/");
	check_str(url_for(a, ROUTE_project_show, STR("team/sub/app")), "/team/sub/app");
	check_str(url_for(a, ROUTE_tree, STR("g/p"), STR("feature/x/a b#?%")),
		  "/g/p/-/tree/feature/x/a%20b%23%3F%25");
	check_str(url_for(a, ROUTE_commit, STR("g/p"), STR("a/b")), "/g/p/-/commit/a%2Fb");
	check_str(url_for(a, ROUTE_git_info_refs, STR("g/p")), "/g/p.git/info/refs");
	check_str(url_for(a, ROUTE_api_project, STR("g/p")), "/api/v4/projects/g%2Fp");
	arena_close(a);
}

RUN_TESTS(TEST(parameters_are_encoded_by_their_kind))
