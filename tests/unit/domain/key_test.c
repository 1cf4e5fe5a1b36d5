#include "domain/key.h"

#include "support/check.h"

#define ED25519 "AAAAC3NzaC1lZDI1NTE5AAAAIFtwE1ctqvbjxg7Ytr0u+lYTMs7y0CXSnFUYGkg0lKIn"
#define RSA2048                                                                        \
	"AAAAB3NzaC1yc2EAAAADAQABAAABAQDwxvaB8roLwuXjyDiS+9bP8r0Lq8j/"                 \
	"Cv4BxRWiL2FrDnyLDE+fXul2l7qVw"                                                \
	"cEfHa+my9dKS/"                                                                \
	"l9JedzFi9Xkeo9DxhxIsfq4P5VjRXOgY6xpPqTa3hX8hU9bvDbFk8p5dAkfcdF0n9RrpdiPTEaZR" \
	"gRjkBcs5TtDhGh4tpt58Nr9ftUoaXc7N5SLGV/"                                       \
	"aNErmTyYI6AXI+fqZg8kNTVDW0EOEXZfIDimiZbh2rxQgbcRGo0"                          \
	"u8E71pl/W5Ak3HIDP92NZr8QXGtb/"                                                \
	"0RhWdmZSVNRjFhvTvq0Z+2RG7e9Oyq8XJsSDX94qhPrsZh+u9MTO3Aao06B1"                 \
	"Mmc2DG4fl7YtIxMR"
#define RSA1024                                                                    \
	"AAAAB3NzaC1yc2EAAAADAQABAAAAgQDIhpUoVOsCbfqEQB/jRjmDQKEZ/6pj7FdfwY8Mq1p/" \
	"+ItDd+yMICgcRAwCs"                                                        \
	"O/TKB1si2JP7V/byWOVXNQnFwZpdCvGlx1sXrZK/rNpFa91AVXh4ZNgL7Dxkh4Rjel/"      \
	"aV6zHrsbYLRXFBG04XXhM3"                                                   \
	"FcjQuN+rBvKpLbe/s5J5l0SQ=="
#define P256                                                                              \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBWj52EkdKIYSDY0LlPnj4aySr+" \
	"AoVb3v6rZ6"                                                                      \
	"gwqY0cqwv53oJVaOyw4U7SVKMIcY7QujP/4Vm+DqF/eq3mFKo4="
#define P521                                                                       \
	"AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBABFultE3SzYTPRq6J+"  \
	"al8TB8dTO5dCLCKKYC"                                                       \
	"7jYWC3dTkkEQJ0If/"                                                        \
	"Q3o0BBLnjD0btcyKefpXmGTB49pQCjc9fZmgE7bcU6qJhrv31WaSLPvlFYqV7D0+3RtSaPm1" \
	"BSCVY8LiON88Lj10nXtjo/5tP3/i08VnoWcXWBK80jvAf1raaJJA=="

static int set_up(void **state)
{
	*state = arena_open(0);
	return 0;
}

static int tear_down(void **state)
{
	arena_close(*state);
	return 0;
}

