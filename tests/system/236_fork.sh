#!/bin/sh
# Forks and merge requests from them, with the real git over both transports: who has no rights on
# the source forks it, pushes there, offers; the owner merges.
# shellcheck disable=SC2317 # functions are called by ok
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
chmod 711 "$WORK"
given_instance
given_user alice
given_user eve
given_project shop/site alice internal
given_project shop/secret alice
given_runner
W=$WORK/work
F=$WORK/fork
P=/projects/shop%2Fsite
G=/projects/eve%2Fsite

# becomes SENTENCE WHO FIELD VALUE PATH    the API says so in the end
becomes() {
	if within 30 sh -c "curl -s -H 'PRIVATE-TOKEN: $(token_of "$2")' '$URL/api/v4$5' |
		python3 -c 'import json,sys; d=json.load(sys.stdin); sys.exit(str(d.get(\"$3\")) != \"$4\")'"; then
		pass "$1"
	else
		api "$2" GET "$5" >"$OUT"
		fail "$1"
	fi
}

given_repository "$W"
ok 'main is pushed' git_http alice -C "$W" push -q "$URL/shop/site.git" main
ok 'and a tag' git_http alice -C "$W" push -q "$URL/shop/site.git" main:refs/tags/v1

# --- forking
api eve POST /projects/shop%2Fsecret/fork >"$OUT"
equal 'a private project is not there for others' 404 "$(cat "$WORK/status")"
api eve POST "$P/fork" -d visibility=public >"$OUT"
equal 'a fork is not more visible than its source' 400 "$(cat "$WORK/status")"
api eve POST "$P/fork" >"$OUT"
equal 'a reader forks it' 201 "$(cat "$WORK/status")"
equal 'into their own namespace' eve/site "$(field path_with_namespace)"
equal 'it names its source' shop/site "$(field forked_from_project.path_with_namespace)"
FORK=$(field id)
becomes 'it is filled in the end' eve import_status finished "$G"
api alice GET "$P/forks" >"$OUT"
equal 'the source lists it' eve/site "$(field 0.path_with_namespace)"
api alice GET "$P" >"$OUT"
equal 'and counts it' 1 "$(field forks_count)"
TARGET=$(field id)
ok 'it is cloned' git_http eve clone -q "$URL/eve/site.git" "$F"
equal 'with its branch' "$(git -C "$W" rev-parse main)" "$(git -C "$F" rev-parse origin/main)"
equal 'and its tag' "$(git -C "$W" rev-parse main)" "$(git -C "$F" rev-parse v1)"
api eve GET "$G/pipelines" >"$OUT"
equal 'a copy runs no pipeline' '[]' "$(cat "$WORK/body")"

# --- offering
refused 'who forked cannot push to the source' git_http eve -C "$F" push -q "$URL/shop/site.git" HEAD:refs/heads/x
git -C "$F" switch -q -c lamp && echo lamp >"$F/lamp.txt" && git -C "$F" add -A && git -C "$F" commit -q -m 'Add a lamp'
says 'a push to the fork says where to offer it' 'eve/site/-/merge_requests/new\?merge_request%5Bsource_branch%5D=lamp' \
	git_http eve -C "$F" push "$URL/eve/site.git" lamp
api eve POST "$G/merge_requests" -d source_branch=lamp -d target_branch=main -d title=Lamp \
	-d target_project_id="$TARGET" -d labels=good >"$OUT"
equal 'labels are the developers'"'"' to set' 403 "$(cat "$WORK/status")"
api eve POST "$G/merge_requests" -d source_branch=lamp -d target_branch=main -d title=Lamp \
	-d target_project_id="$TARGET" >"$OUT"
equal 'a merge request goes to the source' 201 "$(cat "$WORK/status")"
equal 'it is the source'"'"'s' "$TARGET" "$(field project_id)"
equal 'it comes from the fork' "$FORK" "$(field source_project_id)"
equal 'its commit is there' "$(git -C "$F" rev-parse lamp)" "$(field sha)"
equal 'and it fits' can_be_merged "$(field merge_status)"
head_is_there() {
	git_http alice -C "$W" fetch -q "$URL/shop/site.git" refs/merge-requests/1/head &&
		[ "$(git -C "$W" rev-parse FETCH_HEAD)" = "$(git -C "$F" rev-parse lamp)" ]
}
ok 'its head is fetched from the source' head_is_there
api eve PUT "$P/merge_requests/1" -d 'title=Add a lamp' >"$OUT"
equal 'its author, no member, edits it' 200 "$(cat "$WORK/status")"
api eve PUT "$P/merge_requests/1/merge" >"$OUT"
equal 'and does not merge it' 403 "$(cat "$WORK/status")"

