#include "listen.h"

#include "base/fs.h"
#include "base/settings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#define BACKLOG 1024
#define FIRST_INHERITED 3

static int refuse(const char *address, const char *option, int code, struct err *e)
{
	switch (code) {
	case EADDRINUSE:
		return err_set(e, ERR_CONFLICT,
			       "%s is taken by another program. Choose another address with %s "
			       "ADDR:PORT, or stop that program (`ss -ltnp` shows it).",
			       address, option);
	case EACCES:
		return err_set(
			e, ERR_FORBIDDEN,
			"%s may not be opened by this user: ports below 1024 are root's. Choose a "
			"higher one with %s, or start as root.",
			address, option);
	case EADDRNOTAVAIL:
		return err_set(e, ERR_PRECONDITION,
			       "%s is no address of this host. Choose another with %s.", address,
			       option);
	default:
		return err_errno(e, code, "listen on %s", address);
	}
}

static int bind_one(const struct addrinfo *at, int *fd)
{
	int on = 1;
	AUTO_FD s = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (s < 0)
		return errno;
	if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return errno;
	if (at->ai_family == AF_INET6)
		(void)!setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 0 }, sizeof(int));
	if (bind(s, at->ai_addr, at->ai_addrlen) < 0 || listen(s, BACKLOG) < 0)
		return errno;
	*fd = s;
	s = -1;
	return 0;
}

int listen_bind(struct arena *a, const char *address, const char *option, int *fd, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	struct str host;
	int port;
	int code;
	char service[8];

	if (!settings_address_split(str_c(address), &host, &port))
		return err_set(e, ERR_INVALID, "%s %s is no HOST:PORT.", option, address);
	snprintf(service, sizeof(service), "%d", port);
	code = getaddrinfo(host.n ? arena_cstr(a, host) : NULL, service, &hints, &found);
	if (code != 0)
		return err_set(e, ERR_PRECONDITION, "%s: the host of %s cannot be found: %s.",
			       option, address, gai_strerror(code));
	code = bind_one(found, fd);
	freeaddrinfo(found);
	return code == 0 ? 0 : refuse(address, option, code, e);
}

int listen_inherited(const char *name)
{
	const char *pid = getenv("LISTEN_PID");
	const char *names = getenv("LISTEN_FDNAMES");
	struct str rest = str_c(names);
	struct str one;
	int64_t number;

	if (!pid || !names || !str_to_i64(str_c(pid), &number) || number != getpid())
		return -1;
	for (int fd = FIRST_INHERITED; str_cut(&rest, ':', &one); fd++) {
		if (!str_eq_c(one, name))
			continue;
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
			return -1;
		(void)!fcntl(fd, F_SETFL, O_NONBLOCK);
		return fd;
	}
	return -1;
}

const char *listen_address(struct arena *a, int fd)
{
	struct sockaddr_storage at;
	socklen_t n = sizeof(at);
	char host[INET6_ADDRSTRLEN];

	if (getsockname(fd, (struct sockaddr *)&at, &n) < 0)
		return "?";
	if (at.ss_family == AF_INET6) {
		const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&at;

		inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof(host));
		return arena_strf(a, "[%s]:%d", host, ntohs(six->sin6_port));
	}
	if (at.ss_family == AF_INET) {
		const struct sockaddr_in *four = (const struct sockaddr_in *)&at;

		inet_ntop(AF_INET, &four->sin_addr, host, sizeof(host));
		return arena_strf(a, "%s:%d", host, ntohs(four->sin_port));
	}
	return "?";
}

void notify_send(const char *words)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = path ? strlen(path) : 0;
	AUTO_FD s = -1;

	if (n == 0 || n >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, path, n);
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s >= 0)
		(void)!sendto(s, words, strlen(words), MSG_NOSIGNAL, (struct sockaddr *)&to,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
}
