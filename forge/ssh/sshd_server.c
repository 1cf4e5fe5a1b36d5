/*
 * What the server offers: keys and algorithms. Left out on purpose: group
 * exchange (reads a file of primes, which the child may not) and group 18
 * (seconds of our CPU for a stranger), all of SHA-1.
 */
#include "ssh/sshd_private.h"

#include "base/mem.h"

static const struct {
	enum ssh_bind_options_e option;
	const char *value;
} offers[] = {
	{ SSH_BIND_OPTIONS_KEY_EXCHANGE,
	  "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
	  "ecdh-sha2-nistp521,diffie-hellman-group16-sha512,diffie-hellman-group14-sha256" },
	{ SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS,
	  "ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256" },
	{ SSH_BIND_OPTIONS_PUBKEY_ACCEPTED_KEY_TYPES,
	  "ssh-ed25519,sk-ssh-ed25519@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
	  "ecdsa-sha2-nistp521,sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256" },
	{ SSH_BIND_OPTIONS_CIPHERS_C_S,
	  "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,"
	  "aes256-ctr,aes192-ctr,aes128-ctr" },
	{ SSH_BIND_OPTIONS_CIPHERS_S_C,
	  "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,"
	  "aes256-ctr,aes192-ctr,aes128-ctr" },
	{ SSH_BIND_OPTIONS_HMAC_C_S,
	  "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com" },
	{ SSH_BIND_OPTIONS_HMAC_S_C,
	  "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com" },
	{ SSH_BIND_OPTIONS_BANNER, "Hearth" },
};

static int set_options(ssh_bind bind, struct err *e)
{
	bool process_config = false; /* else the system's own sshd files are read and win */
	int rsa_min_bits = 2048;
	int rc = ssh_bind_options_set(bind, SSH_BIND_OPTIONS_PROCESS_CONFIG, &process_config);

	rc |= ssh_bind_options_set(bind, SSH_BIND_OPTIONS_RSA_MIN_SIZE, &rsa_min_bits);
	for (size_t i = 0; i < ARRAY_LEN(offers); i++)
		rc |= ssh_bind_options_set(bind, offers[i].option, offers[i].value);
	if (rc != SSH_OK)
		return err_set(e, ERR_INTERNAL, "libssh refuses an option: %s",
			       ssh_get_error(bind));
	return 0;
}

static int load_keys(ssh_bind bind, const char *folder, struct err *e)
{
	size_t count;
	const struct host_key_row *rows = host_key_rows(&count);

	for (size_t i = 0; i < count; i++) {
		ssh_key key;

		if (host_key_load(folder, &rows[i], &key, e) < 0)
			return err_add(e, "load host keys");
		/* The bind owns the key from here. */
		if (ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, key) != SSH_OK)
			return err_set(e, ERR_INTERNAL, "libssh refuses the %s host key: %s",
				       rows[i].name, ssh_get_error(bind));
	}
	return 0;
}

int sshd_server_open(const char *folder, struct sshd_server **server, struct err *e)
{
	struct sshd_server *made = MEM_NEW(struct sshd_server);
	int rc = 0;

	if (ssh_init() != SSH_OK || !(made->bind = ssh_bind_new()))
		rc = err_set(e, ERR_INTERNAL, "cannot start libssh");
	/* Keys first: which algorithms may be offered depends on them. */
	if (rc == 0)
		rc = load_keys(made->bind, folder, e);
	if (rc == 0)
		rc = set_options(made->bind, e);
	if (rc < 0) {
		sshd_server_close(made);
		return rc;
	}
	*server = made;
	return 0;
}

void sshd_server_close(struct sshd_server *server)
{
	if (!server)
		return;
	if (server->bind)
		ssh_bind_free(server->bind);
	mem_free(server);
}
