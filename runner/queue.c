#include "runner/queue.h"

#include "base/clock.h"
#include "base/mem.h"

#include <poll.h>

#include <hiredis/hiredis.h>

#define CONNECT_MS 1000
/* A server that is silent for so long after its own time-out is gone. */
#define SILENCE_MS 10000
#define ADDRESSES_MAX 4
#define TEXT_MAX 256
#define STRING(x) #x
#define NUMBER(x) STRING(x)

struct queue {
	char addresses[ADDRESSES_MAX][TEXT_MAX];
	size_t address_count;
	char user[TEXT_MAX];
	char password[TEXT_MAX];
	char stream[TEXT_MAX];
	char group[TEXT_MAX];
	char consumer[TEXT_MAX];
	redisContext *context; /* NULL: not connected */
	bool is_waiting;
	int64_t since; /* monotonic ms of the wait's begin */
};

/* --------------------------------------------------------------------------- life */

static bool take_text(const struct jsonr *object, const char *key, char to[static TEXT_MAX])
{
	struct str text = jsonr_text(jsonr_get(object, key));

	return !str_is_empty(text) && str_copy(to, TEXT_MAX, text);
}

static void take_addresses(struct queue *q, const struct jsonr *list)
{
	for (size_t i = 0; i < jsonr_length(list) && q->address_count < ADDRESSES_MAX; i++) {
		struct str text = jsonr_text(jsonr_at(list, i));

		if (!str_is_empty(text) && str_copy(q->addresses[q->address_count], TEXT_MAX, text))
			q->address_count++;
	}
}

int queue_open(const struct jsonr *answer, const char *consumer, struct queue **queue,
	       struct err *e)
{
	struct queue *q = MEM_NEW(struct queue);

	take_addresses(q, jsonr_get(answer, "addresses"));
	if (q->address_count == 0 || !take_text(answer, "user", q->user) ||
	    !take_text(answer, "password", q->password) ||
	    !take_text(answer, "stream", q->stream) || !take_text(answer, "group", q->group) ||
	    !str_copy(q->consumer, sizeof(q->consumer), str_c(consumer))) {
		queue_close(q);
		return err_set(e, ERR_INVALID, "the forge offers no queue");
	}
	*queue = q;
	return 0;
}

static void disconnect(struct queue *q)
{
	if (q->context)
		redisFree(q->context);
	q->context = NULL;
	q->is_waiting = false;
}

void queue_close(struct queue *q)
{
	if (!q)
		return;
	disconnect(q);
	mem_free(q);
}

/* --------------------------------------------------------------------- connecting */

static redisContext *connect_to(const char *address)
{
	const struct timeval wait = { .tv_sec = CONNECT_MS / 1000 };
	struct str text = str_c(address);
	char host[TEXT_MAX];
	size_t colon = str_find_last(text, ':');
	int64_t port;

	if (str_cut_prefix(&text, STR("unix:")))
		return redisConnectUnixWithTimeout(text.p, wait);
	if (colon == text.n || !str_to_i64(str_from(text, colon + 1), &port) || port < 1 ||
	    port > 65535)
		return NULL;
	text = str_upto(text, colon);
	if (str_cut_prefix(&text, STR("[")))
		text = str_upto(text, str_find(text, ']'));
	return str_copy(host, sizeof(host), text) ? redisConnectWithTimeout(host, (int)port, wait)
						  : NULL;
}

/* The text of an error reply, or of a lost connection. */
static int judge(struct queue *q, redisReply *reply, struct err *e)
{
	int result = 0;

	if (!reply)
		result = err_set(e, ERR_UNAVAILABLE, "Redis: %s",
				 q->context->errstr[0] ? q->context->errstr : "no answer");
	else if (reply->type == REDIS_REPLY_ERROR)
		result = err_set(e,
				 strncmp(reply->str, "WRONGPASS", 9) == 0 ||
						 strncmp(reply->str, "NOPERM", 6) == 0 ||
						 strncmp(reply->str, "NOAUTH", 6) == 0
					 ? ERR_FORBIDDEN
					 : ERR_UNAVAILABLE,
				 "Redis: %s", reply->str);
	if (reply)
		freeReplyObject(reply);
	return result;
}

