#include "git/capabilities.h"

#include "git/pktline.h"

static const char *const lines[] = {
	"version 2\n",      "agent=" GIT_AGENT "\n",
	"ls-refs=unborn\n", "fetch=shallow wait-for-done filter\n",
	"server-option\n",  "object-format=sha1\n",
};

void git_v2_advertise(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		pkt_add(out, str_c(lines[i]));
	pkt_add_flush(out);
}
