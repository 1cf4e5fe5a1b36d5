#!/bin/sh
# Deployments with a real runner: the path's rule, one at a time, no overtaking, the way back by
# page, a runner killed in the middle, and environments that are stopped.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
chmod 711 "$WORK"
RUNNER_JOBS=4
given_instance
given_user alice
given_project alice/site alice
given_runner
SITE=$WORK/site
PROJECT=alice%2Fsite
PLACE=$WORK/place
mkdir "$PLACE"
chmod 777 "$PLACE"

# pushed BRANCH TEXT     the text becomes what is deployed
pushed() {
	echo "$2" >"$SITE/app.txt"
	git -C "$SITE" add -A
	git -C "$SITE" commit -q -m "$2" --allow-empty
	git_http alice -C "$SITE" push -q "$URL/alice/site.git" "HEAD:$1" >"$OUT" 2>&1
}

# is SQL VALUE
is() {
	[ "$(sql "$1")" = "$2" ]
}

fetched() {
	git_http alice -C "$SITE" fetch -q "$URL/alice/site.git" "refs/environments/$1"
}

# stands_at SLUG COMMIT     what everybody fetches who wants to know
stands_at() {
	fetched "$1" && [ "$(git -C "$SITE" rev-parse FETCH_HEAD)" = "$2" ]
}

not_fetched() {
	! fetched "$1"
}

job_is() {
	is "SELECT status FROM job WHERE name = '$1' ORDER BY id DESC LIMIT 1" "$2"
}

deployed() {
	[ "$(cat "$PLACE/$1" 2>/dev/null)" = "$2" ]
}

# A job that finds another one at work says so for ever.
git init -q "$SITE"
cat >"$SITE/.gitlab-ci.yml" <<END
deploy:
  script:
    - mkdir $PLACE/lock || touch $PLACE/met
    - sleep 0.5
    - cp -f app.txt $PLACE/\$CI_ENVIRONMENT_NAME
    - rmdir $PLACE/lock
  environment: { name: production, url: "https://\$CI_ENVIRONMENT_SLUG.example.org" }
  rules: [ { if: \$CI_COMMIT_BRANCH == "main" } ]
wrong:
  script: [ "touch $PLACE/wrong" ]
  environment: production
  rules: [ { if: \$CI_COMMIT_BRANCH == "feature" } ]
review:
  script: [ "touch $PLACE/review" ]
  environment: { name: review/\$CI_COMMIT_REF_SLUG, on_stop: away }
  rules: [ { if: \$CI_COMMIT_BRANCH == "other" } ]
away:
  script: [ "rm $PLACE/review" ]
  environment: { name: review/\$CI_COMMIT_REF_SLUG, action: stop }
  when: manual
  allow_failure: true
  rules: [ { if: \$CI_COMMIT_BRANCH == "other", when: manual } ]
slow:
  script: [ "touch $PLACE/slow", "sleep 600" ]
  environment: long
  rules: [ { if: \$CI_COMMIT_BRANCH == "slow" } ]
END

# --- the rule

ok 'main is pushed' pushed main one
ok 'and deployed' within 60 deployed production one
ok 'the deployment is on record' within 20 is "SELECT status FROM deployment" success
says 'with its address' '"external_url":"https://production.example.org"' \
	api alice GET "/projects/$PROJECT/environments?name=production"
says 'the project shows it' 'stands here|production' \
	curl -s -H "PRIVATE-TOKEN: $(token_of alice)" "$URL/api/v4/projects/$PROJECT/deployments"
ok 'what stands there can be fetched' within 20 stands_at production "$(git -C "$SITE" rev-parse HEAD)"
git_http alice ls-remote "$URL/alice/site.git" >"$WORK/advertised"
refused 'but is not in every clone' grep refs/environments "$WORK/advertised"
says 'the API names its files' "\"tree\":\"$(git -C "$SITE" rev-parse 'HEAD^{tree}')\"" \
	api alice GET "/projects/$PROJECT/deployments"
ok 'a branch is pushed' pushed feature two
ok 'its job fails' within 20 job_is wrong failed
says 'and says the rule' 'only from the branch main' \
	sql "SELECT failure_message FROM job WHERE name = 'wrong'"
refused 'it never ran' test -e "$PLACE/wrong"

# --- one at a time, in order

for text in three four five six; do
	pushed main "$text"
done
ok 'the last one stands there in the end' within 60 deployed production six
ok 'nothing runs any more' within 60 is \
	"SELECT count(*) FROM job WHERE status IN ('pending', 'running')" 0
refused 'no two deployments met' test -e "$PLACE/met"
equal 'says the database too' 0 "$(sql "SELECT count(*) FROM deployment a JOIN deployment b
	ON a.environment_id = b.environment_id AND a.id < b.id
	AND tstzrange(a.created_at, a.finished_at) && tstzrange(b.created_at, b.finished_at)")"

# --- the way back

first=$(sql "SELECT min(id) FROM deployment")
says 'an older deployment is repeated' '"job_id":' \
	api alice POST "/projects/$PROJECT/deployments/$first/repeat"
ok 'and stands there again' within 60 deployed production one
ok 'which is what one fetches then' within 20 stands_at production "$(git -C "$SITE" rev-list --max-parents=0 HEAD)"
ok 'as a rollback' within 20 is \
	"SELECT kind || ' ' || status FROM deployment ORDER BY id DESC LIMIT 1" 'rollback success'
says 'the badge says which commit' "production: $(git -C "$SITE" rev-list --max-parents=0 HEAD |
	cut -c1-8)" curl -s -H "PRIVATE-TOKEN: $(token_of alice)" \
	"$URL/alice/site/-/badges/environments/production.svg"
ok 'a newer commit goes on from there' pushed main seven
ok 'and is deployed' within 60 deployed production seven

# --- stopped

ok 'a review environment comes up' pushed other eight
ok 'by its job' within 60 test -e "$PLACE/review"
ok 'which has ended' within 20 job_is review success
slug=$(sql "SELECT slug FROM environment WHERE name = 'review/other'")
ok 'it is fetched by its slug' within 20 stands_at "$slug" "$(git -C "$SITE" rev-parse HEAD)"
review=$(sql "SELECT id FROM environment WHERE name = 'review/other'")
says 'it is stopped' '"state":"stopping"' \
	api alice POST "/projects/$PROJECT/environments/$review/stop"
ok 'by its stop job' within 60 is "SELECT state FROM environment WHERE id = $review" stopped
ok 'nothing is fetched of it any more' within 20 not_fetched "$slug"
refused 'what it made is gone' test -e "$PLACE/review"

# --- a runner that dies

ok 'a slow deployment starts' pushed slow nine
ok 'and runs' within 60 test -e "$PLACE/slow"
kill -9 "$RUNNER_PID"
sql "UPDATE job SET lease_until = now() - interval '1 minute' WHERE name = 'slow' AND lease_until IS NOT NULL"
ok 'without its runner it fails' within 20 job_is slow failed
equal 'and its deployment with it' failed \
	"$(sql "SELECT status FROM deployment ORDER BY id DESC LIMIT 1")"
equal 'it is not repeated by itself' 1 "$(sql "SELECT count(*) FROM job WHERE name = 'slow'")"
done_testing
