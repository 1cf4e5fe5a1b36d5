#include "git/pktline.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>

#define LENGTH_DIGITS 4

/* The four digits as a number, or -1. */
static int parse_length(const char digits[static LENGTH_DIGITS])
{
	int length = 0;

	for (int i = 0; i < LENGTH_DIGITS; i++) {
		int digit = str_hex_digit(digits[i]);

		if (digit < 0)
			return -1;
		length = length * 16 + digit;
	}
	return length;
}

/* Kind and size of the payload by the four digits. */
static int parse_head(const char digits[static LENGTH_DIGITS], enum pkt_kind *kind, size_t *size,
		      struct err *e)
{
	int length = parse_length(digits);

	*size = 0;
	switch (length) {
	case 0:
		*kind = PKT_FLUSH;
		return 0;
	case 1:
		*kind = PKT_DELIMITER;
		return 0;
	case 2:
		*kind = PKT_RESPONSE_END;
		return 0;
	default:
		break;
	}
	if (length < LENGTH_DIGITS || length > PKT_MAX)
		return err_set(e, ERR_INVALID,
			       "The client sent something that is not git's protocol (bad packet "
			       "length).");
	*kind = PKT_DATA;
	*size = (size_t)length - LENGTH_DIGITS;
	return 0;
}

int pkt_parse(struct str *rest, struct pkt *pkt, bool *is_partial, struct err *e)
{
	enum pkt_kind kind;
	size_t size;

	*is_partial = false;
	if (rest->n == 0) {
		*pkt = (struct pkt){ PKT_END_OF_STREAM, STR_NONE };
		return 0;
	}
	if (rest->n < LENGTH_DIGITS) {
		*is_partial = true;
		return 0;
	}
	if (parse_head(rest->p, &kind, &size, e) < 0)
		return -(int)e->code;
	if (rest->n - LENGTH_DIGITS < size) {
		*is_partial = true;
		return 0;
	}
	*pkt = (struct pkt){ kind, str_n(rest->p + LENGTH_DIGITS, size) };
	*rest = str_from(*rest, LENGTH_DIGITS + size);
	return 0;
}

struct str pkt_line(const struct pkt *pkt)
{
	struct str line = pkt->payload;

	if (line.n > 0 && line.p[line.n - 1] == '\n')
		line.n--;
	return line;
}

/* One read of at most n bytes; *got is 0 at the end of the stream. */
static int read_some(int fd, char *to, size_t n, int idle_ms, size_t *got, struct err *e)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int ready = poll(&p, 1, idle_ms);
		ssize_t count;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready == 0)
			return err_set(e, ERR_TIMEOUT, "the client sent nothing for %d s",
				       idle_ms / 1000);
		count = read(fd, to, n);
		if (count >= 0) {
			*got = (size_t)count;
			return 0;
		}
		if (errno == ECONNRESET || errno == EPIPE)
			return err_set(e, ERR_GONE, "The client hung up.");
		if (errno != EINTR && errno != EAGAIN)
			return err_errno(e, errno, "read from the client");
	}
}

/* As pkt_read_bytes, but an end before the first byte is no error: *got 0. */
static int read_block(int fd, char *to, size_t n, int idle_ms, size_t *got, struct err *e)
{
	size_t have = 0;

	while (have < n) {
		size_t more = 0;

		if (read_some(fd, to + have, n - have, idle_ms, &more, e) < 0)
			return -(int)e->code;
		if (more == 0 && have > 0)
			return err_set(e, ERR_GONE, "The client hung up in the middle.");
		if (more == 0)
			break;
		have += more;
	}
	*got = have;
	return 0;
}

int pkt_read_bytes(int fd, void *to, size_t n, int idle_ms, struct err *e)
{
	size_t got;

	if (read_block(fd, to, n, idle_ms, &got, e) < 0)
		return -(int)e->code;
	if (got < n)
		return err_set(e, ERR_GONE, "The client hung up in the middle.");
	return 0;
}

int pkt_read(int fd, char *room, int idle_ms, struct pkt *pkt, struct err *e)
{
	char digits[LENGTH_DIGITS];
	enum pkt_kind kind;
	size_t size;
	size_t got;

	if (read_block(fd, digits, sizeof(digits), idle_ms, &got, e) < 0)
		return -(int)e->code;
	if (got == 0) {
		*pkt = (struct pkt){ PKT_END_OF_STREAM, STR_NONE };
		return 0;
	}
	if (parse_head(digits, &kind, &size, e) < 0 ||
	    (size > 0 && pkt_read_bytes(fd, room, size, idle_ms, e) < 0))
		return -(int)e->code;
	*pkt = (struct pkt){ kind, str_n(room, size) };
	return 0;
}

void pkt_add(struct buf *b, struct str payload)
{
	ASSERT(payload.n <= PKT_PAYLOAD_MAX);
	buf_addf(b, "%04zx", payload.n + LENGTH_DIGITS);
	buf_add(b, payload);
}

void pkt_addf(struct buf *b, const char *format, ...)
{
	struct buf line;
	va_list args;

	buf_init(&line, PKT_PAYLOAD_MAX);
	va_start(args, format);
	buf_vaddf(&line, format, args);
	va_end(args);
	if (line.full)
		b->full = true;
	else
		pkt_add(b, buf_str(&line));
	buf_fini(&line);
}

void pkt_add_flush(struct buf *b)
{
	buf_add(b, STR("0000"));
}

void pkt_add_delimiter(struct buf *b)
{
	buf_add(b, STR("0001"));
}

void pkt_add_band(struct buf *b, int band, struct str bytes)
{
	ASSERT(band >= 1 && band <= 3);
	while (bytes.n > 0) {
		struct str part = str_upto(bytes, PKT_BAND_MAX);

		buf_addf(b, "%04zx", part.n + LENGTH_DIGITS + 1);
		buf_add_char(b, (char)band);
		buf_add(b, part);
		bytes = str_from(bytes, part.n);
	}
}
