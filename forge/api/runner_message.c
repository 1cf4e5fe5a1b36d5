#include "api/runner_message.h"

static struct str text_of(const struct jsonr *object, const char *key)
{
	struct str text = jsonr_text(jsonr_get(object, key));

	return str_is_none(text) ? STR("") : text;
}

struct runner_manager runner_message_manager(const struct jsonr *body)
{
	const struct jsonr *info = jsonr_get(body, "info");
	struct runner_manager m = {
		.system_id = text_of(body, "system_id"),
		.version = text_of(info, "version"),
		.platform = text_of(info, "platform"),
		.architecture = text_of(info, "architecture"),
		.executor = text_of(info, "executor"),
		.ip = STR(""),
	};

	if (!jsonr_boolean(jsonr_get(jsonr_get(info, "features"), "cancel_gracefully"),
			   &m.can_cancel_gracefully))
		m.can_cancel_gracefully = false;
	return m;
}

bool runner_message_knows_queue(const struct jsonr *body)
{
	const struct jsonr *features = jsonr_get(jsonr_get(body, "info"), "features");
	bool knows = false;

	return jsonr_boolean(jsonr_get(features, "redis_queue"), &knows) && knows;
}

int runner_message_sum(const struct jsonr *body, struct trace_sum *sum, struct err *e)
{
	const struct jsonr *output = jsonr_get(body, "output");
	struct str checksum = jsonr_text(jsonr_get(output, "checksum"));
	unsigned char b[4];

	*sum = (struct trace_sum){ 0 };
	if (str_is_empty(checksum) || !jsonr_integer(jsonr_get(output, "bytesize"), &sum->length))
		return 0;
	if (!str_cut_prefix(&checksum, STR("crc32:")) || !str_to_bytes(checksum, b, sizeof(b)))
		return err_set(e, ERR_INVALID,
			       "output.checksum is \"crc32:\" and eight hexadecimal digits");
	sum->crc = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	sum->is_given = true;
	return 0;
}

int runner_message_report(const struct jsonr *body, struct job_report *report, struct err *e)
{
	int64_t code = 0;

	report->failure_reason = text_of(body, "failure_reason");
	report->has_exit_code = jsonr_integer(jsonr_get(body, "exit_code"), &code);
	if (code < INT32_MIN || code > INT32_MAX)
		return err_set(e, ERR_INVALID, "exit_code is not a number of 32 bits");
	report->exit_code = (int32_t)code;
	return 0;
}

int runner_message_start(struct str range, int64_t *start, struct err *e)
{
	size_t dash;

	if (str_is_none(range))
		return err_set(e, ERR_INVALID, "Missing header Content-Range");
	(void)str_cut_prefix(&range, STR("bytes "));
	dash = str_find(range, '-');
	if (dash == range.n || !str_to_i64(str_upto(range, dash), start) || *start < 0)
		return err_set(e, ERR_INVALID, "Content-Range is START-END, in bytes");
	return 0;
}
