/*
 * The filters are compiled once by the zygote (libseccomp needs most of a
 * millisecond for that) and loaded by each operation with one system call.
 * Landlock's newest flags are written out here because Debian 12's headers
 * know only the second version of its interface.
 */
#include "roles/git_sandbox.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define FS_TRUNCATE (1ull << 14)  /* since version 3 */
#define FS_IOCTL_DEV (1ull << 15) /* since version 5 */
#define NET_ALL 3ull              /* bind and connect of TCP, since version 4 */
#define SCOPE_ALL 3ull            /* abstract sockets and signals, since version 6 */

struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

struct git_sandbox {
	enum git_sandbox_mode mode;
	int landlock; /* version, 0: none */
	struct sock_fprog with_git;
	struct sock_fprog pure;
	bool has_filters;
	const char *summary;
};

/* What neither we nor git ever need; refused with EPERM. */
static const int denied[] = {
	SCMP_SYS(socket),
	SCMP_SYS(socketpair),
	SCMP_SYS(connect),
	SCMP_SYS(bind),
	SCMP_SYS(listen),
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(kcmp),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(move_mount),
	SCMP_SYS(open_tree),
	SCMP_SYS(fsopen),
	SCMP_SYS(fsmount),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(keyctl),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(io_uring_enter),
	SCMP_SYS(io_uring_register),
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(personality),
	SCMP_SYS(acct),
	SCMP_SYS(swapon),
	SCMP_SYS(swapoff),
	SCMP_SYS(reboot),
	SCMP_SYS(settimeofday),
	SCMP_SYS(clock_settime),
	SCMP_SYS(adjtimex),
	SCMP_SYS(clock_adjtime),
	SCMP_SYS(sethostname),
	SCMP_SYS(setdomainname),
	SCMP_SYS(mknod),
	SCMP_SYS(mknodat),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(name_to_handle_at),
	SCMP_SYS(fanotify_init),
	SCMP_SYS(quotactl),
	SCMP_SYS(setuid),
	SCMP_SYS(setgid),
	SCMP_SYS(setreuid),
	SCMP_SYS(setregid),
	SCMP_SYS(setresuid),
	SCMP_SYS(setresgid),
	SCMP_SYS(setgroups),
	SCMP_SYS(setfsuid),
	SCMP_SYS(setfsgid),
	SCMP_SYS(setpgid),
	SCMP_SYS(setsid),
	SCMP_SYS(syslog),
	SCMP_SYS(vhangup),
	SCMP_SYS(ioperm),
	SCMP_SYS(iopl),
	SCMP_SYS(modify_ldt),
};

/* All that rendering needs; anything else kills. */
static const int allowed_pure[] = {
	SCMP_SYS(read),           SCMP_SYS(write),
	SCMP_SYS(close),          SCMP_SYS(brk),
	SCMP_SYS(mmap),           SCMP_SYS(munmap),
	SCMP_SYS(mremap),         SCMP_SYS(madvise),
	SCMP_SYS(mprotect),       SCMP_SYS(futex),
	SCMP_SYS(exit),           SCMP_SYS(exit_group),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigreturn),   SCMP_SYS(restart_syscall),
	SCMP_SYS(sendmsg),        SCMP_SYS(poll),
	SCMP_SYS(ppoll),          SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),     SCMP_SYS(lseek),
	SCMP_SYS(clock_gettime),  SCMP_SYS(getpid),
	SCMP_SYS(gettid),         SCMP_SYS(tgkill),
	SCMP_SYS(getrandom),
};

static const unsigned long namespaces[] = {
	CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWNET,    CLONE_NEWPID,
	CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP,
};

static int add_denials(scmp_filter_ctx filter)
{
	int failed = 0;

	for (size_t i = 0; i < ARRAY_LEN(denied); i++)
		failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), denied[i], 0);
	for (size_t i = 0; i < ARRAY_LEN(namespaces); i++)
		failed |=
			seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
					 SCMP_A0(SCMP_CMP_MASKED_EQ, namespaces[i], namespaces[i]));
	/* Its flags lie in memory no filter can see; libc falls back to clone. */
	failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return failed;
}

