/*
 * Public keys as OpenSSH writes them. The blob is a row of strings with a
 * length of four bytes each (RFC 4251 section 5); its first one repeats the
 * type. All of it must be used up, so that one key has one form.
 */
#include "domain/key.h"

#include "secret/secret.h"

#define BLOB_MAX 8192u
#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 16384

struct key_type {
	const char *name;
	int64_t bits;       /* 0: counted in the modulus */
	size_t fields;      /* after the type */
	size_t point_bytes; /* of the public point, where it is of fixed size */
	const char *curve;  /* ECDSA: the second field */
};

static const struct key_type types[] = {
	{ "ssh-ed25519", 256, 1, 32, NULL },
	{ "ecdsa-sha2-nistp256", 256, 2, 65, "nistp256" },
	{ "ecdsa-sha2-nistp384", 384, 2, 97, "nistp384" },
	{ "ecdsa-sha2-nistp521", 521, 2, 133, "nistp521" },
	{ "sk-ssh-ed25519@openssh.com", 256, 2, 32, NULL },
	{ "sk-ecdsa-sha2-nistp256@openssh.com", 256, 3, 65, "nistp256" },
	{ "ssh-rsa", 0, 2, 0, NULL },
};

static const struct key_type *find_type(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (str_eq_c(name, types[i].name))
			return &types[i];
	}
	return NULL;
}

static int refuse_type(struct str name, struct err *e)
{
	if (str_find_str(name, STR("-cert-v0")) < name.n)
		return err_set(e, ERR_UNPROCESSABLE,
			       "This is a certificate. Hearth takes plain public keys: paste the "
			       ".pub file "
			       "that does not end with -cert.pub.");
	if (str_eq_c(name, "ssh-dss"))
		return err_set(
			e, ERR_UNPROCESSABLE,
			"DSA keys are broken and not accepted. Make a new key: ssh-keygen -t "
			"ed25519");
	return err_set(
		e, ERR_UNPROCESSABLE,
		"This is no SSH public key that Hearth knows. Paste the whole line of a .pub file; "
		"it begins with ssh-ed25519, ecdsa-sha2-..., sk-... or ssh-rsa. To make one: "
		"ssh-keygen -t ed25519");
}

static int broken(struct err *e)
{
	return err_set(
		e, ERR_UNPROCESSABLE,
		"The key is damaged: its middle part does not decode. Paste the whole line of the "
		".pub file, in one line.");
}

/* Takes one string off the blob. */
static bool take_string(struct str *rest, struct str *field)
{
	const unsigned char *p = (const unsigned char *)rest->p;
	size_t n;

	if (rest->n < 4)
		return false;
	n = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	if (n > rest->n - 4)
		return false;
	*field = str_upto(str_from(*rest, 4), n);
	*rest = str_from(*rest, 4 + n);
	return true;
}

/* An mpint: positive, and with no needless zero in front (RFC 4251). 0: it is none. */
static int64_t mpint_bits(struct str field)
{
	const unsigned char *p = (const unsigned char *)field.p;
	size_t zeros = 0;
	int64_t bits;

	if (field.n == 0 || (p[0] & 0x80))
		return 0;
	if (p[0] == 0) {
		if (field.n < 2 || !(p[1] & 0x80))
			return 0;
		zeros = 1;
	}
	bits = i64_from_size(field.n - zeros) * 8;
	for (unsigned char top = p[zeros]; !(top & 0x80); top = (unsigned char)(top << 1))
		bits--;
	return bits;
}

static int check_rsa(struct str exponent, struct str modulus, int64_t *bits, struct err *e)
{
	*bits = mpint_bits(modulus);
	if (*bits == 0 || mpint_bits(exponent) < 2 ||
	    !((unsigned char)exponent.p[exponent.n - 1] & 1))
		return broken(e);
	if (*bits < RSA_BITS_MIN || *bits > RSA_BITS_MAX)
		return err_set(e, ERR_UNPROCESSABLE,
			       "This RSA key has %lld bits; at least %d and at most %d are "
			       "accepted, because "
			       "shorter ones can be broken. Make a new key: ssh-keygen -t ed25519",
			       (long long)*bits, RSA_BITS_MIN, RSA_BITS_MAX);
	return 0;
}

