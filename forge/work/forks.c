/* Copies of projects that people asked for; their own loop, because one may take long. */
#include "work/work.h"

#include "domain/fork.h"

int work_forks(struct work *w, struct arena *a, bool *has_more, struct err *e)
{
	const struct event_context context = { w->app->db, w->app->run, w->app->data,
					       w->app->instance };

	if (fork_copy_next(&context, a, has_more, e) < 0)
		return -(int)e->code;
	if (*has_more)
		atomic_fetch_add(&w->forks_tried, 1);
	return 0;
}