static int add_permissions(scmp_filter_ctx filter)
{
	int failed = 0;

	for (size_t i = 0; i < ARRAY_LEN(allowed_pure); i++)
		failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed_pure[i], 0);
	return failed;
}

static int export_filter(scmp_filter_ctx filter, struct arena *a, struct sock_fprog *program,
			 struct err *e)
{
	AUTO_FD fd = memfd_create("filter", MFD_CLOEXEC);
	struct stat st;
	struct sock_filter *code;

	if (fd < 0 || seccomp_export_bpf(filter, fd) < 0 || fstat(fd, &st) < 0)
		return err_errno(e, errno, "compile a seccomp filter");
	code = arena_alloc(a, (size_t)st.st_size);
	if (pread(fd, code, (size_t)st.st_size, 0) != st.st_size)
		return err_set(e, ERR_INTERNAL, "read a seccomp filter back");
	program->filter = code;
	program->len = (unsigned short)((size_t)st.st_size / sizeof(*code));
	return 0;
}

static int compile_filter(bool is_pure, struct arena *a, struct sock_fprog *program, struct err *e)
{
	scmp_filter_ctx filter = seccomp_init(is_pure ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ALLOW);
	int failed;

	if (!filter)
		return err_set(e, ERR_INTERNAL, "seccomp_init failed");
	failed = is_pure ? add_permissions(filter) : add_denials(filter);
	if (failed)
		failed = err_set(e, ERR_INTERNAL, "a seccomp rule was refused");
	else
		failed = export_filter(filter, a, program, e);
	seccomp_release(filter);
	return failed;
}

static int landlock_version(void)
{
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	/* Version 1 cannot move a pack out of its quarantine. */
	return version < 2 ? 0 : (int)version;
}

int git_sandbox_prepare(enum git_sandbox_mode mode, struct arena *a,
			const struct git_sandbox **sandbox, struct err *e)
{
	struct git_sandbox *s = ARENA_NEW(a, struct git_sandbox);
	struct err reason = { 0 };

	s->mode = mode;
	*sandbox = s;
	if (mode == GIT_SANDBOX_OFF) {
		s->summary = "off";
		return 0;
	}
	s->landlock = landlock_version();
	s->has_filters = compile_filter(false, a, &s->with_git, &reason) == 0 &&
			 compile_filter(true, a, &s->pure, &reason) == 0;
	if (mode == GIT_SANDBOX_REQUIRED && (!s->landlock || !s->has_filters))
		return err_set(e, ERR_UNAVAILABLE,
			       "git_sandbox is required, but this kernel lacks %s",
			       s->landlock ? "seccomp" : "Landlock (version 2)");
	s->summary = arena_strf(a, "landlock %d, seccomp %s", s->landlock,
				s->has_filters ? "on" : "missing");
	return 0;
}

const char *git_sandbox_summary(const struct git_sandbox *sandbox)
{
	return sandbox->summary;
}

static int set_limit(int what, rlim_t value, const char *name, struct err *e)
{
	const struct rlimit limit = { value, value };

	if (setrlimit((__rlimit_resource_t)what, &limit) == 0)
		return 0;
	/* Already lower from outside: that is fine too. */
	if (errno == EPERM)
		return 0;
	return err_errno(e, errno, "setrlimit %s", name);
}

int git_sandbox_limit(const struct git_request *rq, struct err *e)
{
	bool is_render = rq->op == GIT_OP_RENDER;
	bool is_long =
		rq->op == GIT_OP_MAINTAIN || rq->op == GIT_OP_UPLOAD || rq->op == GIT_OP_PACK;

	if (set_limit(RLIMIT_CORE, 0, "core", e) < 0 || set_limit(RLIMIT_CPU,
								  is_render ? 2
								  : is_long ? 3600
									    : 600,
								  "cpu", e) < 0)
		return -(int)e->code;
#ifndef HEARTH_SANITIZER
	/* Not the address space: that would count packs that are only mapped. */
	if (set_limit(RLIMIT_DATA, (is_render ? 256ull : 2048ull) << 20, "data", e) < 0)
		return -(int)e->code;
#endif
	/* A thin pack grows by the bases that are added to it. */
	if (rq->op == GIT_OP_RECEIVE && rq->limits.max_pack_bytes > 0)
		return set_limit(RLIMIT_FSIZE,
				 (rlim_t)rq->limits.max_pack_bytes * 2 + (64ull << 20), "fsize", e);
	return 0;
}

