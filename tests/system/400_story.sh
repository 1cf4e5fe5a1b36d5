#!/bin/sh
# The story of tests/support/story.sh over both transports, against an instance and a runner.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
# shellcheck source=tests/support/story.sh
. "$ROOT/tests/support/story.sh"

given_instance
given_user ann
given_user bob
given_runner
for transport in ${STORY:-http ssh}; do
	play "$transport"
done
done_testing
