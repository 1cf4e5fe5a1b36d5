/*
 * See ssh_sandbox.h. The list was measured with every kind of key, every key
 * exchange and cipher on offer, rekeying, and all ways a command can end; what
 * is not on it kills the process, which the master logs.
 *
 * Sanitizer builds need files, threads and signals of their own, so there the
 * filter only forbids what would matter most to an attacker; the release
 * build is the one that proves the strict list.
 */
#include "roles/ssh_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define MEMORY_MAX ((rlim_t)512 * 1024 * 1024)
#define DESCRIPTORS_MAX 64

/* A change from one ordinary user to another leaves capabilities as they are. */
static int drop_capabilities(struct err *e)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0, 0, 0 } };

	if (syscall(SYS_capset, &header, none) < 0)
		return err_errno(e, errno, "drop capabilities");
	return 0;
}

static int become(uid_t uid, gid_t gid, struct err *e)
{
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return err_errno(e, errno, "become user %u", (unsigned)uid);
	if (getuid() != uid || geteuid() != uid || getgid() != gid || getegid() != gid)
		return err_set(e, ERR_INTERNAL, "did not become user %u", (unsigned)uid);
	return 0;
}

int ssh_sandbox_drop_user(uid_t uid, gid_t gid, struct err *e)
{
	if (become(uid, gid, e) < 0)
		return -(int)e->code;
	return drop_capabilities(e);
}

int ssh_sandbox_keep_setuid(uid_t uid, gid_t gid, struct err *e)
{
	const uint32_t kept = 1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_KILL;
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { kept, kept, 0 } };

	if (prctl(PR_SET_KEEPCAPS, 1) < 0)
		return err_errno(e, errno, "keep the right to change users");
	if (become(uid, gid, e) < 0)
		return -(int)e->code;
	if (syscall(SYS_capset, &header, data) < 0)
		return err_errno(e, errno, "keep the right to change users");
	return 0;
}

static int set_limit(int what, rlim_t most, struct err *e)
{
	struct rlimit limit = { most, most };

	if (setrlimit((__rlimit_resource_t)what, &limit) < 0)
		return err_errno(e, errno, "set a limit of the ssh child");
	return 0;
}

static int set_limits(struct err *e)
{
	/* Not RLIMIT_FSIZE: the log may be a file, and no other can be opened. */
	if (set_limit(RLIMIT_CORE, 0, e) || set_limit(RLIMIT_NOFILE, DESCRIPTORS_MAX, e))
		return -(int)e->code;
#ifndef HEARTH_SANITIZER
	if (set_limit(RLIMIT_NPROC, 0, e) || set_limit(RLIMIT_DATA, MEMORY_MAX, e))
		return -(int)e->code;
#endif
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_errno(e, errno, "give up rights in the ssh child");
	return 0;
}

#ifdef HEARTH_SANITIZER
#define DEFAULT_ACTION SCMP_ACT_ALLOW

static int add_rules(scmp_filter_ctx filter)
{
	static const int denied[] = { SCMP_SYS(execve),  SCMP_SYS(execveat), SCMP_SYS(socket),
				      SCMP_SYS(connect), SCMP_SYS(bind),     SCMP_SYS(setuid) };
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(denied) && rc == 0; i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, denied[i], 0);
	return rc;
}
#else
#define DEFAULT_ACTION SCMP_ACT_KILL_PROCESS

/* Calls of which only these forms are let through. */
static const struct {
	int call;
	unsigned count;
	struct scmp_arg_cmp arguments[2];
} narrow[] = {
	/* Memory, but never executable. */
	{ SCMP_SYS(mmap), 1, { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } } },
	{ SCMP_SYS(fcntl), 1, { { 1, SCMP_CMP_EQ, F_GETFL, 0 } } },
	{ SCMP_SYS(fcntl), 1, { { 1, SCMP_CMP_EQ, F_SETFL, 0 } } },
	/* Of the options of its sockets, the two that keep answers from waiting. */
	{ SCMP_SYS(setsockopt),
	  2,
	  { { 1, SCMP_CMP_EQ, IPPROTO_TCP, 0 }, { 2, SCMP_CMP_EQ, TCP_NODELAY, 0 } } },
	{ SCMP_SYS(setsockopt),
	  2,
	  { { 1, SCMP_CMP_EQ, IPPROTO_TCP, 0 }, { 2, SCMP_CMP_EQ, TCP_QUICKACK, 0 } } },
};

static int add_rules(scmp_filter_ctx filter)
{
	static const int allowed[] = {
		SCMP_SYS(read),         SCMP_SYS(write),           SCMP_SYS(poll),
		SCMP_SYS(ppoll),        SCMP_SYS(sendto),          SCMP_SYS(recvfrom),
		SCMP_SYS(sendmsg),      SCMP_SYS(recvmsg),         SCMP_SYS(close),
		SCMP_SYS(brk),          SCMP_SYS(munmap),          SCMP_SYS(mremap),
		SCMP_SYS(madvise),      SCMP_SYS(futex),           SCMP_SYS(getrandom),
		SCMP_SYS(getpid),       SCMP_SYS(clock_gettime),   SCMP_SYS(gettimeofday),
		SCMP_SYS(time),         SCMP_SYS(exit_group),      SCMP_SYS(shutdown),
		SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall), SCMP_SYS(rt_sigprocmask),
	};
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(allowed) && rc == 0; i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; i < ARRAY_LEN(narrow) && rc == 0; i++)
		rc = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, narrow[i].call, narrow[i].count,
					    narrow[i].arguments);
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prlimit64), 0);
	return rc;
}
#endif

static int filter_calls(struct err *e)
{
	scmp_filter_ctx filter = seccomp_init(DEFAULT_ACTION);
	int rc;

	if (!filter)
		return err_set(e, ERR_INTERNAL, "cannot make a seccomp filter");
	rc = add_rules(filter);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc == 0 ? 0 : err_errno(e, -rc, "load the seccomp filter");
}

bool ssh_sandbox_is_possible(void)
{
	uint32_t action = SECCOMP_RET_KILL_PROCESS;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

int ssh_sandbox_enter(enum ssh_sandbox_mode mode, struct err *e)
{
	if (set_limits(e) < 0)
		return -(int)e->code;
	if (mode == SSH_SANDBOX_OFF || (mode == SSH_SANDBOX_AUTO && !ssh_sandbox_is_possible()))
		return 0;
	return filter_calls(e);
}
