#include "base/buf.h"
#include "http/multipart.h"
#include "support/check.h"

struct log {
	struct buf text;
};

static int on_begin(void *closure, const struct multipart_part *p, struct err *e)
{
	struct log *l = closure;

	(void)e;
	buf_addf(&l->text, "[%.*s|%.*s|%.*s:", STR_FMT(p->name), STR_FMT(p->filename),
		 STR_FMT(p->content_type));
	return 0;
}

static int on_data(void *closure, struct str bytes, struct err *e)
{
	struct log *l = closure;

	(void)e;
	buf_add(&l->text, bytes);
	return 0;
}

static int on_end(void *closure, struct err *e)
{
	struct log *l = closure;

	(void)e;
	buf_add_c(&l->text, "]");
	return 0;
}

/* The same text in pieces of `step` bytes. */
static int parse(struct log *l, struct str text, size_t step, struct err *e)
{
	struct multipart_taker taker = { on_begin, on_data, on_end, l };
	struct multipart *m = multipart_open(STR("XX"), &taker);
	int result = 0;

	buf_init(&l->text, 1u << 16);
	for (size_t at = 0; result == 0 && at < text.n; at += step)
		result = multipart_write(m, str_upto(str_from(text, at), step), e);
	if (result == 0)
		result = multipart_finish(m, e);
	multipart_close(m);
	return result;
}

static const char two_parts[] =
	"preamble\r\n--XX\r\nContent-Disposition: form-data; "
	"name=\"a\"\r\n\r\n1\r\n--X\r\n\r\n--XX\r\n"
	"content-disposition: form-data; name=f; filename=\"C:\\dir\\x.txt\"\r\n"
	"Content-Type: text/plain\r\n\r\n\r\n--XX--\r\nepilogue";

static void parts_come_out_whole_however_they_are_cut(void **state UNUSED)
{
	for (size_t step = 1; step < sizeof(two_parts); step++) {
		struct log l;
		struct err e = { 0 };

		check_ok(parse(&l, STR(two_parts), step, &e), &e);
		check_str(buf_str(&l.text), "[a||:1\r\n--X\r\n][f|x.txt|text/plain:]");
		buf_fini(&l.text);
	}
}

static void what_is_no_form_is_refused(void **state UNUSED)
{
	static const struct {
		const char *text;
		const char *refusal;
	} bad[] = {
		{ "", "closing" },
		{ "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nx", "closing" },
		{ "--XXjunk", "followed" },
		{ "--XX\r\n\r\nx\r\n--XX--", "no name" },
		{ "--XX\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--XX--", "no name" },
		{ "--XX\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XX--", "no name" },
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct log l;
		struct err e = { 0 };

		check_err(parse(&l, str_c(bad[i].text), 7, &e), &e, ERR_INVALID, bad[i].refusal);
		buf_fini(&l.text);
	}
}

static void too_many_parts_are_refused(void **state UNUSED)
{
	struct buf text;
	struct log l;
	struct err e = { 0 };

	buf_init(&text, 1u << 20);
	for (int i = 0; i <= MULTIPART_PARTS_MAX; i++)
		buf_add_c(&text, "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n");
	check_err(parse(&l, buf_str(&text), 4096, &e), &e, ERR_TOO_LARGE, "parts");
	buf_fini(&l.text);
	buf_fini(&text);
}

static void the_boundary_is_read_from_the_type(void **state UNUSED)
{
	check_str(multipart_boundary(STR("multipart/form-data; boundary=abc")), "abc");
	check_str(multipart_boundary(STR("Multipart/Form-Data; charset=x; boundary=\"a b\"")),
		  "a b");
	check_true(str_is_none(multipart_boundary(STR("multipart/mixed; boundary=abc"))));
	check_true(str_is_none(multipart_boundary(STR("multipart/form-data"))));
	check_true(str_is_none(multipart_boundary(STR("multipart/form-data; boundary="))));
}

RUN_TESTS(TEST(parts_come_out_whole_however_they_are_cut), TEST(what_is_no_form_is_refused),
	  TEST(too_many_parts_are_refused), TEST(the_boundary_is_read_from_the_type))
