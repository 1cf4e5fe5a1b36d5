#!/bin/sh
# What befalls a runner's host: its disk is full, the forge is away or busy, it is told to stop at once.
. "$(dirname "$0")/../support/lib.sh"
. "$ROOT/tests/support/peer.sh"
CONF=$WORK/runner.conf
given_peer
ok 'the runner is registered' "$RUNNER" register --config "$CONF" --url "$PEER" --token glrt-good --executor "$EXECUTOR"

# given_running BUILDS_DIR    starts the runner; sets RUN
given_running() {
	sed -i '/^\[global\]/,$d' "$CONF"
	cat >>"$CONF" <<-EOT
		[global]
		concurrent = 2
		check_interval = 1s
		builds_dir = $1
		kill_grace = 2s
	EOT
	"$RUNNER" run --config "$CONF" >>"$WORK/runner.log" 2>&1 &
	RUN=$!
	PIDS="$PIDS $RUN"
}

# drained    lets it end
drained() {
	kill -TERM "$RUN"
	wait "$RUN"
}

given_running "$WORK/builds"

# --- the forge may have given what a job holds to another one

: >"$STATE/13.deaf"
: >"$WORK/13.begun"
chmod 666 "$WORK/13.begun"
given_job 13 "[\"echo begun >$WORK/13.begun\"]" ',"lease_seconds":45'
within 30 test -s "$STATE/taken.json" || give_up "nobody asked for a job" "$WORK/runner.log"
sleep 3
refused 'a script under a lease does not begin before the forge was heard of the job' test -s "$WORK/13.begun"
rm "$STATE/13.deaf"
says 'then it does' '"state": "success"' final_of 13
ok 'and runs' test -s "$WORK/13.begun"
given_job 14 '["echo begun","trap \"\" TERM","sleep 7781.'$$'"]' ',"lease_seconds":45'
within 30 grep -q '^begun' "$STATE/14.trace" || give_up "job 14 did not start" "$WORK/runner.log"
: >"$STATE/14.deaf"

# --- the forge is away

given_job 1 "[\"echo begun\",\"while [ ! -e $WORK/go ]; do sleep 0.1; done\",\"echo ended\"]"
within 30 grep -q '^begun' "$STATE/1.trace" || give_up "job 1 did not start" "$WORK/runner.log"
kill "$PEER_PID"
wait "$PEER_PID" 2>/dev/null
touch "$WORK/go"
again_peer
says 'a job that ends while the forge is away is reported when it is back' '"state": "success"' final_of 1 120
says 'with its whole log' '"crc_is_right": true' final_of 1
says 'to the last line' '^ended' cat "$STATE/1.trace"

echo 14 >"$STATE/2.busy"
given_job 2 '["echo hello"]'
says 'a forge that is busy for long is told in the end' '"state": "success"' final_of 2 120
equal 'and was asked as often as it takes' 0 "$(cat "$STATE/2.busy")"

: >"$STATE/15.narrow"
given_job 15 "[\"until [ -e $WORK/heard ]; do sleep 0.1; done\"]"
ok 'a job whose log is refused is heard of all the same' within 60 test -e "$STATE/15.heard"
rm -f "$STATE/15.narrow"
touch "$WORK/heard"
says 'and its log is whole when it is taken again' '"crc_is_right": true' final_of 15 60

mv "$WORK/site.bundle" "$WORK/away.bundle"
given_job 10 '["echo hello"]'
within 30 grep -q 'Trying again' "$STATE/10.trace" || give_up "job 10 did not start" "$WORK/runner.log"
kill "$PEER_PID"
wait "$PEER_PID" 2>/dev/null
# Longer than three tries take.
sleep 20
mv "$WORK/away.bundle" "$WORK/site.bundle"
again_peer
says 'sources are fetched when the forge is back, however long that takes' '"state": "success"' final_of 10 60
says 'and the log says what went wrong' 'could not be fetched \(exit code [0-9]+\)\. Trying again' cat "$STATE/10.trace"

# --- after its lease

ok 'a script is ended when its lease is over' within 60 sh -c "! pgrep -f 'sleep 7781\\.$$'"
rm "$STATE/14.deaf"
says 'which is reported when the forge hears again' '"failure_reason": "runner_system_failure"' final_of 14
says 'with the reason' 'ERROR: this job was ended, because the forge was not heard for 45 seconds' cat "$STATE/14.trace"
says 'and its after_script runs when the forge was heard' '^after failed' cat "$STATE/14.trace"

# --- its own processes die

