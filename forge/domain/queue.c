#include "domain/queue.h"

#include "base/buf.h"
#include "secret/secret.h"
#include "store/db.h"
#include "store/live.h"
#include "store/redis.h"

#include "q/queue.h"

#define STREAM "hearth:queue:"
#define USER "hearth-runner-"
/* Permits that nobody took: more than runners could wait for at once. */
#define STREAM_LENGTH "1000"
#define USER_DIGITS 12

/* ------------------------------------------------------------------------- permits */

static struct str stream_of(struct str class, struct arena *a)
{
	return arena_fmt(a, STREAM "%.*s", STR_FMT(class));
}

/* From 0: a permit that was there before its group counts. */
static int make_stream(struct redis *redis, struct str stream, struct arena *a, struct err *e)
{
	struct redis_value value;

	if (REDIS_CALL(redis, a, &value, e, STR("XGROUP"), STR("CREATE"), stream, STR(QUEUE_GROUP),
		       STR("0"), STR("MKSTREAM")) == 0)
		return 0;
	if (e->code != ERR_INTERNAL || !str_starts(str_c(e->text), STR("BUSYGROUP")))
		return -(int)e->code;
	err_clear(e);
	return 0;
}

static int add_permits(struct redis *redis, struct str stream, int64_t count, struct arena *a,
		       struct err *e)
{
	struct redis_value value;

	for (int64_t i = 0; i < count; i++)
		if (REDIS_CALL(redis, a, &value, e, STR("XADD"), stream, STR("MAXLEN"), STR("~"),
			       STR(STREAM_LENGTH), STR("*"), STR("job"), STR("1")) < 0)
			return -(int)e->code;
	return 0;
}

/* ---------------------------------------------------------------------- announcing */

static void permit(struct live *live, struct str class, int64_t count, struct arena *a)
{
	struct str stream = stream_of(class, a);
	AUTO_REDIS redis = NULL;
	struct err e = { 0 };

	/* Without Redis runners long-poll; what fails here is added again by `work`. */
	if (redis_acquire(live_redis(live), &redis, &e) < 0 ||
	    make_stream(redis, stream, a, &e) < 0 || add_permits(redis, stream, count, a, &e) < 0)
		err_clear(&e);
}

static void wake_runners(struct db *db, struct live *live, const struct queue_news *news,
			 struct arena *a)
{
	struct q_queue_classes_row *rows;
	struct err e = { 0 };
	size_t count = 0;

	if (q_queue_classes(db,
			    &(struct q_queue_classes_in){ .project_id = news->project.v,
							  .has_pipeline_id = news->pipeline.v != 0,
							  .pipeline_id = news->pipeline.v },
			    a, &rows, &count, &e) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		live_publish(live, arena_fmt(a, "queue:%.*s", STR_FMT(rows[i].class)));
		permit(live, rows[i].class,
		       rows[i].jobs < (int64_t)news->pending ? rows[i].jobs
							     : (int64_t)news->pending,
		       a);
	}
}

void queue_announce(struct db *db, struct live *live, const struct queue_news *news,
		    struct arena *a)
{
	ASSERT(!db_in_transaction(db));
	if (!live)
		return;
	if (news->pending > 0)
		wake_runners(db, live, news, a);
	if (news->job.v != 0)
		live_publish_id(live, "job", news->job.v);
	if (news->pipeline.v != 0)
		live_publish_id(live, "pipeline", news->pipeline.v);
	if (news->project.v != 0)
		live_publish_id(live, "project", news->project.v);
}

struct str queue_topic(const struct runner *runner, struct arena *a)
{
	return arena_fmt(a, "queue:%.*s", STR_FMT(runner->class));
}

/* ---------------------------------------------------------------------------- users */

static struct str mac_hex(const struct secret_keys *keys, const char *purpose, struct str text,
			  struct arena *a)
{
	unsigned char mac[SECRET_MAC_SIZE];
	struct buf hex;
	struct str copy;

	secret_mac(keys, purpose, text, mac);
	buf_init(&hex, 2 * SECRET_MAC_SIZE + 1);
	buf_add_hex(&hex, mac, sizeof(mac));
	copy = arena_str(a, buf_str(&hex));
	buf_fini(&hex);
	return copy;
}

struct queue_key queue_key_of(const struct secret_keys *keys, const struct runner *runner,
			      struct arena *a)
{
	struct str identity = arena_fmt(a, "%lld/%.*s/%.*s", (long long)runner->id.v,
					STR_FMT(runner->class), STR_FMT(runner->fingerprint));
	struct str digits = str_upto(mac_hex(keys, "runner-queue-user", identity, a), USER_DIGITS);

	return (struct queue_key){
		.user = arena_fmt(a, USER "%lld-%.*s", (long long)runner->id.v, STR_FMT(digits)),
		.password = mac_hex(keys, "runner-queue-password", identity, a),
		.stream = stream_of(runner->class, a),
	};
}

