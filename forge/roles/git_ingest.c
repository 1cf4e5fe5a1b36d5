#include "roles/git_ingest.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/random.h"
#include "git/layout.h"
#include "git/pktline.h"
#include "git/inspect.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define IDLE_MS 120000
#define KEEP_ALIVE_MS 5000
#define MESSAGES_MAX 65536
#define QUARANTINE_TRIES 10
#define LOOSE_NAMES_MAX (64u << 20)
#define LEAST_FREE (1ull << 30)

/* The three are needed for old histories; the two are worse than warnings for us. */
#define STRICT                                                                                 \
	"--strict=zeroPaddedFilemode=ignore,badTimezone=ignore,missingSpaceBeforeDate=ignore," \
	"badFilemode=error,gitattributesSymlink=error"

/* A pack of no objects, after its 12 bytes of header: their SHA-1. */
static const unsigned char empty_pack_trailer[20] = { 0x02, 0x9d, 0x08, 0x82, 0x3b, 0xd8, 0xa8,
						      0xea, 0xb5, 0x10, 0xad, 0x6a, 0xc7, 0x5c,
						      0x82, 0x3c, 0xfd, 0x3e, 0xd3, 0x1e };

struct pack_header {
	uint32_t version;
	uint32_t count;
};

static uint32_t big_endian(const unsigned char b[static 4])
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static int read_header(struct git_child *c, struct pack_header *header, struct err *e)
{
	unsigned char bytes[12];

	if (pkt_read_bytes(c->in, bytes, sizeof(bytes), IDLE_MS, e) < 0)
		return -(int)e->code;
	header->version = big_endian(bytes + 4);
	header->count = big_endian(bytes + 8);
	if (memcmp(bytes, "PACK", 4) != 0 || header->version < 2 || header->version > 3)
		return err_set(e, ERR_INVALID, "The client sent something that is not a pack.");
	return 0;
}

static int take_empty(struct git_child *c, struct err *e)
{
	unsigned char trailer[20];

	if (pkt_read_bytes(c->in, trailer, sizeof(trailer), IDLE_MS, e) < 0)
		return -(int)e->code;
	if (memcmp(trailer, empty_pack_trailer, sizeof(trailer)) != 0)
		return err_set(e, ERR_INVALID, "The client sent a damaged pack.");
	return 0;
}

/* What index-pack says: progress goes on, complaints are kept. */
struct voice {
	struct git_report *report;
	struct buf line;
	struct buf first_error;
	struct buf last_fatal;
};

static void keep(struct buf *b, struct str line)
{
	buf_clear(b);
	buf_add(b, line);
}

static void hear_line(struct voice *v, char end)
{
	struct str line = buf_str(&v->line);

	if (str_cut_prefix(&line, STR("fatal: "))) {
		keep(&v->last_fatal, line);
	} else if (str_cut_prefix(&line, STR("error: "))) {
		if (v->first_error.n == 0)
			keep(&v->first_error, line);
	} else if (line.n > 0 && !v->report->is_quiet) {
		buf_add_char(&v->line, end);
		git_report_progress(v->report, buf_str(&v->line));
	}
	buf_clear(&v->line);
}

static void hear(struct voice *v, struct str bytes)
{
	for (size_t i = 0; i < bytes.n; i++) {
		if (bytes.p[i] == '\n' || bytes.p[i] == '\r')
			hear_line(v, bytes.p[i]);
		else
			buf_add_char(&v->line, bytes.p[i]);
	}
}

/* Until its stderr ends; then it has exited, or closed it and will. */
static int listen_to(struct git_process *p, struct voice *v, struct err *e)
{
	char bytes[4096];

	for (;;) {
		struct pollfd fd = { .fd = p->err, .events = POLLIN };
		int ready = poll(&fd, 1, KEEP_ALIVE_MS);
		ssize_t n;

		if (ready < 0 && errno != EINTR)
			return err_errno(e, errno, "poll index-pack");
		if (ready == 0)
			git_report_keep_alive(v->report);
		if (ready <= 0)
			continue;
		n = read(p->err, bytes, sizeof(bytes));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		hear(v, str_n(bytes, (size_t)n));
	}
	hear_line(v, '\n');
	return 0;
}

