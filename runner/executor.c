#include "runner/executor.h"

#include "base/fs.h"

#define WORDS_MAX 64

struct words {
	char **items;
	size_t count;
};

static void add(struct words *w, struct arena *a, const char *word)
{
	ASSERT(w->count < WORDS_MAX);
	w->items[w->count++] = arena_strdup(a, word);
}

static void add_all(struct words *w, struct arena *a, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		add(w, a, words[i]);
}

/* A clean environment: nothing of the runner's reaches a job but what is named here. */
static void add_environment(struct words *w, struct arena *a, const struct workspace *place)
{
	static const char *const fixed[] = {
		"/usr/bin/env", "-i",         "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
		"LANG=C.UTF-8", "TERM=xterm", NULL
	};

	add_all(w, a, fixed);
	add(w, a, arena_strf(a, "HOME=%s", place->home));
	add(w, a, arena_strf(a, "TMPDIR=%s", place->tmp));
}

static void add_shell(struct words *w, struct arena *a, const struct workspace *place)
{
	if (fs_exists("/bin/bash")) {
		static const char *const bash[] = { "/bin/bash", "--noprofile", "--norc", NULL };

		add_all(w, a, bash);
	} else {
		add(w, a, "/bin/sh");
	}
	add(w, a, place->script);
}

static int shell_command(struct arena *a, const struct workspace *place,
			 const struct slot *slot UNUSED, char ***argv, struct err *e UNUSED)
{
	struct words w = { ARENA_ARRAY(a, char *, WORDS_MAX + 1), 0 };

	add_environment(&w, a, place);
	add_shell(&w, a, place);
	*argv = w.items;
	return 0;
}

static int bubblewrap_command(struct arena *a, const struct workspace *place,
			      const struct slot *slot UNUSED, char ***argv, struct err *e)
{
	static const char *const fixed[] = {
		"/usr/bin/bwrap", "--unshare-user",
		"--unshare-pid",  "--unshare-ipc",
		"--unshare-uts",  "--die-with-parent",
		"--ro-bind",      "/usr",
		"/usr",           "--symlink",
		"usr/bin",        "/bin",
		"--symlink",      "usr/sbin",
		"/sbin",          "--symlink",
		"usr/lib",        "/lib",
		"--symlink",      "usr/lib64",
		"/lib64",         "--ro-bind",
		"/etc",           "/etc",
		"--proc",         "/proc",
		"--dev",          "/dev",
		"--tmpfs",        "/tmp",
		"--bind",         NULL,
	};
	struct words w = { ARENA_ARRAY(a, char *, WORDS_MAX + 1), 0 };

	if (!fs_exists(fixed[0]))
		return err_set(e, ERR_UNPROCESSABLE,
			       "the bubblewrap executor needs the package bubblewrap on this host");
	add_all(&w, a, fixed);
	add(&w, a, place->root);
	add(&w, a, place->root);
	add(&w, a, "--");
	add_environment(&w, a, place);
	add_shell(&w, a, place);
	*argv = w.items;
	return 0;
}

static const struct executor executors[] = {
	{ "shell", true, false, shell_command },
	{ "bubblewrap", false, false, bubblewrap_command },
};

const struct executor *executor_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(executors); i++)
		if (str_eq_c(name, executors[i].name))
			return &executors[i];
	return NULL;
}

const char *executor_names(void)
{
	return "shell, bubblewrap";
}

int executor_check(const struct executor *executor, struct err *e)
{
	if (executor->needs_own_user && geteuid() != 0)
		return err_set(e, ERR_FORBIDDEN,
			       "the %s executor would run jobs as the runner's own user and needs "
			       "root to give each slot a user of its own; start the runner as root "
			       "or use executor = bubblewrap",
			       executor->name);
	return 0;
}
