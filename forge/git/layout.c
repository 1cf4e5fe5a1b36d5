#include "git/layout.h"

#include <sys/un.h>

static int put_path(char to[static PATH_MAX], int written, const char *what, struct err *e)
{
	if (written >= 0 && written < PATH_MAX)
		return 0;
	to[0] = '\0';
	return err_set(e, ERR_INTERNAL, "the path of the %s is longer than %d bytes", what,
		       PATH_MAX - 1);
}

int git_repo_path(char to[static PATH_MAX], const char *data, int64_t project_id, struct err *e)
{
	ASSERT(project_id > 0);
	return put_path(to,
			snprintf(to, PATH_MAX, "%s/" GIT_FOLDER "/%02x/%lld.git", data,
				 (unsigned int)(project_id & 0xff), (long long)project_id),
			"repository", e);
}

int git_socket_path(char to[static PATH_MAX], const char *run, struct err *e)
{
	int written = snprintf(to, PATH_MAX, "%s/" GIT_SOCKET_NAME, run);
	struct sockaddr_un address;

	if (written >= 0 && (size_t)written < sizeof(address.sun_path))
		return 0;
	to[0] = '\0';
	return err_set(e, ERR_INTERNAL,
		       "%s/" GIT_SOCKET_NAME
		       " is longer than the %zu bytes a socket's name may have",
		       run, sizeof(address.sun_path) - 1);
}
