#!/bin/sh
# PostgreSQL dies and comes back, again and again, while jobs run and a deployment goes on: each
# job ends once and well, no line of a log is lost or doubled, no two deployments met.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
chmod 711 "$WORK"
given_private_instance
given_user alice
given_project alice/site alice
RUNNER_JOBS=4
given_runner
SITE=$WORK/site
PROJECT=alice%2Fsite
PLACE=$WORK/place
mkdir "$PLACE"
chmod 777 "$PLACE"
case ${FAULT_LENGTH:-short} in
long) ROUNDS="1 2 3 4 5 6 7 8" ;;
*) ROUNDS="1 2 3" ;;
esac

is() {
	[ "$(sql "$1")" = "$2" ]
}

postgres_pid() {
	pgrep -P "$UP" -f "postgres -D $DATA/postgres"
}

is_new() {
	now=$(postgres_pid) && [ "$now" != "$KILLED" ] && [ -n "$(sql 'SELECT 1')" ]
}

log_of() {
	api alice GET "/projects/$PROJECT/jobs/$1/trace" | tr -d '\r' | sed -n 's/^line \([0-9]*\)$/\1/p'
}

git init -q "$SITE"
cat >"$SITE/.gitlab-ci.yml" <<END
.lines:
  script:
    - i=1; while [ \$i -le 400 ] || [ ! -e $WORK/go-on ]; do echo line \$i; i=\$((i + 1)); sleep 0.05; done
one: { extends: .lines }
two: { extends: .lines }
deploy:
  script:
    - mkdir $PLACE/lock || touch $PLACE/met
    - until [ -e $WORK/go-on ]; do sleep 0.1; done
    - rmdir $PLACE/lock
  environment: preview
END
git -C "$SITE" add . && git -C "$SITE" commit -q -m "ci: jobs beside a database that dies"
ok 'a pipeline is pushed' git_http alice -C "$SITE" push -q "$URL/alice/site.git" main
ok 'all its jobs run' within 60 is "SELECT count(*) FROM job WHERE status = 'running' AND trace_length > 100" 3
git -C "$SITE" commit -q --allow-empty -m "ci: once more"
ok 'another pipeline waits for the deployment' git_http alice -C "$SITE" push -q "$URL/alice/site.git" main

for round in $ROUNDS; do
	KILLED=$(postgres_pid)
	ok "round $round: PostgreSQL is killed" kill -9 "$KILLED"
	ok "round $round: and comes back" within 60 is_new
	if [ "$round" = 2 ]; then
		ok "round $round: work is killed as well" kill -9 "$(pgrep -P "$UP" -f 'serve --role work')"
	fi
	LENGTHS=$(sql "SELECT sum(trace_length) FROM job")
	longer() {
		[ "$(sql "SELECT sum(trace_length) FROM job")" -gt "$LENGTHS" ]
	}
	ok "round $round: the logs go on" within 60 longer
done
: >"$WORK/go-on"
chmod 644 "$WORK/go-on"

ok 'all jobs succeed' within 150 is "SELECT count(*) FROM job WHERE status = 'success'" 6
equal 'and there are no others' 6 "$(sql 'SELECT count(*) FROM job')"
equal 'both pipelines say so' "success success" \
	"$(sql "SELECT string_agg(status, ' ') FROM pipeline")"
for job in $(sql "SELECT id FROM job WHERE name IN ('one', 'two')"); do
	log_of "$job" >"$WORK/lines"
	COUNT=$(wc -l <"$WORK/lines")
	ok "job $job wrote all it had to say" test "$COUNT" -ge 400
	ok "job $job: every line is there once" sh -c "seq 1 $COUNT | cmp - '$WORK/lines'"
done
equal 'both deployments succeeded' 2 "$(sql "SELECT count(*) FROM deployment WHERE status = 'success'")"
refused 'and never met' test -e "$PLACE/met"
done_testing
