/*
 * The folder of key-encryption keys. A key is a file kek-<id> of 32 bytes that
 * only its owner may read; one with wider permissions is refused, because a
 * key that others could read is no longer a secret.
 */
#include "secret/keys.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/random.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYS_MAGIC 0x6b657973u
#define FIRST_ID 1u

static int check_permissions(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_errno(e, errno, "%s", path);
	if (st.st_mode & 077)
		return err_set(
			e, ERR_INTERNAL,
			"%s can be read by others (mode %03o): set it to 0400, and replace the "
			"key if somebody may have read it",
			path, st.st_mode & 0777u);
	return 0;
}

static int read_kek(struct arena *a, const char *folder, uint32_t id, struct kek *kek,
		    struct err *e)
{
	const char *path = arena_strf(a, "%s/kek-%u", folder, id);
	struct str bytes;

	if (check_permissions(path, e) < 0 || fs_read(a, path, KEK_SIZE, &bytes, e) < 0)
		return -(int)e->code;
	if (bytes.n != KEK_SIZE)
		return err_set(e, ERR_INTERNAL, "%s has %zu bytes; a key has %u", path, bytes.n,
			       KEK_SIZE);
	kek->id = id;
	memcpy(kek->bytes, bytes.p, KEK_SIZE);
	return 0;
}

/* "kek-12" -> 12 */
static bool parse_name(const char *file, uint32_t *id)
{
	struct str rest = str_c(file);
	int64_t number;

	if (!str_cut_prefix(&rest, STR("kek-")) || !str_to_i64(rest, &number) || number < 1 ||
	    number > UINT32_MAX)
		return false;
	*id = (uint32_t)number;
	return true;
}

static void insert_sorted(uint32_t *ids, size_t *count, uint32_t id)
{
	size_t at = *count;

	for (; at > 0 && ids[at - 1] > id; at--)
		ids[at] = ids[at - 1];
	ids[at] = id;
	*count += 1;
}

static int list_ids(const char *folder, uint32_t ids[static KEKS_MAX], size_t *count, struct err *e)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	uint32_t id;

	*count = 0;
	if (!dir)
		return err_errno(e, errno, "%s", folder);
	while ((entry = readdir(dir)) && *count < KEKS_MAX) {
		if (parse_name(entry->d_name, &id))
			insert_sorted(ids, count, id);
	}
	closedir(dir);
	if (*count == KEKS_MAX)
		return err_set(e, ERR_INTERNAL, "%s has too many keys", folder);
	return 0;
}

/*
 * The roles of a new instance start at the same moment and each finds no key: the first
 * link wins, and all read what it made. A rename would replace a key in use.
 */
static int make_first(struct arena *a, const char *folder, struct err *e)
{
	unsigned char bytes[KEK_SIZE];
	const char *path = arena_strf(a, "%s/kek-%u", folder, FIRST_ID);
	const char *beside = arena_strf(a, "%s/new-%s", folder, random_hex(a, 8).p);
	int code;

	randombytes_buf(bytes, sizeof(bytes));
	code = fs_write_atomic(beside, str_n((const char *)bytes, sizeof(bytes)), 0400, e);
	sodium_memzero(bytes, sizeof(bytes));
	if (code == 0 && link(beside, path) < 0 && errno != EEXIST)
		code = err_errno(e, errno, "make %s", path);
	unlink(beside);
	return code < 0 ? code : fs_sync_folder(folder, e);
}

static int load(struct secret_keys *keys, struct arena *a, const char *folder, bool may_create,
		struct err *e)
{
	uint32_t ids[KEKS_MAX];

	if (may_create && fs_make_folder(folder, 0700, e) < 0)
		return -(int)e->code;
	if (list_ids(folder, ids, &keys->count, e) < 0)
		return -(int)e->code;
	if (keys->count == 0 && may_create) {
		if (make_first(a, folder, e) < 0)
			return -(int)e->code;
		ids[keys->count++] = FIRST_ID;
	}
	if (keys->count == 0)
		return err_set(
			e, ERR_INTERNAL,
			"%s has no key-encryption key: put the backed-up key file there, or let "
			"hearth up make one for a new instance",
			folder);
	for (size_t i = 0; i < keys->count; i++) {
		if (read_kek(a, folder, ids[i], &keys->keks[i], e) < 0)
			return -(int)e->code;
	}
	return 0;
}

int secret_keys_open(const char *folder, bool may_create, struct secret_keys **keys, struct err *e)
{
	struct secret_keys *made;
	struct arena *a;
	int code;

	if (sodium_init() < 0)
		return err_set(e, ERR_INTERNAL, "libsodium cannot start");
	made = MEM_NEW(struct secret_keys);
	made->magic = KEYS_MAGIC;
	made->keks = sodium_allocarray(KEKS_MAX, sizeof(*made->keks));
	ASSERT(made->keks != NULL);
	ASSERT(sem_init(&made->gate, 0, HASHES_AT_ONCE) == 0);
	a = arena_open(0);
	code = load(made, a, folder, may_create, e);
	arena_close(a);
	if (code < 0) {
		secret_keys_close(made);
		return code;
	}
	*keys = made;
	return 0;
}

void secret_keys_close(struct secret_keys *keys)
{
	if (!keys)
		return;
	ASSERT(keys->magic == KEYS_MAGIC);
	sem_destroy(&keys->gate);
	sodium_free(keys->keks);
	keys->magic = 0;
	mem_free(keys);
}

const struct kek *secret_newest_kek(const struct secret_keys *keys)
{
	ASSERT(keys->magic == KEYS_MAGIC && keys->count > 0);
	return &keys->keks[keys->count - 1];
}

const struct kek *secret_find_kek(const struct secret_keys *keys, uint32_t id)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (keys->keks[i].id == id)
			return &keys->keks[i];
	}
	return NULL;
}
