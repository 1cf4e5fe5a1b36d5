#!/bin/sh
# Jobs in control groups of their own, by the real kernel: what a job starts ends with it, and a
# runner removes what a dead one left. Limits need controllers that not every host gives; the
# unit test of cgroup.h reads what is written for them.
. "$(dirname "$0")/../support/lib.sh"
. "$ROOT/tests/support/peer.sh"
CONF=$WORK/runner.conf

mount_point=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
GROUPS_ROOT=$mount_point/hearth-test-$$
if [ -z "$mount_point" ] || ! mkdir "$GROUPS_ROOT" 2>/dev/null ||
	[ ! -e "$GROUPS_ROOT/cgroup.kill" ]; then
	rmdir "$GROUPS_ROOT" 2>/dev/null
	echo "skipped: no control groups (version 2) that this user may make"
	done_testing
fi
remove_groups() {
	echo 1 >"$GROUPS_ROOT/cgroup.kill"
	within 10 no_groups
}
no_groups() {
	find "$GROUPS_ROOT" -depth -type d -exec rmdir {} + 2>/dev/null
	[ ! -d "$GROUPS_ROOT" ]
}
AT_END=remove_groups

given_peer
ok 'the runner is registered' "$RUNNER" register --config "$CONF" --url "$PEER" --token glrt-good --executor "$EXECUTOR"
cat >>"$CONF" <<EOT
[global]
concurrent = 2
check_interval = 1s
builds_dir = $WORK/builds
kill_grace = 2s
cgroup_root = $GROUPS_ROOT
EOT

# refused_with PATTERN LINE     the runner does not start with this setting
refused_with() {
	cp "$CONF" "$WORK/bad.conf"
	sed -i '/^cgroup_root/d' "$WORK/bad.conf"
	echo "$2" >>"$WORK/bad.conf"
	says "refused at the start: $2" "$1" "$RUNNER" run --config "$WORK/bad.conf"
}
refused_with 'is no control group' "cgroup_root = $WORK"
refused_with 'absolute path, none' 'cgroup_root = somewhere'
refused_with 'memory_limit is set, but no control group' "cgroup_root = none
memory_limit = 100M"
grep -q pids "$GROUPS_ROOT/cgroup.controllers" ||
	refused_with 'has no controller "pids"' "cgroup_root = $GROUPS_ROOT
process_limit = 100"

"$RUNNER" run --config "$CONF" >"$WORK/runner.log" 2>&1 &
RUN=$!
PIDS="$PIDS $RUN"

# Ten that leave: two forks away, in a session of their own, deaf to TERM and hangup.
ESCAPE='for i in 1 2 3 4 5 6 7 8 9 10; do (setsid nohup sh -c \"trap \\\"\\\" TERM HUP; (sh -c \\\"trap \\\\\\\"\\\\\\\" TERM HUP; while :; do sleep 7.'$$'; done\\\" &) ; sleep 7.'$$'\" >/dev/null 2>&1 &); done'
group_of_job() {
	for group in "$GROUPS_ROOT"/hearth-job-*; do
		[ -d "$group" ] && echo "$group" && return
	done
	return 1
}
alive() { pgrep -f "sleep 7\\.$$" >/dev/null; }
all_dead() { ! alive; }
no_group() { ! group_of_job; }

given_job 1 "[\"$ESCAPE\",\"sleep 1; grep ^0:: /proc/self/cgroup; echo left\",\"sleep 600\"]"
within 30 grep -q '^left' "$STATE/1.trace" || give_up "job 1 did not start" "$WORK/runner.log"
says 'a job runs in the group of its slot' '^0::.*/hearth-job-[0-9]+' cat "$STATE/1.trace"
ok 'what it started is in there too' test "$(wc -l <"$(group_of_job)/cgroup.procs")" -gt 10
touch "$STATE/1.canceling"
says 'a cancelled job ends' '"state": "failed"' final_of 1 60
says 'and its after_script ran in the same group' '^after canceled' cat "$STATE/1.trace"
ok 'nothing that left its session lives on' within 20 all_dead
ok 'its group is gone' within 20 no_group

given_job 2 "[\"$ESCAPE\",\"sleep 1; echo done\"]"
says 'a job that ends by itself ends what it started as well' '"state": "success"' final_of 2 60
ok 'all of it' within 20 all_dead

given_job 3 "[\"$ESCAPE\",\"sleep 1; echo left\",\"sleep 600\"]"
within 30 grep -q '^left' "$STATE/3.trace" || give_up "job 3 did not start" "$WORK/runner.log"
group=$(group_of_job)
# As if the host's memory killer had been there: every process of the runner at once.
# shellcheck disable=SC2046
kill -9 "$RUN" $(pgrep -P "$RUN") $(for job in $(pgrep -P "$RUN"); do pgrep -P "$job"; done)
wait "$RUN" 2>/dev/null
# The workspace of a slot that nobody has; the last one is not taken while others are free.
if [ "$(id -u)" -eq 0 ]; then
	mkdir -p "$WORK/builds/255/project"
	touch /run/hearth/slots/255
fi
ok 'processes of a job survive the death of every process of the runner' alive
"$RUNNER" run --config "$CONF" >>"$WORK/runner.log" 2>&1 &
RUN=$!
PIDS="$PIDS $RUN"
ok 'a new runner ends them at its start, before any job' within 30 all_dead
ok 'and removes its workspace' within 20 test ! -e "$WORK/builds/255"
gone() { [ ! -d "$group" ]; }
ok 'and their group' within 20 gone

given_job 4 '["echo hello"]'
says 'the slot is good for the next job' '"state": "success"' final_of 4 60

kill -TERM "$RUN"
wait "$RUN"
equal 'the runner drains' 0 $?

# As the service manager does it: the runner stands in a group that is marked as left to it.
OWN=$GROUPS_ROOT/service
mkdir "$OWN"
python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.delegate", b"1")' "$OWN"
sed -i '/^cgroup_root/d' "$CONF"
sh -c 'echo $$ >"$1/cgroup.procs" && exec "$2" run --config "$3"' - "$OWN" "$RUNNER" "$CONF" \
	>>"$WORK/runner.log" 2>&1 &
RUN=$!
PIDS="$PIDS $RUN"
given_job 5 '["grep ^0:: /proc/self/cgroup"]'
says 'a job runs' '"state": "success"' final_of 5 60
says 'below the group that is delegated to the runner' '^0::.*/service/hearth-job-' cat "$STATE/5.trace"
says 'and the runner stands beside it' '/service/runner$' cat "/proc/$RUN/cgroup"
kill -TERM "$RUN"
wait "$RUN"
equal 'it drains' 0 $?
done_testing
