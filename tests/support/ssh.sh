# shellcheck shell=sh
# Words for the tests of SSH, on top of lib.sh.

# ssh_as WHO [SSH OPTIONS...] -- [COMMAND]    OpenSSH's client with WHO's key
ssh_as() {
	who=$1
	shift
	set -- "$@" end-of-arguments
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	remote=$1
	if [ "$remote" = end-of-arguments ]; then remote=; fi
	# shellcheck disable=SC2086 # options are words
	ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none \
		-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile="$WORK/known_hosts" \
		-o LogLevel=ERROR -i "$WORK/$who.key" -p "${SSH##*:}" $options \
		"${SSH_USER:-git}@${SSH%:*}" ${remote:+"$remote"}
}

# given_noise FILE MEGABYTES    bytes that do not compress
given_noise() {
	head -c "${2}000000" /dev/urandom >"$1"
}

# given_pushed_project PATH OWNER FOLDER   a project with given_repository in it
given_pushed_project() {
	given_project "$1" "$2"
	given_repository "$3"
	git_ssh "$2" -C "$3" push -q "$SSH_URL/$1.git" --all >"$OUT" 2>&1 ||
		give_up "the first push failed" "$OUT"
	git_ssh "$2" -C "$3" push -q "$SSH_URL/$1.git" --tags >"$OUT" 2>&1 ||
		give_up "the push of tags failed" "$OUT"
}
