#!/bin/sh
# Every process of a merge dies at every step (merge_test.c says which), in a build
# of its own in which they kill themselves there.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
cd "$ROOT" || exit 2
make -s VARIANT=fault build/fault/tests/fault/merge_test >"$OUT" 2>&1 ||
	give_up "the build with kill points failed" "$OUT"
build/fault/tests/fault/merge_test >"$WORK/log" 2>&1
while read -r mark name; do
	case $mark in
	OK) pass "$name" ;;
	FAILED)
		cp "$WORK/log" "$OUT"
		fail "$name"
		;;
	esac
done <<EOF
$(sed -n 's/^\[ *\(OK\|FAILED\) *\] \([a-z_]*\)$/\1 \2/p' "$WORK/log")
EOF
[ $((PASSED + FAILED)) -gt 0 ] || give_up "the test did not run" "$WORK/log"
done_testing
