# shellcheck shell=sh
# Words for tests of hearth-runner against a forge that is only its protocol
# (protocol_peer.py): given_peer, then given_job and final_of. Source lib.sh first.
RUNNER=${HEARTH_RUNNER_BINARY:-$ROOT/build/hearth-runner}
STATE=$WORK/state
# shellcheck disable=SC2034 # tests use it
case $(id -u) in 0) EXECUTOR=shell ;; *) EXECUTOR=bubblewrap ;; esac

# Starts the peer with one repository to fetch from; sets PEER (its address) and SHA.
given_peer() {
	mkdir "$STATE"
	chmod 711 "$WORK"
	given_repository "$WORK/site"
	SHA=$(git -C "$WORK/site" rev-parse main)
	git -C "$WORK/site" bundle create -q "$WORK/site.bundle" main
	again_peer
	within 20 test -s "$WORK/port" || give_up "no peer"
	PEER=http://127.0.0.1:$(cat "$WORK/port")
}

# Starts it, on its old port if it had one.
again_peer() {
	python3 "$ROOT/tests/support/protocol_peer.py" "$WORK/port" "$STATE" &
	PEER_PID=$!
	PIDS="$PIDS $PEER_PID"
}

# given_job ID SCRIPT_JSON [MORE FIELDS]    the answer to the next question for work
given_job() {
	cat >"$STATE/next.part" <<EOT
{"id":$1,"token":"glcbt-token-$1","job_info":{"name":"job","stage":"test","project_id":1},
"git_info":{"repo_url":"$WORK/site.bundle","ref":"main","sha":"$SHA","refspecs":["+main:refs/remotes/origin/main"],"depth":0},
"runner_info":{"timeout":${TIMEOUT:-60}},
"variables":[{"key":"GREETING","value":"hello \$WHO"},{"key":"WHO","value":"world"},
{"key":"PASSWORD","value":"hunter2000","masked":true},{"key":"KEYFILE","value":"key text","file":true}],
"steps":[{"name":"script","script":$2,"when":"on_success"},
{"name":"after_script","script":["echo after \$CI_JOB_STATUS"],"when":"always","allow_failure":true}]${3:-}}
EOT
	mv "$STATE/next.part" "$STATE/next.json"
}

# final_of ID [SECONDS]    prints the job's last report
final_of() {
	within "${2:-30}" test -s "$STATE/$1.final" && cat "$STATE/$1.final"
}
