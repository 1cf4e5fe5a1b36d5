#!/bin/sh
# A reviewer's day: threads that go along with their lines, changes of every kind, conflicts solved
# by the commands that the page shows, every way to merge, results tested before the merge.
# shellcheck disable=SC2317 # functions are called by ok
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
given_instance
given_user alice
given_user bob
given_project desk/app alice public
P=/projects/desk%2Fapp
M=$P/merge_requests
W=$WORK/work

page() {
	curl -s "$URL/desk/app/-/merge_requests/$1" >"$WORK/page"
}

# row KEY    the two numbers of the line of the diff under which the thread stands; none: below
row() {
	python3 - "$WORK/page" "$1" <<-'PY'
		import re, sys
		text = open(sys.argv[1], encoding="utf-8").read()
		at = text.find('id="discussion-%s"' % sys.argv[2])
		end = text.find("</tbody>", at)
		if at < 0:
		    print("nowhere")
		elif end < 0 or text.find("<table", at) not in (-1,) and text.find("<table", at) < end:
		    print("below")
		else:
		    numbers = re.findall(r'<td class="no old">(\d*)</td><td class="no">(\d*)</td>', text[:at])
		    print(",".join(numbers[-1]))
	PY
}

push() {
	git_http alice -C "$W" push -q "$URL/desk/app.git" "$@"
}

commit() {
	git -C "$W" add -A && git -C "$W" commit -q -m "$1"
}

start_branch() {
	git -C "$W" switch -q -c "$1" main
}

# opened SOURCE TITLE    sets IID
opened() {
	api alice POST "$M" --data-urlencode "source_branch=$1" -d target_branch=main \
		--data-urlencode "title=$2" >"$OUT"
	IID=$(field iid)
}

# comment IID NEW_LINE OLD_LINE    by bob, on the newest version of code.txt; sets KEY
comment() {
	api bob GET "$M/$1" >"$OUT"
	set -- "$1" "$2" "$3" "$(field diff_refs.base_sha)" "$(field diff_refs.start_sha)" "$(field sha)"
	api bob POST "$M/$1/discussions" -d body=why -d 'position[position_type]=text' \
		-d "position[base_sha]=$4" -d "position[start_sha]=$5" -d "position[head_sha]=$6" \
		-d 'position[old_path]=code.txt' -d 'position[new_path]=code.txt' \
		${2:+-d "position[new_line]=$2"} ${3:+-d "position[old_line]=$3"} >"$OUT"
	KEY=$(field id)
}

given_repository "$W"
seq 1 40 | sed 's/^/line /' >"$W/code.txt"
commit 'code: begin' && git -C "$W" branch -q -D feature
ok 'main is pushed' push main
api alice POST "$P/members" -d user_id="$(api alice GET '/users?username=bob' >"$OUT"; field 0.id)" \
	-d access_level=40 >"$OUT"

# --- threads go along with their lines
start_branch threads
sed -i -e 's/^line 10$/line ten/' -e '/^line 20$/d' "$W/code.txt"
commit 'code: spell ten' && ok 'a branch is pushed' push threads
opened threads Threads
comment "$IID" 10 ''
CHANGED=$KEY
comment "$IID" 11 11
BESIDE=$KEY
comment "$IID" '' 20
REMOVED=$KEY
page "$IID/diffs"
equal 'a thread stands at its line' ',10' "$(row "$CHANGED")"
equal 'one at a line that did not change too' '11,11' "$(row "$BESIDE")"
equal 'and one at a removed line' '20,' "$(row "$REMOVED")"
sed -i '1i first\nsecond' "$W/code.txt"
commit 'code: begin earlier' && ok 'the branch moves on' push threads
page "$IID/diffs"
equal 'the thread goes along' ',12' "$(row "$CHANGED")"
equal 'the one beside it too' '11,13' "$(row "$BESIDE")"
equal 'the removed line has not moved' '20,' "$(row "$REMOVED")"
says 'and the page says since when' 'since version 1' cat "$WORK/page"
page "$IID"
says 'the overview leads to the newest version' "diffs\\?version=2#discussion-$CHANGED\">code.txt:12" \
	cat "$WORK/page"
sed -i 's/^line ten$/line TEN/' "$W/code.txt"
commit 'code: shout' && ok 'the line itself changes' push threads
page "$IID/diffs"
equal 'its thread stands below' below "$(row "$CHANGED")"
says 'with a link to where it stood' "version=1#discussion-$CHANGED" cat "$WORK/page"
says 'as one of an older version' 'older version' cat "$WORK/page"
equal 'the other still goes along' '11,13' "$(row "$BESIDE")"
page "$IID"
says 'the overview leads back' "diffs\\?version=1#discussion-$CHANGED" cat "$WORK/page"
page "$IID/diffs?version=1"
equal 'the old version shows it at its line' ',10' "$(row "$CHANGED")"
git -C "$W" switch -q --detach main
git -C "$W" commit -q --allow-empty -m 'rewritten'
git -C "$W" branch -q -f threads HEAD
sed -e 's/^line 11$/line eleven/' -i "$W/code.txt"
git -C "$W" commit -q -a -m 'code: other' && git -C "$W" branch -q -f threads HEAD
ok 'the branch is rewritten' push --force threads
page "$IID/diffs"
equal 'and nothing is lost' below "$(row "$BESIDE")"

