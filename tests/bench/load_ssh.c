/* Git over SSH with libssh as the client; see load.h. */
#include "load.h"

#include <libssh/libssh.h>

#define READ_ROOM 65536
#define SHELL_TEXT 1200

static int failed(ssh_session s, const char *what, struct err *e)
{
	return err_set(e, ERR_UNAVAILABLE, "%s: %s", what, ssh_get_error(s));
}

static int login(const struct load_target *t, ssh_session s, struct err *e)
{
	bool process_config = false;
	int no_delay = 1;
	ssh_key key = NULL;
	int rc;

	ssh_options_set(s, SSH_OPTIONS_PORT, &t->port);
	ssh_options_set(s, SSH_OPTIONS_NODELAY, &no_delay);
	ssh_options_set(s, SSH_OPTIONS_HOST, t->host);
	ssh_options_set(s, SSH_OPTIONS_USER, t->user);
	ssh_options_set(s, SSH_OPTIONS_PROCESS_CONFIG, &process_config);
	ssh_options_set(s, SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
	ssh_options_set(s, SSH_OPTIONS_HOSTKEYS, "ssh-ed25519");
	ssh_options_set(s, SSH_OPTIONS_KEY_EXCHANGE, "curve25519-sha256");
	if (ssh_connect(s) != SSH_OK)
		return failed(s, "connect", e);
	if (ssh_pki_import_privkey_file(t->key, NULL, NULL, NULL, &key) != SSH_OK)
		return err_set(e, ERR_INVALID, "no key in %s", t->key);
	rc = ssh_userauth_publickey(s, NULL, key);
	ssh_key_free(key);
	return rc == SSH_AUTH_SUCCESS ? 0 : failed(s, "login", e);
}

/* Reads into `in`; *is_over at the end. */
static int read_more(ssh_channel ch, struct buf *in, bool *is_over, struct err *e)
{
	char *to = buf_reserve(in, READ_ROOM);
	int n = to ? ssh_channel_read(ch, to, READ_ROOM, 0) : SSH_ERROR;

	if (n == SSH_ERROR)
		return err_set(e, ERR_UNAVAILABLE, "read from the channel");
	buf_added(in, (size_t)n);
	*is_over = n == 0; /* it blocks: nothing means the end, or a channel closed without one */
	return 0;
}

/* True if the pkt-lines in text go up to a flush. */
static bool ends_with_flush(struct str text)
{
	while (text.n >= 4) {
		char length[5] = { text.p[0], text.p[1], text.p[2], text.p[3], 0 };
		unsigned long n = strtoul(length, NULL, 16);

		if (n == 0)
			return true;
		if (n < 4)
			n = 4;
		if (text.n < n)
			return false;
		text = str_from(text, n);
	}
	return false;
}

static int read_to_flush(ssh_channel ch, struct buf *in, struct err *e)
{
	bool is_over = false;

	while (!ends_with_flush(buf_str(in))) {
		if (is_over)
			return err_set(e, ERR_GONE, "ended: %.*s",
				       STR_FMT(str_upto(buf_str(in), 300)));
		if (read_more(ch, in, &is_over, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int send_all(ssh_channel ch, struct str bytes, struct err *e)
{
	while (bytes.n > 0) {
		uint32_t part = bytes.n > READ_ROOM ? READ_ROOM : u32_from_size(bytes.n);
		int n = ssh_channel_write(ch, bytes.p, part);

		if (n <= 0)
			return err_set(e, ERR_UNAVAILABLE, "write to the channel");
		bytes = str_from(bytes, (size_t)n);
	}
	return 0;
}

/* Advertisement, request, answer. The pack of a fetch ends with the stream. */
static int talk(const struct load_target *t, ssh_channel ch, struct str body, struct buf *in,
		struct err *e)
{
	bool is_over = false;

	if (read_to_flush(ch, in, e) < 0)
		return -(int)e->code;
	buf_clear(in);
	if (t->mode == LOAD_REFS)
		body = load_ls_refs_request();
	if (send_all(ch, body, e) < 0)
		return -(int)e->code;
	if (t->mode != LOAD_PUSH && read_to_flush(ch, in, e) < 0)
		return -(int)e->code;
	if (t->mode == LOAD_REFS && send_all(ch, STR("0000"), e) < 0)
		return -(int)e->code;
	if (t->mode == LOAD_FETCH)
		ssh_channel_send_eof(ch);
	while (!is_over) {
		if (read_more(ch, in, &is_over, e) < 0)
			return -(int)e->code;
	}
	return load_check(t->mode, buf_str(in), e);
}

static int run(const struct load_target *t, ssh_session s, struct str body, size_t *bytes,
	       struct err *e)
{
	char command[SHELL_TEXT];
	ssh_channel ch = ssh_channel_new(s);
	struct buf in;
	int rc = 0;

	snprintf(command, sizeof(command), "git-%s '%s'",
		 t->mode == LOAD_PUSH ? "receive-pack" : "upload-pack", t->path);
	if (!ch || ssh_channel_open_session(ch) != SSH_OK)
		rc = failed(s, "open a channel", e);
	buf_init(&in, LOAD_ANSWER_MAX);
	/* Without waiting for the answer, as OpenSSH does. */
	if (rc == 0 && t->mode != LOAD_PUSH)
		(void)ssh_channel_request_env(ch, "GIT_PROTOCOL", "version=2");
	if (rc == 0 && ssh_channel_request_exec(ch, command) != SSH_OK)
		rc = failed(s, "exec", e);
	if (rc == 0)
		rc = talk(t, ch, body, &in, e);
	*bytes += in.n;
	buf_fini(&in);
	if (ch)
		ssh_channel_free(ch);
	return rc;
}

int load_ssh(const struct load_target *t, struct str body, size_t *bytes, struct err *e)
{
	ssh_session s = ssh_new();
	int rc = login(t, s, e);

	if (rc == 0)
		rc = run(t, s, body, bytes, e);
	ssh_disconnect(s);
	ssh_free(s);
	return rc;
}
