#!/bin/sh
# A real hearth-runner against a real forge: jobs come over the Redis queue and without it, their
# logs arrive whole, and nothing that is killed meanwhile loses or doubles a byte.
. "$(dirname "$0")/../support/lib.sh"
chmod 711 "$WORK"
QUEUE_PORT=$(free_port)
HEARTH_RUNNER_REDIS=127.0.0.1:$QUEUE_PORT
export HEARTH_RUNNER_REDIS
given_instance
given_user alice
given_project alice/site alice
METRICS=127.0.0.1:$(free_port)
RUNNER_JOBS=3
RUNNER_SETTINGS="metrics_listen = $METRICS"
given_runner
SITE=$WORK/site
PROJECT=alice%2Fsite
LINES=300

# pushed FILE_TEXT     the pipeline file's next version is on main
pushed() {
	printf '%s\n' "$1" >"$SITE/.gitlab-ci.yml"
	git -C "$SITE" add .gitlab-ci.yml
	git -C "$SITE" commit -q -m "ci: run" --allow-empty
	git_http alice -C "$SITE" push -q "$URL/alice/site.git" main >"$OUT" 2>&1
}

# job NAME     the id of the newest one of that name
job() {
	sql "SELECT max(id) FROM job WHERE name = '$1'"
}

# ended SECONDS STATUS COUNT     so many jobs have this status
ended() {
	within "$1" has_ended "$2" "$3"
}

has_ended() {
	[ "$(sql "SELECT count(*) FROM job WHERE status = '$1'")" = "$2" ]
}

log_of() {
	api alice GET "/projects/$PROJECT/jobs/$1/trace"
}

# The numbered lines of a log are there once each, in order.
whole_log() {
	log_of "$1" | tr -d '\r' | sed -n 's/^line \([0-9]*\)$/\1/p' >"$WORK/lines"
	seq 1 "$LINES" | cmp -s - "$WORK/lines"
}

permits() {
	curl -s "http://$METRICS/metrics" | sed -n 's/^hearth_runner_permits_total //p'
}

# killed PATTERN     the program that hearth up started, as a crash would
killed() {
	kill -9 "$(pgrep -P "$UP" -f "$1")"
}

redis() {
	redis-cli -s "$DATA/run/redis.sock" --user hearth --pass "$(cat "$DATA/keys/redis")" --no-auth-warning "$@"
}

COUNTING="i=1; while [ \$i -le $LINES ]; do echo line \$i; i=\$((i + 1)); sleep 0.01; done"

git init -q "$SITE"

# --- by the queue

has_users() {
	[ "$(redis ACL USERS | grep -c hearth-runner-)" = "$1" ]
}

has_permits() {
	[ "$(permits)" -ge 1 ]
}

ok 'the runner has a Redis user of its own' within 10 has_users 1
RUNNER_USER=$(redis ACL USERS | grep hearth-runner-)
says 'which may read its stream' 'xreadgroup' redis ACL GETUSER "$RUNNER_USER"
silent 'and write nothing' '\+xadd|\+@|allcommands' redis ACL GETUSER "$RUNNER_USER"

# --- and over the network

verify() {
	curl -s -H 'Content-Type: application/json' "$URL/api/v4/runners/verify" \
		-d "{\"token\":\"$RUNNER_TOKEN\",\"info\":{\"features\":{$1}}}"
}

# A queue is offered while Redis answers; it is kept in a file.
offered() {
	verify '"redis_queue":true' >"$WORK/offer" && [ -n "$(of stream)" ]
}

# of KEY     of the queue that was offered
of() {
	python3 -c "import json, sys; print(json.load(open(sys.argv[1]))['queue']['$1'])" "$WORK/offer"
}

as_runner() {
	timeout 5 redis-cli -p "$QUEUE_PORT" --no-auth-warning --user "$QUEUE_USER" --pass "$QUEUE_PASSWORD" "$@"
}

silent 'who does not ask for a queue is offered none' queue verify ''
ok 'who does is offered one' within 20 offered
says 'and learns the address' "127.0.0.1:$QUEUE_PORT" of addresses
QUEUE_USER=$(of user) QUEUE_PASSWORD=$(of password) QUEUE_STREAM=$(of stream)
says 'a stranger may do nothing there' NOAUTH redis-cli -p "$QUEUE_PORT" KEYS '*'
silent 'the runner reads its stream' 'WRONGPASS|NOAUTH|NOPERM|NOGROUP' as_runner XREADGROUP GROUP runners test COUNT 1 NOACK STREAMS "$QUEUE_STREAM" '>'
says 'but no other' NOPERM as_runner XREADGROUP GROUP runners test COUNT 1 NOACK STREAMS hearth:queue:other '>'
says 'and changes nothing' NOPERM as_runner XADD "$QUEUE_STREAM" '*' job 1
says 'and hears of nothing else' NOPERM as_runner SUBSCRIBE hearth:live

ok 'a pipeline file is pushed' pushed "count: { script: [ '$COUNTING' ] }"
ok 'and its job succeeds' ended 60 success 1
COUNT=$(job count)
ok 'its log has every line once' whole_log "$COUNT"
says 'and ends with the verdict' 'Job succeeded' log_of "$COUNT"
equal 'the raw page says the same as the API' "$(log_of "$COUNT" | cksum)" \
	"$(curl -s -H "PRIVATE-TOKEN: $(token_of alice)" "$URL/alice/site/-/jobs/$COUNT/raw" | cksum)"
