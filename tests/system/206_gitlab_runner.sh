#!/bin/sh
# An unmodified GitLab Runner serves this forge. Its words as they were recorded are played
# always; where a `gitlab-runner` is on PATH, the real one runs the same jobs as well.
. "$(dirname "$0")/../support/lib.sh"
given_instance
given_user alice
given_project shop/site alice private
P=/projects/shop%2Fsite
REAL=$(command -v gitlab-runner)
HOME=$WORK
export HOME
api alice POST "$P/variables" -d key=PASSWORD -d value=hunter2000 -d masked=true >/dev/null
api alice POST "$P/variables" -d key=KEYFILE -d 'value=key text' -d variable_type=file >/dev/null

git init -q "$WORK/site"
cat >"$WORK/site/.gitlab-ci.yml" <<'EOT'
stages: [build, test, end]
build:
  stage: build
  script: ['echo "pw=$PASSWORD"', cat $KEYFILE, mkdir out && echo built > out/a.txt]
  after_script: [echo after $CI_JOB_STATUS]
  artifacts: {paths: [out/], expire_in: 1 day}
test:
  stage: test
  script: [cat out/a.txt, git clone -q "$CI_REPOSITORY_URL" again && ls -a again, echo tick 4]
soft:
  stage: test
  script: [exit 42]
  allow_failure: {exit_codes: [42]}
slow:
  stage: test
  allow_failure: true
  timeout: 10 seconds
  script: [sleep 300]
long:
  stage: end
  script: [echo begun, sleep 300]
EOT
git -C "$WORK/site" add . && git -C "$WORK/site" commit -q -m "ci: begin"
git -C "$WORK/site" remote add origin "$URL/shop/site.git"

# job NAME FIELD       of the newest pipeline
job() {
	api alice GET "$P/pipelines/$PIPELINE/jobs?per_page=100" >/dev/null
	python3 -c 'import json, sys
for job in json.load(open(sys.argv[1])):
    if job["name"] == sys.argv[2]: print(job[sys.argv[3]])' "$WORK/body" "$1" "$2"
}
job_is() { test "$(job "$1" status)" = "$2"; }
log_of() { api alice GET "$P/jobs/$(job "$1" id)/trace"; }

# given_pipeline BRANCH    pushes it; sets PIPELINE and GLRT, the token of a new runner
given_pipeline() {
	git_http alice -C "$WORK/site" push -q origin "HEAD:refs/heads/$1" >"$OUT" 2>&1 || give_up "no push" "$OUT"
	api alice GET "$P/pipelines?ref=$1" >/dev/null
	PIPELINE=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[0]["id"])' "$WORK/body")
	GLRT=$(hearth runner create --project shop/site --description "$1")
}

# cancel_and_check WHO    once `long` runs
cancel_and_check() {
	within 120 job_is long running || give_up "$1: long did not begin" "$WORK/$1.log"
	api alice POST "$P/jobs/$(job long id)/cancel" >/dev/null
	ok "$1: a cancelled job ends as that" within 120 job_is long canceled
	equal "$1: build succeeds" success "$(job build status)"
	says "$1: a masked value is masked" '^pw=\[MASKED\]' log_of build
	silent "$1: and nowhere in the log" hunter2000 log_of build
	says "$1: a file variable is a file" '^key text' log_of build
	says "$1: after_script runs" '^after success' log_of build
	equal "$1: test succeeds" success "$(job test status)"
	says "$1: with the artifacts of build" '^built' log_of test
	says "$1: and its whole log" '^tick 4' log_of test
	equal "$1: an exit code that is allowed fails alone" failed "$(job soft status)"
	equal "$1: a job that took too long failed" failed "$(job slow status)"
	equal "$1: for that reason" job_execution_timeout "$(job slow failure_reason)"
	api alice GET "$P/jobs/$(job build id)/artifacts/out/a.txt" >/dev/null
	equal "$1: people get the artifacts too" built "$(cat "$WORK/body")"
	api alice GET "$P/pipelines/$PIPELINE" >/dev/null
	says "$1: the pipeline is canceled with its job" '"status":"canceled"' cat "$WORK/body"
}

for dialect in 15 19; do
	given_pipeline "recorded-$dialect"
	python3 "$ROOT/tests/support/gitlab_runner_peer.py" "$URL" "$GLRT" "$dialect" until long \
		>"$WORK/recorded-$dialect.log" 2>&1 &
	peer=$!
	PIDS="$PIDS $peer"
	cancel_and_check "recorded-$dialect"
	wait "$peer"
	status=$?
	cp "$WORK/recorded-$dialect.log" "$OUT"
	ok "recorded-$dialect: every answer was of the kind that it takes" test "$status" -eq 0
	says "recorded-$dialect: and it has left" '^DELETE /runners(/managers)? 204' cat "$WORK/recorded-$dialect.log"
done

if [ -z "$REAL" ]; then
	echo "skipped: no gitlab-runner on PATH; what one said was played instead"
	done_testing
fi
given_pipeline real
ok 'real: it registers' "$REAL" register --non-interactive --config "$WORK/real.toml" --url "$URL" \
	--token "$GLRT" --executor shell --name real
sed -i 's/^concurrent.*/concurrent = 3/; s/^check_interval.*/check_interval = 1/' "$WORK/real.toml"
mkdir "$WORK/real"
"$REAL" run --config "$WORK/real.toml" --working-directory "$WORK/real" >"$WORK/real.log" 2>&1 &
RUN=$!
PIDS="$PIDS $RUN"
cancel_and_check real
says 'real: a job clones by its own token' '^\.gitlab-ci\.yml' log_of test
says 'real: the server hears what it is' '"version":"1[0-9.]+"' api alice GET "/runners/$(api alice GET "$P/runners" | sed 's/.*"id":\([0-9]*\),[^{}]*"description":"real".*/\1/')"
kill -QUIT "$RUN"
wait "$RUN"
ok 'real: it leaves' "$REAL" unregister --config "$WORK/real.toml" --all-runners
done_testing
