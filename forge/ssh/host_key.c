/* See host_key.h. */
#include "ssh/sshd_private.h"

#include "base/fs.h"
#include "ssh/host_key.h"

#include <limits.h>

static const struct host_key_row rows[] = {
	{ "ed25519", SSH_KEYTYPE_ED25519, 0 },
	{ "rsa", SSH_KEYTYPE_RSA, 3072 },
	{ "ecdsa", SSH_KEYTYPE_ECDSA_P256, 256 },
};

#define HOST_KEY_FILE_MAX ((size_t)64 * 1024)

const struct host_key_row *host_key_rows(size_t *count)
{
	*count = ARRAY_LEN(rows);
	return rows;
}

static int key_path(char to[static PATH_MAX], const char *folder, const char *name, struct err *e)
{
	int n = snprintf(to, PATH_MAX, "%s/ssh_host_%s_key", folder, name);

	if (n < 0 || n >= PATH_MAX)
		return err_set(e, ERR_INTERNAL, "path of the host keys is too long: %s", folder);
	return 0;
}

static int make_key(const char *path, const struct host_key_row *row, struct err *e)
{
	ssh_key key = NULL;
	char *text = NULL;
	int rc;

	if (ssh_pki_generate(row->type, row->bits, &key) != SSH_OK)
		return err_set(e, ERR_INTERNAL, "cannot make the %s host key", row->name);
	if (ssh_pki_export_privkey_base64(key, NULL, NULL, NULL, &text) != SSH_OK) {
		ssh_key_free(key);
		return err_set(e, ERR_INTERNAL, "cannot write the %s host key", row->name);
	}
	rc = fs_write_atomic(path, str_c(text), 0400, e);
	explicit_bzero(text, strlen(text));
	ssh_string_free_char(text);
	ssh_key_free(key);
	return rc;
}

int host_key_ensure(const char *folder, struct err *e)
{
	int rc = fs_make_folder(folder, 0700, e);

	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(rows); i++) {
		char path[PATH_MAX];

		rc = key_path(path, folder, rows[i].name, e);
		if (rc == 0 && !fs_exists(path))
			rc = make_key(path, &rows[i], e);
	}
	return rc;
}

int host_key_load(const char *folder, const struct host_key_row *row, ssh_key *key, struct err *e)
{
	struct arena *a = arena_open(0);
	char path[PATH_MAX];
	struct str text;
	int rc = key_path(path, folder, row->name, e);

	if (rc == 0)
		rc = fs_read(a, path, HOST_KEY_FILE_MAX, &text, e);
	if (rc == 0 && ssh_pki_import_privkey_base64(text.p, NULL, NULL, NULL, key) != SSH_OK)
		rc = err_set(e, ERR_INTERNAL, "%s is not a private key", path);
	arena_close(a);
	return rc;
}

int host_key_fingerprint(struct arena *a, const char *folder, const char *name,
			 struct str *fingerprint, struct err *e)
{
	const struct host_key_row *row = NULL;
	unsigned char *hash = NULL;
	size_t hash_length = 0;
	ssh_key key = NULL;
	char *text;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].name, name) == 0)
			row = &rows[i];
	}
	ASSERT(row);
	if (host_key_load(folder, row, &key, e) < 0)
		return -(int)e->code;
	if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &hash_length) != SSH_OK) {
		ssh_key_free(key);
		return err_set(e, ERR_INTERNAL, "cannot hash the %s host key", name);
	}
	ssh_key_free(key);
	text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, hash_length);
	ssh_clean_pubkey_hash(&hash);
	if (!text)
		return err_set(e, ERR_INTERNAL, "cannot write the fingerprint of the %s host key",
			       name);
	*fingerprint = arena_str(a, str_c(text));
	ssh_string_free_char(text);
	return 0;
}
