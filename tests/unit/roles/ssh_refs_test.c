#include "support/check.h"

#include "roles/ssh_refs.h"

#include <fcntl.h>
#include <sys/mman.h>

static const struct ref refs[] = {
	{ { "refs/forge/keep", sizeof("refs/forge/keep") - 1 }, { { 9 } }, { { 9 } } },
	{ { "refs/heads/main", sizeof("refs/heads/main") - 1 }, { { 1 } }, { { 1 } } },
	{ { "refs/tags/v1", sizeof("refs/tags/v1") - 1 }, { { 2 } }, { { 3 } } },
};
static const struct ref_snapshot snapshot = {
	.refs = refs,
	.count = ARRAY_LEN(refs),
	.head = { "refs/heads/main", sizeof("refs/heads/main") - 1 },
	.head_is_symbolic = true,
	.head_oid = { { 1 } },
	.generation = 42,
};

static void refs_come_back_as_they_were_without_internal_ones(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct ref_snapshot got;
	struct err e = { 0 };
	uint64_t size;
	char *bytes;
	int fd;

	check_ok(ssh_refs_seal(&snapshot, &fd, &size, &e), &e);
	bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	check_true(bytes != MAP_FAILED);
	check_ok(ssh_refs_read(a, str_n(bytes, size), &got, &e), &e);
	check_int(got.count, 2);
	check_str(got.refs[0].name, "refs/heads/main");
	check_str(got.refs[1].name, "refs/tags/v1");
	check_int(got.refs[1].peeled.b[0], 3);
	check_str(got.head, "refs/heads/main");
	check_int(got.generation, 42);
	munmap(bytes, size);
	close(fd);
	arena_close(a);
}

static void nobody_can_change_what_was_sealed(void **state UNUSED)
{
	struct err e = { 0 };
	uint64_t size;
	int fd;

	check_ok(ssh_refs_seal(&snapshot, &fd, &size, &e), &e);
	check_int(write(fd, "x", 1), -1);
	check_int(ftruncate(fd, 1), -1);
	check_true(mmap(NULL, size, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
	close(fd);
}

static void bytes_that_end_early_are_refused_wherever_they_end(void **state UNUSED)
{
	struct err e = { 0 };
	uint64_t size;
	char *bytes;
	int fd;

	check_ok(ssh_refs_seal(&snapshot, &fd, &size, &e), &e);
	bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	for (size_t n = 0; n < size; n++) {
		struct arena *a = arena_open(0);
		struct ref_snapshot got;

		check_int(ssh_refs_read(a, str_n(bytes, n), &got, &e), -ERR_INVALID);
		arena_close(a);
	}
	munmap(bytes, size);
	close(fd);
}

RUN_TESTS(TEST(refs_come_back_as_they_were_without_internal_ones),
	  TEST(nobody_can_change_what_was_sealed),
	  TEST(bytes_that_end_early_are_refused_wherever_they_end))
