# shellcheck shell=sh
# The way of a change: pushed, tested, reviewed, on staging, in production, rolled back; real
# git, a real runner, deployments to three folders; results are read from the push's output,
# the API, the pages and the badges. Source it after lib.sh; then, with an instance, a runner
# and the users ann and bob:
#
#	play http
#	play ssh

# Prints the pipeline file: every contour is a folder, what stands there is app.txt.
pipeline_file() {
	cat <<'END'
stages: [test, build, deploy]
check:
  stage: test
  script:
    - echo "checking on $HEARTH_ENVIRONMENT"
    - grep -q . app.txt
package:
  stage: build
  script:
    - mkdir out
    - cp app.txt out/app.txt
  artifacts:
    paths: [out]
.deploy:
  stage: deploy
  script:
    - cp --remove-destination out/app.txt "$CONTOURS/$CI_ENVIRONMENT_NAME/app.txt"
to-testing:
  extends: .deploy
  environment: testing
  rules:
    - if: $CI_COMMIT_BRANCH && $CI_COMMIT_BRANCH != "stage" && $CI_COMMIT_BRANCH != "main"
to-staging:
  extends: .deploy
  environment: staging
  rules:
    - if: $CI_COMMIT_BRANCH == "stage"
to-production:
  extends: .deploy
  environment: production
  rules:
    - if: $CI_COMMIT_BRANCH == "main"
END
}

# answer EXPRESSION     of the last API answer
answer() {
	jq -r "$1" "$WORK/body" 2>/dev/null
}

# deployed NAME TEXT     what stands on a contour
deployed() {
	[ "$(cat "$CONTOURS/$1/app.txt" 2>/dev/null)" = "$2" ]
}

# pipeline_is WHO REF STATUS    the newest pipeline of the ref
pipeline_is() {
	api "$1" GET "/projects/$ID/pipelines?ref=$2&per_page=1" >/dev/null
	[ "$(answer '.[0].status')" = "$3" ]
}

# contours     the strip of the project's page
contours() {
	curl -s "$URL/$project" | sed -n '/class="contours"/,/<\/ol>/p'
}

# job_of WHO PIPELINE NAME     prints the id of its newest job of that name
job_of() {
	api "$1" GET "/projects/$ID/pipelines/$2/jobs" >/dev/null
	answer "[.[] | select(.name == \"$3\")][0].id"
}

# merge_request SOURCE TARGET TITLE    by bob; sets IID
merge_request() {
	api bob POST "/projects/$ID/merge_requests" -d "source_branch=$1" -d "target_branch=$2" \
		--data-urlencode "title=$3" >"$OUT"
	IID=$(answer .iid)
}

can_be_merged() {
	api ann GET "/projects/$ID/merge_requests/$1" >/dev/null
	[ "$(answer .detailed_merge_status)" = mergeable ]
}

merge() {
	within 30 can_be_merged "$1" &&
		api ann PUT "/projects/$ID/merge_requests/$1/merge" >"$OUT" &&
		[ "$(cat "$WORK/status")" = 200 ] && [ "$(answer .state)" = merged ]
}

# A change of app.txt on a branch of its own, pushed by bob. change BRANCH TEXT
change() {
	git_by bob -C "$PLACE" fetch -q origin &&
		git -C "$PLACE" checkout -q -B "$1" "origin/${3:-stage}" &&
		echo "$2" >"$PLACE/app.txt" &&
		git -C "$PLACE" commit -q -a -m "app: $2" &&
		git_by bob -C "$PLACE" push origin "$1"
}