static int explain(const struct git_child *c, const struct voice *v, int status, struct err *e)
{
	struct str fatal = buf_str(&v->last_fatal);
	struct str error = buf_str(&v->first_error);
	long long limit = (long long)c->rq.limits.max_pack_bytes;

	if (str_starts(fatal, STR("pack exceeds maximum")) || status == 128 + 25)
		return err_set(
			e, ERR_TOO_LARGE,
			"The push is larger than the limit of %lld bytes. Push it in parts, or "
			"ask an administrator to raise max_pack_bytes.",
			limit);
	if (status == 128 + 24)
		return err_set(e, ERR_TOO_LARGE,
			       "Checking the push took more computing time than one push may use.");
	if (str_starts(fatal, STR("Out of memory")) || status > 128)
		return err_set(e, ERR_TOO_LARGE,
			       "Checking the push needs more memory than one push may use.");
	if (str_eq_c(fatal, "early EOF"))
		return err_set(e, ERR_GONE, "The client hung up in the middle.");
	if (git_has_no_room(fatal) || git_has_no_room(error))
		return err_set(e, ERR_DISK_FULL, "index-pack: %.*s", STR_FMT(fatal));
	if (error.n > 0)
		fatal = error;
	return err_set(e, ERR_INVALID, "git refused the objects: %.*s", STR_FMT(fatal));
}

static int index_pack(struct git_child *c, struct git_report *report, const char *quarantine,
		      const struct pack_header *header, struct err *e)
{
	/* What it writes is synced when it is installed (sync_file), once. */
	const char *args[10] = { "-c",      "core.fsync=none", "index-pack",
				 "--stdin", "--fix-thin",      STRICT };
	struct git_command command = git_child_command(c, args);
	struct voice v = { .report = report };
	struct git_process p;
	size_t n = 6;
	int status = 0;
	int failed;

	args[n++] = arena_strf(c->arena, "--pack_header=%u,%u", header->version, header->count);
	if (c->rq.limits.max_pack_bytes > 0)
		args[n++] = arena_strf(c->arena, "--max-input-size=%lld",
				       (long long)c->rq.limits.max_pack_bytes);
	if (!report->is_quiet)
		args[n++] = "--show-resolving-progress";
	args[n] = NULL;
	command.quarantine = quarantine;
	command.in = c->in;
	command.err = GIT_FD_PIPE;
	if (git_process_start(&command, &p, e) < 0)
		return -(int)e->code;
	buf_init(&v.line, MESSAGES_MAX);
	buf_init(&v.first_error, MESSAGES_MAX);
	buf_init(&v.last_fatal, MESSAGES_MAX);
	failed = listen_to(&p, &v, e);
	if (failed)
		git_process_abandon(&p);
	else
		failed = git_process_wait(&p, &status, e);
	if (!failed && status != 0)
		failed = explain(c, &v, status, e);
	buf_fini(&v.line);
	buf_fini(&v.first_error);
	buf_fini(&v.last_fatal);
	return failed;
}

/* Calls `each` with every file of the quarantine's pack folder. */
typedef int each_file(struct git_child *c, const char *folder, const char *name, void *closure,
		      struct err *e);

static int for_each_file(struct git_child *c, const struct git_ingest *ingest, each_file *each,
			 void *closure, struct err *e)
{
	char *folder = arena_strf(c->arena, "%s/pack", ingest->quarantine);
	DIR *open_folder = opendir(folder);
	struct dirent *entry;
	int failed = 0;

	if (!open_folder)
		return err_errno(e, errno, "open %s", folder);
	while (!failed && (entry = readdir(open_folder)))
		if (entry->d_name[0] != '.')
			failed = each(c, folder, entry->d_name, closure, e);
	closedir(open_folder);
	return failed;
}

static int add_size(struct git_child *c, const char *folder, const char *name, void *closure,
		    struct err *e)
{
	int64_t *total = closure;
	struct stat st;

	if (stat(arena_strf(c->arena, "%s/%s", folder, name), &st) < 0)
		return err_errno(e, errno, "stat %s/%s", folder, name);
	*total += st.st_size;
	return 0;
}

