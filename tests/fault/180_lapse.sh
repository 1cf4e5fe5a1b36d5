#!/bin/sh
# Whoever ends a job that lost its runner dies at every step (lapse_test.c says which), in a
# build of its own in which it kills itself there.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
. "$ROOT/tests/support/dying.sh"
every_death_of lapse_test
done_testing
