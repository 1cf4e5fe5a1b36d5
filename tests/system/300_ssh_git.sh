#!/bin/sh
# Git over SSH in all three protocol versions, with OpenSSH's client.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
# shellcheck source=tests/support/ssh.sh
. "$(dirname "$0")/../support/ssh.sh"
given_instance
given_user alice
given_user bob
given_project alice/site alice private
given_repository "$WORK/site"

same_tree() {
	diff -r --exclude=.git "$1" "$2"
}

# The first branch becomes the default one, which cannot be deleted.
ok 'the first push' git_ssh alice -C "$WORK/site" push "$SSH_URL/alice/site.git" main

for version in 0 1 2; do
	git config --file "$GIT_CONFIG_GLOBAL" protocol.version $version
	branch=v$version
	copy=$WORK/copy$version
	ok "v$version: a new branch is pushed" \
		git_ssh alice -C "$WORK/site" push "$SSH_URL/alice/site.git" "main:$branch"
	ok "v$version: a clone gives the same files" \
		git_ssh alice clone -b $branch "$SSH_URL/alice/site.git" "$copy"
	ok "v$version: nothing differs" same_tree "$WORK/site" "$copy"
	ok "v$version: a fetch of nothing says nothing" git_ssh alice -C "$copy" fetch
	equal "v$version: it said nothing" "" "$(cat "$OUT")"
	(cd "$copy" && echo $version >new && git add new && git commit -q -m new)
	ok "v$version: a commit is pushed" git_ssh alice -C "$copy" push
	ok "v$version: and fetched" \
		git_ssh alice -C "$WORK/site" fetch "$SSH_URL/alice/site.git" $branch
	equal "v$version: it is the same commit" "$(git -C "$copy" rev-parse HEAD)" \
		"$(git -C "$WORK/site" rev-parse FETCH_HEAD)"
	ok "v$version: a push of nothing" git_ssh alice -C "$copy" push
	ok "v$version: a shallow clone" git_ssh alice clone --depth 1 -b $branch \
		"$SSH_URL/alice/site.git" "$WORK/shallow$version"
	ok "v$version: deepened" git_ssh alice -C "$WORK/shallow$version" fetch --unshallow
	ok "v$version: a branch is deleted" \
		git_ssh alice -C "$WORK/site" push "$SSH_URL/alice/site.git" ":$branch"
	says "v$version: ls-remote of an empty list is no error" '^$|refs' \
		git_ssh alice ls-remote "$SSH_URL/alice/site.git"
done
git config --file "$GIT_CONFIG_GLOBAL" --unset protocol.version

ok 'several branches and tags in one push' git_ssh alice -C "$WORK/site" push \
	"$SSH_URL/alice/site.git" main feature v1 v2
says 'ls-remote lists the peeled tag' 'refs/tags/v2\^\{\}$' \
	git_ssh alice ls-remote "$SSH_URL/alice/site.git"
says 'and HEAD' 'HEAD$' git_ssh alice ls-remote "$SSH_URL/alice/site.git"
for path in alice/site /alice/site.git alice/site.git/ ALICE/Site; do
	ok "the project is found at $path" git_ssh alice ls-remote "$SSH_URL/${path#/}"
done
remote_archive() { # NAME...
	git_ssh alice archive --remote="$SSH_URL/alice/site.git" "$@"
}
remote_archive main >"$WORK/main.tar"
says 'git archive --remote works' '^README.md$' tar tf "$WORK/main.tar"
remote_archive --format=tar.gz --prefix=x/ main:src >"$WORK/src.tar.gz"
says 'with its options, and of a folder' '^x/main.c$' tar tzf "$WORK/src.tar.gz"
says 'of a name that is not there it says so' 'no such ref' remote_archive nothing
says 'nor is anything but a name taken' 'no such ref' remote_archive 'main~1'
# A ref of the forge's own: its contents are what people deleted.
REPOSITORY=$(find "$DATA/repositories" -name '1.git')
git -c safe.directory='*' -C "$REPOSITORY" update-ref refs/keep/1 refs/heads/main
for name in refs/keep/1 keep/1 refs/keep/1:src; do
	says "no archive is made of $name" 'archives are made of branches and tags' remote_archive $name
done
git -c safe.directory='*' -C "$REPOSITORY" update-ref -d refs/keep/1
printf 0000 >"$WORK/flush"
says 'git-upload-pack as two words' 'HEAD' eval \
	'ssh_as alice -- "git upload-pack '"'alice/site'"'" <"$WORK/flush" | tr "\0" " "'

says 'the greeting names the user' 'Hi alice' ssh_as alice -T --
ok 'and succeeds' ssh_as alice -T --
done_testing
