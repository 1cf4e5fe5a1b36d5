#include "pages/status.h"

static const struct {
	const char *look, *icon, *word;
} looks[] = {
	[CI_STATUS_CREATED] = { "", "dot", I18N("created") },
	[CI_STATUS_WAITING_FOR_RESOURCE] = { "", "clock", I18N("waits for its turn") },
	[CI_STATUS_PREPARING] = { "", "clock", I18N("preparing") },
	[CI_STATUS_PENDING] = { "warn", "clock", I18N("waits for a runner") },
	[CI_STATUS_RUNNING] = { "accent", "running", I18N("running") },
	[CI_STATUS_CANCELING] = { "warn", "stop", I18N("stopping") },
	[CI_STATUS_SUCCESS] = { "ok", "check", I18N("passed") },
	[CI_STATUS_FAILED] = { "bad", "cross", I18N("failed") },
	[CI_STATUS_CANCELED] = { "", "stop", I18N("canceled") },
	[CI_STATUS_SKIPPED] = { "", "skip", I18N("skipped") },
	[CI_STATUS_MANUAL] = { "", "play", I18N("waits for a person") },
	[CI_STATUS_SCHEDULED] = { "", "clock", I18N("delayed") },
};

struct view_status status_view(const struct request *rq, enum ci_status status, bool has_warnings,
			       struct str url)
{
	struct view_status v = { .status = ci_status_name(status), .url = url };

	ASSERT((size_t)status < ARRAY_LEN(looks));
	v.look = looks[status].look;
	v.icon = looks[status].icon;
	v.word = page_text(rq, looks[status].word);
	if (has_warnings) {
		v.look = "warn";
		v.icon = "alert";
		v.word = page_text(rq, I18N("passed with warnings"));
	}
	return v;
}

struct view_status status_of_pipeline(const struct request *rq, struct pipeline_id id,
				      enum ci_status status, bool has_warnings)
{
	struct str number = arena_fmt(rq->arena, "%lld", (long long)id.v);

	return status_view(
		rq, status, has_warnings,
		page_url(rq, url_for(rq->arena, ROUTE_pipeline, rq->project->path, number)));
}

struct view_status status_of_mark(const struct request *rq, const struct pipeline_marks *marks,
				  struct str key)
{
	const struct pipeline_mark *mark = pipeline_mark_of(marks, key);

	if (!mark)
		return (struct view_status){ 0 };
	return status_of_pipeline(rq, mark->id, mark->status, mark->has_warnings);
}

struct str status_duration(const struct request *rq, double seconds)
{
	long long n = seconds > 0 ? (long long)seconds : 0;
	struct str h = page_text(rq, I18N("h"));
	struct str min = page_text(rq, I18N("min"));
	struct str s = page_text(rq, I18N("s"));

	if (n >= 3600)
		return arena_fmt(rq->arena, "%lld %.*s %02d %.*s", n / 3600, STR_FMT(h),
				 (int)(n / 60 % 60), STR_FMT(min));
	if (n >= 60)
		return arena_fmt(rq->arena, "%lld %.*s %02d %.*s", n / 60, STR_FMT(min),
				 (int)(n % 60), STR_FMT(s));
	return arena_fmt(rq->arena, "%lld %.*s", n, STR_FMT(s));
}
