#!/bin/sh
# A commit whose branch is gone stays while a pipeline may need it: weeks later, after housekeeping
# has removed what nobody needs, an old deployment is rolled back to and its job fetches the commit.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
chmod 711 "$WORK"
given_instance
given_user alice
given_project alice/site alice
given_runner
SITE=$WORK/site
PROJECT=alice%2Fsite
PLACE=$WORK/place
mkdir "$PLACE"
chmod 777 "$PLACE"

is() {
	[ "$(sql "$1")" = "$2" ]
}

deployed() {
	[ "$(cat "$PLACE/preview" 2>/dev/null)" = "$1" ]
}

# pushed BRANCH TEXT    BRANCH is made anew from nothing, with this text
pushed() {
	git -C "$SITE" checkout -q --orphan "new-$2"
	echo "$2" >"$SITE/app.txt"
	git -C "$SITE" add -A && git -C "$SITE" commit -q -m "$2"
	git -C "$SITE" rev-parse HEAD >"$WORK/$2.sha"
	git_http alice -C "$SITE" push -q --force "$URL/alice/site.git" "HEAD:$1"
}

in_repository() {
	git --git-dir="$(ls -d "$DATA"/repositories/*/*.git)" -c safe.directory='*' "$@"
}

stands() {
	in_repository cat-file -e "$(cat "$WORK/$1.sha")"
}

# The environment's ref is where its last deployment is.
shows() {
	[ "$(in_repository rev-parse refs/environments/preview)" = "$(cat "$WORK/$1.sha")" ]
}

# again TEXT    its deploy job is run once more
again() {
	api alice POST "/projects/$PROJECT/jobs/$(sql "SELECT max(j.id) FROM job j
		JOIN pipeline p ON p.id = j.pipeline_id WHERE p.sha = '$(cat "$WORK/$1.sha")'")/retry"
}

is_idle() {
	is "SELECT count(*) FROM housekeeping WHERE due_at < now() + interval '4 hours'" 0
}

# A month passes for the files; the weekly housekeeping is due. One that goes on is waited for:
# it would say that the week is over after files were made young.
tidied() {
	within 30 is_idle || return 1
	find "$DATA/repositories" -path '*/objects/*' -type f -exec touch -d '1 month ago' {} +
	sql "UPDATE housekeeping SET full_at = now() - interval '8 days', due_at = now()"
	within 60 is "SELECT count(*) FROM housekeeping WHERE full_at > now() - interval '1 hour'" 1
}

git init -q "$SITE"
ok 'a default branch is pushed' pushed main main
ok 'and a branch, both without a pipeline' pushed forgotten forgotten
cat >"$SITE/.gitlab-ci.yml" <<END
deploy:
  script: [ cp -f app.txt $PLACE/preview ]
  environment: preview
  rules: [ { if: \$CI_COMMIT_BRANCH == "work" } ]
END
ok 'one that is deployed' pushed work one
ok 'stands' within 60 deployed one
ok 'another history takes its place by force' pushed work two
ok 'and stands' within 60 deployed two
ok 'both deployments are on record' within 20 is \
	"SELECT count(*) FROM deployment WHERE status = 'success'" 2
ok 'the other branch goes' git_http alice -C "$SITE" push -q "$URL/alice/site.git" :forgotten
ok 'a month later the house is tidied' tidied
refused 'what nobody needs is gone' stands forgotten
ok 'what was deployed is there' stands one
silent 'though people do not see how' forge git_http alice ls-remote "$URL/alice/site.git"
says 'it is rolled back to' '"id"' again one
ok 'its job fetches it and deploys' within 60 deployed one
ok 'and ends' within 20 is "SELECT count(*) FROM deployment WHERE status = 'success'" 3

# --- and no longer than somebody may need it

says 'then forward' '"id"' again two
ok 'which is deployed' within 60 deployed two
ok 'and what the environment shows' within 30 shows two

ok 'its pipeline is deleted' sql "DELETE FROM pipeline WHERE sha = '$(cat "$WORK/one.sha")'"
ok 'and the history of deployments' sql 'DELETE FROM deployment'
ok 'without its pipeline the house is tidied once more' tidied
refused 'and it is gone' stands one
ok 'the repository is sound' in_repository fsck --strict --no-dangling
done_testing
