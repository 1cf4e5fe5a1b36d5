#!/bin/sh
# SIGHUP while people work: no acknowledged push is lost. A connection that was accepted by the old
# roles and has not asked for anything yet may be cut, at most one a reload and kind.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
given_instance
given_user alice
given_project town/open alice public
given_repository "$WORK/repo"
ok 'there is a project' git_http alice -C "$WORK/repo" push -q "$URL/town/open.git" --all

# loop NAME COMMAND...   until $WORK/stop is there; a failure's output is kept
loop() {
	name=$1
	shift
	while [ ! -e "$WORK/stop" ]; do
		"$@" >"$WORK/$name.said" 2>&1 || { cat "$WORK/$name.said"; echo FAILED; } >>"$WORK/$name.failed"
		echo >>"$WORK/$name.count"
	done
}
# shellcheck disable=SC2317 # called by loop
page() {
	curl -sf -o /dev/null "$URL/town/open"
}
# shellcheck disable=SC2317
push_http() {
	git -C "$WORK/repo" commit -q --allow-empty -m again &&
		git_http alice -C "$WORK/repo" push -q "$URL/town/open.git" HEAD:refs/heads/http
}
# shellcheck disable=SC2317
list_ssh() {
	git_ssh alice ls-remote -q "$SSH_URL/town/open.git"
}
for what in page push_http list_ssh; do
	loop $what $what &
	PIDS="$PIDS $!"
	LOOPS="${LOOPS:-} $!"
done
for what in page push_http list_ssh; do
	: >"$WORK/$what.failed"
done
for round in 1 2 3; do
	sleep 2
	kill -HUP "$UP"
	ok "reload $round ends" within 30 sh -c "[ \$(grep -c '^Hearth is ready' '$UP_LOG') -gt $round ]"
done
sleep 1
touch "$WORK/stop"
for pid in $LOOPS; do
	wait "$pid"
done
for what in page push_http list_ssh; do
	ok "$what: something happened meanwhile" test "$(wc -l <"$WORK/$what.count")" -ge 5
done
for what in page push_http list_ssh; do
	ok "$what: at most one was cut at each reload" \
		sh -c "cat '$WORK/$what.failed'; [ \"\$(grep -c FAILED '$WORK/$what.failed')\" -le 3 ]"
done
equal 'the last push is there' "$(git -C "$WORK/repo" rev-parse HEAD)" \
	"$(git ls-remote "$URL/town/open.git" refs/heads/http | cut -f1)"
ok 'the old roles are gone' within 30 sh -c \
	"[ \$(pgrep -c -f 'serve --role web --data $DATA\$') -eq 1 ]"

# A role of the old program dies while the new ones start: there is none to wait for at the stop.
kill -HUP "$UP"
ok 'a reload begins' within 30 \
	sh -c "[ \$(grep -c 'taking over by the program on disk' '$UP_LOG') -eq 4 ]"
kill -9 "$(pgrep -P "$UP" -f 'serve --role git' | head -n 1)"
ok 'and ends without a role that died' within 30 \
	sh -c "[ \$(grep -c '^Hearth is ready' '$UP_LOG') -gt 4 ]"

# A stop that comes while the new roles start; the mask of signals goes over the exec, so it is
# there when the new program looks.
kill -HUP "$UP"
ok 'another reload begins' within 30 \
	sh -c "[ \$(grep -c 'taking over by the program on disk' '$UP_LOG') -eq 5 ]"
kill -INT "$UP"
has_ended() {
	! kill -0 "$UP" 2>/dev/null
}
ok 'a stop in the middle of it is not forgotten' within 60 has_ended
ok 'and is one in order' stop_instance
done_testing