static uint64_t fs_rights(int version)
{
	uint64_t all = (LANDLOCK_ACCESS_FS_REFER << 1) - 1;

	if (version >= 3)
		all |= FS_TRUNCATE;
	if (version >= 5)
		all |= FS_IOCTL_DEV;
	return all;
}

#define READ_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define EXECUTE_RIGHTS (READ_RIGHTS | LANDLOCK_ACCESS_FS_EXECUTE)
#define FILE_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE)
#define FOLDER_RIGHTS                                                   \
	(READ_RIGHTS | FILE_RIGHTS | LANDLOCK_ACCESS_FS_REMOVE_DIR |    \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REFER)

/* A path that does not exist on this system needs no permission. */
static int allow_path(int ruleset, uint64_t handled, const char *path, uint64_t rights,
		      struct err *e)
{
	AUTO_FD fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = { rights & handled, fd };
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, errno, "open %s", path);
	if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= FILE_RIGHTS | LANDLOCK_ACCESS_FS_EXECUTE;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		return err_errno(e, errno, "landlock rule for %s", path);
	return 0;
}

static int allow_programs(int ruleset, uint64_t handled, struct err *e)
{
	static const char *const folders[] = { "/usr", "/bin", "/lib", "/lib64", "/lib32" };

	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		if (allow_path(ruleset, handled, folders[i], EXECUTE_RIGHTS, e) < 0)
			return -(int)e->code;
	/* git names its temporary files with bytes of urandom. */
	if (allow_path(ruleset, handled, "/etc/ld.so.cache", READ_RIGHTS, e) < 0 ||
	    allow_path(ruleset, handled, "/dev/urandom", READ_RIGHTS, e) < 0)
		return -(int)e->code;
	return allow_path(ruleset, handled, "/dev/null", FILE_RIGHTS, e);
}

static int enter_landlock(const struct git_sandbox *s, const char *folder, const char *config_path,
			  bool is_pure, struct err *e)
{
	struct ruleset attributes = { .fs = fs_rights(s->landlock),
				      .net = s->landlock >= 4 ? NET_ALL : 0,
				      .scoped = s->landlock >= 6 ? SCOPE_ALL : 0 };
	size_t size = s->landlock >= 6 ? 24 : s->landlock >= 4 ? 16 : 8;
	AUTO_FD ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);

	if (ruleset < 0)
		return err_errno(e, errno, "landlock_create_ruleset");
	if (!is_pure && (allow_programs(ruleset, attributes.fs, e) < 0 ||
			 allow_path(ruleset, attributes.fs, config_path, READ_RIGHTS, e) < 0))
		return -(int)e->code;
	if (folder && allow_path(ruleset, attributes.fs, folder, FOLDER_RIGHTS, e) < 0)
		return -(int)e->code;
#ifdef HEARTH_FAULTS
	if (getenv("HEARTH_FAULT_FOLDER") &&
	    allow_path(ruleset, attributes.fs, getenv("HEARTH_FAULT_FOLDER"), FOLDER_RIGHTS, e) < 0)
		return -(int)e->code;
#endif
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		return err_errno(e, errno, "landlock_restrict_self");
	return 0;
}

int git_sandbox_enter(const struct git_sandbox *s, const char *folder, const char *config_path,
		      bool is_pure, struct err *e)
{
	const struct sock_fprog *program = is_pure ? &s->pure : &s->with_git;

	if (s->mode == GIT_SANDBOX_OFF)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_errno(e, errno, "no_new_privs");
	if (s->landlock && enter_landlock(s, folder, config_path, is_pure, e) < 0)
		return -(int)e->code;
#ifdef HEARTH_SANITIZER
	/* The sanitizers' run time makes calls of its own. */
	if (is_pure)
		return 0;
#endif
	if (s->has_filters && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, program) < 0)
		return err_errno(e, errno, "load a seccomp filter");
	return 0;
}
