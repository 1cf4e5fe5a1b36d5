#!/bin/sh
# What a job is given, seen from inside of one: variables by precedence, files, masks in its log,
# its token as a credential for git and the API, and its commit although the branch was rewritten.
. "$(dirname "$0")/../support/lib.sh"
chmod 711 "$WORK"
given_instance
given_user alice
given_project alice/site alice
given_project alice/other alice
given_runner
SITE=$WORK/site
PROJECT=alice%2Fsite

# pushed BRANCH FILE_TEXT [PUSH_OPTION...]
pushed() {
	branch=$1
	printf '%s\n' "$2" >"$SITE/.gitlab-ci.yml"
	shift 2
	git -C "$SITE" add .gitlab-ci.yml
	git -C "$SITE" commit -q -m 'Say $SECRET' --allow-empty
	git_http alice -C "$SITE" push -q -f "$@" "$URL/alice/site.git" "HEAD:$branch" >"$OUT" 2>&1
}

job() {
	sql "SELECT max(id) FROM job WHERE name = '$1'"
}

has_status() {
	[ "$(sql "SELECT status FROM job WHERE name = '$1' ORDER BY id DESC LIMIT 1")" = "$2" ]
}

log_of() {
	api alice GET "/projects/$PROJECT/jobs/$(job "$1")/trace" | tr -d '\r'
}

# variable KEY VALUE [curl words...]
variable() {
	key=$1 value=$2
	shift 2
	set -- "$@" --data-urlencode "key=$key" --data-urlencode "value=$value"
	curl -sf -H "PRIVATE-TOKEN: $(token_of alice)" "$@" "$URL/api/v4/projects/$PROJECT/variables"
}

git init -q "$SITE"
ok 'main is there first' pushed main 'first: { script: [ "true" ] }'

# --- what a job sees

ok 'a masked variable is stored' variable SECRET swordfish-1 -d masked=true
ok 'a protected one' variable GUARDED only-on-main -d protected=true
ok 'a file' variable SETTINGS 'two
lines' -d variable_type=file
ok 'a raw one' variable RAW 'p$SECRET' -d raw=true
ok 'one for staging' variable PLACE staging-value -d environment_scope=staging
ok 'and one for everywhere' variable PLACE any-value

LOOK='look:
  variables: { FROM_FILE: "$CI_COMMIT_REF_NAME-$GIVEN", PLACE: file }
  script:
    - echo "secret [$SECRET] guarded [$GUARDED] raw [$RAW] place [$PLACE] from [$FROM_FILE]"
    - echo "file [$(cat "$SETTINGS" | tr "\n" +)]"
    - echo "message [$CI_COMMIT_MESSAGE] on [$HEARTH_ENVIRONMENT] by [$GITLAB_USER_LOGIN]"
    - echo "head [$(git rev-parse HEAD)] is [$CI_COMMIT_SHA] in [$(basename "$PWD")]"
    - echo "remote [$(git remote get-url origin)] has [$(git ls-remote -q origin refs/heads/main | cut -c42-)]"
'
ok 'a branch is pushed with a variable' pushed feature "$LOOK" -o ci.variable=GIVEN=by-hand
ok 'its job succeeds' within 60 has_status look success
says 'masked values are not in its log' 'secret \[\[MASKED\]\]' log_of look
says 'protected ones are not given to a branch that is not' 'guarded \[\]' log_of look
says 'a raw value is as it was written' 'raw \[p\$SECRET\]' log_of look
says 'a stored value stands over the file' 'place \[any-value\]' log_of look
says 'a value of the file refers to others' 'from \[feature-by-hand\]' log_of look
says 'a file variable is a path' 'file \[two\+lines\]' log_of look
says 'a commit message gives no secret away' 'message \[Say \$SECRET\] on \[testing\] by \[alice\]' log_of look
says 'the commit is checked out' "head \[$(git -C "$SITE" rev-parse HEAD)\] is \[$(git -C "$SITE" rev-parse HEAD)\]" log_of look
# git hands the URL of a remote to its helper as an argument, which every user of the host may read.
says 'the address that git is given has no token, and still opens the repository' \
	"remote \\[$URL/alice/site.git\\] has \\[refs/heads/main\\]" log_of look