static int greet(struct queue *q, struct err *e)
{
	const char *words[] = { "AUTH", q->user, q->password };
	const struct timeval wait = { .tv_sec = CONNECT_MS / 1000 };

	if (redisSetTimeout(q->context, wait) != REDIS_OK)
		return err_set(e, ERR_UNAVAILABLE, "Redis: %s", q->context->errstr);
	return judge(q, redisCommandArgv(q->context, (int)ARRAY_LEN(words), words, NULL), e);
}

/* The first address that answers: this host's socket before the way over the network. */
static int connect_any(struct queue *q, struct err *e)
{
	err_set(e, ERR_UNAVAILABLE, "Redis: there is no address to try");
	for (size_t i = 0; i < q->address_count; i++) {
		q->context = connect_to(q->addresses[i]);
		if (q->context && q->context->err == 0 && greet(q, e) == 0) {
			err_clear(e);
			return 0;
		}
		if (q->context && q->context->err != 0)
			err_set(e, ERR_UNAVAILABLE, "Redis at %s: %s", q->addresses[i],
				q->context->errstr);
		disconnect(q);
	}
	return -(int)e->code;
}

/* ------------------------------------------------------------------------ waiting */

static int send_wait(struct queue *q, struct err *e)
{
	const char *words[] = { "XREADGROUP", "GROUP",   q->group,  q->consumer,
				"COUNT",      "1",       "BLOCK",   NUMBER(QUEUE_WAIT_MS),
				"NOACK",      "STREAMS", q->stream, ">" };
	int is_done = 0;

	if (redisAppendCommandArgv(q->context, (int)ARRAY_LEN(words), words, NULL) != REDIS_OK)
		return err_set(e, ERR_UNAVAILABLE, "Redis: %s", q->context->errstr);
	while (!is_done)
		if (redisBufferWrite(q->context, &is_done) != REDIS_OK)
			return err_set(e, ERR_UNAVAILABLE, "Redis: %s", q->context->errstr);
	return 0;
}

int queue_wait(struct queue *q, struct err *e)
{
	if (q->is_waiting)
		return 0;
	if (!q->context && connect_any(q, e) < 0)
		return -(int)e->code;
	if (send_wait(q, e) < 0) {
		disconnect(q);
		return -(int)e->code;
	}
	q->is_waiting = true;
	q->since = clock_monotonic_ms();
	return 0;
}

void queue_stop(struct queue *q)
{
	/* A command that was sent cannot be taken back, but for whom it is done can go. */
	if (q && q->is_waiting)
		disconnect(q);
}

int queue_fd(const struct queue *q)
{
	return q && q->is_waiting ? q->context->fd : -1;
}

static enum queue_event lose(struct queue *q)
{
	disconnect(q);
	return QUEUE_LOST;
}

static bool has_bytes(const struct queue *q)
{
	struct pollfd p = { .fd = q->context->fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

enum queue_event queue_turn(struct queue *q, struct err *e)
{
	void *reply = NULL;
	bool is_permit;

	if (!q || !q->is_waiting)
		return QUEUE_NOTHING;
	if (has_bytes(q) && redisBufferRead(q->context) != REDIS_OK) {
		err_set(e, ERR_UNAVAILABLE, "Redis: %s", q->context->errstr);
		return lose(q);
	}
	if (redisGetReplyFromReader(q->context, &reply) != REDIS_OK) {
		err_set(e, ERR_UNAVAILABLE, "Redis: %s", q->context->errstr);
		return lose(q);
	}
	if (!reply) {
		if (clock_monotonic_ms() - q->since <= QUEUE_WAIT_MS + SILENCE_MS)
			return QUEUE_NOTHING;
		err_set(e, ERR_UNAVAILABLE, "Redis: the connection is dead");
		return lose(q);
	}
	is_permit = ((redisReply *)reply)->type == REDIS_REPLY_ARRAY;
	if (judge(q, reply, e) < 0)
		return lose(q);
	q->is_waiting = false;
	return is_permit ? QUEUE_PERMIT : QUEUE_ENDED;
}
