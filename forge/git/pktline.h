/*
 * pkt-lines, the framing of git's protocols (gitprotocol-common): four hex
 * digits of length, those four included; "0000" flush, "0001" delimiter,
 * "0002" response end; lengths 3 and above 65520 are errors.
 *
 * Reading takes exactly the bytes of one packet from the descriptor and not one
 * more, so that the rest of the stream (a pack) can be handed to git as it is.
 * Writing appends to a buf or goes straight to a descriptor, side-band included.
 *
 * Errors: ERR_INVALID "the client sent ..." for bytes that are no pkt-line,
 * ERR_TIMEOUT when the peer is silent too long, ERR_GONE when it hung up.
 * Threads: pure but for the descriptors.
 */
#ifndef GIT_PKTLINE_H
#define GIT_PKTLINE_H

#include "base/buf.h"

#define PKT_MAX 65520
#define PKT_PAYLOAD_MAX (PKT_MAX - 4)
#define PKT_BAND_MAX (PKT_MAX - 5)

enum pkt_kind { PKT_DATA, PKT_FLUSH, PKT_DELIMITER, PKT_RESPONSE_END, PKT_END_OF_STREAM };

struct pkt {
	enum pkt_kind kind;
	struct str payload; /* PKT_DATA: without the length; a final LF is still there */
};

/*
 * Takes the first packet of *rest and moves *rest behind it. PKT_END_OF_STREAM
 * when *rest is empty. *is_partial (kind and payload unset) when more bytes are
 * needed; then *rest is unchanged.
 */
MUST_USE int pkt_parse(struct str *rest, struct pkt *pkt, bool *is_partial, struct err *e);

/* Of a PKT_DATA: the payload without one final LF. */
struct str pkt_line(const struct pkt *pkt);

/*
 * One packet from fd into room, which holds PKT_MAX bytes; the payload points
 * into it. PKT_END_OF_STREAM if the stream ends before the first byte.
 * idle_ms: how long one read may wait.
 */
MUST_USE int pkt_read(int fd, char *room, int idle_ms, struct pkt *pkt, struct err *e);
/* Exactly n bytes; ERR_GONE if the stream ends before. */
MUST_USE int pkt_read_bytes(int fd, void *to, size_t n, int idle_ms, struct err *e);

void pkt_add(struct buf *b, struct str payload);
void pkt_addf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
void pkt_add_flush(struct buf *b);
void pkt_add_delimiter(struct buf *b);
/* Cut into as many packets of the band as needed (1 data, 2 progress, 3 fatal error). */
void pkt_add_band(struct buf *b, int band, struct str bytes);

#endif
