#!/bin/sh
# Every process of a push dies at every step (landing_test.c says which), in a build
# of its own in which they kill themselves there.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
. "$ROOT/tests/support/dying.sh"
every_death_of landing_test
done_testing
