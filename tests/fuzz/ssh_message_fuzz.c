/* Both directions: what passes the check is inside every bound that its users rely on. */
#include "roles/ssh_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	struct ssh_ask ask;
	struct ssh_answer answer;

	if (ssh_ask_check(data, size, &ask, &e) == 0) {
		ASSERT(ask.channel < SSH_MESSAGE_CHANNELS);
		ASSERT(strlen(ask.text) < sizeof(ask.text));
		ASSERT(ask.protocol <= 2 && ask.proved <= 1);
	}
	for (size_t fds = 0; fds <= SSH_MESSAGE_FDS_MAX; fds++) {
		if (ssh_answer_check(data, size, fds, &answer, &e) != 0)
			continue;
		ASSERT(answer.channel < SSH_MESSAGE_CHANNELS);
		ASSERT(strlen(answer.text) < sizeof(answer.text));
		ASSERT(answer.verdict != SSH_VERDICT_STREAM || fds == 3);
	}
	return 0;
}
