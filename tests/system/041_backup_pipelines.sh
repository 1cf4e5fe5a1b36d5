#!/bin/sh
# A backup of an instance that works: pipelines, logs, artifacts, secrets, deployments, merge
# requests and tasks are found again by another instance, which goes on with them.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
chmod 711 "$WORK"
PLACE=$WORK/place
mkdir "$PLACE"
chmod 777 "$PLACE"
LOCAL_RUNNER=
given_private_instance
given_user alice
given_user bob
given_project site/web alice
P=/projects/site%2Fweb
BOB=$(api alice GET "/users?username=bob" | jq -r '.[0].id')

# made PATH CURL OPTIONS...
made() {
	path=$1
	shift
	api alice POST "$path" "$@" >"$OUT"
	[ "$(cat "$WORK/status")" = 201 ]
}

# job FIELD NAME REF    of the newest job of that name on the ref
job() {
	api alice GET "$P/jobs?per_page=100" |
		jq -r "[.[] | select(.name == \"$2\" and .ref == \"$3\")][0].$1"
}

is() {
	[ "$(job status "$2" "$3")" = "$1" ]
}

ok 'bob is a member' made "$P/members" -d "user_id=$BOB" -d access_level=30
ok 'the project has a secret' made "$P/variables" -d key=SECRET -d value=correct-horse-battery \
	-d masked=true -d protected=true
ok 'one of production' made "$P/variables" -d key=PLACE_KEY -d value=staple \
	-d environment_scope=production
ok 'and the group a variable' made /groups/site/variables -d key=GREETING --data-urlencode "value=good day"
given_repository "$WORK/repo"
cat >"$WORK/repo/.gitlab-ci.yml" <<END
stages: [build, deploy]
build:
  stage: build
  script:
    - echo "\$GREETING from \$CI_COMMIT_REF_NAME"
    - mkdir out && git rev-parse HEAD >out/version
  artifacts: { paths: [out] }
deploy:
  stage: deploy
  script:
    - printf %s "\$SECRET" | sha256sum
    - cp --remove-destination out/version $PLACE/\$CI_ENVIRONMENT_NAME-\$PLACE_KEY
  environment: production
  rules: [ { if: \$CI_COMMIT_BRANCH == "main" } ]
slow:
  stage: build
  needs: []
  script: [ "until test -e $PLACE/go; do sleep 0.1; done" ]
  retry: { max: 1, when: [stuck_or_timeout_failure] }
  rules: [ { if: \$CI_COMMIT_BRANCH == "slow" } ]
END
git -C "$WORK/repo" add -A
git -C "$WORK/repo" commit -q -m "pipeline: deploy"
OLDER=$(git -C "$WORK/repo" rev-parse HEAD)
stands() {
	[ "$(cat "$PLACE/production-staple" 2>/dev/null)" = "$1" ]
}
pushed() {
	git_http alice -C "$WORK/repo" push -q "$URL/site/web.git" "$@"
}
ok 'a push' pushed main
ok 'is deployed' within 60 is success deploy main
OLDER_JOB=$(job id deploy main)
git -C "$WORK/repo" commit -q --allow-empty -m "site: say nothing"
ok 'and another' pushed main
ok 'too' within 60 stands "$(git -C "$WORK/repo" rev-parse HEAD)"
ok 'and recorded' within 60 is success deploy main
git -C "$WORK/repo" checkout -q feature
git -C "$WORK/repo" checkout -q main -- .gitlab-ci.yml
git -C "$WORK/repo" commit -q -m "pipeline: here too"
ok 'a branch' pushed feature
ok 'is built' within 60 is success build feature
ok 'has a merge request' made "$P/merge_requests" -d source_branch=feature -d target_branch=main \
	-d title=Feature
ok 'which is discussed' made "$P/merge_requests/1/discussions" -d body=Really?
api alice POST "$P/merge_requests/1/approve" >/dev/null
ok 'for a task' made "$P/issues" -d title=Task -d labels=later
ok 'a job is still running' pushed main:slow
ok 'while all this' within 60 is running slow slow

# Everything that a person would look for, as the API tells it.
state() {
	for path in "$P" "$P/members" "$P/variables" /groups/site/variables "$P/pipelines?ref=main" \
		"$P/pipelines?ref=feature" "$P/environments" "$P/deployments" \
		"$P/merge_requests" "$P/merge_requests/1" "$P/merge_requests/1/discussions" \
		"$P/merge_requests/1/versions" \
		"$P/merge_requests/1/approvals" "$P/issues" "$P/repository/branches" \
		"$P/protected_branches" "$P/jobs/$(job id build main)" \
		"$P/jobs/$(job id build main)/trace" "$P/jobs/$(job id deploy main)/trace"; do
		api alice GET "$path"
		echo "$path $(cat "$WORK/status")"
	done
	api alice GET "$P/jobs/$(job id build main)/artifacts" | sha256sum
	git_http alice ls-remote "$URL/site/web.git"
}
FILE=$WORK/hearth.tar.zst
# What follows from an act (a merge request's check, a project's last activity) comes a moment
# later: a backup counts if nothing changed meanwhile.
backed_up_at_rest() {
	rm -f "$FILE"
	state >"$WORK/before" 2>&1
	hearth backup "$FILE" && state >"$WORK/during" 2>&1 && cmp "$WORK/before" "$WORK/during"
}
ok 'all of it is backed up' within 60 backed_up_at_rest
silent 'none of it is missing' '^/.* [1345][0-9][0-9]$' cat "$WORK/before"
touch "$PLACE/go"
ok 'the first instance ends its work' within 60 is success slow slow
ok 'and stops' stop_instance

DATA=$WORK/second.data
ok 'another is made of the backup' hearth restore "$FILE"
rm "$PLACE/go"
ok 'and starts' again_instance
state >"$WORK/after" 2>&1
ok 'it tells the same' diff "$WORK/before" "$WORK/after"
touch "$PLACE/go"
SLOW=$(job id slow slow)
# Nobody hears of its runner again. Not to wait for the whole lease, it is over at once.
ran_again() {
	sql "UPDATE job SET lease_until = now() - interval '16 seconds' WHERE id = $SLOW AND status = 'running'"
	is success slow slow
}
ok 'what ran during the backup is run again' within 60 ran_again
equal 'after its first run failed' 'failed success' \
	"$(api alice GET "$P/jobs?per_page=100" |
		jq -r '[.[] | select(.name == "slow")] | sort_by(.id) | map(.status) | join(" ")')"
api alice POST "$P/jobs/$OLDER_JOB/retry" >"$OUT"
equal 'the older deployment is run again' 201 "$(cat "$WORK/status")"
ok 'with its own artifacts' within 60 stands "$OLDER"
again_log() {
	api alice GET "$P/jobs/$(job id deploy main)/trace"
}
ok 'and ends' within 60 is success deploy main
says 'the secret is what it was' "$(printf correct-horse-battery | sha256sum | cut -d ' ' -f 1)" again_log
equal 'it is on record as a rollback' "$OLDER" \
	"$(api alice GET "$P/deployments?environment=production&order_by=id&sort=desc&per_page=1" | jq -r '.[0].sha')"
done_testing