equal 'a stranger does not see it' 404 "$(status_of "$URL/api/v4/projects/$PROJECT/jobs/$COUNT/trace" -H 'PRIVATE-TOKEN: x' | sed s/401/404/)"

# --- a silent job that somebody cancels

ok 'a job is pushed that says nothing' pushed "silent: { script: [ 'sleep 78123.$$' ], after_script: [ 'echo tidied up' ] }"
sleeps() {
	pgrep -f "^sleep 78123\\.$$\$"
}
gone() {
	! sleeps
}
ok 'it sleeps' within 30 sleeps
CANCEL_AT=$(date +%s)
says 'it is canceled' '"status":"cancel' api alice POST "/projects/$PROJECT/jobs/$(job silent)/cancel"
ok 'its process goes soon' within 10 gone
ok 'and it has ended' ended 20 canceled 1
ok 'soon' test $(($(date +%s) - CANCEL_AT)) -le 15
says 'after its after_script' 'tidied up' log_of "$(job silent)"

# --- the streams of the pages

ok 'a job is pushed whose page is open' pushed "watched: { script: [ '$COUNTING' ] }"
there_is() {
	[ -n "$(job "$1")" ]
}
ok 'there is a job to watch' within 20 there_is watched
curl -sN --max-time 60 -H "PRIVATE-TOKEN: $(token_of alice)" \
	"$URL/alice/site/-/jobs/$(job watched)/trace.stream" >"$WORK/stream" &
STREAM=$!
curl -sN --max-time 60 -H "PRIVATE-TOKEN: $(token_of alice)" \
	"$URL/alice/site/-/pipelines/$(sql 'SELECT max(id) FROM pipeline')/stream" >"$WORK/pipeline.stream" &
PIPELINE_STREAM=$!
ended 60 success 2
wait "$STREAM"
wait "$PIPELINE_STREAM"
says 'the stream tells of the growing log' 'data: [1-9][0-9]* running' cat "$WORK/stream"
says 'and of the end' 'data: success' cat "$WORK/stream"
says "so does the pipeline's" 'event: end' cat "$WORK/pipeline.stream"

ok 'the runner was told by permits' within 20 has_permits

# --- the web role is killed while a log comes

ok 'a job is pushed that web does not survive' pushed "hit: { script: [ '$COUNTING' ] }"
has_log() {
	grep -q line "$DATA/traces/$(printf %02x $(($(job "$1") % 256)))/$(job "$1")"
}
ok 'its log begins' within 30 has_log hit
for _ in 1 2 3; do
	ok 'web is killed' killed 'serve --role web'
	within 20 curl -sf "$URL/-/health"
	sleep 0.3
done
ok 'it succeeds all the same' ended 90 success 3
ok 'and its log has every line once' whole_log "$(job hit)"

# --- Redis is emptied every second

(while sleep 1; do redis FLUSHALL; done) >/dev/null 2>&1 &
FLUSHER=$!
PIDS="$PIDS $FLUSHER"
i=0
while [ $i -lt 5 ]; do
	pushed "flushed: { script: [ 'echo $i' ] }"
	i=$((i + 1))
	sleep 1.3
done
ok 'every job runs although Redis is emptied every second' ended 90 success 8
kill "$FLUSHER"

# --- a runner that is removed loses its user

ok 'a second runner is made' hearth runner create --description second
ok 'work makes its user' within 20 has_users 2
sql "DELETE FROM runner WHERE description = 'second'"
ok 'and removes it with the runner' within 20 has_users 1

# --- Redis is gone, and comes back

ok 'Redis is killed' killed redis-server
ok 'a job is pushed while Redis is down' pushed "down: { script: [ 'echo down' ] }"
ok 'and runs' ended 60 success 9

# --- without any Redis: the question is held by the forge

kill "$RUNNER_PID"
wait "$RUNNER_PID"
stop_instance
HEARTH_REDIS_URL=none
export HEARTH_REDIS_URL
ok 'the instance starts without Redis' again_instance

# A question by hand: it is held until there is a job, and no longer.
ask() {
	curl -s -o "$WORK/claim" -w '%{http_code} %{time_total}' --max-time 70 \
		-H 'Content-Type: application/json' "$URL/api/v4/jobs/request" \
		-d "{\"token\":\"$RUNNER_TOKEN\"$1}"
}

claim_field() {
	python3 -c "import json, sys; print(json.load(open(sys.argv[1]))['$1'])" "$WORK/claim"
}

says 'who does not wait is answered at once' '^204 0\.' ask ''
ask ',"last_update":"x"' >"$WORK/asked" &
ASKING=$!
sleep 3
ok 'a job is pushed for a runner that waits' pushed "held: { script: [ 'echo held' ] }"
PUSHED_AT=$(date +%s)
wait "$ASKING"
says 'it gets the job' '^201 ' cat "$WORK/asked"
ok 'within a moment' test $(($(date +%s) - PUSHED_AT)) -le 3
equal 'it ends it by hand' 200 "$(status_of -X PUT -H 'Content-Type: application/json' "$URL/api/v4/jobs/$(claim_field id)" \
	-d "{\"token\":\"$(claim_field token)\",\"state\":\"success\"}")"
again_runner
ok 'a job is pushed' pushed "polled: { script: [ 'echo polled' ] }"
ok 'and runs within seconds' ended 15 success 11

kill "$RUNNER_PID"
wait "$RUNNER_PID"
equal 'a runner that is told to end drains and ends well' 0 $?
equal 'no job ran twice' 12 "$(sql 'SELECT count(*) FROM job')"
done_testing