play() {
	transport=$1
	if [ "$transport" = ssh ]; then
		git_by() { git_ssh "$@"; }
		base=$SSH_URL
	else
		git_by() { git_http "$@"; }
		base=$URL
	fi
	project=team/by-$transport
	PLACE=$WORK/$transport
	CONTOURS=$WORK/contours-$transport
	mkdir -p "$CONTOURS/testing" "$CONTOURS/staging" "$CONTOURS/production"
	chmod 777 "$CONTOURS/testing" "$CONTOURS/staging" "$CONTOURS/production"
	given_project "$project" ann public
	ID=$(printf %s "$project" | jq -sRr @uri)
	bob=$(api ann GET "/users?username=bob" | jq -r '.[0].id')
	api ann POST "/projects/$ID/members" -d user_id="$bob" -d access_level=30 >"$OUT"
	equal "$transport: bob is a developer" 201 "$(cat "$WORK/status")"
	api ann POST "/projects/$ID/variables" -d key=CONTOURS --data-urlencode "value=$CONTOURS" >"$OUT"
	equal "$transport: a variable tells the jobs where to" 201 "$(cat "$WORK/status")"

	# The beginning
	ok "$transport: an empty project is cloned" git_by ann clone -q "$base/$project.git" "$PLACE"
	git -C "$PLACE" checkout -q -b main
	pipeline_file >"$PLACE/.gitlab-ci.yml"
	echo first >"$PLACE/app.txt"
	git -C "$PLACE" add -A
	git -C "$PLACE" commit -q -m "app: first"
	ok "$transport: main is pushed" git_by ann -C "$PLACE" push origin main main:stage
	ok "$transport: main deploys to production" within 60 deployed production first
	ok "$transport: stage deploys to staging" within 60 deployed staging first

	# A feature
	says "$transport: the push of a branch tells where to open a merge request" \
		"remote:.*$URL/$project/-/merge_requests/new" change feature second
	cp "$OUT" "$WORK/said"
	says "$transport: and where its pipeline is" "remote:.*$URL/$project/-/pipelines/[0-9]+" cat "$WORK/said"
	ok "$transport: the branch deploys to testing" within 60 deployed testing second
	ok "$transport: its pipeline is green" within 20 pipeline_is bob feature success
	check=$(job_of bob "$(answer '.[0].id')" check)
	says "$transport: the job's log is there, on its contour" '^checking on testing' \
		api bob GET "/projects/$ID/jobs/$check/trace"
	merge_request feature stage "Second"
	equal "$transport: the merge request has the pipeline" success \
		"$(api bob GET "/projects/$ID/merge_requests/$IID" | jq -r .head_pipeline.status)"
	ok "$transport: the reviewer merges it to stage" merge "$IID"
	ok "$transport: which deploys to staging" within 60 deployed staging second
	ok "$transport: production has what it had" deployed production first
	merge_request stage main "Release the second"
	ok "$transport: stage is merged to main" merge "$IID"
	ok "$transport: which deploys to production" within 60 deployed production second
	ok "$transport: main is green" within 20 pipeline_is bob main success
	says "$transport: the project's page shows what stands in production" \
		"/commit/$(git_by bob -C "$PLACE" ls-remote origin refs/heads/main | cut -f1)" contours
	good=$(api bob GET "/projects/$ID/pipelines?ref=main&per_page=1" | jq -r '.[0].id')
	says "$transport: the badge of main says so" passed \
		curl -s "$URL/$project/badges/main/pipeline.svg"
	says "$transport: the environment's badge too" production \
		curl -s "$URL/$project/-/badges/environments/production.svg"

	# A bad deployment, rolled back by running the older deployment again
	change bad broken >"$OUT" 2>&1
	ok "$transport: a bad change is tested" within 60 pipeline_is bob bad success
	merge_request bad stage "Bad"
	bad=$IID
	ok "$transport: it reaches staging" merge "$IID"
	ok "$transport: staging has it" within 60 deployed staging broken
	within 20 pipeline_is bob stage success
	merge_request stage main "Release the bad"
	ok "$transport: it reaches main" merge "$IID"
	ok "$transport: production is broken" within 60 deployed production broken
	within 20 pipeline_is bob main success
	again=$(job_of ann "$good" to-production)
	api ann POST "/projects/$ID/jobs/$again/retry" >"$OUT"
	equal "$transport: the older deployment is run again" 201 "$(cat "$WORK/status")"
	ok "$transport: production has the good one" within 60 deployed production second

	# And by revert
	api ann POST "/projects/$ID/merge_requests/$bad/revert" >"$OUT"
	equal "$transport: the revert opens a merge request" 201 "$(cat "$WORK/status")"
	IID=$(answer .iid)
	branch=$(answer .source_branch)
	ok "$transport: which is tested" within 60 pipeline_is ann "$branch" success
	ok "$transport: and merged" merge "$IID"
	ok "$transport: staging is as before" within 60 deployed staging second
	within 20 pipeline_is ann stage success
	merge_request stage main "Release the revert"
	ok "$transport: the revert reaches main" merge "$IID"
	within 60 pipeline_is ann main success
	ok "$transport: production stays good" deployed production second
	equal "$transport: the deployments are on record" second \
		"$(api ann GET "/projects/$ID/deployments?environment=production&order_by=id&sort=desc" |
			jq -r 'if length >= 5 then "second" else length end')"
}
