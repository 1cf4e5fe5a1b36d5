#include "secret/secret.h"

#include "support/check.h"

#include "base/fs.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
	char folder[64];
	struct secret_keys *keys;
	struct arena *a;
};

static int set_up(void **state)
{
	struct fixture *f = test_malloc(sizeof(*f));
	struct err e;

	test_folder(f->folder, sizeof(f->folder), "hearth-secret");
	f->a = arena_open(0);
	*state = f;
	return secret_keys_open(f->folder, true, &f->keys, &e);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	struct err e;
	int code;

	secret_keys_close(f->keys);
	arena_close(f->a);
	code = fs_remove_tree(f->folder, &e);
	test_free(f);
	return code;
}

static void a_password_is_verified_and_another_is_not(void **state)
{
	struct fixture *f = *state;
	struct str hash;
	struct err e;
	bool right;

	check_ok(secret_password_hash(f->keys, STR("correct horse"), f->a, &hash, &e), &e);
	check_true(str_starts(hash, STR("$argon2id$v=19$m=65536,t=2,p=1$")));
	check_ok(secret_password_verify(f->keys, hash, STR("correct horse"), &right, &e), &e);
	check_true(right);
	check_ok(secret_password_verify(f->keys, hash, STR("correct horsf"), &right, &e), &e);
	check_false(right);
	check_false(secret_password_is_old(hash));
}

static void nobody_has_no_right_password(void **state)
{
	struct fixture *f = *state;
	struct err e;
	bool right = true;

	check_ok(secret_password_verify(f->keys, STR_NONE, STR("x"), &right, &e), &e);
	check_false(right);
	right = true;
	check_ok(secret_password_verify(f->keys, STR(""), STR(""), &right, &e), &e);
	check_false(right);
}

static void a_hash_of_weaker_parameters_is_old(void **state)
{
	(void)state;
	check_true(
		secret_password_is_old(STR("$argon2id$v=19$m=19456,t=2,p=1$WmJQx3JrU1zzV6DKTd2kWA$"
					   "a1yP1jE8Yl3Hd5sXyRMH1kSXkqWbI2rJ8YV0nHZHk2k")));
	check_true(secret_password_is_old(STR("nonsense")));
}

static void tokens_carry_a_checksum(void **state)
{
	struct fixture *f = *state;
	struct str one = secret_token(f->a, "glpat-");
	struct str two = secret_token(f->a, "glpat-");
	char *changed = arena_cstr(f->a, one);

	check_int(one.n, 6 + 33);
	check_false(str_eq(one, two));
	check_true(secret_token_is_wellformed(one));
	changed[10] = changed[10] == 'a' ? 'b' : 'a';
	check_false(secret_token_is_wellformed(str_c(changed)));
	check_false(secret_token_is_wellformed(STR("glpat-short")));
	check_false(secret_token_is_wellformed(STR_NONE));
}

static void a_sealed_secret_opens_only_in_its_place(void **state)
{
	struct fixture *f = *state;
	struct str sealed;
	struct str plain;
	struct err e;
	char *bytes;

	check_ok(secret_seal(f->keys, STR("project 1, KEY"), STR("value"), f->a, &sealed, &e), &e);
	check_ok(secret_unseal(f->keys, STR("project 1, KEY"), sealed, f->a, &plain, &e), &e);
	check_str(plain, "value");
	check_err(secret_unseal(f->keys, STR("project 2, KEY"), sealed, f->a, &plain, &e), &e,
		  ERR_INTERNAL, "changed or moved");
	for (size_t i = 0; i < sealed.n; i++) {
		bytes = arena_cstr(f->a, sealed);
		bytes[i] = (char)(bytes[i] ^ 1);
		check_true(secret_unseal(f->keys, STR("project 1, KEY"), str_n(bytes, sealed.n),
					 f->a, &plain, &e) < 0);
	}
	check_true(secret_unseal(f->keys, STR("project 1, KEY"), str_upto(sealed, 20), f->a, &plain,
				 &e) < 0);
}

static void an_empty_secret_can_be_sealed(void **state)
{
	struct fixture *f = *state;
	struct str sealed;
	struct str plain;
	struct err e;

	check_ok(secret_seal(f->keys, STR(""), STR(""), f->a, &sealed, &e), &e);
	check_ok(secret_unseal(f->keys, STR(""), sealed, f->a, &plain, &e), &e);
	check_int(plain.n, 0);
}

