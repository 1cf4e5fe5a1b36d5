/* Bodies that were collected whole, read by their Content-Type. See request_body.h. */
#include "request_body.h"

#include "http/multipart.h"

static bool is_type(struct str header, struct str type)
{
	return str_starts_nocase(header, type) &&
	       (header.n == type.n || header.p[type.n] == ';' || header.p[type.n] == ' ');
}

/* ---- multipart ---- */

struct taking {
	struct request *rq;
	struct buf value;
	struct multipart_part part;
};

static int on_begin(void *closure, const struct multipart_part *part, struct err *e)
{
	struct taking *t = closure;
	struct arena *a = t->rq->arena;

	(void)e;
	buf_clear(&t->value);
	t->part.name = arena_str(a, part->name);
	t->part.filename = str_is_none(part->filename) ? STR_NONE : arena_str(a, part->filename);
	t->part.content_type =
		str_is_none(part->content_type) ? STR_NONE : arena_str(a, part->content_type);
	return 0;
}

static int on_data(void *closure, struct str bytes, struct err *e)
{
	struct taking *t = closure;

	buf_add(&t->value, bytes);
	return buf_check(&t->value, "a field of the form", e);
}

static int on_end(void *closure, struct err *e)
{
	struct taking *t = closure;
	struct request *rq = t->rq;
	struct str value = arena_str(rq->arena, buf_str(&t->value));

	(void)e;
	if (!str_is_none(t->part.filename)) {
		rq->files.items[rq->files.count++] =
			(struct request_file){ t->part.name, t->part.filename, t->part.content_type,
					       value };
		return 0;
	}
	rq->form.items[rq->form.count++] = (struct url_pair){ t->part.name, value };
	return 0;
}

static int parse_multipart(struct request *rq, struct str boundary, struct err *e)
{
	struct taking t = { .rq = rq };
	struct multipart_taker taker = { on_begin, on_data, on_end, &t };
	struct multipart *m = multipart_open(boundary, &taker);
	int result;

	rq->form.items = ARENA_ARRAY(rq->arena, struct url_pair, MULTIPART_PARTS_MAX);
	rq->files.items = ARENA_ARRAY(rq->arena, struct request_file, MULTIPART_PARTS_MAX);
	buf_init(&t.value, rq->http->body.bytes.n + 1);
	result = multipart_write(m, rq->http->body.bytes, e);
	if (result == 0)
		result = multipart_finish(m, e);
	buf_fini(&t.value);
	multipart_close(m);
	return result;
}

/* A NUL or bytes that are no UTF-8 never reach the domain as text. */
static int check_text(const struct request *rq, struct err *e)
{
	for (size_t i = 0; i < rq->form.count; i++)
		if (!str_is_utf8_text(rq->form.items[i].name) ||
		    !str_is_utf8_text(rq->form.items[i].value))
			return err_set(e, ERR_INVALID, "A form field is not UTF-8 text.");
	return 0;
}

int request_parse_body(struct request *rq, struct err *e)
{
	struct str type = http_header(&rq->http->head, "Content-Type");
	struct str body = rq->http->body.bytes;
	struct str boundary = multipart_boundary(type);

	if (body.n == 0)
		return 0;
	if (is_type(type, STR("application/json"))) {
		if (jsonr_parse(rq->arena, body, &rq->json, e) < 0)
			return err_add(e, "The body is not JSON");
		return 0;
	}
	if (!str_is_none(boundary)) {
		if (parse_multipart(rq, boundary, e) < 0)
			return -(int)e->code;
		return check_text(rq, e);
	}
	/* A piece of a trace: the handler takes the bytes as they are. */
	if (rq->route->body == BODY_RUNNER && is_type(type, STR("text/plain")))
		return 0;
	if (!str_is_none(type) && !is_type(type, STR("application/x-www-form-urlencoded")))
		return err_set(e, ERR_INVALID,
			       "Send a form (application/x-www-form-urlencoded or "
			       "multipart/form-data) or JSON (application/json).");
	if (url_pairs_parse(rq->arena, body, &rq->form, e) < 0)
		return -(int)e->code;
	return check_text(rq, e);
}
