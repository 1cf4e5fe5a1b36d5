#include "support/check.h"

#include "ssh/git_command.h"

static void every_form_git_writes_is_understood(void **state UNUSED)
{
	static const struct {
		const char *text;
		enum git_service service;
		const char *path;
	} cases[] = {
		{ "git-upload-pack 'a/b.git'", GIT_SERVICE_UPLOAD_PACK, "a/b" },
		{ "git-upload-pack '/a/b.git'", GIT_SERVICE_UPLOAD_PACK, "a/b" },
		{ "git-upload-pack 'a/b'", GIT_SERVICE_UPLOAD_PACK, "a/b" },
		{ "git-upload-pack a/b.git", GIT_SERVICE_UPLOAD_PACK, "a/b" },
		{ "git upload-pack 'a/b.git/'", GIT_SERVICE_UPLOAD_PACK, "a/b" },
		{ "git-receive-pack 'g/sub/x.y_z-1.git'", GIT_SERVICE_RECEIVE_PACK,
		  "g/sub/x.y_z-1" },
		{ "git-upload-archive '/a/b.git'", GIT_SERVICE_UPLOAD_ARCHIVE, "a/b" },
		{ "git-upload-archive 'a'/'b'", GIT_SERVICE_UPLOAD_ARCHIVE, "a/b" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct git_command command;
		struct err e = { 0 };

		check_ok(git_command_parse(str_c(cases[i].text), &command, &e), &e);
		if (command.service != cases[i].service || strcmp(command.path, cases[i].path) != 0)
			fail_msg("case %zu: %s", i, command.path);
	}
}

static void anything_else_is_refused_with_its_reason(void **state UNUSED)
{
	static const struct {
		const char *text;
		enum err_code code;
	} cases[] = {
		{ "", ERR_INVALID },
		{ "ls", ERR_INVALID },
		{ "git", ERR_INVALID },
		{ "git-upload-pack", ERR_INVALID },
		{ "git-upload-pack ''", ERR_INVALID },
		{ "git-upload-pack 'a/b", ERR_INVALID },
		{ "git-upload-pack --upload-pack=id 'a/b.git'", ERR_INVALID },
		{ "git-upload-pack '--exec=id'", ERR_INVALID },
		{ "git-upload-pack -- 'a/b'", ERR_INVALID },
		{ "git-upload-pack 'a/b' 'c/d'", ERR_INVALID },
		{ "git-receive-pack 'a/b.git';id", ERR_INVALID },
		{ "git-upload-pack `id`", ERR_INVALID },
		{ "git-upload-pack $(id)", ERR_INVALID },
		{ "git-upload-pack a/b\nid", ERR_INVALID },
		{ "git-upload-pack 'a/b'\\x", ERR_INVALID },
		{ "git-upload-pack 'a/b'\\", ERR_INVALID },
		{ "git-shell -c 'git-upload-pack a/b'", ERR_INVALID },
		{ "git-lfs-authenticate a/b.git download", ERR_INVALID },
		{ "git-upload-pack '../../other.git'", ERR_NOT_FOUND },
		{ "git-upload-pack 'a/../b.git'", ERR_NOT_FOUND },
		{ "git-upload-pack '//a/b.git'", ERR_NOT_FOUND },
		{ "git-upload-pack '~root/x'", ERR_NOT_FOUND },
		{ "git-upload-pack 'b.git'", ERR_NOT_FOUND },
		{ "git-upload-pack 'a/-x'", ERR_NOT_FOUND },
		{ "git-upload-pack 'a/.git'", ERR_NOT_FOUND },
		{ "git-upload-pack 'a b/c'", ERR_NOT_FOUND },
		{ "git-upload-pack 'it'\\''s/c'", ERR_NOT_FOUND },
		{ "git-upload-pack '/'", ERR_NOT_FOUND },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct git_command command;
		struct err e = { 0 };
		int rc = git_command_parse(str_c(cases[i].text), &command, &e);

		if (rc != -(int)cases[i].code || e.code != cases[i].code)
			fail_msg("case %zu: %s gave %d", i, cases[i].text, rc);
	}
}

static void a_zero_byte_and_an_endless_command_are_refused(void **state UNUSED)
{
	char long_text[GIT_COMMAND_MAX + 2];
	struct git_command command;
	struct err e = { 0 };

	check_err(git_command_parse(STR("git-upload-pack 'a/b\0c'"), &command, &e), &e, ERR_INVALID,
		  "exactly one argument");
	memset(long_text, 'a', sizeof(long_text) - 1);
	check_err(git_command_parse(str_c(long_text), &command, &e), &e, ERR_INVALID,
		  "longer than");
}

static void the_highest_known_protocol_version_counts(void **state UNUSED)
{
	check_int(git_protocol_version(STR("version=2")), 2);
	check_int(git_protocol_version(STR("version=1")), 1);
	check_int(git_protocol_version(STR("object-format=sha1:version=1:version=2")), 2);
	check_int(git_protocol_version(STR("version=3")), 0);
	check_int(git_protocol_version(STR("version=22")), 0);
	check_int(git_protocol_version(STR("")), 0);
	check_int(git_protocol_version(STR_NONE), 0);
	check_int(git_protocol_version(STR("xversion=2")), 0);
	check_int(
		git_protocol_version(STR("version=2:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
					 "aaaaaaaaaaaaaaaaaaaa")),
		0);
}

RUN_TESTS(TEST(every_form_git_writes_is_understood), TEST(anything_else_is_refused_with_its_reason),
	  TEST(a_zero_byte_and_an_endless_command_are_refused),
	  TEST(the_highest_known_protocol_version_counts))
