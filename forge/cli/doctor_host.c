#include "cli/doctor.h"

#include "base/spawn.h"
#include "listen.h"
#include "roles/git_sandbox.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

#define GIT_LEAST_MAJOR 2
#define GIT_LEAST_MINOR 39
#define YEAR_2026 INT64_C(1767225600)
#define DISK_NOTE_BYTES (INT64_C(2) << 30)

/* Finds the data directory for all checks behind it. */
static void check_data(struct doctor *d)
{
	const char *path;
	struct err e;

	if (data_folder_choose(d->arena, d->data_given, &path, &e) < 0 ||
	    data_folder_open(d->arena, path, false, &d->folder, &e) < 0) {
		d->folder.path = NULL;
		doctor_bad(d, "start one with `hearth up`, or name the right one with --data", "%s",
			   e.text);
		return;
	}
	d->is_running = data_is_running(d->arena, &d->folder, &d->pid);
	if (d->is_running)
		doctor_fine(d, "%s of user %s; hearth runs as process %lld", d->folder.path,
			    d->folder.owner.name, (long long)d->pid);
	else
		doctor_fine(d, "%s of user %s; hearth does not run", d->folder.path,
			    d->folder.owner.name);
}

/* Nobody but the owner may look in. */
static void check_rights(struct doctor *d)
{
	static const char *const names[] = { "", "/keys", "/repositories", "/postgres" };

	if (!d->folder.path)
		return;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *path = arena_strf(d->arena, "%s%s", d->folder.path, names[i]);
		struct stat st;

		if (stat(path, &st) < 0)
			continue;
		if (st.st_uid != d->folder.owner.uid) {
			doctor_bad(
				d,
				arena_strf(d->arena, "chown -R %s: %s", d->folder.owner.name, path),
				"%s does not belong to %s", path, d->folder.owner.name);
			return;
		}
		if (st.st_mode & 077) {
			doctor_bad(d, arena_strf(d->arena, "chmod 700 %s", path),
				   "others may look into %s (mode %04o)", path,
				   (unsigned)st.st_mode & 07777);
			return;
		}
	}
	doctor_fine(d, "only %s may look in", d->folder.owner.name);
}

static void check_settings(struct doctor *d)
{
	struct config_report report;
	struct err e;

	if (!d->folder.path)
		return;
	d->config = ARENA_NEW(d->arena, struct config);
	if (config_load(d->arena, config_path(d->arena, d->folder.path), d->config, &report, &e) <
	    0) {
		d->config = NULL;
		doctor_bad(d, "correct the file; `hearth config check` shows all of it", "%s",
			   e.text);
		return;
	}
	doctor_fine(d, "%s", report.file_exists ? report.path : "no hearth.conf: all defaults");
}

/* True if something answers there. */
static bool answers(const struct doctor *d, const char *address)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	struct timeval wait = { 2, 0 };
	struct str host;
	int port;
	bool yes = false;
	int s;

	if (!settings_address_split(str_c(address), &host, &port))
		return false;
	if (getaddrinfo(host.n ? arena_cstr(d->arena, host) : NULL,
			arena_strf(d->arena, "%d", port), &hints, &found) != 0)
		return false;
	s = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s >= 0) {
		setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
		yes = connect(s, found->ai_addr, found->ai_addrlen) == 0;
		close(s);
	}
	freeaddrinfo(found);
	return yes;
}

static void check_ports(struct doctor *d)
{
	const char *addresses[2];
	static const char *const options[] = { "--http", "--ssh" };
	struct err e;

	if (!d->config)
		return;
	addresses[0] = d->config->http_listen;
	addresses[1] = d->config->ssh_listen;
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		int fd = -1;

		if (d->is_running && !answers(d, addresses[i])) {
			doctor_bad(d,
				   "look into the log of `hearth up`; was it started with other "
				   "addresses?",
				   "nothing answers on %s", addresses[i]);
			return;
		}
		if (!d->is_running &&
		    listen_bind(d->arena, addresses[i], options[i], &fd, &e) < 0) {
			doctor_bad(d, "stop that program, or change the address in hearth.conf",
				   "%s", e.text);
			return;
		}
		if (fd >= 0)
			close(fd);
	}
	doctor_fine(d, "%s and %s %s", addresses[0], addresses[1],
		    d->is_running ? "answer" : "are free");
}

