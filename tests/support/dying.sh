# shellcheck shell=sh
# For tests of kill points (base/fault.h): programs of tests/fault whose processes die at every
# step, in a build of their own. Source lib.sh first.

# every_death_of NAME    runs tests/fault/NAME.c; each of its tests is a sentence of this one
every_death_of() {
	cd "$ROOT" || exit 2
	make -s VARIANT=fault "build/fault/tests/fault/$1" >"$OUT" 2>&1 ||
		give_up "the build with kill points failed" "$OUT"
	"build/fault/tests/fault/$1" >"$WORK/log" 2>&1
	while read -r mark name; do
		case $mark in
		OK) pass "$name" ;;
		FAILED)
			cp "$WORK/log" "$OUT"
			fail "$name"
			;;
		esac
	done <<-EOF
		$(sed -n 's/^\[ *\(OK\|FAILED\) *\] \([a-z_]*\)$/\1 \2/p' "$WORK/log")
	EOF
	[ $((PASSED + FAILED)) -gt 0 ] || give_up "the test did not run" "$WORK/log"
}