static int check_fields(const struct key_type *type, struct str rest, int64_t *bits, struct err *e)
{
	struct str fields[3];
	size_t point = type->curve ? 1 : 0;

	for (size_t i = 0; i < type->fields; i++) {
		if (!take_string(&rest, &fields[i]))
			return broken(e);
	}
	if (rest.n != 0)
		return broken(e);
	if (type->bits == 0)
		return check_rsa(fields[0], fields[1], bits, e);
	if ((type->curve && !str_eq_c(fields[0], type->curve)) ||
	    fields[point].n != type->point_bytes)
		return broken(e);
	/* Points of ECDSA are uncompressed (SEC 1, 2.3.3). */
	if (type->curve && fields[point].p[0] != 4)
		return broken(e);
	*bits = type->bits;
	return 0;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static struct str base64(struct arena *a, struct str bytes, bool is_padded)
{
	char *text = arena_alloc(a, (bytes.n + 2) / 3 * 4 + 1);
	const unsigned char *p = (const unsigned char *)bytes.p;
	size_t n = 0;

	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t have = bytes.n - i < 3 ? bytes.n - i : 3;
		unsigned group = (unsigned)p[i] << 16 | (have > 1 ? (unsigned)p[i + 1] << 8 : 0) |
				 (have > 2 ? p[i + 2] : 0);

		for (size_t k = 0; k <= have; k++)
			text[n++] = alphabet[group >> (18 - 6 * k) & 63];
		for (size_t k = have; is_padded && k < 3; k++)
			text[n++] = '=';
	}
	return str_n(text, n);
}

/* Strict: nothing but the alphabet and the padding that belongs there. */
static bool base64_decode(struct arena *a, struct str text, struct str *bytes)
{
	unsigned char *out = arena_alloc(a, text.n / 4 * 3 + 3);
	size_t n = 0;
	unsigned group = 0;
	size_t padding = str_ends(text, STR("==")) ? 2 : str_ends(text, STR("=")) ? 1 : 0;

	if (text.n == 0 || text.n % 4 != 0)
		return false;
	for (size_t i = 0; i < text.n - padding; i++) {
		const char *at = memchr(alphabet, text.p[i], 64);

		if (!at)
			return false;
		group = group << 6 | (unsigned)(at - alphabet);
		if (i % 4 == 3) {
			out[n++] = (unsigned char)(group >> 16);
			out[n++] = (unsigned char)(group >> 8);
			out[n++] = (unsigned char)group;
		}
	}
	if (padding == 2)
		out[n++] = (unsigned char)(group >> 4);
	if (padding == 1) {
		out[n++] = (unsigned char)(group >> 10);
		out[n++] = (unsigned char)(group >> 2);
	}
	*bytes = str_n((const char *)out, n);
	return true;
}

struct str key_fingerprint(struct arena *a, struct str blob)
{
	struct str digest = base64(a, secret_sha256_bytes(a, blob), false);

	return arena_fmt(a, "SHA256:%.*s", STR_FMT(digest));
}

int key_parse_blob(struct arena *a, struct str blob, struct public_key *key, struct err *e)
{
	struct str rest = blob;
	struct str name;
	const struct key_type *type;
	int64_t bits = 0;

	if (blob.n > BLOB_MAX || !take_string(&rest, &name))
		return broken(e);
	type = find_type(name);
	if (!type)
		return refuse_type(name, e);
	if (check_fields(type, rest, &bits, e) < 0)
		return -(int)e->code;
	*key = (struct public_key){
		.type = str_c(type->name),
		.blob = arena_str(a, blob),
		.base64 = base64(a, blob, true),
		.comment = STR(""),
		.fingerprint = key_fingerprint(a, blob),
		.bits = bits,
	};
	return 0;
}

static struct str take_word(struct str *rest)
{
	struct str word;
	size_t n = 0;

	*rest = str_trim(*rest);
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	word = str_upto(*rest, n);
	*rest = str_trim(str_from(*rest, n));
	return word;
}

/* Control characters and bytes that are no UTF-8 do not belong in a title. */
static struct str clean_comment(struct str comment)
{
	for (size_t i = 0; i < comment.n; i++) {
		if ((unsigned char)comment.p[i] < ' ' || comment.p[i] == 0x7f)
			return STR("");
	}
	return str_is_utf8_text(comment) ? comment : STR("");
}

int key_parse(struct arena *a, struct str line, struct public_key *key, struct err *e)
{
	struct str rest = str_trim(line);
	struct str type;
	struct str text;
	struct str blob;

	if (str_find_str(rest, STR("PRIVATE KEY-----")) < rest.n)
		return err_set(e, ERR_UNPROCESSABLE,
			       "This is a private key: never show it to anybody. It should now be "
			       "replaced. "
			       "Paste the .pub file instead.");
	if (str_has(rest, '\n') || rest.n > BLOB_MAX * 2)
		return err_set(e, ERR_UNPROCESSABLE,
			       "A public key is one line. Paste one .pub file at a time.");
	type = take_word(&rest);
	text = take_word(&rest);
	if (!find_type(type))
		return refuse_type(type, e);
	if (!base64_decode(a, text, &blob))
		return broken(e);
	if (key_parse_blob(a, blob, key, e) < 0)
		return -(int)e->code;
	/* The same bytes have one text, or the last one hid something. */
	if (!str_eq(key->type, type) || !str_eq(key->base64, text))
		return broken(e);
	key->comment = arena_str(a, clean_comment(rest));
	return 0;
}
