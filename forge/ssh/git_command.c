/*
 * See git_command.h. The parser goes once over the text: program words, one
 * argument unquoted into a fixed array, nothing behind it.
 */
#include "ssh/git_command.h"

struct service_row {
	enum git_service service;
	const char *name;
	const char *word; /* after "git " */
};

static const struct service_row services[] = {
	{ GIT_SERVICE_UPLOAD_PACK, "git-upload-pack", "upload-pack" },
	{ GIT_SERVICE_RECEIVE_PACK, "git-receive-pack", "receive-pack" },
	{ GIT_SERVICE_UPLOAD_ARCHIVE, "git-upload-archive", "upload-archive" },
};

const char *git_service_name(enum git_service service)
{
	for (size_t i = 0; i < ARRAY_LEN(services); i++) {
		if (services[i].service == service)
			return services[i].name;
	}
	return "git";
}

/* The word before the first space; *rest moves behind the spaces. */
static struct str next_word(struct str *rest)
{
	size_t n = str_find(*rest, ' ');
	struct str word = str_upto(*rest, n);

	*rest = str_from(*rest, n);
	while (rest->n > 0 && rest->p[0] == ' ')
		*rest = str_from(*rest, 1);
	return word;
}

static const struct service_row *cut_service(struct str *rest)
{
	struct str word = next_word(rest);
	bool two_words = str_eq_c(word, "git");

	if (two_words)
		word = next_word(rest);
	for (size_t i = 0; i < ARRAY_LEN(services); i++) {
		if (str_eq_c(word, two_words ? services[i].word : services[i].name))
			return &services[i];
	}
	return NULL;
}

static bool is_path_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.' || c == '/';
}

/*
 * Undoes what git's sq_quote does. False if it is not one word quoted so, or
 * does not fit. Characters that no path has are let through: the shape is
 * judged afterwards, with another sentence.
 */
static bool unquote(struct str text, char *to, size_t room, size_t *length)
{
	bool quoted = false;
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\'') {
			quoted = !quoted;
			continue;
		}
		if (!quoted && c == '\\') {
			if (++i >= text.n || (text.p[i] != '\'' && text.p[i] != '!'))
				return false;
			c = text.p[i];
		} else if (!quoted && !is_path_char(c) && c != '~') {
			return false;
		}
		if (c == '\0' || n + 1 >= room)
			return false;
		to[n++] = c;
	}
	to[n] = '\0';
	*length = n;
	return !quoted && n > 0;
}

static bool segment_is_possible(struct str segment)
{
	if (segment.n == 0 || segment.n > 255 || segment.p[0] == '-' || segment.p[0] == '.')
		return false;
	for (size_t i = 0; i < segment.n; i++) {
		if (!is_path_char(segment.p[i]))
			return false;
	}
	return true;
}

/* Cleans "/a/b.git/" to "a/b"; false if that cannot be a project's path. */
static bool clean_path(struct str raw, struct str *path)
{
	struct str rest = raw;
	struct str segment;
	size_t segments = 0;

	str_cut_prefix(&rest, STR("/"));
	if (str_ends(rest, STR("/")))
		rest = str_upto(rest, rest.n - 1);
	if (str_ends(rest, STR(".git")))
		rest = str_upto(rest, rest.n - 4);
	*path = rest;
	while (str_cut(&rest, '/', &segment)) {
		if (!segment_is_possible(segment))
			return false;
		segments++;
	}
	return segments >= 2;
}

int git_command_parse(struct str text, struct git_command *command, struct err *e)
{
	struct git_command found = { 0 };
	const struct service_row *service;
	char raw[GIT_COMMAND_PATH_MAX];
	size_t length;
	struct str path;

	if (text.n > GIT_COMMAND_MAX)
		return err_set(e, ERR_INVALID, "This command is longer than %d bytes.",
			       GIT_COMMAND_MAX);
	service = cut_service(&text);
	if (!service)
		return err_set(e, ERR_INVALID,
			       "This server runs no commands but git-upload-pack, git-receive-pack "
			       "and git-upload-archive: use git to clone, fetch and push.");
	if (!unquote(text, raw, sizeof(raw), &length) || raw[0] == '-')
		return err_set(e, ERR_INVALID,
			       "%s takes exactly one argument here, the path of a project, and no "
			       "options.",
			       service->name);
	if (!clean_path(str_n(raw, length), &path) ||
	    !str_copy(found.path, sizeof(found.path), path))
		return err_set(e, ERR_NOT_FOUND, "%s", "");
	found.service = service->service;
	*command = found;
	return 0;
}

int git_protocol_version(struct str value)
{
	struct str part;
	int version = 0;

	if (value.n > 64)
		return 0;
	while (str_cut(&value, ':', &part)) {
		if (!str_cut_prefix(&part, STR("version=")) || part.n != 1)
			continue;
		if (part.p[0] >= '0' && part.p[0] <= '2' && part.p[0] - '0' > version)
			version = part.p[0] - '0';
	}
	return version;
}
