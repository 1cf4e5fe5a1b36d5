#!/bin/sh
# "Run pipeline" by API and page: of a branch, of an older commit, with variables.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
given_instance
given_user alice
given_user bob
given_project shop/site alice public
W=$WORK/work
P=/projects/shop%2Fsite
json() {
	python3 -c "import json,sys; print(json.load(open('$WORK/body'))$1)" 2>&1
}
git init -q "$W"
cd "$W" || exit 1
git remote add origin "$URL/shop/site.git"
printf 'one:\n  script: x\n' >.gitlab-ci.yml
git add . && git commit -q -m one
printf 'two:\n  script: x\n  rules: [{if: "$GO == \\"yes\\""}]\n' >.gitlab-ci.yml
git commit -q -a -m two
git checkout -q -b bad
printf 'one:\n  scripts: x\n' >.gitlab-ci.yml
git commit -q -a -m bad
git_http alice push -q -o ci.no_pipeline origin main bad 2>"$OUT" || give_up "no push" "$OUT"
first=$(git rev-parse main~1)

# --- by API
api alice POST "$P/pipeline" -H 'Content-Type: application/json' \
	-d '{"ref":"main","variables":[{"key":"GO","value":"yes"}]}' >"$OUT"
equal 'a branch is run with variables' 201 "$(cat "$WORK/status")"
equal 'by the API' api "$(json "['source']")"
equal 'of its newest commit' "$(git rev-parse main)" "$(json "['sha']")"
id=$(json "['id']")
api alice GET "$P/pipelines/$id/jobs" >/dev/null
equal 'whose rules see them' two "$(json "[0]['name']")"
api alice GET "$P/pipelines/$id/variables" >/dev/null
equal 'and which are kept' yes "$(json "[0]['value']")"
api alice POST "$P/pipeline" -d ref=main -d 'variables[][key]=GO' -d 'variables[][value]=yes' >"$OUT"
equal 'a form does too' 201 "$(cat "$WORK/status")"
api alice POST "$P/pipeline" -d ref=main -d "sha=$first" >"$OUT"
equal 'an older commit is run' "$first" "$(json "['sha']")"
api alice POST "$P/pipeline" -d ref=main >"$OUT"
equal 'no job left is said' 400 "$(cat "$WORK/status")"
says 'in the shape of GitLab' '"base":\["The pipeline did not run' cat "$WORK/body"
api alice POST "$P/pipeline" -d ref=bad >"$OUT"
says 'a bad file with its place' '400' cat "$WORK/status"
says 'in the file' '.gitlab-ci.yml:2:3: ' cat "$WORK/body"
api alice POST "$P/pipeline" -d ref=gone >"$OUT"
says 'a ref that is not there' 'Reference not found' cat "$WORK/body"
api alice POST "$P/pipeline" >"$OUT"
says 'a ref that is not named' 'ref is missing' cat "$WORK/body"
api alice POST "$P/pipeline" -d ref=main -d 'variables[][key]=A-B' -d 'variables[][value]=1' >"$OUT"
equal 'a variable that cannot be' 400 "$(cat "$WORK/status")"
api bob POST "$P/pipeline" -d ref=main >"$OUT"
equal 'a reader may not' 403 "$(cat "$WORK/status")"
api bob GET "$P/pipelines/$id/variables" >"$OUT"
equal 'nor read what was given' 403 "$(cat "$WORK/status")"

# --- by the page
python3 - "$URL" <<'EOF' >"$WORK/page" 2>&1
import http.cookiejar, re, sys, urllib.parse, urllib.request
url = sys.argv[1]
jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
web = urllib.request.build_opener(jar)
def get(path):
    return web.open(url + path).read().decode()
def post(page, path, fields):
    fields["csrf"] = re.search(r'name="csrf" value="([^"]+)"', page).group(1)
    try:
        answer = web.open(url + path, urllib.parse.urlencode(fields, doseq=True).encode())
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.url, answer.read().decode()
post(get("/users/sign_in"), "/users/sign_in", {"login": "alice", "password": "alice-password-1"})
page = get("/shop/site/-/pipelines/new?ref=main")
status, where, text = post(page, "/shop/site/-/pipelines", {"ref": "main", "key": ["GO"], "value": ["yes"]})
print("started", status, where)
status, where, text = post(page, "/shop/site/-/pipelines", {"ref": "main", "key": ["X"], "value": ["y <z>"]})
print("refused", status, "no job is left" in text, 'value="y &lt;z&gt;"' in text)
EOF
says 'the form starts one and leads to it' 'started 200 .*/shop/site/-/pipelines/[0-9]+$' cat "$WORK/page"
says 'and keeps what was typed when it cannot' 'refused 422 True True' cat "$WORK/page"
done_testing