/* -1 if it is locked by its owner, or gone. */
static int lock_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0)
		fs_close(&fd);
	return fd;
}

/*
 * Between making the folder and locking it another push may take it for a dead
 * one's and remove it; then the lock fails or the folder is gone: once more.
 */
static int make_quarantine(struct git_child *c, struct git_ingest *ingest, struct err *e)
{
	for (int tries = 0; tries < QUARANTINE_TRIES; tries++) {
		const char *pack;

		ingest->quarantine = git_child_path(c, "objects/" GIT_QUARANTINE_PREFIX "%s",
						    random_hex(c->arena, 8).p);
		pack = arena_strf(c->arena, "%s/pack", ingest->quarantine);
		if (fs_make_folder(pack, 0700, e) < 0) {
			if (e->code != ERR_NOT_FOUND)
				return -(int)e->code;
			continue; /* taken away between its two levels */
		}
		ingest->lock = lock_folder(ingest->quarantine);
		if (ingest->lock >= 0 && fs_exists(pack))
			return 0;
		fs_close(&ingest->lock);
	}
	ingest->quarantine = NULL;
	return err_set(e, ERR_BUSY, "The server could not make a place for the push; try again.");
}

int git_ingest_drop_dead(struct git_child *c, struct err *e)
{
	const char *objects = git_child_path(c, "objects");
	DIR *open_folder = opendir(objects);
	struct dirent *entry;
	int failed = 0;

	if (!open_folder)
		return err_errno(e, errno, "open %s", objects);
	while (!failed && (entry = readdir(open_folder))) {
		const char *path;
		AUTO_FD lock = -1;

		if (!str_starts(str_c(entry->d_name), STR(GIT_QUARANTINE_PREFIX)))
			continue;
		path = arena_strf(c->arena, "%s/%s", objects, entry->d_name);
		lock = lock_folder(path);
		if (lock >= 0)
			failed = fs_remove_tree(path, e);
	}
	closedir(open_folder);
	return failed;
}

int git_ingest_drop_leftovers(struct git_child *c, struct err *e)
{
	static const struct {
		const char *folder;
		const char *prefix;
	} places[] = { { "objects", GIT_QUARANTINE_PREFIX },
		       { "objects", "tmp_" },
		       { "objects/pack", "tmp_" },
		       { "objects/pack", ".tmp-" } };
	int failed = 0;

	for (size_t i = 0; !failed && i < ARRAY_LEN(places); i++) {
		const char *folder = git_child_path(c, "%s", places[i].folder);
		DIR *open_folder = opendir(folder);
		struct dirent *entry;

		if (!open_folder)
			return err_errno(e, errno, "open %s", folder);
		while (!failed && (entry = readdir(open_folder)))
			if (str_starts(str_c(entry->d_name), str_c(places[i].prefix)))
				failed = fs_remove_tree(
					arena_strf(c->arena, "%s/%s", folder, entry->d_name), e);
		closedir(open_folder);
	}
	return failed;
}

/* Before the disk is full for everybody: below 5 % and a gigabyte. */
static int check_space(struct git_child *c, struct err *e)
{
	struct statvfs disk;

	if (statvfs(c->repo, &disk) < 0)
		return err_errno(e, errno, "statvfs %s", c->repo);
	if (disk.f_bavail * 20 >= disk.f_blocks || disk.f_bavail * disk.f_frsize >= LEAST_FREE)
		return 0;
	return err_set(
		e, ERR_BUSY,
		"The server's disk is almost full, so it takes no pushes; nothing was changed. "
		"An administrator must make room.");
}

int git_ingest_take(struct git_child *c, struct git_report *report, struct git_ingest *ingest,
		    struct err *e)
{
	struct pack_header header;

	*ingest = (struct git_ingest){ .lock = -1 };
	if (read_header(c, &header, e) < 0)
		return -(int)e->code;
	if (header.count == 0)
		return take_empty(c, e);
	if (git_ingest_drop_dead(c, e) < 0 || check_space(c, e) < 0 ||
	    make_quarantine(c, ingest, e) < 0 ||
	    index_pack(c, report, ingest->quarantine, &header, e) < 0)
		return -(int)e->code;
	if (git_inspect(c->repo, ingest->quarantine, c->rq.limits.max_file_bytes, c->arena, e) < 0)
		return -(int)e->code;
	return for_each_file(c, ingest, add_size, &ingest->pack_bytes, e);
}

