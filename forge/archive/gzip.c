/* gzip streams through zlib. See gzip.h. */
#include "archive/gzip.h"

#include "base/mem.h"

#include <zlib.h>

#define GZIP_WINDOW 31 /* zlib's way of saying: gzip's frame, the largest window */
#define RATIO_MAX 200
#define RATIO_FREE (1u << 20)

struct gunzip {
	z_stream z;
	uint64_t limit;
	uint64_t taken;
	uint64_t given;
	bool has_ended;
};

struct gunzip *gunzip_open(uint64_t limit)
{
	struct gunzip *g = MEM_NEW(struct gunzip);

	g->limit = limit;
	ASSERT(inflateInit2(&g->z, GZIP_WINDOW) == Z_OK);
	return g;
}

void gunzip_close(struct gunzip *g)
{
	if (!g)
		return;
	inflateEnd(&g->z);
	mem_free(g);
}

static int check_limits(const struct gunzip *g, struct err *e)
{
	if (g->given > g->limit)
		return err_set(e, ERR_TOO_LARGE,
			       "The body is larger than the limit of %llu bytes after unpacking.",
			       (unsigned long long)g->limit);
	if (g->given > RATIO_FREE && g->given / RATIO_MAX > g->taken)
		return err_set(e, ERR_TOO_LARGE,
			       "The body is packed more than %d times: it looks like a bomb.",
			       RATIO_MAX);
	return 0;
}

int gunzip_write(struct gunzip *g, struct str bytes, gunzip_take *take, void *closure,
		 struct err *e)
{
	unsigned char room[16384];
	const unsigned char *from = (const unsigned char *)bytes.p;

	g->z.next_in = (z_const Bytef *)(uintptr_t)from;
	g->z.avail_in = u32_from_size(bytes.n);
	g->taken += bytes.n;
	while (g->z.avail_in > 0 || g->z.avail_out == 0) {
		int result;
		size_t n;

		if (g->has_ended)
			return err_set(e, ERR_INVALID, "Bytes follow the end of the gzip body.");
		g->z.next_out = room;
		g->z.avail_out = sizeof(room);
		result = inflate(&g->z, Z_NO_FLUSH);
		if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
			return err_set(e, ERR_INVALID, "The body is not well-formed gzip.");
		n = sizeof(room) - g->z.avail_out;
		g->given += n;
		g->has_ended = result == Z_STREAM_END;
		if (check_limits(g, e) < 0)
			return -(int)e->code;
		if (n > 0 && take(closure, str_n((const char *)room, n), e) < 0)
			return -(int)e->code;
		if (g->has_ended && g->z.avail_in == 0)
			break;
		if (result == Z_BUF_ERROR && n == 0)
			break;
	}
	return 0;
}

int gunzip_finish(const struct gunzip *g, struct err *e)
{
	if (!g->has_ended)
		return err_set(e, ERR_INVALID, "The gzip body was cut off.");
	return 0;
}

bool gzip_add(struct buf *out, struct str bytes, int level)
{
	z_stream z = { 0 };
	size_t bound;
	char *to;
	int result;

	ASSERT(deflateInit2(&z, level, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	bound = deflateBound(&z, bytes.n);
	to = buf_reserve(out, bound);
	if (!to) {
		deflateEnd(&z);
		return false;
	}
	z.next_in = (z_const Bytef *)(uintptr_t)bytes.p;
	z.avail_in = u32_from_size(bytes.n);
	z.next_out = (Bytef *)to;
	z.avail_out = u32_from_size(bound);
	result = deflate(&z, Z_FINISH);
	deflateEnd(&z);
	if (result != Z_STREAM_END)
		return false;
	buf_added(out, bound - z.avail_out);
	return true;
}
