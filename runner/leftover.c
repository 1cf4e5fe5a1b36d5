#include "runner/leftover.h"

#include "base/fs.h"
#include "runner/slot.h"

static int remove_of_slot(struct arena *a, const char *builds, int number, struct err *e)
{
	struct slot slot;
	int result;

	if (slot_take_unused(a, number, &slot, e) < 0)
		return -(int)e->code;
	if (slot.fd < 0)
		return 0;
	/* First, so that nobody writes where we remove. */
	slot_end_user(&slot);
	result = fs_remove_tree(arena_strf(a, "%s/%d", builds, number), e);
	slot_give_back(&slot);
	return result;
}

void leftover_remove(const struct runner_config *config, const char *cgroup_root,
		     const struct log *log)
{
	struct arena *a = arena_open(0);
	struct err grouping = { 0 };

	if (cgroup_root && cgroup_remove_leftovers(a, cgroup_root, &grouping) < 0)
		LOG(log, LOG_WARN, "left-overs of a job stay", F_ERR(&grouping));
	for (int i = 0; i < SLOTS_MAX; i++) {
		struct err e = { 0 };

		if (remove_of_slot(a, config->builds_dir, i, &e) < 0)
			LOG(log, LOG_WARN, "left-overs of a job stay", F_INT("slot", i), F_ERR(&e));
	}
	arena_close(a);
}
