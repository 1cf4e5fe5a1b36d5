#!/bin/sh
# `hearth up` alone: a push runs its jobs on the local runner, and artifacts go from job to job.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
export HEARTH_MAX_ARTIFACT_BYTES=200000
LOCAL_RUNNER=
given_instance
given_user alice
given_user eve
given_project team/app alice private
given_repository "$WORK/app"
cat >"$WORK/app/.gitlab-ci.yml" <<'END'
stages: [build, test, deploy]
build:
  stage: build
  script:
    - mkdir -p out/deep && echo "built $CI_COMMIT_SHA" >out/deep/version
    - echo '<script>alert(1)</script>' >out/page.html
    - ln -s deep/version out/link
    - git status --short
  artifacts:
    paths: [out/]
    exclude: [out/**/*.tmp]
    expire_in: 1 week
test:
  script:
    - grep "built $CI_COMMIT_SHA" out/deep/version
    - grep built out/link
alone:
  needs: []
  script: ["test ! -e out"]
huge:
  stage: deploy
  script: [head -c 300000 /dev/urandom >big]
  artifacts: {paths: [big]}
  allow_failure: true
END
git -C "$WORK/app" add .gitlab-ci.yml && git -C "$WORK/app" commit -q -m 'ci: begin'
SHA=$(git -C "$WORK/app" rev-parse HEAD)
P=/projects/team%2Fapp

# job FIELD NAME    of the latest run of that name
job() {
	api alice GET "$P/jobs?per_page=100" | jq -r "map(select(.name == \"$2\")) | .[0].$1"
}
is() {
	[ "$(job status "$2")" = "$1" ]
}
log_of() {
	api alice GET "$P/jobs/$(job id "$1")/trace"
}

ok 'a push goes in' git_http alice -C "$WORK/app" push -q "$URL/team/app.git" main
ok 'the local runner builds it' within 60 is success build
ok 'the next job got what the first left' within 60 is success test
ok 'a job that needs nothing gets nothing' within 60 is success alone
ok 'what is too large fails the job' within 60 is failed huge
says 'and says the limit' 'limit of 200000 bytes' log_of huge
says 'the log tells what was sent' 'Uploading artifacts' log_of build
says 'and what was taken' 'Downloading artifacts for build' log_of test

# --- people
BUILD=$(job id build)
ok 'the whole archive is downloaded' sh -c "curl -sf -H 'PRIVATE-TOKEN: $(token_of alice)' \
	-o '$WORK/a.zip' '$URL/api/v4$P/jobs/$BUILD/artifacts' && python3 -m zipfile -t '$WORK/a.zip'"
says 'one file of it' "^built $SHA\$" api alice GET "$P/jobs/$BUILD/artifacts/out/deep/version"
says 'the latest of a branch' "^built $SHA\$" \
	api alice GET "$P/jobs/artifacts/main/raw/out/deep/version?job=build"
says 'the job has its file in the API' 'artifacts.zip' api alice GET "$P/jobs/$BUILD"
says 'and when it ends' '"artifacts_expire_at":"20' api alice GET "$P/jobs/$BUILD"
equal 'a stranger sees none' 404 "$(status_of -H "PRIVATE-TOKEN: $(token_of eve)" "$URL/api/v4$P/jobs/$BUILD/artifacts")"
page() {
	curl -si -H "PRIVATE-TOKEN: $(token_of alice)" "$URL/team/app/-/jobs/$BUILD$1"
}
says 'the job page offers them' "/-/jobs/$BUILD/artifacts/browse" page ''
says 'a folder is browsed' 'artifacts/file/out/page.html' page /artifacts/browse/out
says 'a page that the job made is text' '^Content-Type: text/plain' page /artifacts/raw/out/page.html
says 'and sandboxed' '^Content-Security-Policy: .*sandbox' page /artifacts/raw/out/page.html
api alice POST "$P/jobs/$BUILD/artifacts/keep" >/dev/null
equal 'they can be kept' 200 "$(cat "$WORK/status")"
says 'for good' '"artifacts_expire_at":null' api alice GET "$P/jobs/$BUILD"
api alice DELETE "$P/jobs/$BUILD/artifacts" >/dev/null
equal 'and removed' 204 "$(cat "$WORK/status")"
equal 'then they are gone' 404 "$(status_of -H "PRIVATE-TOKEN: $(token_of alice)" "$URL/api/v4$P/jobs/$BUILD/artifacts")"
api alice POST "$P/jobs/$(job id test)/retry" >/dev/null
ok 'a job that needs them fails' within 60 is failed test
equal 'with that reason' missing_dependency_failure "$(job failure_reason test)"

# --- stopping while a job runs
printf 'long:\n  script: [echo begun, sleep 4321.%s]\n' $$ >"$WORK/app/.gitlab-ci.yml"
git -C "$WORK/app" commit -q -a -m 'ci: take long'
ok 'a long job is pushed' git_http alice -C "$WORK/app" push -q "$URL/team/app.git" main
ok 'and runs' within 30 is running long
ok 'Ctrl-C stops it with the runner' stop_instance
refused 'no runner is left' pgrep -f "hearth-runner.*$(basename "$(readlink "$DATA/run")")"
refused 'nor its job' pgrep -f "sleep 4321\\.$$"
ok 'it starts again' again_instance
equal 'the job was reported before the server went' failed "$(job status long)"
api alice POST "$P/jobs/$(job id long)/retry" >/dev/null
ok 'and can run again' within 30 is running long
done_testing
