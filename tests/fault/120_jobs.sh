#!/bin/sh
# What kills and freezes do to running jobs: each job ends once, its log has no byte lost or
# doubled, and a runner that lost its job stops working on it.
. "$(dirname "$0")/../support/lib.sh"
chmod 711 "$WORK"
given_instance
given_user alice
given_project alice/site alice
RUNNER_JOBS=4
given_runner
SITE=$WORK/site
PROJECT=alice%2Fsite

# job NAME     the id of the first one of that name
job() {
	sql "SELECT min(id) FROM job WHERE name = '$1'"
}

status_is() {
	[ "$(sql "SELECT status FROM job WHERE id = $1")" = "$2" ]
}

numbers_of() {
	api alice GET "/projects/$PROJECT/jobs/$1/trace" | tr -d '\r' | sed -n 's/^line \([0-9]*\)$/\1/p'
}

# The numbered lines of its log begin at 1 and leave none out; there are COUNT, or any number.
whole() {
	numbers_of "$1" >"$WORK/lines"
	count=$(wc -l <"$WORK/lines")
	[ "$count" -gt 0 ] && [ "${2:-$count}" -eq "$count" ] && seq 1 "$count" | cmp -s - "$WORK/lines"
}

running() {
	[ "$(sql "SELECT count(*) FROM job WHERE status = 'running' AND trace_length > 500")" = "$1" ]
}

# The runner's process that works on a job: above the one whose command line has the mark, and
# above the step that it forked.
worker_of() {
	pid=$(pgrep -f "^sleep $1\$" | head -n 1)
	while [ -n "$pid" ] && [ "$pid" != 1 ] &&
		{ ! grep -qz '^job$' "/proc/$pid/cmdline" || grep -q '^hearth-step$' "/proc/$pid/comm"; }; do
		pid=$(awk '/^PPid/ { print $2 }' "/proc/$pid/status")
	done
	echo "$pid"
}

killed() {
	kill -9 "$(pgrep -P "$UP" -f "$1")"
}

cut_off_from_database() {
	sql "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()"
}

no_process() {
	! pgrep -f "^sleep $1\$" >/dev/null
}

git init -q "$SITE"
cat >"$SITE/.gitlab-ci.yml" <<'EOF'
.lines:
  script:
    - sleep $MARK & i=1; while [ $i -le $COUNT ]; do echo line $i; i=$((i + 1)); sleep 0.05; done
steady: { extends: .lines, variables: { MARK: "77001", COUNT: "600" } }
lost: { extends: .lines, variables: { MARK: "77002", COUNT: "6000" } }
frozen: { extends: .lines, variables: { MARK: "77003", COUNT: "6000" } }
again:
  extends: .lines
  variables: { MARK: "77004", COUNT: "600" }
  retry: { max: 1, when: stuck_or_timeout_failure }
EOF
# Marks of this run alone: another may run beside it on the same host.
sed -i "s/7700[1-4]/&.$$/" "$SITE/.gitlab-ci.yml"
git -C "$SITE" add . && git -C "$SITE" commit -q -m "ci: jobs to be hurt"
ok 'a pipeline of four jobs is pushed' git_http alice -C "$SITE" push -q "$URL/alice/site.git" main
ok 'all of them run' within 60 running 4

# --- one job's process dies, one is frozen beyond its lease, one dies and is to be run again

LOST=$(worker_of "77002.$$")
FROZEN=$(worker_of "77003.$$")
AGAIN=$(worker_of "77004.$$")
ok 'the worker of one is killed' kill -9 "$LOST"
ok 'one is frozen' kill -STOP "$FROZEN"
ok 'one is killed that shall be run again' kill -9 "$AGAIN"
ok 'what a killed worker started is gone as well' within 20 no_process "77002.$$"

# --- meanwhile everything around the steady one dies too

for _ in 1 2; do
	ok 'web is killed' killed 'serve --role web'
	within 20 curl -sf "$URL/-/health"
	ok 'work is killed' killed 'serve --role work'
	ok 'every connection to the database is cut' cut_off_from_database
	sleep 2
done
ok 'the steady job succeeds' within 90 status_is "$(job steady)" success
ok 'with every line once' whole "$(job steady)" 600

ok 'the lost one has failed when its lease is over' within 150 status_is "$(job lost)" failed
equal 'for the reason that its runner was lost' stuck_or_timeout_failure \
	"$(sql "SELECT failure_reason FROM job WHERE id = $(job lost)")"
ok 'its log has no gap and nothing twice' whole "$(job lost)"
ok 'the frozen one has failed as well' within 60 status_is "$(job frozen)" failed
LENGTH=$(sql "SELECT trace_length FROM job WHERE id = $(job frozen)")
ok 'it wakes up' kill -CONT "$FROZEN"
ok 'and stops working, because the job is not its own any more' within 40 no_process "77003.$$"
ok 'its process ends' within 30 sh -c "! kill -0 $FROZEN"
equal 'nothing was added to the log after the end' "$LENGTH" \
	"$(sql "SELECT trace_length FROM job WHERE id = $(job frozen)")"
ok 'its log has no gap and nothing twice either' whole "$(job frozen)"
equal 'it has still failed' failed "$(sql "SELECT status FROM job WHERE id = $(job frozen)")"
ok 'the one that was to be run again was' within 120 status_is "$(sql "SELECT max(id) FROM job WHERE name = 'again'")" success
equal 'once' 2 "$(sql "SELECT count(*) FROM job WHERE name = 'again'")"
ok 'with every line once' whole "$(sql "SELECT max(id) FROM job WHERE name = 'again'")" 600
equal 'no job is left over' 0 "$(sql "SELECT count(*) FROM job WHERE status NOT IN ('success', 'failed')")"
equal 'the pipeline has failed' failed "$(sql 'SELECT status FROM pipeline')"
done_testing
