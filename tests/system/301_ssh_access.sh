#!/bin/sh
# Who may do what over SSH, and what is refused of SSH itself.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
# shellcheck source=tests/support/ssh.sh
. "$(dirname "$0")/../support/ssh.sh"
given_instance
given_user alice
given_user bob
given_pushed_project alice/site alice "$WORK/site"
site=$SSH_URL/alice/site.git

# --- unknown and forbidden are the same
git_ssh bob ls-remote "$site" >"$WORK/forbidden" 2>&1
git_ssh bob ls-remote "$SSH_URL/alice/none.git" >"$WORK/missing" 2>&1
git_ssh bob ls-remote "$SSH_URL/../../etc.git" >"$WORK/hostile" 2>&1
ok 'a forbidden project reads as a missing one' cmp "$WORK/forbidden" "$WORK/missing"
ok 'so does a hostile path' cmp "$WORK/hostile" "$WORK/missing"
says 'with a sentence' 'There is nothing here, or you are not allowed' cat "$WORK/missing"
refused 'and fails' git_ssh bob ls-remote "$site"

# --- keys and users, at once
given_user carol
given_pushed_project carol/work carol "$WORK/work"
ok 'carol reads her project' git_ssh carol ls-remote "$SSH_URL/carol/work.git"
ssh_as carol -M -S "$WORK/mux" -fN -- >"$OUT" 2>&1
flush() {
	printf 0000
}
ok 'and over a shared connection' eval \
	'flush | ssh_as carol -S "$WORK/mux" -- "git-upload-pack '"'carol/work'"'"'
ok 'she is blocked' hearth user block carol
refused 'a blocked user is refused' git_ssh carol ls-remote "$SSH_URL/carol/work.git"
says 'over a connection that is open too' 'removed or has expired, or its user was blocked' \
	ssh_as carol -S "$WORK/mux" -- "git-upload-pack 'carol/work'"
ssh -S "$WORK/mux" -O exit x >/dev/null 2>&1
ssh-keygen -q -t ed25519 -N '' -f "$WORK/nobody.key"
says 'a key nobody added is refused' 'Permission denied \(publickey\)' ssh_as nobody -T --
SSH_USER=root says 'another user name than git is refused' 'Permission denied' ssh_as alice -T --
says 'no password is asked' 'Permission denied \(publickey\)' \
	ssh_as alice -o PubkeyAuthentication=no --

# --- who signs is who speaks: a key that is only offered counts for nothing
mkdir "$WORK/victim"
cp "$WORK/alice.key.pub" "$WORK/victim/alice.pub"
says 'bob, who offers the public key of alice first, is bob' 'Hi bob' \
	ssh_as bob -i "$WORK/victim/alice.pub" -o IdentitiesOnly=yes -T --
says 'and alone it signs nobody in' 'Permission denied' ssh_as nobody -i "$WORK/victim/alice.pub" -T --

# --- a key that is removed
ssh_as bob -M -S "$WORK/mux2" -fN -- >"$OUT" 2>&1
psql -q "$HEARTH_TEST_POSTGRES dbname=$DATABASE" \
	-c "DELETE FROM key USING users WHERE key.user_id = users.id AND users.username = 'bob'" >"$OUT" 2>&1 || fail 'no key removed'
refused 'a removed key is refused' ssh_as bob -T --
says 'over a connection that is open too' 'This key was removed' ssh_as bob -S "$WORK/mux2" -T --
ssh -S "$WORK/mux2" -O exit x >/dev/null 2>&1

# --- kinds of keys
for kind in rsa ecdsa; do
	ssh-keygen -q -t $kind -N '' -f "$WORK/$kind.key"
	chmod 644 "$WORK/$kind.key.pub"
	ok "an $kind key is added" hearth key add alice "$WORK/$kind.key.pub"
	says "an $kind key signs in" 'Hi alice' ssh_as $kind -T --
done

# --- the rest of SSH is not there
refused 'no command of the shell' ssh_as alice -- "id"
refused 'no terminal' ssh_as alice -tt -- </dev/null
refused 'no subsystem' ssh_as alice -s -- sftp
refused 'no forwarding from the server' ssh_as alice -N -R 0:127.0.0.1:22 -o ExitOnForwardFailure=yes --
refused 'no forwarding to the server' sh -c ". '$ROOT/tests/support/ssh.sh'; WORK=$WORK SSH=$SSH; \
	echo | ssh_as alice -W 127.0.0.1:${HTTP##*:} --"
says 'no options to git' 'takes exactly one argument' \
	ssh_as alice -- "git-upload-pack --upload-pack=id 'alice/site.git'"
says 'no second command' 'takes exactly one argument' \
	ssh_as alice -- "git-receive-pack 'alice/site.git';id"
# shellcheck disable=SC2016 # it must not expand
says 'no substitution' 'takes exactly one argument' ssh_as alice -- 'git-upload-pack `id`'
says 'no service that is not there' 'runs no commands but' \
	ssh_as alice -- "git-lfs-authenticate alice/site.git download"
says 'no endless command' 'too long|longer than' \
	ssh_as alice -- "$(head -c 100000 /dev/zero | tr '\0' a)"
flush >"$WORK/flush"
silent 'the environment is not taken' '/x.so|cannot be preloaded' \
	ssh_as alice -o SetEnv=LD_PRELOAD=/x.so -o SetEnv=GIT_CONFIG_COUNT=1 -- "git-upload-pack 'alice/site.git'" <"$WORK/flush"

# --- ssh keys are used, and that is seen
says 'the last use of a key was noted' '^[^ ]' psql -At "$HEARTH_TEST_POSTGRES dbname=$DATABASE" \
	-c "SELECT last_used_at FROM key WHERE last_used_at IS NOT NULL LIMIT 1"
done_testing
