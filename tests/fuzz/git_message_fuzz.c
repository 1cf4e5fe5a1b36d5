/* git.sock, both structs: what passes has ended text, hex names and known words. */
#include "git/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_oid(const char *oid)
{
	unsigned char bytes[20];

	ASSERT(oid[0] == '\0' || str_to_bytes(str_c(oid), bytes, sizeof(bytes)));
}

static void try_both(struct str bytes)
{
	struct git_request rq;
	struct git_message m;
	struct err e = { 0 };

	if (git_request_parse(bytes, &rq, &e) == 0) {
		ASSERT(git_op_word((enum git_op)rq.op)[0] != '\0');
		ASSERT(strlen(rq.name) < sizeof(rq.name) && strlen(rq.text) < sizeof(rq.text));
		ASSERT(rq.project_id >= 0 && rq.limits.max_pack_bytes >= 0);
	}
	if (git_message_parse(bytes, &m, &e) == 0) {
		ASSERT(strlen(m.name) < sizeof(m.name) && strlen(m.text) < sizeof(m.text));
		check_oid(m.old_oid);
		check_oid(m.new_oid);
	}
}

/* The input as it is, and laid over a packet of the right size, which gets further. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct git_message m = git_message_of(GIT_MSG_REF);
	struct git_request rq;

	try_both(str_n((const char *)data, size));
	memset(&rq, 0, sizeof(rq));
	rq.version = GIT_MESSAGE_VERSION;
	memcpy((char *)&m + sizeof(m.version), data,
	       size < sizeof(m) - sizeof(m.version) ? size : sizeof(m) - sizeof(m.version));
	memcpy((char *)&rq + sizeof(rq.version), data,
	       size < sizeof(rq) - sizeof(rq.version) ? size : sizeof(rq) - sizeof(rq.version));
	try_both(str_n((const char *)&m, sizeof(m)));
	try_both(str_n((const char *)&rq, sizeof(rq)));
	return 0;
}
