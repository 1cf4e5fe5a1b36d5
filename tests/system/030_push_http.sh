#!/bin/sh
# git over HTTP: the cases of both transports, then what only HTTP has.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
given_instance
# shellcheck disable=SC2034 # used by the cases
REMOTE=$URL
g() {
	git_http "$@"
}
# shellcheck source=tests/support/push_cases.sh
. "$ROOT/tests/support/push_cases.sh"

# --- credentials
says 'git is asked for credentials on a private project' 'could not read Username|Authentication failed' \
	git_http - ls-remote "$S"
equal 'by 401' 401 "$(status_of "$URL/shop/site.git/info/refs?service=git-upload-pack")"
equal 'also for a project that is not there' 401 \
	"$(status_of "$URL/shop/nothing.git/info/refs?service=git-upload-pack")"
says 'with the header that makes git ask' '^WWW-Authenticate: Basic realm=' \
	curl -si "$URL/shop/site.git/info/refs?service=git-upload-pack"
ok 'a public project needs none' git_http - ls-remote "$URL/town/open.git"
refused 'but for pushing' git_http - -C "$W" push -q "$URL/town/open.git" HEAD:refs/heads/x
ok 'a password works' git_http "alice:alice-password-1" ls-remote "$S"
# as people have it: in the address, or typed
says 'a wrong password names tokens' '[Tt]oken' git ls-remote "http://alice:wrong@$HTTP/shop/site.git"
says 'a wrong token too' '[Tt]oken' \
	git ls-remote "http://alice:glpat-000000000000000000000000000@$HTTP/shop/site.git"
ok 'the user name beside a token does not matter' git_http "oauth2:$(token_of alice)" ls-remote "$S"
hearth token create alice --name reading --scopes read_repository >"$WORK/reading.token"
ok 'a reading token reads' git_http "x:$(cat "$WORK/reading.token")" ls-remote "$S"
refused 'and does not write' git_http "x:$(cat "$WORK/reading.token")" -C "$W" push -q "$S" HEAD:refs/heads/ro

# --- bodies
ok 'a push in chunks' git_http alice -c http.postBuffer=65536 -C "$W" push -q "$S" main:refs/heads/chunked
ok 'a fetch whose request is compressed' sh -c "
	cd '$WORK/clone' && for i in \$(seq 300); do git commit -q --allow-empty -m \$i && git tag t\$i; done"
ok 'works' git_http alice -C "$WORK/clone" fetch -q
equal 'the dumb protocol is not served' 403 \
	"$(status_of -u "x:$(token_of alice)" "$URL/shop/site.git/info/refs")"
refused 'nor any file' curl -sf -u "x:$(token_of alice)" "$URL/shop/site.git/config"
refused 'of the repository' curl -sf -u "x:$(token_of alice)" "$URL/shop/site.git/HEAD"
ok 'the address works without .git too' git_http alice ls-remote "$URL/shop/site"
ok 'and in any case' git_http alice ls-remote "$URL/Shop/SITE.git"

says 'git archive --remote over HTTP is told where archives are' 'works over SSH here' \
	curl -s -u "x:$(token_of alice)" "$URL/shop/site.git/info/refs?service=git-upload-archive"

# --- archives by API
api alice GET "/projects/shop%2Fsite/repository/archive.tar.gz?sha=main" >/dev/null
says 'an archive has one folder, named by project, branch and commit' '^site-main-[0-9a-f]{40}/' \
	tar -tzf "$WORK/body"
LONG=$(printf 'a%.0s' $(seq 200))/$(printf 'b%.0s' $(seq 200))
git_http alice -C "$W" push -q "$S" "main:refs/heads/$LONG" >"$OUT" 2>&1
api alice GET "/projects/shop%2Fsite/repository/archive.tar.gz?sha=$LONG" >/dev/null
says 'of a branch with an endless name only by the commit' '^[0-9a-f]{40}/' tar -tzf "$WORK/body"

# --- by id: what no branch, tag or merge request leads to is not there
GONE=$(git -C "$W" rev-parse topic)
HERE=$(git -C "$W" rev-parse origin/main)
GONE_FILE=$(git -C "$W" rev-parse topic:topic.txt)
P="/projects/shop%2Fsite/repository"
by_id() { # WORDS ADDRESS-BEFORE ADDRESS-AFTER
	equal "$1 of a commit that is there" 200 "$(status_of -H "PRIVATE-TOKEN: $(token_of alice)" "$URL$2$HERE$3")"
	equal "$1 of a deleted branch's commit" 404 "$(status_of -H "PRIVATE-TOKEN: $(token_of alice)" "$URL$2$GONE$3")"
}
by_id 'the page' /shop/site/-/commit/ ''
by_id 'the diff' /shop/site/-/commit/ .diff
by_id 'the patch' /shop/site/-/commit/ .patch
by_id 'the files' /shop/site/-/tree/ ''
by_id 'a raw file' /shop/site/-/raw/ /README.md
by_id 'a blame' /shop/site/-/blame/ /README.md
by_id 'the history' /shop/site/-/commits/ ''
by_id 'an archive' /shop/site/-/archive/ /site.tar.gz
by_id 'the API answer' "/api/v4$P/commits/" ''
by_id 'the diff by API' "/api/v4$P/commits/" /diff
by_id 'the files by API' "/api/v4$P/tree?ref=" ''
by_id 'a file by API' "/api/v4$P/files/README.md/raw?ref=" ''
by_id 'an archive by API' "/api/v4$P/archive.tar.gz?sha=" ''
by_id 'a comparison by API' "/api/v4$P/compare?from=main&to=" ''
equal 'nor by its first digits' 404 "$(api alice GET "$P/commits/$(echo "$GONE" | cut -c1-9)" >/dev/null; cat "$WORK/status")"
refused 'nor does a comparison page show it' \
	sh -c "curl -s -H 'PRIVATE-TOKEN: $(token_of alice)' '$URL/shop/site/-/compare/main...$GONE' | grep topic.txt"
equal 'nor its files by their ids' 404 "$(api alice GET "$P/blobs/$GONE_FILE/raw" >/dev/null; cat "$WORK/status")"
equal 'as they are of what is there' 200 \
	"$(api alice GET "$P/blobs/$(git -C "$W" rev-parse main:README.md)/raw" >/dev/null; cat "$WORK/status")"
git_http alice -C "$W" push -q "$S" topic
equal 'pushed again it is back' 200 "$(api alice GET "$P/commits/$GONE" >/dev/null; cat "$WORK/status")"
done_testing
