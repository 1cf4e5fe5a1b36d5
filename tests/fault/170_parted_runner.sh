#!/bin/sh
# A runner is parted from its forge, without a word to either. For less than a lease: nothing is
# lost or doubled. For longer: each job lapses once, is run again or failed as its rules say, and
# whatever the runner says when it is back is refused and ends its processes. A deployment has
# ended before another one begins, though the runner has heard nothing of it.
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

# Who deployed when.
: >"$WORK/preview"
chmod 666 "$WORK/preview"
git init -q "$SITE"
cat >"$SITE/.gitlab-ci.yml" <<EOF
default: { tags: [parted] }
.lines:
  script:
    - sleep \$MARK & i=1; until [ -e $WORK/go-on ]; do echo line \$i; i=\$((i + 1)); sleep 0.05; done
late: { extends: .lines, variables: { MARK: "77001.$$" } }
deploys:
  environment: preview
  script:
    - trap "" TERM
    - sleep 77002.$$ & i=1; until [ -e $WORK/go-on ]; do echo line \$i; i=\$((i + 1)); echo \$CI_JOB_ID >>$WORK/preview; sleep 0.05; done
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
BEFORE=$(sql "SELECT string_agg(format('(%s, %s)', id, trace_length), ', ') FROM job WHERE name <> 'ends'")
heard() {
	is "SELECT count(*) FROM job JOIN (VALUES $BEFORE) b (id, length) USING (id)
		WHERE trace_length > b.length + 300" 3 &&
		is "SELECT count(*) FROM job WHERE lease_until > now() + interval '40 seconds'" 4
}
rm "$WORK/cut"
ok 'it is heard again, with all that it said meanwhile' within 60 heard
for name in late deploys again; do
	ok "the log of $name is whole" whole "$(job $name)"
done

# --- for longer than a lease

: >"$WORK/cut"
: >"$WORK/end"
given_runner --tags parted
DEPLOYS=$(job deploys)
ok 'the deployment lapses' within 150 is "SELECT status FROM job WHERE id = $DEPLOYS" failed
refused 'and nothing of it is left' pgrep -f "^sleep 77002\\.$$\$"
ok 'so a person may deploy again' api alice POST "/projects/$PROJECT/jobs/$DEPLOYS/retry"
ok 'all four lapse' within 60 is "SELECT count(*) FROM job WHERE status = 'failed'
	AND failure_reason = 'stuck_or_timeout_failure'" 4
equal 'one is run again by itself' "again deploys" \
	"$(sql "SELECT string_agg(name, ' ' ORDER BY name) FROM job WHERE status <> 'failed'")"
before() {
	sql "SELECT id, status, failure_reason, trace_length, trace_crc, finished_at FROM job
		WHERE status = 'failed' ORDER BY id"
}
before >"$WORK/before"
ok 'both are, by another runner' within 60 is "SELECT count(*) FROM job WHERE status = 'running' AND trace_length > 300" 2
equal 'the first deployment had ended before the second began' \
	"$DEPLOYS $(sql "SELECT max(id) FROM job WHERE name = 'deploys'")" "$(uniq "$WORK/preview" | tr '\n' ' ' | sed 's/ $//')"
ok 'while the first runner still works on what holds nothing' pgrep -f "^sleep 77001\\.$$\$"
rm "$WORK/cut"
taken() {
	[ "$(grep -c '"result":"taken away"' "$PARTED_LOG")" = 4 ]
}
ok 'it hears that all were taken from it' within 60 taken
ok 'its processes have ended' within 30 sh -c "! pgrep -P $PARTED_PID"
refused 'and what they started' pgrep -f "^sleep 77001\\.$$\$"
: >"$WORK/go-on"
chmod 644 "$WORK/go-on"
ok 'what was run again succeeds' within 60 is "SELECT string_agg(name, ' ' ORDER BY name) FROM job
	WHERE status = 'success'" "again deploys"
ok 'nothing is left of any' within 30 no_process
before | cmp - "$WORK/before" >"$OUT" 2>&1
equal 'the late words changed nothing' 0 $?
for name in again deploys; do
	ok "the log of $name has every line once" whole "$(sql "SELECT max(id) FROM job WHERE name = '$name'")"
done
for name in late deploys again; do
	ok "the log of $name is whole and ends where it was heard last" whole "$(job $name)"
done
equal 'no job was repeated but these' 6 "$(sql 'SELECT count(*) FROM job')"
equal 'the deployment was done once more' "failed success" \
	"$(sql "SELECT string_agg(status, ' ' ORDER BY id) FROM deployment")"
equal 'the pipeline has failed' failed "$(sql 'SELECT status FROM pipeline')"
done_testing
