#!/bin/sh
# Merge requests with the real git and a real instance: opened, reviewed, merged, reverted.
# shellcheck disable=SC2317 # functions are called by ok
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
given_instance
given_user alice
given_user bob
given_project shop/site alice
P=/projects/shop%2Fsite
M=$P/merge_requests
W=$WORK/work

# becomes SENTENCE FIELD VALUE PATH    the API says so in the end: the outbox needs a moment
becomes() {
	export URL
	if within 15 sh -c "curl -s -H 'PRIVATE-TOKEN: $(token_of alice)' '$URL/api/v4$4' |
		python3 -c 'import json,sys; d=json.load(sys.stdin); sys.exit(str(d.get(\"$2\")) != \"$3\")'"; then
		pass "$1"
	else
		api alice GET "$4" >"$OUT"
		fail "$1"
	fi
}

commit() {
	git -C "$W" add -A && git -C "$W" commit -q -m "$1"
}

push() {
	git_http alice -C "$W" push -q "$URL/shop/site.git" "$@"
}

# A branch from main with one file.
branch() {
	git -C "$W" switch -q -c "$1" main && echo "$1" >"$W/$1.txt" && commit "$1: add a file" && push "$1"
}

given_repository "$W"
api alice POST "$P/members" -d user_id="$(api alice GET '/users?username=bob' >"$OUT"; field 0.id)" \
	-d access_level=40 >"$OUT"
ok 'main and a branch are pushed' push main
ok 'a feature too' branch lamp

# --- opened
api alice POST "$M" -d source_branch=nothing -d target_branch=main -d title=x >"$OUT"
equal 'a branch that is not there is refused' 400 "$(cat "$WORK/status")"
says 'with the reason' 'The source branch nothing does not exist in shop/site' cat "$WORK/body"
api alice POST "$M" -d source_branch=lamp -d target_branch=main -d 'title=Add a lamp' \
	-d 'description=Closes #1' -d labels=light,good -d remove_source_branch=true >"$OUT"
equal 'a merge request is opened' 201 "$(cat "$WORK/status")"
equal 'its number' 1 "$(field iid)"
equal 'and it can be merged' mergeable "$(field detailed_merge_status)"
equal 'by GitLab'"'"'s older word too' can_be_merged "$(field merge_status)"
equal 'its head is the branch' "$(git -C "$W" rev-parse lamp)" "$(field sha)"
equal 'its base is main' "$(git -C "$W" rev-parse main)" "$(field diff_refs.base_sha)"
api alice POST "$M" -d source_branch=lamp -d target_branch=main -d title=again >"$OUT"
equal 'a second one is refused' 409 "$(cat "$WORK/status")"
says 'with the first one' 'already exists for this source branch: !1' cat "$WORK/body"
api alice GET "$M?state=opened&labels=light" >"$OUT"
equal 'it is in the list' 1 "$(field 0.iid)"
api alice GET "$M/1/diffs" >"$OUT"
equal 'its files are told' lamp.txt "$(field 0.new_path)"
api alice GET "$M/1/commits" >"$OUT"
equal 'and its commits' 'lamp: add a file' "$(field 0.title)"
head_is_there() {
	git_http alice -C "$W" fetch -q "$URL/shop/site.git" refs/merge-requests/1/head &&
		[ "$(git -C "$W" rev-parse FETCH_HEAD)" = "$(git -C "$W" rev-parse lamp)" ]
}
ok 'its head can be fetched' within 15 head_is_there

# --- reviewed
ok 'an approval is required' api alice PUT "$P" -d approvals_before_merge=1
api alice PUT "$M/1/merge" >"$OUT"
equal 'without it merging is refused' 405 "$(cat "$WORK/status")"
says 'and says what it waits for' 'It has 0 of 1 approvals of commit' cat "$WORK/body"
api alice POST "$M/1/approve" >"$OUT"
equal 'its author cannot give it' 403 "$(cat "$WORK/status")"
HEAD1=$(git -C "$W" rev-parse lamp)
api bob POST "$M/1/approve" -d "sha=$HEAD1" >"$OUT"
equal 'bob approves it' 201 "$(cat "$WORK/status")"
equal 'which is enough' true "$(field approved)"
echo more >>"$W/lamp.txt"
commit 'lamp: make it brighter'
ok 'alice pushes once more' push lamp
api bob GET "$M/1/approvals" >"$OUT"
equal 'which ends the approval' false "$(field approved)"
api bob POST "$M/1/approve" -d "sha=$HEAD1" >"$OUT"
equal 'nobody approves what he did not see' 409 "$(cat "$WORK/status")"
api bob POST "$M/1/approve" >"$OUT"
api alice GET "$M/1/versions" >"$OUT"
equal 'both versions are kept' "$HEAD1" "$(field 1.head_commit_sha)"

# --- merged
api bob PUT "$M/1/merge" -d "sha=$HEAD1" >"$OUT"
equal 'another head than the one looked at is refused' 409 "$(cat "$WORK/status")"
BEFORE=$(git -C "$W" rev-parse main)
api bob PUT "$M/1/merge" -d "sha=$(git -C "$W" rev-parse lamp)" >"$OUT"
equal 'then it is merged' 200 "$(cat "$WORK/status")"
equal 'and says so' merged "$(field state)"
MERGE=$(field merge_commit_sha)
ok 'the merge is fetched' git_http alice -C "$W" fetch -q --prune "$URL/shop/site.git" \
	'+refs/heads/*:refs/remotes/origin/*' '+refs/merge-requests/*:refs/remotes/mr/*'
equal 'main stands there' "$MERGE" "$(git -C "$W" rev-parse origin/main)"
equal 'with both parents' "$BEFORE $(git -C "$W" rev-parse lamp)" \
	"$(git -C "$W" log -1 --format=%P origin/main)"
