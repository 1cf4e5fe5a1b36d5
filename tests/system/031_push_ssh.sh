#!/bin/sh
# git over SSH: the same cases as over HTTP. What only SSH has is in 300_ssh_git.sh.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
given_instance
# shellcheck disable=SC2034 # used by the cases
REMOTE=$SSH_URL
g() {
	git_ssh "$@"
}
# shellcheck source=tests/support/push_cases.sh
. "$ROOT/tests/support/push_cases.sh"
done_testing
