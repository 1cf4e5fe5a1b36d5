/* One entry of a zip file as a stream: stored or deflated, its length and CRC checked. */
#include "archive/zip_directory.h"

#include "archive/crc32.h"
#include "base/mem.h"

#include <errno.h>
#include <unistd.h>
#include <zlib.h>

#define LOCAL_SIGNATURE 0x04034b50u
#define LOCAL_BYTES 30u
#define METHOD_STORED 0
#define METHOD_DEFLATED 8
#define BLOCK 65536u

struct zip_reader {
	int fd;
	const struct zip_entry *entry;
	uint64_t at;     /* of the next packed byte */
	uint64_t packed; /* bytes not read yet */
	uint64_t given;
	uint32_t crc;
	bool is_inflating;
	z_stream z;
	unsigned char block[BLOCK];
};

static int damaged(const struct zip_entry *entry, struct err *e)
{
	return err_set(e, ERR_UNPROCESSABLE, "%.*s in the archive is damaged.",
		       STR_FMT(str_upto(entry->path, 200)));
}

static unsigned u16(const unsigned char *p)
{
	return (unsigned)p[0] | (unsigned)p[1] << 8;
}

/* The local header has lengths of its own; nothing else in it is believed. */
static int find_bytes(struct zip_reader *r, struct err *e)
{
	unsigned char local[LOCAL_BYTES];
	ssize_t got = pread(r->fd, local, sizeof(local), (off_t)r->entry->header);

	if (got != (ssize_t)sizeof(local) || (u16(local) | u16(local + 2) << 16) != LOCAL_SIGNATURE)
		return damaged(r->entry, e);
	r->at = r->entry->header + LOCAL_BYTES + u16(local + 26) + u16(local + 28);
	return 0;
}

int zip_reader_open(int fd, const struct zip_entry *entry, struct zip_reader **reader,
		    struct err *e)
{
	struct zip_reader *r;

	if (entry->is_folder || entry->is_encrypted || entry->header > INT64_MAX / 2 ||
	    (entry->method != METHOD_STORED && entry->method != METHOD_DEFLATED))
		return err_set(e, ERR_UNPROCESSABLE,
			       "%.*s is packed in a way that is not read here. Download the whole "
			       "archive instead.",
			       STR_FMT(str_upto(entry->path, 200)));
	r = MEM_NEW(struct zip_reader);
	r->fd = fd;
	r->entry = entry;
	r->packed = entry->packed;
	if (find_bytes(r, e) < 0) {
		mem_free(r);
		return -(int)e->code;
	}
	if (entry->method == METHOD_DEFLATED) {
		r->is_inflating = inflateInit2(&r->z, -MAX_WBITS) == Z_OK;
		ASSERT(r->is_inflating);
	}
	*reader = r;
	return 0;
}

void zip_reader_close(struct zip_reader *r)
{
	if (r == NULL)
		return;
	if (r->is_inflating)
		inflateEnd(&r->z);
	mem_free(r);
}

/* Up to n packed bytes; 0 when all were read. */
static ssize_t read_packed(struct zip_reader *r, unsigned char *to, size_t n, struct err *e)
{
	ssize_t got;

	if (n > r->packed)
		n = (size_t)r->packed;
	if (n == 0)
		return 0;
	do {
		got = pread(r->fd, to, n, (off_t)r->at);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_errno(e, errno, "read a zip file");
	if (got == 0)
		return damaged(r->entry, e);
	r->at += (uint64_t)got;
	r->packed -= (uint64_t)got;
	return got;
}

static ssize_t read_inflated(struct zip_reader *r, char *to, size_t room, struct err *e)
{
	r->z.next_out = (unsigned char *)to;
	r->z.avail_out = (unsigned)(room < BLOCK ? room : BLOCK);
	while (r->z.next_out == (unsigned char *)to) {
		int status;

		if (r->z.avail_in == 0) {
			ssize_t got = read_packed(r, r->block, sizeof(r->block), e);

			if (got < 0)
				return got;
			r->z.next_in = r->block;
			r->z.avail_in = (unsigned)got;
		}
		status = inflate(&r->z, Z_NO_FLUSH);
		if (status == Z_STREAM_END)
			break;
		if (status != Z_OK)
			return damaged(r->entry, e);
	}
	return r->z.next_out - (unsigned char *)to;
}

ssize_t zip_reader_read(struct zip_reader *r, char *to, size_t room, struct err *e)
{
	ssize_t n;

	if (r->given == r->entry->size)
		return r->crc == r->entry->crc ? 0 : damaged(r->entry, e);
	if (room > r->entry->size - r->given)
		room = (size_t)(r->entry->size - r->given);
	n = r->is_inflating ? read_inflated(r, to, room, e)
			    : read_packed(r, (unsigned char *)to, room, e);
	if (n == 0)
		return damaged(r->entry, e); /* shorter than it said */
	if (n > 0) {
		r->crc = crc32_add(r->crc, str_n(to, (size_t)n));
		r->given += (uint64_t)n;
	}
	return n;
}
