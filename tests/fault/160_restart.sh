#!/bin/sh
# The forge is stopped, or killed as a whole, and started again, or its database is away, while a
# registered runner works: each job goes on and ends once and well, whatever the length of the gap, but a deployment, which
# its runner ends when the gap was longer than a lease. No line of a log is lost or doubled.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
chmod 711 "$WORK"
given_instance
given_user alice
given_project alice/site alice
RUNNER_JOBS=4
given_runner
SITE=$WORK/site
PROJECT=alice%2Fsite
# How it is stopped, and the seconds since the end of the newest lease (it lapses at 15). A short
# run lets leases be over, a long one waits until they are.
case ${FAULT_ROUNDS:-${FAULT_LENGTH:-short}} in
long) ROUNDS="kill:16 database:20" OUTCOME=failed ;;
short) ROUNDS="int:-55 kill:-55 term:13 kill:16" ;;
*) ROUNDS=$FAULT_ROUNDS OUTCOME=failed ;;
esac
# Of the deployment.
OUTCOME=${OUTCOME:-success}

is() {
	[ "$(sql "$1")" = "$2" ]
}

log_of() {
	api alice GET "/projects/$PROJECT/jobs/$1/trace" | tr -d '\r' | sed -n 's/^line \([0-9]*\)$/\1/p'
}

# As kill -9 of a whole host would; what the roles started dies with them.
kill_instance() {
	# shellcheck disable=SC2046 # numbers of processes
	kill -9 "$UP" $(pgrep -P "$UP")
	wait "$UP" 2>/dev/null
	PIDS=$(echo "$PIDS" | sed "s/ $UP\\b//")
}

# Nobody comes in, as when the server is down.
close_database() {
	psql -qtA "$HEARTH_TEST_POSTGRES dbname=postgres" -c "ALTER DATABASE $DATABASE ALLOW_CONNECTIONS false" \
		-c "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '$DATABASE'"
}

open_database() {
	psql -qtA "$HEARTH_TEST_POSTGRES dbname=postgres" -c "ALTER DATABASE $DATABASE ALLOW_CONNECTIONS true"
}

# be_over SECONDS
be_over() {
	sql "UPDATE job SET lease_until = least(lease_until, now() - $1 * interval '1 second')
		WHERE lease_until IS NOT NULL"
}

newest_lease() {
	sql "SELECT extract(epoch FROM max(lease_until))::bigint FROM job"
}

passed() {
	[ "$(date +%s)" -ge "$1" ]
}

git init -q "$SITE"
cat >"$SITE/.gitlab-ci.yml" <<EOF
.lines:
  script:
    - i=1; while [ \$i -le 400 ] || [ ! -e $WORK/go-on ]; do echo line \$i; i=\$((i + 1)); sleep 0.05; done
talks: { extends: .lines }
deploys: { extends: .lines, environment: preview }
silent:
  script: [ 'until [ -e $WORK/go-on ]; do sleep 0.1; done', 'echo line 1' ]
ends:
  script: [ 'echo line 1', 'until [ -e $WORK/end ]; do sleep 0.1; done', 'echo line 2' ]
EOF
git -C "$SITE" add . && git -C "$SITE" commit -q -m "ci: jobs that outlive the forge"
ok 'a pipeline is pushed' git_http alice -C "$SITE" push -q "$URL/alice/site.git" main
ok 'all its jobs run' within 60 is "SELECT count(*) FROM job WHERE status = 'running' AND trace_length > 300" 4

for round in $ROUNDS; do
	gap=${round#*:}
	END=$(newest_lease)
	case ${round%:*} in
	int) ok "$round: the forge is stopped" stop_instance ;;
	term)
		kill -TERM "$UP"
		wait "$UP"
		equal "$round: the forge is ended" 0 $?
		PIDS=$(echo "$PIDS" | sed "s/ $UP\\b//")
		;;
	kill) ok "$round: the forge is killed" kill_instance ;;
	database) ok "$round: the database is gone" close_database ;;
	esac
	[ -n "${FAULT_ROUNDS:-}" ] || [ "${FAULT_LENGTH:-short}" = long ] || be_over "$gap"
	[ "${round%:*}" = database ] || END=$(newest_lease)
	# One job ends while nobody hears of it.
	: >"$WORK/end"
	ok "$round: the leases are over for $gap s" within 150 passed $((END + gap))
	[ "${round%:*}" != database ] || ok "$round: it is there again" open_database
	LENGTHS=$(sql "SELECT sum(trace_length) FROM job")
	longer() {
		[ "$(sql "SELECT sum(trace_length) FROM job")" -gt "$LENGTHS" ]
	}
	[ "${round%:*}" = database ] || ok "$round: the forge is back" again_instance
	ok "$round: the logs go on" within 60 longer
	ok "$round: all leases are renewed" within 60 is \
		"SELECT count(*) FROM job WHERE status = 'running' AND lease_until < now() + interval '20 seconds'" 0
done
: >"$WORK/go-on"
chmod 644 "$WORK/go-on"

ok 'all jobs succeed that may' within 120 is \
	"SELECT string_agg(status, ' ' ORDER BY name) FROM job" "$OUTCOME success success success"
equal 'and there are no others' 4 "$(sql 'SELECT count(*) FROM job')"
equal 'the pipeline says so' $OUTCOME "$(sql 'SELECT status FROM pipeline')"
equal 'the deployment too' $OUTCOME "$(sql "SELECT string_agg(status, ' ') FROM deployment")"
for job in $(sql "SELECT id FROM job WHERE name IN ('talks', 'deploys')"); do
	log_of "$job" >"$WORK/lines"
	COUNT=$(wc -l <"$WORK/lines")
	ok "job $job wrote all it had to say" test "$COUNT" -ge 400
	ok "job $job: every line is there once" sh -c "seq 1 $COUNT | cmp - '$WORK/lines'"
done
equal 'the silent one wrote one line' 1 "$(log_of "$(sql "SELECT id FROM job WHERE name = 'silent'")")"
equal 'the one that ended meanwhile wrote two' "1 2" \
	"$(log_of "$(sql "SELECT id FROM job WHERE name = 'ends'")" | tr '\n' ' ' | sed 's/ $//')"
[ $OUTCOME = success ] || says 'its log says why' 'this job was ended, because the forge was not heard for 60 seconds' \
	api alice GET "/projects/$PROJECT/jobs/$(sql "SELECT id FROM job WHERE name = 'deploys'")/trace"
done_testing