silent 'the value is in no file of the log' 'swordfish-1' cat "$DATA/traces"/*/*

ok 'main is pushed' pushed main "$LOOK"
ok 'its job succeeds' within 60 has_status look success
says 'a protected branch gets protected ones' 'guarded \[only-on-main\]' log_of look
says 'and is production' 'on \[production\]' log_of look

STAGED='staged: { script: [ "echo place [$PLACE] at [$CI_ENVIRONMENT_SLUG] [$CI_ENVIRONMENT_URL] [$CI_ENVIRONMENT_TIER]" ],
  environment: { name: staging, url: "http://x/$CI_ENVIRONMENT_SLUG" } }'
ok 'stage is pushed' pushed stage "$STAGED"
ok 'its deploy job succeeds' within 60 has_status staged success
says 'it gets the variables of its environment' 'place \[staging-value\] at \[staging\] \[http://x/staging\] \[staging\]' log_of staged

# --- a manual job, by a person who says more

ok 'a branch has a manual job' pushed by-hand 'ship: { when: manual, script: [ "echo shipping [$VERSION] for [$CUSTOMER]" ] }'
api alice POST "/projects/$PROJECT/jobs/$(job ship)/play" -H 'Content-Type: application/json' \
	-d '{"job_variables_attributes":[{"key":"VERSION","value":"7"},{"key":"CUSTOMER","value":"Per & Co"}]}' >"$OUT"
ok 'it is started by the API' within 60 has_status ship success
says 'with what it was given' 'shipping \[7\] for \[Per & Co\]' log_of ship
api alice POST "/projects/$PROJECT/jobs/$(job ship)/retry" >"$OUT"
ok 'it is run again' within 60 has_status ship success
says 'with the same' 'shipping \[7\] for \[Per & Co\]' log_of ship

# --- the token of a job

HOLD='hold:
  script:
    - |
      git ls-remote -q "$CI_REPOSITORY_URL" refs/heads/main | cut -c41-
      here="$CI_API_V4_URL/projects/$CI_PROJECT_ID"
      curl -s -o /dev/null -w "api %{http_code}\n" -H "JOB-TOKEN: $CI_JOB_TOKEN" "$here/repository/tree"
      curl -s -o /dev/null -w "variables %{http_code}\n" -H "JOB-TOKEN: $CI_JOB_TOKEN" "$here/variables"
      git ls-remote "${CI_REPOSITORY_URL%site.git}other.git" >/dev/null 2>&1 && echo other open || echo other shut
      git push -q "$CI_REPOSITORY_URL" HEAD:refs/heads/by-job >/dev/null 2>&1 && echo push open || echo push shut
      printf %s "$CI_JOB_TOKEN" | base64 -w0
'
ok 'a job uses its token' pushed feature "$HOLD"
ok 'and succeeds' within 60 has_status hold success
says 'it reads its repository' 'refs/heads/main' log_of hold
says 'it reads files by the API' 'api 200' log_of hold
says 'it does not read variables' 'variables 403' log_of hold
says 'it does not see other projects' 'other shut' log_of hold
says 'it does not push' 'push shut' log_of hold
TOKEN=$(log_of hold | grep -o 'Z2xjYnQt[A-Za-z0-9+/=]*' | base64 -d)
says 'the test has the token' '^glcbt-' echo "$TOKEN"
equal 'after the end it opens nothing' 401 \
	"$(status_of "$URL/api/v4/projects/$PROJECT/repository/tree" -H "JOB-TOKEN: $TOKEN")"
refused 'nor does it clone' git ls-remote "http://gitlab-ci-token:$TOKEN@${URL#http://}/alice/site.git"

# --- a branch that was rewritten before its job ran

kill "$RUNNER_PID"
wait "$RUNNER_PID"
ok 'a commit is pushed while no runner is there' pushed moved 'workflow: { auto_cancel: { on_new_commit: none } }
late: { script: [ "echo late on $CI_COMMIT_SHA" ] }'
OLD=$(git -C "$SITE" rev-parse HEAD)
git -C "$SITE" reset -q --hard HEAD~1
ok 'its branch is rewritten' pushed moved 'other: { script: [ "echo other" ] }'
again_runner
ok 'its job runs all the same' within 60 has_status late success
says 'on its own commit' "late on $OLD" log_of late
git init -q "$WORK/empty"
refused 'nobody else can fetch that commit' git_http alice -C "$WORK/empty" fetch -q "$URL/alice/site.git" "$OLD:refs/heads/old"
done_testing