# --- what it closes, and removing it
api alice POST "$P/issues" -d title='Too quiet' >"$OUT"
api alice PUT "$M/$IID" -d description="Closes #$(field iid)" >"$OUT"
api alice GET "$M/$IID/closes_issues" >"$OUT"
equal 'a merge request tells the tasks that it closes' 'Too quiet' "$(field 0.title)"
# Not told among the refs, but fetched by name.
stands() {
	git_http - -C "$W" fetch -q "$URL/desk/app.git" "refs/merge-requests/$IID/$1"
}
is_gone() { ! stands "$1"; }
ok 'its head can be fetched' within 15 stands head
api bob DELETE "$M/$IID" >"$OUT"
equal 'a maintainer cannot remove it' 403 "$(cat "$WORK/status")"
api alice DELETE "$M/$IID" >"$OUT"
equal 'an owner can' 204 "$(cat "$WORK/status")"
ok 'and its refs go too' within 15 is_gone head
ok 'the branch stays' sh -c "git ls-remote '$URL/desk/app.git' refs/heads/threads | grep -q ."

# --- changes of every kind
start_branch kinds
git -C "$W" mv code.txt moved.txt
head -c 3000 /dev/urandom >"$W/picture.bin"
chmod 755 "$W/README.md"
ln -s moved.txt "$W/link"
git -C "$W" update-index --add --cacheinfo "160000,$(git -C "$W" rev-parse main),module"
seq 1 60000 >"$W/long.txt"
git -C "$W" rm -q --cached src/main.c && rm "$W/src/main.c"
git -C "$W" add moved.txt picture.bin README.md link long.txt
git -C "$W" commit -q -m 'kinds: change in every way'
ok 'a branch with changes of every kind' push kinds
opened kinds Kinds
page "$IID/diffs"
says 'a renamed file' 'Renamed without changes' cat "$WORK/page"
says 'a binary one' 'A binary file' cat "$WORK/page"
says 'another mode' 'Only the mode changed' cat "$WORK/page"
says 'a submodule' 'A submodule' cat "$WORK/page"
says 'a link' '>link</strong>' cat "$WORK/page"
says 'a deleted file' '>deleted<' cat "$WORK/page"
says 'what is too long is said' 'over the limit|not shown|too large|Not shown' cat "$WORK/page"
api alice GET "$M/$IID/diffs?per_page=100" >"$OUT"
equal 'the API tells all of them' 7 "$(field '' 2>/dev/null; python3 -c "import json; print(len(json.load(open('$WORK/body'))))")"
api bob PUT "$M/$IID/merge" >"$OUT"
equal 'and they are merged' merged "$(field state)"

# --- a conflict, solved by what the page says
git -C "$W" remote add origin "$URL/desk/app.git"
git -C "$W" config "http.$URL/.extraHeader" \
	"Authorization: Basic $(printf 'alice:%s' "$(token_of alice)" | base64 -w0)"
git -C "$W" switch -q main && git -C "$W" pull -q origin main
ODD="ann's-\$branch;x"
start_branch "$ODD"
echo mine >"$W/README.md" && commit 'readme: mine' && ok 'a branch of an odd name' push "$ODD"
git -C "$W" switch -q main
echo theirs >"$W/README.md" && commit 'readme: theirs' && ok 'main changes the same' push main
opened "$ODD" Odd
equal 'both do not fit' conflict "$(field detailed_merge_status)"
page "$IID"
python3 - "$WORK/page" "$WORK/solve" <<-'PY'
	import html, re, sys
	text = open(sys.argv[1], encoding="utf-8").read()
	commands = html.unescape(re.search(r'<pre id="solve">(.*?)</pre>', text, re.S).group(1))
	lines = ["git merge " + l[10:] + " || true" if l.startswith("git merge ") else
	         "echo both >README.md" if l.startswith("#") else l for l in commands.split("\n")]
	open(sys.argv[2], "w").write("set -e\n" + "\n".join(lines) + "\n")
PY
ok 'the commands work when they are pasted' sh -c "cd '$W' && GIT_EDITOR=true sh '$WORK/solve'"
api bob PUT "$M/$IID/merge" >"$OUT"
equal 'and then it is merged' merged "$(field state)"