# step_of ID    sets JOB and STEP, the processes of a job that has said "begun"
step_of() {
	within 30 grep -q '^begun' "$STATE/$1.trace" || give_up "job $1 did not start" "$WORK/runner.log"
	JOB=$(pgrep -P "$RUN" -f 'job --config')
	STEP=$(pgrep -P "$JOB" -x hearth-step)
}

given_job 11 '["echo begun","sleep 7778.'$$'"]'
step_of 11
kill -9 "$STEP"
says 'a job whose step lost its guard is reported' 'runner_system_failure' final_of 11
says 'with the reason' 'ERROR: the process that watches over this step was killed' cat "$STATE/11.trace"
ok 'nothing of it is left' within 20 sh -c "! pgrep -f 'sleep 7778\\.$$'"

# Nothing of it hears TERM: the step has to wait for its time to kill.
given_job 12 '["echo begun","trap \"\" TERM","sleep 7779.'$$'"]'
within 30 pgrep -f "sleep 7779\\.$$" || give_up "job 12 did not start" "$WORK/runner.log"
step_of 12
SLOT=/run/hearth/slots/$(sed -n 's/.*executor shell, slot \([0-9]*\).*/\1/p' "$STATE/12.trace")
kill -9 "$JOB"
[ ! -f "$SLOT" ] ||
	refused 'when the slot of a killed job is free nothing of it is left' \
		timeout 60 flock "$SLOT" pgrep -f "sleep 7779\\.$$"
ok 'its step ends what it started' within 20 sh -c "! pgrep -f 'sleep 7779\\.$$'"

# --- told to stop at once

given_job 3 '["echo begun","sleep 7777.'$$'"]'
within 30 grep -q '^begun' "$STATE/3.trace" || give_up "job 3 did not start" "$WORK/runner.log"
kill -TERM "$RUN"
drains() { grep -q '"draining"' "$WORK/runner.log"; }
within 20 drains || give_up "the runner does not drain" "$WORK/runner.log"
ok 'after one TERM the job goes on' pgrep -f "sleep 7777\\.$$"
kill -TERM "$RUN"
wait "$RUN"
equal 'after two the runner ends' 0 $?
says 'and the job is reported' '"state": "failed"' final_of 3
says 'as no fault of its own' runner_system_failure final_of 3
says 'which its log says' 'ERROR: this runner was told to stop, and ended the job' cat "$STATE/3.trace"
refused 'nothing of it is left' pgrep -f "sleep 7777\\.$$"

# --- the disk is full

mkdir "$WORK/small"
if [ "$(id -u)" -ne 0 ] || ! mount -t tmpfs -o size=8m,mode=755 tmpfs "$WORK/small" 2>"$OUT"; then
	echo "skipped: a small file system cannot be mounted here"
	done_testing
fi
AT_END=unmount
unmount() { umount -l "$WORK/small"; }
given_running "$WORK/small"
given_job 4 '["head -c 20M /dev/zero >big","echo never"]'
says 'a script that fills the disk fails' '"failure_reason": "script_failure"' final_of 4 60
says 'and its log says why' 'No space left on device' cat "$STATE/4.trace"
given_job 5 '["echo hello"]' \
	',"dependencies":[{"id":9,"name":"huge","token":"t","artifacts_file":{"filename":"a.zip","size":1}}]'
head -c 12000000 /dev/urandom >"$STATE/9.zip"
says 'artifacts that do not fit fail the job' 'runner_system_failure' final_of 5 60
says 'with the reason' 'ERROR: .*artifacts of huge: .*(No space left on device|disk .*full)' cat "$STATE/5.trace"
silent 'at once, since trying again would not help' 'Trying again' cat "$STATE/5.trace"
given_job 6 '["head -c 5M /dev/urandom >big"]' \
	',"artifacts":[{"name":"arts","paths":["big"],"artifact_type":"archive","artifact_format":"zip"}]'
says 'so do artifacts that cannot be packed' 'runner_system_failure' final_of 6 60
says 'with the reason too' '(No space left on device|disk .*full)' cat "$STATE/6.trace"
head -c 7M /dev/zero >"$WORK/small/ballast"
head -c 7M /dev/zero >>"$WORK/small/ballast" 2>/dev/null
given_job 7 '["echo hello"]'
says 'a job for which there is no room at all fails' 'runner_system_failure' final_of 7 60
says 'and says it' '(No space left on device|disk .*full)' cat "$STATE/7.trace"
rm "$WORK/small/ballast"
given_job 8 '["echo hello"]'
says 'the next one has all the room again' '"state": "success"' final_of 8 60
drained
equal 'the runner has outlived it all' 0 $?
done_testing
