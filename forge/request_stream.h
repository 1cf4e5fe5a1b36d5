/*
 * An answer that goes on: server-sent events (text/event-stream). The page opens
 * one stream while it is visible; `look` is asked what there is to say when the
 * stream opens, whenever one of its topics is published, and every 2 s.
 *
 * Before each look it is judged anew who asks and what they may see, so whoever
 * signed out or lost the right loses the stream within 2 s. Streams are of
 * projects only. Each ends after REQUEST_STREAM_MS, and the browser opens it
 * again; it holds a thread and a watch (store/live.h).
 */
#ifndef REQUEST_STREAM_H
#define REQUEST_STREAM_H

#include "request.h"
#include "store/live.h"

#define REQUEST_STREAM_MS 300000

struct request_stream;

/*
 * Appends events by request_stream_event, or nothing. May take request_db: it is
 * given back afterwards. Memory of rq->arena lives until it returns. An error
 * ends the stream; the browser tries again.
 */
typedef int request_stream_look(struct request *rq, struct request_stream *stream, struct err *e);

struct request_stream {
	struct str topics[LIVE_TOPICS_MAX];
	size_t topics_count;
	request_stream_look *look;
	void *state;  /* of look */
	bool is_over; /* set by look: what was said was the last */

	/* Private to request_stream.c. */
	struct request *rq;
	struct live_watch *watch;
	struct buf *out;
	size_t given; /* of out */
	int64_t deadline_ms;
	int64_t spoke_ms;
};

/* data: one line. */
void request_stream_event(struct request_stream *stream, const char *event, struct str data);

/* stream lives in rq->arena. ERR_BUSY: too many wait already. */
MUST_USE int request_send_stream(struct request *rq, struct request_stream *stream, struct err *e);

#endif
