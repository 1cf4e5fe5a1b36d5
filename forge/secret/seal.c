/*
 * Sealed bytes: format (1), key id (4, big-endian), nonce (24), ciphertext with
 * its tag (n + 16). Format and key id are authenticated with the context.
 */
#include "secret/keys.h"

#include <endian.h>
#include <sodium.h>

#define FORMAT 1
#define ID_SIZE sizeof(uint32_t)
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES
#define HEAD_SIZE (1 + ID_SIZE)
#define SEALED_MIN (HEAD_SIZE + NONCE_SIZE + TAG_SIZE)

void secret_mac(const struct secret_keys *keys, const char *purpose, struct str text,
		unsigned char mac[static SECRET_MAC_SIZE])
{
	const struct kek *kek = secret_newest_kek(keys);
	unsigned char derived[crypto_auth_hmacsha256_KEYBYTES];
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, kek->bytes, sizeof(kek->bytes));
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)"mac:", 4);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)purpose, strlen(purpose));
	crypto_auth_hmacsha256_final(&state, derived);
	crypto_auth_hmacsha256(mac, (const unsigned char *)text.p, text.n, derived);
	sodium_memzero(derived, sizeof(derived));
	sodium_memzero(&state, sizeof(state));
}

/* A key for sealing of its own, so that macs and ciphertexts never share one. */
static void derive(const struct kek *kek, unsigned char key[static KEK_SIZE])
{
	static const unsigned char label[] = "seal";

	crypto_auth_hmacsha256_state state;
	crypto_auth_hmacsha256_init(&state, kek->bytes, sizeof(kek->bytes));
	crypto_auth_hmacsha256_update(&state, label, sizeof(label) - 1);
	crypto_auth_hmacsha256_final(&state, key);
	sodium_memzero(&state, sizeof(state));
}

/* What is authenticated besides: head and context. */
static struct str associated(struct arena *a, const unsigned char *head, struct str context)
{
	char *p = arena_alloc(a, HEAD_SIZE + context.n);

	memcpy(p, head, HEAD_SIZE);
	if (context.n > 0)
		memcpy(p + HEAD_SIZE, context.p, context.n);
	return str_n(p, HEAD_SIZE + context.n);
}

int secret_seal(const struct secret_keys *keys, struct str context, struct str plain,
		struct arena *a, struct str *sealed, struct err *e)
{
	const struct kek *kek = secret_newest_kek(keys);
	size_t size = SEALED_MIN + plain.n;
	unsigned char *out = arena_alloc(a, size);
	uint32_t id = htobe32(kek->id);
	unsigned char key[KEK_SIZE];
	struct str extra;
	int failed;

	out[0] = FORMAT;
	memcpy(out + 1, &id, ID_SIZE);
	randombytes_buf(out + HEAD_SIZE, NONCE_SIZE);
	extra = associated(a, out, context);
	derive(kek, key);
	failed = crypto_aead_xchacha20poly1305_ietf_encrypt(
		out + HEAD_SIZE + NONCE_SIZE, NULL, (const unsigned char *)plain.p, plain.n,
		(const unsigned char *)extra.p, extra.n, NULL, out + HEAD_SIZE, key);
	sodium_memzero(key, sizeof(key));
	if (failed)
		return err_set(e, ERR_INTERNAL, "sealing failed");
	*sealed = str_n((const char *)out, size);
	return 0;
}

static const struct kek *kek_of(const struct secret_keys *keys, const unsigned char *in,
				struct err *e)
{
	const struct kek *kek;
	uint32_t id;

	memcpy(&id, in + 1, ID_SIZE);
	kek = secret_find_kek(keys, be32toh(id));
	if (!kek)
		err_set(e, ERR_INTERNAL, "a secret was sealed with key kek-%u, which is not there",
			be32toh(id));
	return kek;
}

int secret_unseal(const struct secret_keys *keys, struct str context, struct str sealed,
		  struct arena *a, struct str *plain, struct err *e)
{
	const unsigned char *in = (const unsigned char *)sealed.p;
	unsigned char key[KEK_SIZE];
	const struct kek *kek;
	unsigned char *out;
	struct str extra;
	int failed;

	if (sealed.n < SEALED_MIN || in[0] != FORMAT)
		return err_set(e, ERR_INTERNAL, "a sealed secret has no known format");
	kek = kek_of(keys, in, e);
	if (!kek)
		return -(int)e->code;
	out = arena_alloc(a, sealed.n - SEALED_MIN + 1);
	extra = associated(a, in, context);
	derive(kek, key);
	failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
		out, NULL, NULL, in + HEAD_SIZE + NONCE_SIZE, sealed.n - HEAD_SIZE - NONCE_SIZE,
		(const unsigned char *)extra.p, extra.n, in + HEAD_SIZE, key);
	sodium_memzero(key, sizeof(key));
	if (failed)
		return err_set(e, ERR_INTERNAL, "a sealed secret was changed or moved");
	*plain = str_n((const char *)out, sealed.n - SEALED_MIN);
	return 0;
}
