#include "domain/user.h"
#include "pages/admin.h"
#include "tmpl/admin_home.h"
#include "version.h"

#include <sys/statvfs.h>

#define LOW_BYTES (UINT64_C(2) << 30)

static void admin_disk(struct request *rq, struct view_admin_home *v)
{
	struct statvfs disk;
	uint64_t bytes;

	if (statvfs(rq->app->data, &disk) != 0)
		return;
	bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
	v->disk_free = page_size(rq, bytes);
	v->disk_is_low = bytes < LOW_BYTES;
}

static int admin_counts(struct request *rq, struct view_admin_home *v, struct err *e)
{
	const struct project_filter all_projects = { 0 };
	const struct namespace_filter all_groups = { .groups_only = true };
	const struct listing one = { 0, 1 };
	struct users users;
	struct projects projects;
	struct namespaces groups;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    user_list(db, &rq->actor, STR_NONE, one, rq->arena, &users, e) < 0 ||
	    project_list(db, &rq->actor, &all_projects, one, rq->arena, &projects, e) < 0 ||
	    namespace_list(db, &rq->actor, &all_groups, one, rq->arena, &groups, e) < 0)
		return -(int)e->code;
	v->users = users.total;
	v->projects = projects.total;
	v->groups = groups.total;
	return 0;
}

int page_admin_home(struct request *rq, struct err *e)
{
	const struct config *config = rq->app->config;
	struct view_admin_home v = { 0 };

	if (admin_counts(rq, &v, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "admin");
	v.page.section = "overview";
	v.version = STR(HEARTH_VERSION);
	v.address = str_c(config->external_url);
	v.ssh = str_c(config->ssh_external);
	v.database = page_text(rq, *config->database_url ? I18N("PostgreSQL of your own")
							 : I18N("PostgreSQL run by Hearth"));
	v.has_redis = rq->app->redis != NULL;
	v.data = str_c(rq->app->data);
	admin_disk(rq, &v);
	tmpl_admin_home(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
