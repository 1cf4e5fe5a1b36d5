#include "support/random_history.h"

#include "base/buf.h"
#include "base/fs.h"

#include "support/check.h"

#define BRANCHES 4

struct dice {
	uint64_t state;
};

static unsigned roll(struct dice *dice, unsigned sides)
{
	dice->state ^= dice->state << 13;
	dice->state ^= dice->state >> 7;
	dice->state ^= dice->state << 17;
	return (unsigned)(dice->state >> 33) % sides;
}

static void pick_path(struct dice *dice, char to[static 64])
{
	static const char *const folders[] = { "", "src/", "src/deep/er/", "doc/", "a.b/" };

	snprintf(to, 64, "%sf%u", folders[roll(dice, 5)], roll(dice, 6));
}

static void add_change(struct buf *out, struct dice *dice)
{
	char path[64];
	unsigned what = roll(dice, 10);

	pick_path(dice, path);
	if (what == 0) {
		buf_addf(out, "D %s\n", path);
	} else {
		/* Few contents, so that branches meet in the same state again. */
		buf_addf(out, "M %s inline %s\ndata <<E\ntext %u\nE\n",
			 what == 1 ? "100755" : "100644", path, roll(dice, 4));
	}
}

static void add_commit(struct buf *out, struct dice *dice, unsigned number, int branch, int merged)
{
	/* Some clocks go wrong, some commits share a second. */
	unsigned when = 1700000000u + number * roll(dice, 3) * 10 - (roll(dice, 12) ? 0 : 5000);

	buf_addf(out,
		 "commit refs/heads/b%d\nmark :%u\nauthor A%u <a@example.com> %u +0000\n"
		 "committer C <c@example.com> %u +0000\ndata <<E\ncommit %u\nE\n",
		 branch, number, roll(dice, 3), when, when, number);
	if (merged >= 0)
		buf_addf(out, "merge refs/heads/b%d\n", merged);
	if (merged >= 0 && roll(dice, 3) == 0)
		return; /* takes the first parent's tree */
	for (unsigned i = roll(dice, 3); i < 3; i++)
		add_change(out, dice);
	buf_add_char(out, '\n');
}

void random_history(struct gitbox *box, uint64_t seed, unsigned commits)
{
	struct dice dice = { seed * 0x9e3779b97f4a7c15u + 1 };
	struct err e = { 0 };
	struct buf out;
	char path[128];

	buf_init(&out, (size_t)64 << 20);
	add_commit(&out, &dice, 1, 0, -1);
	for (int i = 1; i < BRANCHES; i++)
		buf_addf(&out, "reset refs/heads/b%d\nfrom :1\n\n", i);
	for (unsigned n = 2; n <= commits; n++) {
		int branch = (int)roll(&dice, BRANCHES);
		int other = (int)roll(&dice, BRANCHES);

		add_commit(&out, &dice, n, branch, roll(&dice, 4) || other == branch ? -1 : other);
	}
	buf_addf(&out, "reset refs/heads/main\nfrom :%u\n", commits);
	snprintf(path, sizeof(path), "%s/.import", box->folder);
	check_ok(fs_write_atomic(path, buf_str(&out), 0600, &e), &e);
	buf_fini(&out);
	gitbox_run(box, "git -C repo.git fast-import --quiet --force < .import");
}