static void an_added_key_seals_and_the_old_one_still_opens(void **state)
{
	struct fixture *f = *state;
	struct str sealed;
	struct str plain;
	struct err e;

	check_ok(secret_seal(f->keys, STR("c"), STR("old"), f->a, &sealed, &e), &e);
	check_ok(fs_write_atomic(arena_strf(f->a, "%s/kek-2", f->folder),
				 STR("0123456789abcdef0123456789abcdef"), 0400, &e),
		 &e);
	secret_keys_close(f->keys);
	f->keys = NULL;
	check_ok(secret_keys_open(f->folder, false, &f->keys, &e), &e);
	check_ok(secret_unseal(f->keys, STR("c"), sealed, f->a, &plain, &e), &e);
	check_str(plain, "old");
	check_ok(secret_seal(f->keys, STR("c"), STR("new"), f->a, &sealed, &e), &e);
	check_int(sealed.p[4], 2);
}

static void a_key_that_others_can_read_is_refused(void **state)
{
	struct fixture *f = *state;
	struct secret_keys *keys;
	struct err e;

	check_int(chmod(arena_strf(f->a, "%s/kek-1", f->folder), 0440), 0);
	check_err(secret_keys_open(f->folder, false, &keys, &e), &e, ERR_INTERNAL,
		  "can be read by others");
}

#define STARTERS 4

/* Opens the keys of an empty folder at the same moment as others; what its keys make of a text. */
static void start_at_once(const char *folder, int gate, int out)
{
	unsigned char mac[SECRET_MAC_SIZE] = { 0 };
	struct secret_keys *keys;
	struct err e = { 0 };
	char byte;

	if (read(gate, &byte, 1) == 0 && secret_keys_open(folder, true, &keys, &e) == 0)
		secret_mac(keys, "test", STR("x"), mac);
	_exit(write(out, mac, sizeof(mac)) == sizeof(mac) ? 0 : 1);
}

static void processes_that_start_at_once_have_the_same_key(void **state)
{
	struct fixture *f = *state;

	for (int round = 0; round < 20; round++) {
		const char *folder = arena_strf(f->a, "%s/round-%d", f->folder, round);
		unsigned char macs[STARTERS][SECRET_MAC_SIZE];
		unsigned char none[SECRET_MAC_SIZE] = { 0 };
		int gate[2];
		int out[2];

		check_int(pipe(gate), 0);
		check_int(pipe(out), 0);
		for (int i = 0; i < STARTERS; i++) {
			if (fork() != 0)
				continue;
			close(gate[1]);
			start_at_once(folder, gate[0], out[1]);
		}
		close(gate[1]);
		for (int i = 0; i < STARTERS; i++)
			check_int(read(out[0], macs[i], sizeof(macs[i])), SECRET_MAC_SIZE);
		while (wait(NULL) > 0)
			continue;
		check_true(memcmp(macs[0], none, sizeof(none)) != 0);
		for (int i = 1; i < STARTERS; i++)
			check_true(memcmp(macs[0], macs[i], sizeof(macs[i])) == 0);
		close(gate[0]);
		close(out[0]);
		close(out[1]);
	}
}

static void a_missing_key_is_not_made_silently(void **state)
{
	struct fixture *f = *state;
	struct secret_keys *keys;
	struct err e;

	check_int(unlink(arena_strf(f->a, "%s/kek-1", f->folder)), 0);
	check_err(secret_keys_open(f->folder, false, &keys, &e), &e, ERR_INTERNAL,
		  "has no key-encryption key");
}

static void macs_differ_by_purpose_and_text(void **state)
{
	struct fixture *f = *state;
	unsigned char one[SECRET_MAC_SIZE];
	unsigned char again[SECRET_MAC_SIZE];
	unsigned char purpose[SECRET_MAC_SIZE];
	unsigned char text[SECRET_MAC_SIZE];

	secret_mac(f->keys, "csrf", STR("session"), one);
	secret_mac(f->keys, "csrf", STR("session"), again);
	secret_mac(f->keys, "link", STR("session"), purpose);
	secret_mac(f->keys, "csrf", STR("sessiom"), text);
	assert_memory_equal(one, again, sizeof(one));
	assert_memory_not_equal(one, purpose, sizeof(one));
	assert_memory_not_equal(one, text, sizeof(one));
}

static void equality_needs_equal_lengths(void **state)
{
	(void)state;
	check_true(secret_equal(STR("ab"), STR("ab")));
	check_true(secret_equal(STR(""), STR_NONE));
	check_false(secret_equal(STR("ab"), STR("abc")));
	check_false(secret_equal(STR("ab"), STR("ac")));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN_TESTS(CASE(a_password_is_verified_and_another_is_not), CASE(nobody_has_no_right_password),
	  CASE(a_hash_of_weaker_parameters_is_old), CASE(tokens_carry_a_checksum),
	  CASE(a_sealed_secret_opens_only_in_its_place), CASE(an_empty_secret_can_be_sealed),
	  CASE(an_added_key_seals_and_the_old_one_still_opens),
	  CASE(a_key_that_others_can_read_is_refused), CASE(a_missing_key_is_not_made_silently),
	  CASE(processes_that_start_at_once_have_the_same_key),
	  CASE(macs_differ_by_purpose_and_text), CASE(equality_needs_equal_lengths))
