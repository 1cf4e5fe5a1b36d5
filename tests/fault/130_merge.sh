#!/bin/sh
# Every process of a merge dies at every step (merge_test.c says which), in a build
# of its own in which they kill themselves there.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
. "$ROOT/tests/support/dying.sh"
every_death_of merge_test
done_testing
