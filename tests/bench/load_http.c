/* Smart HTTP, just enough of it; see load.h. */
#include "load.h"

#include "base/fs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#define READ_ROOM ((size_t)64 * 1024)
#define TIMEOUT_SECONDS 300

int load_connect(const struct load_target *t, struct err *e)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)t->port) };
	struct timeval wait = { TIMEOUT_SECONDS, 0 };
	int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || inet_pton(AF_INET, t->host, &address.sin_addr) != 1 ||
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		err_errno(e, errno, "connect to %s:%d", t->host, t->port);
		fs_close(&fd);
		return -(int)e->code;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	return fd;
}

int load_send(int fd, struct str bytes, struct err *e)
{
	while (bytes.n > 0) {
		ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);

		if (n < 0)
			return err_errno(e, errno, "send");
		bytes = str_from(bytes, (size_t)n);
	}
	return 0;
}

struct str load_ls_refs_request(void)
{
	return STR("0014command=ls-refs\n0014agent=git/2.39.50016object-format=sha1"
		   "00010009peel\n000csymrefs\n000bunborn\n0014ref-prefix HEAD\n"
		   "001bref-prefix refs/heads/\n001aref-prefix refs/tags/\n0000");
}

int load_check(enum load_mode mode, struct str answer, struct err *e)
{
	static const char *const success[] = { " refs/heads/", "unpack ok", "PACK", "", "" };
	struct str part = str_c(success[mode]);

	if (str_find_str(answer, part) < answer.n || part.n == 0)
		return 0;
	return err_set(e, ERR_INVALID, "no success: %.*s", STR_FMT(str_upto(answer, 300)));
}

/* An answer as it is read. */
struct answer {
	int fd;
	struct buf raw; /* not yet taken */
	struct buf body;
	int status;
	bool closes;
};

static int read_more(struct answer *a, struct err *e)
{
	char *to = buf_reserve(&a->raw, READ_ROOM);
	ssize_t n = to ? read(a->fd, to, READ_ROOM) : -1;

	if (n < 0)
		return err_errno(e, errno, "read an answer");
	if (n == 0)
		return err_set(e, ERR_GONE, "the server closed the connection");
	buf_added(&a->raw, (size_t)n);
	return 0;
}

/* One line without its end. */
static int read_line(struct answer *a, char *to, size_t room, struct err *e)
{
	for (;;) {
		struct str raw = buf_str(&a->raw);
		size_t end = str_find(raw, '\n');

		if (end < raw.n) {
			if (!str_copy(to, room, str_trim(str_upto(raw, end))))
				to[0] = '\0';
			buf_drop_front(&a->raw, end + 1);
			return 0;
		}
		if (read_more(a, e) < 0)
			return -(int)e->code;
	}
}