int git_ingest_make(struct git_child *c, struct git_ingest *ingest, struct err *e)
{
	*ingest = (struct git_ingest){ .lock = -1 };
	if (git_ingest_drop_dead(c, e) < 0 || check_space(c, e) < 0)
		return -(int)e->code;
	return make_quarantine(c, ingest, e);
}

static bool is_hex(struct str name, size_t n)
{
	if (name.n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (str_hex_digit(name.p[i]) < 0)
			return false;
	return true;
}

/* The names of the objects in quarantine/<2 digits>/, a line each. */
static int list_loose(const char *folder, struct str prefix, struct buf *names, struct err *e)
{
	DIR *open_folder = opendir(folder);
	struct dirent *entry;

	if (!open_folder)
		return err_errno(e, errno, "open %s", folder);
	while ((entry = readdir(open_folder)))
		if (is_hex(str_c(entry->d_name), 38))
			buf_addf(names, "%.*s%s\n", STR_FMT(prefix), entry->d_name);
	closedir(open_folder);
	return buf_check(names, "The list of new objects", e);
}

static int list_all_loose(struct git_child *c, const char *quarantine, struct buf *names,
			  struct err *e)
{
	DIR *open_folder = opendir(quarantine);
	struct dirent *entry;
	int failed = 0;

	if (!open_folder)
		return err_errno(e, errno, "open %s", quarantine);
	while (!failed && (entry = readdir(open_folder)))
		if (is_hex(str_c(entry->d_name), 2))
			failed =
				list_loose(arena_strf(c->arena, "%s/%s", quarantine, entry->d_name),
					   str_c(entry->d_name), names, e);
	closedir(open_folder);
	return failed;
}

int git_ingest_pack_loose(struct git_child *c, struct git_ingest *ingest, struct err *e)
{
	const char *const args[] = { "pack-objects", "--quiet", "--delta-base-offset",
				     arena_strf(c->arena, "%s/pack/pack", ingest->quarantine),
				     NULL };
	struct git_command command = git_child_command(c, args);
	struct git_result result;
	struct buf names;
	int failed;

	buf_init(&names, LOOSE_NAMES_MAX);
	failed = list_all_loose(c, ingest->quarantine, &names, e);
	command.quarantine = ingest->quarantine;
	if (!failed && names.n > 0)
		failed = git_run_ok(&command, "pack what a merge made", buf_str(&names), 65536,
				    c->arena, &result, e);
	buf_fini(&names);
	return failed;
}

static int sync_file(const char *path, struct err *e)
{
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return err_errno(e, errno, "fsync %s", path);
	return 0;
}

/* A reader must never see an index without its pack: files with this ending move now. */
static int move_ending(struct git_child *c, const char *folder, const char *name, void *closure,
		       struct err *e)
{
	const char *ending = closure;
	const char *from = arena_strf(c->arena, "%s/%s", folder, name);

	if (!str_ends(str_c(name), str_c(ending)) || !str_starts(str_c(name), STR("pack-")))
		return 0;
	if (sync_file(from, e) < 0)
		return -(int)e->code;
	if (rename(from, git_child_path(c, "objects/pack/%s", name)) < 0)
		return err_errno(e, errno, "rename %s", from);
	return 0;
}

int git_ingest_install(struct git_child *c, const struct git_ingest *ingest, struct err *e)
{
	char endings[3][6] = { ".pack", ".rev", ".idx" };

	if (!ingest->quarantine)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if (for_each_file(c, ingest, move_ending, endings[i], e) < 0)
			return -(int)e->code;
	return fs_sync_folder(git_child_path(c, "objects/pack"), e);
}

void git_ingest_discard(struct git_ingest *ingest)
{
	struct err ignored;

	if (ingest->quarantine && fs_remove_tree(ingest->quarantine, &ignored) < 0)
		return;
	fs_close(&ingest->lock);
	ingest->quarantine = NULL;
}
