#!/bin/sh
# hearth-runner against a peer that speaks GitLab's runner protocol, and exec without one.
. "$(dirname "$0")/../support/lib.sh"
. "$ROOT/tests/support/peer.sh"
CONF=$WORK/runner.conf
given_peer

# --- registering

refused 'an unknown token is not registered' "$RUNNER" register --config "$CONF" --url "$PEER" --token glrt-bad
says 'and the sentence says where to get one' 'runners page' \
	"$RUNNER" register --config "$CONF" --url "$PEER" --token glrt-bad
refused 'an unknown executor is refused' "$RUNNER" register --config "$CONF" --url "$PEER" --token glrt-good --executor magic
ok 'a good token is registered' "$RUNNER" register --config "$CONF" --url "$PEER" --token glrt-good --executor "$EXECUTOR"
refused 'the same name is not registered twice' "$RUNNER" register --config "$CONF" --url "$PEER" --token glrt-good
equal 'only its owner may read the file' 600 "$(stat -c %a "$CONF")"
says 'list names it' "^default.$PEER.$EXECUTOR\$" "$RUNNER" list --config "$CONF"
says 'verify asks the forge' 'default: valid' "$RUNNER" verify --config "$CONF"

METRICS=127.0.0.1:$(free_port)
cat >>"$CONF" <<EOF
[global]
concurrent = 2
check_interval = 1s
builds_dir = $WORK/builds
kill_grace = 2s
metrics_listen = $METRICS
EOF
"$RUNNER" run --config "$CONF" >"$WORK/runner.log" 2>&1 &
RUN=$!
PIDS="$PIDS $RUN"

# --- jobs

touch "$STATE/1.forget" "$STATE/1.doubt"
given_job 1 '["echo \"$GREETING from $(cat README.md | head -1)\"","echo pw=$PASSWORD","cat $KEYFILE","mkdir out && echo built > out/a.txt"]' \
	',"artifacts":[{"name":"arts","paths":["out/"],"artifact_type":"archive","artifact_format":"zip"}]'
says 'a job succeeds' '"state": "success"' final_of 1
says 'the forge has every byte of its trace, though it forgot and doubted' '"crc_is_right": true' final_of 1
says 'variables are expanded and the sources are there' 'hello world from # Site' cat "$STATE/1.trace"
silent 'a masked variable is not in the trace' 'hunter2000' cat "$STATE/1.trace"
says 'a file variable is a file' '^key text' cat "$STATE/1.trace"
says 'after_script knows how it went' '^after success' cat "$STATE/1.trace"
says 'the artifacts are a zip' 'out/a.txt' python3 -m zipfile -l "$STATE/1.zip"

given_job 2 '["cat out/a.txt","exit 3"]' \
	',"dependencies":[{"id":1,"name":"first","token":"t","artifacts_file":{"filename":"a.zip","size":1}}]'
says 'a failure carries its exit code' '"exit_code": 3' final_of 2
says 'and its reason' 'script_failure' final_of 2
says 'the artifacts of an earlier job are there' '^built' cat "$STATE/2.trace"
says 'after_script runs after a failure' '^after failed' cat "$STATE/2.trace"

# --- ending surely

given_job 3 '["(setsid sh -c \"trap : TERM; : '$$'; while :; do sleep 1; done\" &) ; sleep 0.3; echo left","sleep 600.'$$'"]'
within 20 grep -q '^left' "$STATE/3.trace" || give_up "job 3 did not start" "$WORK/runner.log"
touch "$STATE/3.canceling"
says 'a cancelled job ends' '"state": "failed"' final_of 3 60
says 'after_script runs after a cancel' '^after canceled' cat "$STATE/3.trace"
nothing_left() { ! pgrep -f "trap : TERM; : $$" >/dev/null; }
ok 'what ignored TERM and left its session is dead' within 15 nothing_left

TIMEOUT=2 given_job 4 '["sleep 600.'$$'"]'
says 'a job that takes too long fails with that reason' 'job_execution_timeout' final_of 4

given_job 5 '["echo begun","sleep 600.'$$'"]'
within 20 grep -q '^begun' "$STATE/5.trace" || give_up "job 5 did not start" "$WORK/runner.log"
touch "$STATE/5.gone"
job_gone() { ! pgrep -f "sleep 600\\.$$" >/dev/null; }
ok 'a job that is somebody else'"'"'s by now is killed' within 30 job_gone
equal 'and not reported' no "$([ -e "$STATE/5.final" ] && echo yes || echo no)"

given_job 6 '["i=0; while [ $i -lt 9000 ]; do echo \"line $i of a long and winding trace\"; i=$((i+1)); done"]'
says 'a long trace arrives whole' '"crc_is_right": true' final_of 6
says 'to its last line' '^line 8999 ' cat "$STATE/6.trace"

counted() { curl -s "http://$METRICS/metrics" | grep -q '^hearth_runner_jobs_succeeded_total 2$'; }
ok 'metrics count jobs' within 10 counted

# --- drain

given_job 7 '["echo begun","sleep 2","echo ended"]'
within 20 grep -q '^begun' "$STATE/7.trace" || give_up "job 7 did not start" "$WORK/runner.log"
kill -TERM "$RUN"
wait "$RUN"
equal 'a drained runner ends with 0' 0 $?
says 'after its job went to its end' '^ended' cat "$STATE/7.trace"
says 'and was reported' '"state": "success"' final_of 7 1
equal 'no workspace is left' '' "$(ls "$WORK/builds")"

ok 'unregister removes the section' "$RUNNER" unregister --config "$CONF" --name default
equal 'and nothing else' 1 "$(grep -c '^concurrent = 2' "$CONF")"

# --- exec

cat >"$WORK/site/.gitlab-ci.yml" <<'EOF'
variables: {WHO: everybody}
test:
  variables: {GREETING: hello $WHO}
  script: [echo "$GREETING on $CI_COMMIT_BRANCH", cat src/main.c]
fail: {script: [exit 4]}
EOF
git -C "$WORK/site" add .gitlab-ci.yml
git -C "$WORK/site" commit -q -m "ci: begin"
cd "$WORK/site" || exit 1
says 'exec runs one job of the folder' '^hello everybody on main' "$RUNNER" exec test
refused 'exec fails as the job fails' "$RUNNER" exec fail
says 'exec names a job that is not there' 'no job `nope`' "$RUNNER" exec nope
cd / || exit 1

done_testing
