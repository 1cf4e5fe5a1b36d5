#include "runner/metrics.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/settings.h"

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>

#define ANSWER_MAX 8192

static int bind_address(const struct addrinfo *address, int *fd)
{
	int one = 1;

	*fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return -1;
	(void)setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(*fd, address->ai_addr, address->ai_addrlen) == 0 && listen(*fd, 16) == 0)
		return 0;
	fs_close(fd);
	return -1;
}

int runner_metrics_listen(const char *address, int *fd, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
	struct addrinfo *found;
	char name[256];
	char service[16];
	struct str host;
	int port;

	*fd = -1;
	if (address[0] == '\0')
		return 0;
	if (!settings_address_split(str_c(address), &host, &port) ||
	    !str_copy(name, sizeof(name), host))
		return err_set(e, ERR_INVALID, "metrics_listen = %s is no address", address);
	snprintf(service, sizeof(service), "%d", port);
	if (getaddrinfo(name[0] ? name : NULL, service, &hints, &found) != 0)
		return err_set(e, ERR_INVALID, "metrics_listen = %s: no such host", address);
	if (bind_address(found, fd) < 0)
		err_errno(e, errno, "metrics_listen = %s", address);
	freeaddrinfo(found);
	return *fd < 0 ? -(int)e->code : 0;
}

static void add(struct buf *b, const char *name, const char *type, const char *help, int64_t value)
{
	buf_addf(b,
		 "# HELP hearth_runner_%s %s\n# TYPE hearth_runner_%s %s\nhearth_runner_%s %lld\n",
		 name, help, name, type, name, (long long)value);
}

void runner_metrics_answer(const struct runner_metrics *m, int running, int listener)
{
	AUTO_FD fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	char ignored[4096];
	struct err e = { 0 };
	struct buf b;

	if (fd < 0)
		return;
	buf_init(&b, ANSWER_MAX);
	buf_add_c(&b, "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
		      "Connection: close\r\n\r\n");
	add(&b, "jobs_running", "gauge", "Jobs that run now.", running);
	add(&b, "jobs_started_total", "counter", "Jobs started.", m->jobs_started);
	add(&b, "jobs_succeeded_total", "counter", "Jobs that succeeded.", m->jobs_succeeded);
	add(&b, "jobs_failed_total", "counter", "Jobs that did not.", m->jobs_failed);
	add(&b, "claims_answered_total", "counter", "Questions answered with a job.",
	    m->claims_answered);
	add(&b, "claims_empty_total", "counter", "Questions answered with nothing to do.",
	    m->claims_empty);
	add(&b, "claims_failed_total", "counter", "Questions not answered.", m->claims_failed);
	add(&b, "permits_total", "counter", "Words of the queue that there may be work.",
	    m->permits);
	/* What it asks is read, so that closing does not reset the connection. */
	while (read(fd, ignored, sizeof(ignored)) > 0)
		;
	if (fs_write_all(fd, buf_str(&b), &e) == 0)
		shutdown(fd, SHUT_WR);
	buf_fini(&b);
}
