/* Pictures for READMEs: how the last pipeline of a branch ended, what stands in an environment. */
#include "render/badge.h"

#include "domain/pipeline_status.h"
#include "pages/environment.h"
#include "tmpl/badge_show.h"

static int send(struct request *rq, struct badge *badge, struct err *e)
{
	struct view_badge v;
	struct str key = request_query(rq, "key_text");
	int64_t width = 0;

	if (!str_is_empty(key) && key.n <= BADGE_KEY_MAX)
		badge->key = key;
	if (str_to_i64(request_query(rq, "key_width"), &width) && width >= 1 &&
	    width <= BADGE_KEY_WIDTH_MAX)
		badge->key_width = (int32_t)width;
	badge->is_square = str_eq_c(request_query(rq, "style"), "flat-square");
	v = badge_view(badge);
	tmpl_badge_show(request_emit(rq), &v);
	request_set_cache(rq, "private, no-cache, max-age=0");
	return request_send_picture(rq, "image/svg+xml", e);
}

int page_badge_pipeline(struct request *rq, struct err *e)
{
	bool ignores_skipped = str_eq_c(request_query(rq, "ignore_skipped"), "true");
	struct badge badge = { .key = STR("pipeline") };
	struct str status;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    pipeline_status_of_name(db, rq->project->id, request_param(rq, "ref_path"),
				    ignores_skipped, rq->arena, &status, e) < 0)
		return -(int)e->code;
	badge.value = badge_status_text(status);
	badge.colour = badge_status_colour(status);
	return send(rq, &badge, e);
}

/* The commit that stands there; what happens or went wrong since is said beside it. */
static struct badge badge_of(struct request *rq, struct str name, bool found,
			     const struct deployment_standing *s)
{
	struct badge badge = { .key = name,
			       .value = found ? STR("nothing yet") : STR("unknown"),
			       .colour = "#9f9f9f" };

	if (s->has_current) {
		badge.value = str_upto(s->current.sha, 8);
		badge.colour = badge_status_colour(STR("success"));
	}
	if (s->has_last) {
		const char *status = deployment_status_name(s->last.status);

		badge.value = s->has_current ? arena_fmt(rq->arena, "%.*s, %s",
							 STR_FMT(badge.value), status)
					     : str_c(status);
		badge.colour = badge_status_colour(str_c(status));
	}
	return badge;
}

int page_badge_environment(struct request *rq, struct err *e)
{
	struct str name = request_param(rq, "name_path");
	struct deployment_standing standing = { 0 };
	struct environment environment;
	struct badge badge;
	bool found;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    environment_find_by_name(db, rq->project->id, name, rq->arena, &environment, &found,
				     e) < 0)
		return -(int)e->code;
	if (found &&
	    deployment_standing(db, rq->project->id, environment.id, rq->arena, &standing, e) < 0)
		return -(int)e->code;
	badge = badge_of(rq, str_upto(name, BADGE_KEY_MAX), found, &standing);
	if (found && environment.state == ENVIRONMENT_STOPPED)
		badge.value = STR("stopped");
	return send(rq, &badge, e);
}
