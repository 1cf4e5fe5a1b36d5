/*
 * What the server says it can do, the same over HTTP and SSH: the text behind
 * the first reference of a push's advertisement, and the v2 advertisement.
 * Pure. Spec: gitprotocol-capabilities, gitprotocol-v2.
 */
#ifndef GIT_CAPABILITIES_H
#define GIT_CAPABILITIES_H

#include "base/buf.h"

#define GIT_AGENT "hearth"

/* For ref_snapshot_advertise with REF_SERVICE_RECEIVE. No push certificates. */
#define GIT_CAPABILITIES_RECEIVE                                                           \
	"report-status report-status-v2 delete-refs side-band-64k quiet atomic ofs-delta " \
	"push-options object-format=sha1 agent=" GIT_AGENT

/* The v2 capability advertisement as pkt-lines with the flush; over HTTP too, behind "# service".
 */
void git_v2_advertise(struct buf *out);

#endif