static int take_body(struct answer *a, size_t n, struct err *e)
{
	while (n > 0) {
		size_t part = a->raw.n < n ? a->raw.n : n;

		buf_add(&a->body, str_upto(buf_str(&a->raw), part));
		buf_drop_front(&a->raw, part);
		n -= part;
		if (n > 0 && read_more(a, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int take_chunks(struct answer *a, struct err *e)
{
	char line[64];

	for (;;) {
		char *end;
		unsigned long n;

		if (read_line(a, line, sizeof(line), e) < 0)
			return -(int)e->code;
		n = strtoul(line, &end, 16);
		if (end == line)
			return err_set(e, ERR_INVALID, "broken chunk");
		if (take_body(a, n, e) < 0 || read_line(a, line, sizeof(line), e) < 0)
			return -(int)e->code;
		if (n == 0)
			return 0;
	}
}

static int read_answer(struct answer *a, struct err *e)
{
	char line[4096];
	int64_t length = -1;
	bool chunked = false;

	buf_clear(&a->body);
	a->closes = false;
	if (read_line(a, line, sizeof(line), e) < 0)
		return -(int)e->code;
	a->status = strlen(line) > 12 ? (int)strtol(line + 9, NULL, 10) : 0;
	for (;;) {
		struct str rest;

		if (read_line(a, line, sizeof(line), e) < 0)
			return -(int)e->code;
		if (line[0] == '\0')
			break;
		rest = str_c(line);
		if (str_starts_nocase(rest, STR("content-length:")) &&
		    !str_to_i64(str_trim(str_from(rest, 15)), &length))
			return err_set(e, ERR_INVALID, "broken length");
		chunked |= str_starts_nocase(rest, STR("transfer-encoding: chunked"));
		a->closes |= str_starts_nocase(rest, STR("connection: close"));
	}
	if (chunked)
		return take_chunks(a, e);
	if (length >= 0)
		return take_body(a, size_from_i64(length), e);
	/* Neither: until the end. */
	a->closes = true;
	while (read_more(a, e) == 0)
		continue;
	err_clear(e);
	return take_body(a, a->raw.n, e);
}

static int ask(const struct load_target *t, struct answer *a, const char *path, const char *type,
	       struct str body, bool with_password, struct err *e)
{
	char head[4096];
	char extra[600] = "";
	int n;

	if (with_password && t->basic[0] != '\0')
		snprintf(extra, sizeof(extra), "Authorization: Basic %s\r\n", t->basic);
	if (type)
		n = snprintf(head, sizeof(head),
			     "POST %s%s HTTP/1.1\r\nHost: %s:%d\r\nUser-Agent: git/2.39.5\r\n"
			     "%sGit-Protocol: version=2\r\nContent-Type: application/%s\r\n"
			     "Content-Length: %zu\r\n\r\n",
			     t->path, path, t->host, t->port, extra, type, body.n);
	else
		n = snprintf(head, sizeof(head),
			     "GET %s%s HTTP/1.1\r\nHost: %s:%d\r\nUser-Agent: git/2.39.5\r\n"
			     "%sGit-Protocol: version=2\r\n\r\n",
			     t->path, path, t->host, t->port, extra);
	if (load_send(a->fd, str_n(head, (size_t)n), e) < 0 || load_send(a->fd, body, e) < 0)
		return -(int)e->code;
	return read_answer(a, e);
}

static int expect(const struct answer *a, int status, struct err *e)
{
	if (a->status == status)
		return 0;
	return err_set(e, ERR_INVALID, "status %d: %.*s", a->status,
		       STR_FMT(str_upto(buf_str(&a->body), 300)));
}

/* What git does: ask, be asked for the password, ask again, then the request. */
static int git_operation(const struct load_target *t, struct answer *a, struct str body,
			 struct err *e)
{
	bool is_push = t->mode == LOAD_PUSH;
	const char *type = is_push ? "x-git-receive-pack-request" : "x-git-upload-pack-request";
	const char *first = is_push ? "/info/refs?service=git-receive-pack"
				    : "/info/refs?service=git-upload-pack";
	const char *second = is_push ? "/git-receive-pack" : "/git-upload-pack";

	if (ask(t, a, first, NULL, STR_NONE, false, e) < 0)
		return -(int)e->code;
	if (a->status == 401 && ask(t, a, first, NULL, STR_NONE, true, e) < 0)
		return -(int)e->code;
	if (expect(a, 200, e) < 0)
		return -(int)e->code;
	if (t->mode == LOAD_REFS)
		body = load_ls_refs_request();
	if (ask(t, a, second, type, body, true, e) < 0 || expect(a, 200, e) < 0)
		return -(int)e->code;
	return load_check(t->mode, buf_str(&a->body), e);
}

int load_http(const struct load_target *t, int *fd, struct str body, size_t *bytes, struct err *e)
{
	struct answer a = { .fd = *fd };
	int rc;

	if (a.fd < 0 && (a.fd = load_connect(t, e)) < 0)
		return -(int)e->code;
	buf_init(&a.raw, LOAD_ANSWER_MAX);
	buf_init(&a.body, LOAD_ANSWER_MAX);
	if (t->mode == LOAD_GET) {
		rc = ask(t, &a, "", NULL, STR_NONE, true, e);
		if (rc == 0)
			rc = expect(&a, 200, e);
	} else if (t->mode == LOAD_CLAIM) {
		rc = ask(t, &a, "", "json", body, false, e);
		if (rc == 0)
			rc = expect(&a, 201, e);
	} else {
		rc = git_operation(t, &a, body, e);
	}
	*bytes += a.body.n;
	buf_fini(&a.raw);
	buf_fini(&a.body);
	if (rc < 0 || a.closes || !t->keeps)
		fs_close(&a.fd);
	*fd = a.fd;
	return rc;
}
