#!/bin/sh
# A runner is parted from its forge, without a word to either. For less than a lease: nothing is
# lost or doubled. For longer: each job lapses once, is run again or failed as its rules say, and
# whatever the runner says when it is back is refused and ends its processes.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
chmod 711 "$WORK"
given_instance
given_user alice
given_project alice/site alice
SITE=$WORK/site
PROJECT=alice%2Fsite
python3 "$ROOT/tests/support/parting_proxy.py" "$WORK/port" "$HTTP" "$WORK/cut" &
PIDS="$PIDS $!"
within 20 test -s "$WORK/port" || give_up "no network"
FORGE=$URL
URL=http://127.0.0.1:$(cat "$WORK/port")
RUNNER_JOBS=4
given_runner --tags parted
URL=$FORGE
PARTED_PID=$RUNNER_PID
PARTED_LOG=$RUNNER_LOG

# A short run does not wait until the leases are over.
case ${FAULT_LENGTH:-short} in
long) SILENCE=30 ;;
*) SILENCE=8 ;;
esac

is() {
	[ "$(sql "$1")" = "$2" ]
}

# job NAME     the id of the first one of that name
job() {
	sql "SELECT min(id) FROM job WHERE name = '$1'"
}

# The numbered lines of its log begin at 1 and leave none out. The last may be in the middle.
whole() {
	api alice GET "/projects/$PROJECT/jobs/$1/trace" | tr -d '\r' | sed '$d' |
		sed -n 's/^line \([0-9]*\)$/\1/p' >"$WORK/lines"
	count=$(wc -l <"$WORK/lines")
	[ "$count" -gt 0 ] && seq 1 "$count" | diff - "$WORK/lines"
}

no_process() {
	! pgrep -f "^sleep 7700[0-9]\\.$$\$" >/dev/null
}

# Nothing was heard for so many seconds: a lease is 60.
silent_for() {
	is "SELECT count(*) FROM job WHERE status = 'running' AND lease_until > now() + (60 - $1) * interval '1 second'" 0
}

git init -q "$SITE"
cat >"$SITE/.gitlab-ci.yml" <<EOF
default: { tags: [parted] }
.lines:
  script:
    - sleep \$MARK & i=1; until [ -e $WORK/go-on ]; do echo line \$i; i=\$((i + 1)); sleep 0.05; done
late: { extends: .lines, variables: { MARK: "77001.$$" } }
deploys: { extends: .lines, environment: preview, variables: { MARK: "77002.$$" } }
ends:
  script: [ 'echo line 1', 'until [ -e $WORK/end ]; do sleep 0.1; done', 'echo line 2' ]
again:
  extends: .lines
  variables: { MARK: "77003.$$" }
  retry: { max: 1, when: stuck_or_timeout_failure }
EOF
git -C "$SITE" add . && git -C "$SITE" commit -q -m "ci: jobs behind a network"
ok 'a pipeline is pushed' git_http alice -C "$SITE" push -q "$URL/alice/site.git" main
ok 'all its jobs run' within 60 is "SELECT count(*) FROM job WHERE status = 'running' AND trace_length > 300" 4

# --- for less than a lease

: >"$WORK/cut"
ok 'the runner is parted' within 60 silent_for $SILENCE
LENGTH=$(sql "SELECT sum(trace_length) FROM job")
heard() {
	[ "$(sql "SELECT sum(trace_length) FROM job")" -gt $((LENGTH + 1000)) ] &&
		is "SELECT count(*) FROM job WHERE lease_until > now() + interval '40 seconds'" 4
}
rm "$WORK/cut"
ok 'it is heard again, with all that it said meanwhile' within 60 heard
for name in late deploys again; do
	ok "the log of $name is whole" within 20 whole "$(job $name)"
done

# --- for longer than a lease

: >"$WORK/cut"
: >"$WORK/end"
[ "${FAULT_LENGTH:-short}" = long ] ||
	sql "UPDATE job SET lease_until = now() - interval '16 seconds' WHERE lease_until IS NOT NULL"
ok 'all four lapse' within 150 is "SELECT count(*) FROM job WHERE runner_id IS NOT NULL AND status = 'failed'
	AND failure_reason = 'stuck_or_timeout_failure'" 4
equal 'one is to be run again' "again pending" \
	"$(sql "SELECT name || ' ' || status FROM job WHERE status <> 'failed'")"
equal 'the deployment has failed' failed "$(sql "SELECT string_agg(status, ' ') FROM deployment")"
before() {
	sql "SELECT id, status, failure_reason, trace_length, trace_crc, finished_at FROM job
		WHERE status = 'failed' ORDER BY id"
}
before >"$WORK/before"
given_runner --tags parted
ok 'it is, by another runner' within 60 is "SELECT count(*) FROM job WHERE status = 'running' AND trace_length > 300" 1
ok 'while the first still works on what was its own' pgrep -f "^sleep 77001\\.$$\$"
rm "$WORK/cut"
taken() {
	[ "$(grep -c '"result":"taken away"' "$PARTED_LOG")" = 4 ]
}
ok 'the first hears that all were taken from it' within 60 taken
ok 'its processes have ended' within 30 sh -c "! pgrep -P $PARTED_PID"
refused 'and what they started' pgrep -f "^sleep 7700[12]\\.$$\$"
: >"$WORK/go-on"
chmod 644 "$WORK/go-on"
ok 'the one that was run again succeeds' within 60 is \
	"SELECT status FROM job WHERE name = 'again' ORDER BY id DESC LIMIT 1" success
ok 'nothing is left of any' within 30 no_process
before | cmp - "$WORK/before" >"$OUT" 2>&1
equal 'the late words changed nothing' 0 $?
ok 'with every line once' whole "$(sql "SELECT max(id) FROM job WHERE name = 'again'")"
for name in late deploys again; do
	ok "the log of $name is whole and ends where it was heard last" whole "$(job $name)"
done
equal 'no job was repeated but that one' 5 "$(sql 'SELECT count(*) FROM job')"
equal 'nor was the deployment' failed "$(sql "SELECT string_agg(status, ' ') FROM deployment")"
equal 'the pipeline has failed' failed "$(sql 'SELECT status FROM pipeline')"
done_testing