static void keys_are_read_as_ssh_keygen_reads_them(void **state)
{
	static const struct {
		const char *line, *type, *fingerprint, *comment;
		int64_t bits;
	} cases[] = {
		{ "ssh-ed25519 " ED25519 " c ed25519", "ssh-ed25519",
		  "SHA256:O3YmfD/YgXxvmgg7XQ/jAReppMW1qH3ZioNY3eFwgfw", "c ed25519", 256 },
		{ "  ssh-rsa\t" RSA2048 "\r\n", "ssh-rsa",
		  "SHA256:EHc3b1bZpA0/MtiXCAvBAw/eJYEzhjN23jvKrppEyVs", "", 2048 },
		{ "ecdsa-sha2-nistp256 " P256 " a\x01", "ecdsa-sha2-nistp256",
		  "SHA256:y+d4WW2vcrl2kRM4apNlp2eHy0w8S9+qw+zLSoyiogs", "", 256 },
		{ "ecdsa-sha2-nistp521 " P521, "ecdsa-sha2-nistp521",
		  "SHA256:Cs5flmt0HOyf1/FUxP88o5yDu9BkMsHW0lYdorqy//o", "", 521 },
	};
	struct public_key key;
	struct public_key again;
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		check_ok(key_parse(*state, str_c(cases[i].line), &key, &e), &e);
		check_str(key.type, cases[i].type);
		check_str(key.fingerprint, cases[i].fingerprint);
		check_str(key.comment, cases[i].comment);
		check_int(key.bits, cases[i].bits);
		check_ok(key_parse_blob(*state, key.blob, &again, &e), &e);
		check_true(str_eq(again.base64, key.base64));
	}
}

static void other_keys_are_refused_with_the_reason(void **state)
{
	static const struct {
		const char *line, *part;
	} cases[] = {
		{ "", "no SSH public key" },
		{ "hello", "no SSH public key" },
		{ "ssh-rsa " RSA1024, "has 1024 bits; at least 2048" },
		{ "ssh-dss AAAAB3NzaC1kc3MAAACBAKMO", "DSA keys are broken" },
		{ "ssh-ed25519-cert-v01@openssh.com AAAA", "certificate" },
		{ "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n",
		  "private key" },
		{ "ssh-ed25519 " ED25519 "\nssh-ed25519 " ED25519, "one line" },
		{ "ssh-ed25519", "damaged" },
		{ "ssh-ed25519 !!!!", "damaged" },
		{ "ssh-ed25519 " P256, "damaged" },
		{ "ssh-rsa " ED25519, "damaged" },
		{ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==", "damaged" },
		{ "ssh-ed25519 " ED25519 "AAAA", "damaged" },
		{ "command=\"id\" ssh-ed25519 " ED25519, "no SSH public key" },
	};
	struct public_key key;
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_err(key_parse(*state, str_c(cases[i].line), &key, &e), &e, ERR_UNPROCESSABLE,
			  cases[i].part);
}

static void a_blob_cut_or_changed_anywhere_never_passes_for_another(void **state)
{
	struct public_key key;
	struct public_key other;
	struct err e;

	check_ok(key_parse(*state, STR("ssh-rsa " RSA2048), &key, &e), &e);
	for (size_t n = 0; n < key.blob.n; n++)
		check_true(key_parse_blob(*state, str_upto(key.blob, n), &other, &e) < 0);
	/* In lengths and type each bit counts; a changed modulus is another key. */
	for (size_t i = 0; i < 22; i++) {
		char *blob = arena_cstr(*state, key.blob);

		blob[i] = (char)(blob[i] ^ 1);
		if (key_parse_blob(*state, str_n(blob, key.blob.n), &other, &e) == 0)
			check_false(str_eq(other.fingerprint, key.fingerprint));
	}
}

static void an_rsa_modulus_is_counted_not_believed(void **state)
{
	/* 2048 bits of which the first are zero: an mpint with needless zeros. */
	char blob[4 + 7 + 4 + 3 + 4 + 257] = { 0 };
	struct public_key key;
	struct err e;

	memcpy(blob, "\0\0\0\7ssh-rsa\0\0\0\3\1\0\1\0\0\1\1", 22);
	blob[22 + 1] = 0x01;
	check_err(key_parse_blob(*state, str_n(blob, sizeof(blob)), &key, &e), &e,
		  ERR_UNPROCESSABLE, "damaged");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN_TESTS(CASE(keys_are_read_as_ssh_keygen_reads_them),
	  CASE(other_keys_are_refused_with_the_reason),
	  CASE(a_blob_cut_or_changed_anywhere_never_passes_for_another),
	  CASE(an_rsa_modulus_is_counted_not_believed))
