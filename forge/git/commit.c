/*
 * A commit object's bytes to a struct commit. Lenient as git log is: what
 * cannot be read is empty or zero, never an error, because the page of a
 * history with one broken commit in it must still be shown.
 */
#include "git/commit_private.h"

#include "git/object.h"
#include "git/text.h"

struct header {
	struct str tree;
	struct str author;
	struct str committer;
	struct str encoding;
	struct str signature; /* the first line of it */
	struct str parents;   /* from the first parent line on */
	size_t parents_count;
};

/* Header lines up to the empty one; *rest is the message then. */
static void read_header(struct str *rest, struct header *header)
{
	while (rest->n > 0) {
		size_t end = str_find(*rest, '\n');
		struct str line = str_upto(*rest, end);
		struct str whole = *rest;

		*rest = str_from(*rest, end + 1);
		if (line.n == 0)
			return;
		if (str_cut_prefix(&line, STR("tree ")))
			header->tree = line;
		else if (str_starts(line, STR("parent "))) {
			if (header->parents_count++ == 0)
				header->parents = whole;
		} else if (str_cut_prefix(&line, STR("author ")) && !header->author.p)
			header->author = line;
		else if (str_cut_prefix(&line, STR("committer ")) && !header->committer.p)
			header->committer = line;
		else if (str_cut_prefix(&line, STR("encoding ")))
			header->encoding = line;
		else if (str_cut_prefix(&line, STR("gpgsig ")))
			header->signature = line;
	}
}

/* "+0130" to 90. */
static int zone_minutes(struct str zone)
{
	int64_t value;
	int minutes;

	if (zone.n != 5 || (zone.p[0] != '+' && zone.p[0] != '-') ||
	    !str_to_i64(str_from(zone, 1), &value) || value < 0)
		return 0;
	minutes = (int)(value / 100 * 60 + value % 100);
	return zone.p[0] == '-' ? -minutes : minutes;
}

#define SECONDS_MAX 253402300799 /* the end of the year 9999 */

int64_t commit_person_seconds(struct str line)
{
	struct str rest = str_trim(str_from(line, str_find_last(line, '>') + 1));
	int64_t seconds;

	if (!str_to_i64(str_upto(rest, str_find(rest, ' ')), &seconds))
		return 0;
	return seconds < 0 ? 0 : seconds > SECONDS_MAX ? SECONDS_MAX : seconds;
}

struct person commit_parse_person(struct str line, bool latin1, struct arena *a)
{
	struct str (*to_text)(struct arena *, struct str, size_t, bool *) =
		latin1 ? text_latin1 : text_utf8;
	size_t open = str_find(line, '<');
	size_t close = str_find_last(line, '>');
	struct str when = str_trim(str_from(line, close + 1));
	struct str mail = close > open ? str_n(line.p + open + 1, close - open - 1) : STR("");
	struct person person = { 0 };

	person.name = to_text(a, str_trim(str_upto(line, open)), COMMIT_NAME_MAX, NULL);
	person.email = to_text(a, str_trim(mail), COMMIT_NAME_MAX, NULL);
	person.when = instant_from_seconds(commit_person_seconds(line));
	person.offset_minutes = zone_minutes(str_trim(str_from(when, str_find(when, ' '))));
	return person;
}

enum signature_kind commit_signature_kind(struct str first_line)
{
	if (str_starts(first_line, STR("-----BEGIN PGP")))
		return SIGNATURE_GPG;
	if (str_starts(first_line, STR("-----BEGIN SSH")))
		return SIGNATURE_SSH;
	if (str_starts(first_line, STR("-----BEGIN SIGNED MESSAGE")))
		return SIGNATURE_X509;
	return SIGNATURE_NONE;
}

bool commit_is_latin1(struct str encoding)
{
	return str_eq_nocase(encoding, STR("iso-8859-1")) ||
	       str_eq_nocase(encoding, STR("iso8859-1")) ||
	       str_eq_nocase(encoding, STR("latin1")) || str_eq_nocase(encoding, STR("latin-1")) ||
	       str_eq_nocase(encoding, STR("windows-1252"));
}

/* The first paragraph as one line, and what is behind it. */
static void split_message(struct commit *commit, struct arena *a)
{
	struct str message = str_trim(commit->message);
	size_t end = str_find_str(message, STR("\n\n"));
	struct str first = str_upto(message, end);
	char *subject = arena_cstr(a, first);

	for (size_t i = 0; i < first.n; i++) {
		if (subject[i] == '\n' || subject[i] == '\r')
			subject[i] = ' ';
	}
	commit->subject = str_trim(str_n(subject, first.n));
	commit->body = arena_str(a, str_trim(str_from(message, end)));
}

static void read_parents(struct commit *commit, const struct header *header, struct arena *a)
{
	struct str rest = header->parents;
	size_t most = header->parents_count < COMMIT_PARENTS_MAX ? header->parents_count
								 : COMMIT_PARENTS_MAX;

	commit->parents = ARENA_ARRAY(a, struct oid, most + 1);
	while (commit->parents_count < most && str_cut_prefix(&rest, STR("parent "))) {
		size_t end = str_find(rest, '\n');

		if (!oid_parse(str_upto(rest, end), &commit->parents[commit->parents_count]))
			return;
		commit->parents_count++;
		rest = str_from(rest, end + 1);
	}
}

void commit_parse(const struct oid *oid, struct str bytes, struct arena *a, struct commit *commit)
{
	struct header header = { 0 };
	struct str rest = bytes;
	bool latin1;

	*commit = (struct commit){ .oid = *oid };
	read_header(&rest, &header);
	latin1 = commit_is_latin1(header.encoding);
	if (!oid_parse(header.tree, &commit->tree))
		commit->tree = *oid_empty_tree();
	read_parents(commit, &header, a);
	commit->author = commit_parse_person(header.author, latin1, a);
	commit->committer = commit_parse_person(header.committer, latin1, a);
	commit->message = (latin1 ? text_latin1 : text_utf8)(a, rest, COMMIT_MESSAGE_MAX,
							     &commit->message_is_cut);
	commit->signature = commit_signature_kind(header.signature);
	split_message(commit, a);
}

bool commit_parse_links(struct str bytes, struct commit_links *links)
{
	struct header header = { 0 };
	struct str rest = bytes;

	read_header(&rest, &header);
	links->parents = header.parents;
	links->parents_count = header.parents_count;
	links->seconds = commit_person_seconds(header.committer);
	return oid_parse(header.tree, &links->tree);
}

int commit_get(struct repo *repo, const struct oid *oid, struct arena *a, struct commit *commit,
	       struct err *e)
{
	AUTO_GIT(odb_object) object = NULL;

	if (object_read(repo, oid, GIT_OBJECT_COMMIT, OBJECT_COMMIT_MAX, &object, e)) {
		if (e->code == ERR_NOT_FOUND)
			err_set(e, ERR_NOT_FOUND, "There is no such commit in this repository.");
		return -(int)e->code;
	}
	commit_parse(oid, object_bytes(object), a, commit);
	return 0;
}