static int set_user(struct redis *redis, const struct queue_key *key, struct arena *a,
		    struct err *e)
{
	struct str password = arena_fmt(a, ">%.*s", STR_FMT(key->password));
	struct str pattern = arena_fmt(a, "~%.*s", STR_FMT(key->stream));
	struct redis_value value;

	return REDIS_CALL(redis, a, &value, e, STR("ACL"), STR("SETUSER"), key->user, STR("reset"),
			  STR("on"), password, pattern, STR("+xreadgroup"), STR("+ping"));
}

int queue_admit(struct redis_pool *pool, const struct queue_key *key, struct arena *a,
		struct err *e)
{
	AUTO_REDIS redis = NULL;

	if (redis_acquire(pool, &redis, e) < 0 || make_stream(redis, key->stream, a, e) < 0)
		return -(int)e->code;
	return set_user(redis, key, a, e);
}

/* ---------------------------------------------------------------------- looking after */

static bool is_among(const struct redis_value *list, struct str name)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i].text, name))
			return true;
	return false;
}

static bool is_wanted(const struct queue_key *keys, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(keys[i].user, name))
			return true;
	return false;
}

/* Whoever lost his runner, token or class loses his connection with the user. */
static int drop_users(struct redis *redis, const struct redis_value *users,
		      const struct queue_key *keys, size_t count, struct arena *a, struct err *e)
{
	struct redis_value value;

	for (size_t i = 0; i < users->count; i++) {
		struct str name = users->items[i].text;

		if (!str_starts(name, STR(USER)) || is_wanted(keys, count, name))
			continue;
		if (REDIS_CALL(redis, a, &value, e, STR("ACL"), STR("DELUSER"), name) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int sync_with(struct redis *redis, const struct redis_value *users,
		     const struct queue_key *keys, size_t count, struct arena *a, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		/* In the order of their classes: each stream once. */
		if ((i == 0 || !str_eq(keys[i].stream, keys[i - 1].stream)) &&
		    make_stream(redis, keys[i].stream, a, e) < 0)
			return -(int)e->code;
		if (!is_among(users, keys[i].user) && set_user(redis, &keys[i], a, e) < 0)
			return -(int)e->code;
	}
	return drop_users(redis, users, keys, count, a, e);
}

/*
 * The users are listed before the runners: who registers in between has a runner already
 * when the user is made, so a user in the list without a runner is one that is gone.
 */
int queue_sync(struct db *db, struct redis_pool *pool, const struct secret_keys *secret,
	       struct arena *a, struct err *e)
{
	struct q_queue_runners_row *rows;
	struct queue_key *keys;
	struct redis_value users;
	AUTO_REDIS redis = NULL;
	size_t count;

	if (redis_acquire(pool, &redis, e) < 0 ||
	    REDIS_CALL(redis, a, &users, e, STR("ACL"), STR("USERS")) < 0 ||
	    q_queue_runners(db, a, &rows, &count, e) < 0)
		return -(int)e->code;
	keys = ARENA_ARRAY(a, struct queue_key, count);
	for (size_t i = 0; i < count; i++)
		keys[i] = queue_key_of(secret,
				       &(struct runner){ .id = { rows[i].id },
							 .class = rows[i].class,
							 .fingerprint = rows[i].fingerprint },
				       a);
	return sync_with(redis, &users, keys, count, a, e);
}

/* Permits of the class that no runner has read yet; XINFO GROUPS, field "lag" (Redis 7). */
static int count_unread(struct redis *redis, struct str stream, struct arena *a, int64_t *unread,
			struct err *e)
{
	struct redis_value groups;

	*unread = 0;
	if (REDIS_CALL(redis, a, &groups, e, STR("XINFO"), STR("GROUPS"), stream) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < groups.count; i++) {
		const struct redis_value *group = &groups.items[i];

		for (size_t j = 0; j + 1 < group->count; j += 2)
			if (str_eq_c(group->items[j].text, "lag") &&
			    group->items[j + 1].kind == REDIS_INTEGER)
				*unread = group->items[j + 1].integer;
	}
	return 0;
}

int queue_again(struct db *db, struct live *live, struct arena *a, size_t *added, struct err *e)
{
	struct q_queue_waiting_row *rows;
	AUTO_REDIS redis = NULL;
	size_t count;

	*added = 0;
	if (q_queue_waiting(db, a, &rows, &count, e) < 0)
		return -(int)e->code;
	if (count == 0)
		return 0;
	if (redis_acquire(live_redis(live), &redis, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++) {
		struct str stream = stream_of(rows[i].class, a);
		int64_t unread;

		if (make_stream(redis, stream, a, e) < 0 ||
		    count_unread(redis, stream, a, &unread, e) < 0)
			return -(int)e->code;
		if (rows[i].jobs <= unread)
			continue;
		if (add_permits(redis, stream, rows[i].jobs - unread, a, e) < 0)
			return -(int)e->code;
		*added += (size_t)(rows[i].jobs - unread);
	}
	return 0;
}