# --- every way to merge
git -C "$W" switch -q main && git -C "$W" pull -q origin main
start_branch squashed
echo 1 >"$W/s" && commit 'one' && echo 2 >"$W/s" && commit 'two'
ok 'two commits' push squashed
opened squashed 'Both at once'
api bob PUT "$M/$IID/merge" -d squash=true >"$OUT"
SQUASHED=$IID
equal 'are squashed' "$(field squash_commit_sha)" \
	"$(git_http - ls-remote "$URL/desk/app.git" refs/heads/main | cut -f1)"
api alice PUT "$P" -d merge_method=ff >"$OUT"
git -C "$W" switch -q -C forward main
echo f >"$W/f" && commit 'forward' && ok 'a branch behind main' push forward
opened forward Forward
equal 'cannot be fast-forwarded' need_rebase "$(field detailed_merge_status)"
api alice PUT "$M/$IID/update_branch" >"$OUT"
api bob PUT "$M/$IID/merge" >"$OUT"
equal 'after an update it is' merged "$(field state)"
equal 'without a merge commit of its own' "$(field sha)" \
	"$(git_http - ls-remote "$URL/desk/app.git" refs/heads/main | cut -f1)"
api alice PUT "$P" -d merge_method=merge >"$OUT"
api alice POST "$M/$SQUASHED/revert" >"$OUT"
REVERT=$(field iid)
api bob PUT "$M/$REVERT/merge" >"$OUT"
equal 'a revert is merged' merged "$(field state)"
git -C "$W" fetch -q origin main
refused 'its file is gone' git -C "$W" cat-file -e FETCH_HEAD:s
api alice POST "$M/$REVERT/revert" >"$OUT"
api bob PUT "$M/$(field iid)/merge" >"$OUT"
equal 'the revert is reverted' merged "$(field state)"
git -C "$W" fetch -q origin main
equal 'and the file is back' 2 "$(git -C "$W" show FETCH_HEAD:s)"

# --- two people at once
git -C "$W" switch -q -C both FETCH_HEAD
echo b >"$W/b" && commit both && ok 'one more branch' push both
opened both Both
for who in alice bob; do
	curl -s -o "$WORK/$who.body" -w '%{http_code}' -X PUT -H "PRIVATE-TOKEN: $(token_of $who)" \
		"$URL/api/v4$M/$IID/merge" >"$WORK/$who.merge" &
	eval "merger_$who=$!"
done
# shellcheck disable=SC2154 # set by eval
wait "$merger_alice" "$merger_bob"
equal 'of two who merge one does' 1 "$(cat "$WORK/alice.merge" "$WORK/bob.merge" | grep -o 200 | grep -c .)"
git -C "$W" fetch -q origin main
equal 'once' 1 "$(git -C "$W" log --merges --format=%s FETCH_HEAD | grep -c "Merge branch 'both'")"

# --- the result is tested before the merge
given_runner --project desk/app
git -C "$W" switch -q -C main FETCH_HEAD
cat >"$W/.gitlab-ci.yml" <<-'EOF'
	together:
	  rules: [{if: '$CI_PIPELINE_SOURCE == "merge_request_event"'}]
	  script:
	    - echo "type $CI_MERGE_REQUEST_EVENT_TYPE of $CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"
	    - test ! -e old-name || test ! -e needs-new-name
EOF
echo x >"$W/old-name"
commit 'main: a pipeline of merge requests' && ok 'main has a pipeline file' push main
start_branch needs
touch "$W/needs-new-name" && commit 'needs: the new name' && ok 'a branch' push needs
git -C "$W" switch -q main && git -C "$W" rm -q old-name && git -C "$W" commit -q -m 'main: rename' &&
	ok 'main moves on' push main
api alice PUT "$P" -d merge_pipelines_enabled=true -d only_allow_merge_if_pipeline_succeeds=true >"$OUT"
equal 'results are tested' true "$(field merge_pipelines_enabled)"
opened needs Needs
api bob PUT "$M/$IID/merge" -d auto_merge=true >"$OUT"
equal 'it waits for its pipeline' true "$(field merge_when_pipeline_succeeds)"
is_merged() {
	api alice GET "$M/$IID" >"$OUT" && [ "$(field state)" = merged ]
}
# Alone the branch would fail: only with main's change both fit.
ok 'the result succeeds, and it is merged by itself' within 60 is_merged
api alice GET "$M/$IID/pipelines" >"$OUT"
equal 'its pipeline ran on the result' "refs/merge-requests/$IID/merge" "$(field 0.ref)"
api alice GET "$P/pipelines/$(field 0.id)/jobs" >"$OUT"
api alice GET "$P/jobs/$(field 0.id)/trace" >"$OUT"
says 'and the job knew' "type merged_result of $(git -C "$W" rev-parse needs)" cat "$WORK/body"
ok 'the result needs no ref any more' within 15 is_gone merge
ok 'the head keeps its' stands head
done_testing