says 'in GitLab'"'"'s words' 'See merge request shop/site!1' git -C "$W" log -1 --format=%B origin/main
refused 'the source branch is gone' git -C "$W" rev-parse -q --verify origin/lamp
ok 'its commits are not' git -C "$W" rev-parse -q --verify mr/1/head
api alice PUT "$M/1" -d state_event=reopen >"$OUT"
equal 'what is merged is not opened again' 409 "$(cat "$WORK/status")"

# --- reverted
api alice POST "$M/1/revert" >"$OUT"
equal 'a revert is a merge request' 201 "$(cat "$WORK/status")"
equal 'with a title that says so' 'Revert "Add a lamp"' "$(field title)"
REVERT=$(field iid)
api bob POST "$M/$REVERT/approve" >"$OUT"
api alice PUT "$M/$REVERT/merge" >"$OUT"
equal 'it is merged' merged "$(field state)"
ok 'the revert is fetched' git_http alice -C "$W" fetch -q "$URL/shop/site.git" main
refused 'and the file is gone' git -C "$W" cat-file -e FETCH_HEAD:lamp.txt
equal 'the files are those of before' "$(git -C "$W" rev-parse "$BEFORE^{tree}")" \
	"$(git -C "$W" rev-parse 'FETCH_HEAD^{tree}')"

# --- a conflict
git -C "$W" switch -q main && git -C "$W" reset -q --hard FETCH_HEAD
ok 'two branches change the same line' sh -c "cd '$W' && git switch -qc left main && echo left >README.md &&
	git commit -qam left && git switch -qc right main && echo right >README.md && git commit -qam right"
ok 'and are pushed' push left right
ok 'no approval is needed any more' api alice PUT "$P" -d approvals_before_merge=0
api alice POST "$M" -d source_branch=left -d target_branch=main -d title=Left >"$OUT"
LEFT=$(field iid)
api alice POST "$M" -d source_branch=right -d target_branch=main -d title=Right >"$OUT"
RIGHT=$(field iid)
api bob PUT "$M/$LEFT/merge" -d squash=true -d squash_commit_message='site: go left' >"$OUT"
equal 'one is merged, squashed' merged "$(field state)"
api bob GET "$M/$RIGHT" >"$OUT"
equal 'the other conflicts' conflict "$(field detailed_merge_status)"
says 'and says how to go on' 'merges main into it, solves the conflicts and pushes' cat "$WORK/body"
api bob PUT "$M/$RIGHT/merge" >"$OUT"
equal 'so it is not merged' 405 "$(cat "$WORK/status")"
ok 'it is solved by hand' sh -c "cd '$W' && git switch -q right && true"
ok 'main comes in' git_http alice -C "$W" fetch -q "$URL/shop/site.git" main
git -C "$W" merge -q FETCH_HEAD >"$OUT" 2>&1
echo both >"$W/README.md"
commit 'right: take both'
ok 'and pushed' push right
api bob PUT "$M/$RIGHT/merge" >"$OUT"
equal 'then it is merged' merged "$(field state)"

# --- pushed by hand
ok 'a branch' branch hand
api alice POST "$M" -d source_branch=hand -d target_branch=main -d title=Hand >"$OUT"
HAND=$(field iid)
ok 'merged in a clone' sh -c "cd '$W' && git switch -q main"
ok 'with what is there' git_http alice -C "$W" pull -q "$URL/shop/site.git" main
git -C "$W" merge -q --no-ff -m 'merge by hand' hand
ok 'and pushed' push main
becomes 'the merge request is merged too' state merged "$M/$HAND"

# --- auto-merge
ok 'a pipeline is required' api alice PUT "$P" -d only_allow_merge_if_pipeline_succeeds=true
ok 'another branch' branch auto
api alice POST "$M" -d source_branch=auto -d target_branch=main -d title='Draft: Auto' >"$OUT"
AUTO=$(field iid)
equal 'it is a draft' true "$(field draft)"
api bob PUT "$M/$AUTO/merge" -d merge_when_pipeline_succeeds=true >"$OUT"
equal 'auto-merge is set' true "$(field merge_when_pipeline_succeeds)"
says 'it waits for a pipeline' 'No pipeline ran on commit' cat "$WORK/body"
api alice PUT "$M/$AUTO" -d 'title=Auto' >"$OUT"
equal 'it is ready' ci_must_pass "$(field detailed_merge_status)"
ok 'the rule goes' api alice PUT "$P" -d only_allow_merge_if_pipeline_succeeds=false
api alice PUT "$M/$AUTO" -d add_labels=now >"$OUT"
becomes 'and it is merged by itself' state merged "$M/$AUTO"
api alice GET "$M/$AUTO" >"$OUT"
equal 'for who asked' bob "$(field merged_by.username)"

# --- rights
given_user carl
api carl GET "$M/1" >"$OUT"
equal 'a stranger sees nothing' 404 "$(cat "$WORK/status")"
api alice POST "$P/members" -d user_id="$(api alice GET '/users?username=carl' >"$OUT"; field 0.id)" \
	-d access_level=30 >"$OUT"
ok 'one more branch' branch right-of-carl
api carl POST "$M" -d source_branch=right-of-carl -d target_branch=main -d title=Carl >"$OUT"
CARL=$(field iid)
equal 'a developer may open one' 201 "$(cat "$WORK/status")"
equal 'but not merge into main' false "$(field user.can_merge)"
api carl PUT "$M/$CARL/merge" >"$OUT"
equal 'and is told so' 401 "$(cat "$WORK/status")"
says 'by whom it can be' 'maintainers and owners may merge into it' cat "$WORK/body"
done_testing