static void check_disk(struct doctor *d)
{
	struct statvfs v;
	int64_t bytes;

	if (!d->folder.path)
		return;
	bytes = data_free_bytes(d->folder.path);
	if (bytes < 0 || statvfs(d->folder.path, &v) < 0)
		doctor_note(d, "look at the disk", "its room is unknown");
	else if (bytes < DATA_FREE_LEAST)
		doctor_bad(d, "free some room; pushes fail", "%lld MiB free",
			   (long long)(bytes >> 20));
	else if (v.f_files > 0 && v.f_favail < v.f_files / 100)
		doctor_bad(d, "free some; no file can be made soon", "%llu inodes free",
			   (unsigned long long)v.f_favail);
	else if (bytes < DISK_NOTE_BYTES)
		doctor_note(d, "think of a larger disk", "%lld MiB free", (long long)(bytes >> 20));
	else
		doctor_fine(d, "%lld GiB free", (long long)(bytes >> 30));
}

static bool parse_git_version(struct str said, int64_t *major, int64_t *minor)
{
	struct str part;

	if (!str_cut_prefix(&said, STR("git version ")))
		return false;
	return str_cut(&said, '.', &part) && str_to_i64(part, major) &&
	       str_cut(&said, '.', &part) && str_to_i64(str_trim(part), minor);
}

static void check_git(struct doctor *d)
{
	const char *const argv[] = { "/usr/bin/git", "--version", NULL };
	const struct spawn s = { .argv = argv };
	struct str said;
	struct err e;
	int64_t major;
	int64_t minor;

	if (spawn_run(&s, "git", STR(""), d->arena, &said, &e) < 0)
		doctor_bad(d, "apt install git", "git does not run: %s", e.text);
	else if (!parse_git_version(said, &major, &minor))
		doctor_note(d, "install Debian's git", "git says %.*s", STR_FMT(str_trim(said)));
	else if (major < GIT_LEAST_MAJOR || (major == GIT_LEAST_MAJOR && minor < GIT_LEAST_MINOR))
		doctor_bad(d, "apt install git", "git %lld.%lld is older than %d.%d",
			   (long long)major, (long long)minor, GIT_LEAST_MAJOR, GIT_LEAST_MINOR);
	else
		doctor_fine(d, "%.*s", STR_FMT(str_trim(said)));
}

static void check_sandbox(struct doctor *d)
{
	const struct git_sandbox *sandbox;
	struct utsname kernel;
	struct err e;

	uname(&kernel);
	if (d->config && d->config->git_sandbox == CONFIG_SANDBOX_OFF)
		doctor_note(d, "set git_sandbox = auto unless there is a reason",
			    "it is switched off");
	else if (git_sandbox_prepare(GIT_SANDBOX_REQUIRED, d->arena, &sandbox, &e) < 0)
		doctor_note(
			d, "a kernel of 5.13 or newer with landlock in its lsm= list has all of it",
			"%s (Linux %s)", e.text, kernel.release);
	else
		doctor_fine(d, "%s", git_sandbox_summary(sandbox));
}

static void check_users(struct doctor *d)
{
	struct owner user;
	struct err e;

	if (geteuid() != 0)
		return;
	if (owner_find(PRIVILEGE_SSH_USER, &user, &e) < 0)
		doctor_note(d, "`hearth up` as root makes it",
			    "%s SSH clients would be served as %s", e.text, d->folder.owner.name);
	else
		doctor_fine(d, "SSH clients are served as %s", PRIVILEGE_SSH_USER);
}

static void check_clock(struct doctor *d)
{
	char now[INSTANT_TEXT_MAX];
	struct instant t = instant_now();

	instant_format(t, now);
	if (instant_seconds(t) < YEAR_2026)
		doctor_bad(
			d,
			"set the clock (timedatectl set-ntp true): sessions and tokens end by it",
			"it is %s", now);
	else
		doctor_fine(d, "%s", now);
}

const struct doctor_check doctor_host_checks[] = {
	{ "data", check_data },       { "rights", check_rights }, { "settings", check_settings },
	{ "ports", check_ports },     { "disk", check_disk },     { "git", check_git },
	{ "sandbox", check_sandbox }, { "users", check_users },   { "clock", check_clock },
};
const size_t doctor_host_count = ARRAY_LEN(doctor_host_checks);
