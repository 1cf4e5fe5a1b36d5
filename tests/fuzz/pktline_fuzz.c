/* Packets: never beyond the input, and what is written is read back as it was. */
#include "git/pktline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(struct str bytes)
{
	struct buf b;
	struct str rest;
	struct pkt pkt;
	struct err e = { 0 };
	bool is_partial;
	size_t seen = 0;

	buf_init(&b, 1u << 20);
	pkt_add_band(&b, 2, bytes);
	pkt_add_flush(&b);
	rest = buf_str(&b);
	for (;;) {
		ASSERT(pkt_parse(&rest, &pkt, &is_partial, &e) == 0 && !is_partial);
		if (pkt.kind == PKT_FLUSH)
			break;
		ASSERT(pkt.kind == PKT_DATA && pkt.payload.n > 1 && pkt.payload.p[0] == 2);
		ASSERT(memcmp(pkt.payload.p + 1, bytes.p + seen, pkt.payload.n - 1) == 0);
		seen += pkt.payload.n - 1;
	}
	ASSERT(seen == bytes.n && rest.n == 0);
	buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str input = str_n((const char *)data, size);
	struct str rest = input;
	struct err e = { 0 };

	for (;;) {
		struct str before = rest;
		struct pkt pkt;
		bool is_partial;

		if (pkt_parse(&rest, &pkt, &is_partial, &e) < 0) {
			ASSERT(e.code == ERR_INVALID);
			break;
		}
		if (is_partial) {
			ASSERT(rest.p == before.p && rest.n == before.n);
			break;
		}
		if (pkt.kind == PKT_END_OF_STREAM) {
			ASSERT(rest.n == 0);
			break;
		}
		ASSERT(rest.n < before.n && rest.p + rest.n == input.p + input.n);
		if (pkt.kind == PKT_DATA) {
			ASSERT(pkt.payload.n <= PKT_PAYLOAD_MAX);
			ASSERT(pkt.payload.p + pkt.payload.n == rest.p);
			ASSERT(pkt_line(&pkt).n <= pkt.payload.n);
		}
	}
	check_round_trip(input);
	return 0;
}