# --- following
echo more >>"$F/lamp.txt" && git -C "$F" commit -q -a -m 'More light'
says 'a push to the fork names the open one' 'shop/site/-/merge_requests/1' \
	git_http eve -C "$F" push "$URL/eve/site.git" lamp
becomes 'the new head arrives' alice sha "$(git -C "$F" rev-parse lamp)" "$P/merge_requests/1"
ok 'and is fetched too' head_is_there
api alice GET "$P/merge_requests/1/versions" >"$OUT"
equal 'as a version' "$(git -C "$F" rev-parse lamp)" "$(field 0.head_commit_sha)"

# --- over SSH, by a push option
git -C "$F" switch -q -c chair main && echo chair >"$F/chair.txt" && git -C "$F" add -A && git -C "$F" commit -q -m 'Add a chair'
says 'a push option over SSH offers to the source' 'shop/site/-/merge_requests/2' \
	git_ssh eve -C "$F" push -o merge_request.create -o merge_request.title=Chair \
	-o merge_request.target=main "$SSH_URL/eve/site.git" chair
git -C "$F" switch -q -c table main && echo table >"$F/table.txt" && git -C "$F" add -A && git -C "$F" commit -q -m 'Add a table'
says 'or to the fork itself, if told so' 'eve/site/-/merge_requests/1' \
	git_http eve -C "$F" push -o merge_request.create -o merge_request.target=main \
	-o merge_request.target_project=eve/site "$URL/eve/site.git" table

# --- its pipelines are the fork's, with nothing of the source's
ok 'the source has a secret' api alice POST "$P/variables" -d key=CANARY -d value=canary-of-the-source
ok 'and the fork one of its own' api eve POST "$G/variables" -d key=OWN -d value=own-of-the-fork
git -C "$F" switch -q lamp
cat >"$F/.gitlab-ci.yml" <<'YML'
show:
  script: ["echo seen:$OWN:$CANARY:", env]
deploy:
  script: [echo deployed]
  environment: review/lamp
YML
git -C "$F" add -A && git -C "$F" commit -q -m 'Show what a job sees'
ok 'a pipeline file is pushed to the fork' git_http eve -C "$F" push -q "$URL/eve/site.git" lamp
becomes 'the head with it arrives' alice sha "$(git -C "$F" rev-parse lamp)" "$P/merge_requests/1"
ended() {
	[ "$(sql "SELECT string_agg(status, ',') FROM pipeline")" = success ]
}
ok 'one pipeline runs, in the fork' within 60 ended
api alice GET "$P/pipelines" >"$OUT"
equal 'none in the source' '[]' "$(cat "$WORK/body")"
api alice GET "$P/environments" >"$OUT"
equal 'nothing is deployed for it' '[]' "$(cat "$WORK/body")"
api alice GET "$P/merge_requests/1" >"$OUT"
equal 'it is the pipeline of the merge request' success "$(field head_pipeline.status)"
equal 'of the fork'"'"'s project' "$FORK" "$(field head_pipeline.project_id)"
JOB=$(sql "SELECT id FROM job WHERE name = 'show'")
says 'the job sees what is the fork'"'"'s' 'seen:own-of-the-fork::' api eve GET "$G/jobs/$JOB/trace"
silent 'and no secret of the source' 'canary-of-the-source' api eve GET "$G/jobs/$JOB/trace"

# --- merging
api alice PUT "$P/merge_requests/1/merge" -d should_remove_source_branch=true >"$OUT"
equal 'the owner of the source merges' merged "$(field state)"
ok 'main has it' git_http alice -C "$W" fetch -q "$URL/shop/site.git" main
equal 'with both commits' "$(git -C "$F" rev-parse lamp)" "$(git -C "$W" rev-parse FETCH_HEAD^2)"
api eve GET "$G/repository/branches/lamp" >"$OUT"
equal 'the fork'"'"'s branch is not the owner'"'"'s to delete' 200 "$(cat "$WORK/status")"

# --- the fork goes
ok 'the fork is deleted' api eve DELETE "$G"
api alice GET "$P/merge_requests/2" >"$OUT"
equal 'what came from it stays readable' null "$(field source_project_id)"
says 'and says so' 'The fork it comes from was deleted' cat "$WORK/body"
chair_is_there() {
	git_http alice -C "$W" fetch -q "$URL/shop/site.git" refs/merge-requests/2/head
}
ok 'its commits stay' chair_is_there
done_testing
