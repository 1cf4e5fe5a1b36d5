# shellcheck shell=sh
# The words of the system tests. A test is a script tests/system/NNN_name.sh:
#
#	. "$(dirname "$0")/../support/lib.sh"
#	given_instance
#	given_user alice
#	given_project alice/site alice private
#	ok 'a clone gives the pushed files' git_http alice clone "$URL/alice/site.git" here
#	refused 'a stranger cannot clone' git_http - clone "$URL/alice/site.git" there
#	says 'a wrong password names tokens' 'token' git_http alice:wrong ls-remote "$URL/alice/site.git"
#	done_testing
#
# It may use any number of instances; each has its own data directory, ports and
# database (a copy of a migrated template in the run's cluster, unless it asks for
# a private one). At the end everything is stopped and removed.
set -u
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
PROGRAM=${HEARTH_BINARY:-$ROOT/build/hearth}
if [ "${HEARTH:-}" = true ] || [ -n "${CI_JOB_TOKEN:-}" ]; then
	echo "System tests start servers and users; they do not run inside a Hearth job." >&2
	exit 2
fi
TEST_NAME=$(basename "$0" .sh)
WORK=$(mktemp -d "${TMPDIR:-/tmp}/hearth-test.XXXXXX") || exit 2
chmod 755 "$WORK"
PASSED=0
FAILED=0
PIDS=
DATABASES=
OUT=$WORK/out

# git without anybody's settings
GIT_CONFIG_NOSYSTEM=1
GIT_CONFIG_GLOBAL=$WORK/gitconfig
GIT_TERMINAL_PROMPT=0
GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@example.org
GIT_COMMITTER_NAME=Ann GIT_COMMITTER_EMAIL=ann@example.org
export GIT_CONFIG_NOSYSTEM GIT_CONFIG_GLOBAL GIT_TERMINAL_PROMPT GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL \
	GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
git config --file "$GIT_CONFIG_GLOBAL" init.defaultBranch main
git config --file "$GIT_CONFIG_GLOBAL" advice.detachedHead false
git config --file "$GIT_CONFIG_GLOBAL" gc.auto 0
unset HEARTH_DATA XDG_RUNTIME_DIR

# --- results

pass() {
	PASSED=$((PASSED + 1))
	[ -z "${VERBOSE:-}" ] || echo "ok      $1"
}

fail() {
	FAILED=$((FAILED + 1))
	echo "FAILED  $TEST_NAME: $1"
	[ ! -s "$OUT" ] || tail -n 20 "$OUT" | sed 's/^/        | /'
}

# ok SENTENCE COMMAND...      the command succeeds; its output is in $OUT
ok() {
	sentence=$1
	shift
	if "$@" >"$OUT" 2>&1; then pass "$sentence"; else fail "$sentence (status $?)"; fi
}

# refused SENTENCE COMMAND...   the command fails
refused() {
	sentence=$1
	shift
	if "$@" >"$OUT" 2>&1; then fail "$sentence (it succeeded)"; else pass "$sentence"; fi
}

# says SENTENCE PATTERN COMMAND...   its output has a line that matches (grep -E), whatever its status
says() {
	sentence=$1
	pattern=$2
	shift 2
	"$@" >"$OUT" 2>&1
	if grep -Eq -- "$pattern" "$OUT"; then pass "$sentence"; else fail "$sentence: no /$pattern/"; fi
}

# silent SENTENCE PATTERN COMMAND...  no line of its output matches
silent() {
	sentence=$1
	pattern=$2
	shift 2
	"$@" >"$OUT" 2>&1
	if grep -Eq -- "$pattern" "$OUT"; then fail "$sentence: /$pattern/ is there"; else pass "$sentence"; fi
}

# equal SENTENCE EXPECTED ACTUAL
equal() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		: >"$OUT"
		fail "$1: expected \"$2\", got \"$3\""
	fi
}

# within SECONDS COMMAND...    until it succeeds; it is tried once at least
within() {
	deadline=$(($(date +%s) + $1))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -le "$deadline" ] || return 1
		sleep 0.05
	done
}

done_testing() {
	stop_everything
	trap - EXIT
	printf '%s passed, %s failed\n' "$PASSED" "$FAILED"
	[ "$FAILED" -eq 0 ]
	exit
}

give_up() {
	echo "FAILED  $TEST_NAME: $1"
	[ ! -f "${2:-}" ] || tail -n 40 "$2" | sed 's/^/        | /'
	FAILED=$((FAILED + 1))
	done_testing
}

# --- processes

stop_everything() {
	for pid in $PIDS; do
		kill "$pid" 2>/dev/null
	done
	for pid in $PIDS; do
		wait "$pid" 2>/dev/null
	done
	PIDS=
	# Jobs outlive a runner that was killed, to tell the forge how they ended.
	for pid in $(pgrep -f "^[^ ]+ job --config $WORK/"); do
		kill -9 "$pid" 2>/dev/null
	done
	# A test's own last act: AT_END names a function of it.
	${AT_END:-:}
	AT_END=
	for database in $DATABASES; do
		psql -q "${HEARTH_TEST_POSTGRES:-} dbname=postgres" \
			-c "DROP DATABASE IF EXISTS $database WITH (FORCE)" >/dev/null 2>&1
	done
	# The folders of sockets, which are elsewhere because their names must be short.
	for link in "$WORK"/*/run; do
		[ ! -L "$link" ] || rm -rf "$(readlink "$link")"
	done
	for place in ${MOUNTS:-}; do
		umount -q "$place"
	done
	if [ -n "${KEEP:-}" ]; then echo "kept $WORK"; else rm -rf "$WORK"; fi
}
trap 'stop_everything; exit 1' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# --- instances

# A database of this run's cluster, migrated; sets DATABASE.
given_database() {
	if [ -z "${HEARTH_TEST_POSTGRES:-}" ]; then
		give_up "there is no database: run this by tests/support/with-postgres"
	fi
	DATABASE=test_$$_$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')
	"$ROOT/tests/support/make-database" "$DATABASE" >"$OUT" 2>&1 || give_up "no database" "$OUT"
	DATABASES="$DATABASES $DATABASE"
}

# given_instance [NAME]   starts one on the run's cluster and waits until it is ready. Sets
# DATA HTTP SSH URL SSH_URL UP (pid) UP_LOG ADMIN_PASSWORD; NAME tells several apart.
# HEARTH_* variables that are set are its settings.
given_instance() {
	given_database
	INSTANCE_DATABASE="$HEARTH_TEST_POSTGRES dbname=$DATABASE"
	start_instance "${1:-main}"
}

# The same with its own PostgreSQL, as a first `hearth up` makes it.
given_private_instance() {
	INSTANCE_DATABASE=
	start_instance "${1:-main}"
}

start_instance() {
	DATA=$WORK/$1.data
	UP_LOG=$WORK/$1.log
	HTTP=${HTTP:-127.0.0.1:$(free_port)}
	SSH=${SSH:-127.0.0.1:$(free_port)}
	again_instance || give_up "the instance is not ready" "$UP_LOG"
	# shellcheck disable=SC2034 # tests use it
	ADMIN_PASSWORD=$(sed -n 's/.*Sign in as root with the password //p' "$UP_LOG")
}

# Starts the instance of DATA, HTTP and SSH (again); fails if it is not ready in time.
again_instance() {
	: >"$UP_LOG"
	# shellcheck disable=SC2086 # a word or none: with LOCAL_RUNNER= it has its own runner
	HEARTH_DATABASE_URL=${INSTANCE_DATABASE:-} \
		"$PROGRAM" up --data "$DATA" --http "$HTTP" --ssh "$SSH" ${LOCAL_RUNNER---no-runner} \
		>>"$UP_LOG" 2>&1 &
	UP=$!
	PIDS="$PIDS $UP"
	URL=${HEARTH_EXTERNAL_URL:-http://$HTTP}
	# shellcheck disable=SC2034
	SSH_URL=ssh://git@$SSH
	within 60 ready_or_gone
	grep -q '^Hearth is ready' "$UP_LOG"
}

ready_or_gone() {
	grep -q '^Hearth is ready' "$UP_LOG" || ! kill -0 "$UP" 2>/dev/null
}

# Ctrl-C for it; returns its exit status.
stop_instance() {
	kill -INT "$UP" 2>/dev/null
	wait "$UP"
	status=$?
	PIDS=$(echo "$PIDS" | sed "s/ $UP\\b//")
	return "$status"
}

hearth() {
	HEARTH_DATABASE_URL=${INSTANCE_DATABASE:-} "$PROGRAM" "$@" --data "$DATA"
}

# sql STATEMENT    in the instance's database; a private one knows the data's owner alone
sql() {
	if [ -n "$INSTANCE_DATABASE" ]; then
		psql -XAtq "$INSTANCE_DATABASE" -c "$1"
		return
	fi
	as=
	[ "$(id -u)" -ne 0 ] || as="setpriv --reuid $(stat -c %U "$DATA") --clear-groups --regid $(stat -c %G "$DATA")"
	# shellcheck disable=SC2086 # words
	$as psql -XAtq "host=$DATA/run/ user=hearth dbname=hearth" -c "$1"
}

# --- people and projects

# given_user NAME [--admin]    password "NAME-password-1", token in $WORK/NAME.token, SSH key
given_user() {
	name=$1
	shift
	echo "$name-password-1" >"$WORK/$name.password"
	chmod 644 "$WORK/$name.password"
	hearth user add "$name" --email "$name@example.org" --password-file "$WORK/$name.password" \
		"$@" >"$OUT" 2>&1 || give_up "no user $name" "$OUT"
	hearth token create "$name" --name test --scopes api,write_repository >"$WORK/$name.token" \
		2>"$OUT" || give_up "no token for $name" "$OUT"
	ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$WORK/$name.key" || give_up "ssh-keygen"
	chmod 644 "$WORK/$name.key.pub"
	hearth key add "$name" "$WORK/$name.key.pub" >"$OUT" 2>&1 || give_up "no key for $name" "$OUT"
}

# given_project PATH OWNER [VISIBILITY]
given_project() {
	hearth project create "$1" --owner "$2" --visibility "${3:-private}" >"$OUT" 2>&1 ||
		give_up "no project $1" "$OUT"
}

# given_runner [WORDS OF hearth runner create]   a registered runner that waits for jobs. Sets
# RUNNER_PID RUNNER_CONF RUNNER_LOG. As root jobs run as users hearth-job-N, else in bubblewrap.
given_runner() {
	RUNNER_PROGRAM=${HEARTH_RUNNER_BINARY:-$ROOT/build/hearth-runner}
	RUNNER_COUNT=$((${RUNNER_COUNT:-0} + 1))
	RUNNER_CONF=$WORK/runner-$RUNNER_COUNT/runner.conf
	RUNNER_LOG=$WORK/runner-$RUNNER_COUNT/log
	mkdir "$WORK/runner-$RUNNER_COUNT"
	case $(id -u) in 0) executor=shell ;; *) executor=bubblewrap ;; esac
	RUNNER_TOKEN=$(hearth runner create --description "of $TEST_NAME" "$@" 2>"$OUT") ||
		give_up "no runner" "$OUT"
	"$RUNNER_PROGRAM" register --config "$RUNNER_CONF" --url "$URL" --token "$RUNNER_TOKEN" \
		--executor "$executor" >"$OUT" 2>&1 || give_up "the runner is not registered" "$OUT"
	cat >>"$RUNNER_CONF" <<-EOF
		[global]
		concurrent = ${RUNNER_JOBS:-2}
		check_interval = 1s
		builds_dir = $WORK/builds
		kill_grace = 2s
		${RUNNER_SETTINGS:-}
	EOF
	again_runner
}

# Starts the runner of RUNNER_CONF (again).
again_runner() {
	"${HEARTH_RUNNER_BINARY:-$ROOT/build/hearth-runner}" run --config "$RUNNER_CONF" \
		>>"$RUNNER_LOG" 2>&1 &
	RUNNER_PID=$!
	PIDS="$PIDS $RUNNER_PID"
}

token_of() {
	cat "$WORK/$1.token"
}

# --- git. WHO is a user's name (their token), NAME:PASSWORD, or - for nobody.

git_http() {
	who=$1
	shift
	case $who in
	-) header= ;;
	*:*) header=$(printf %s "$who" | base64 -w0) ;;
	*) header=$(printf %s "$who:$(token_of "$who")" | base64 -w0) ;;
	esac
	if [ -n "$header" ]; then
		git -c "http.extraHeader=Authorization: Basic $header" "$@"
	else
		git "$@"
	fi
}

# The host key is pinned at the first use of each test.
git_ssh() {
	who=$1
	shift
	GIT_SSH_COMMAND="ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none \
-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=$WORK/known_hosts -i $WORK/$who.key" \
		git "$@"
}

# api WHO METHOD PATH [CURL OPTIONS]   prints the body; the status is in $WORK/status
api() {
	who=$1
	method=$2
	path=$3
	shift 3
	if [ "$who" != - ]; then
		set -- -H "PRIVATE-TOKEN: $(token_of "$who")" "$@"
	fi
	curl -s -X "$method" -o "$WORK/body" -w '%{http_code}' "$@" "$URL/api/v4$path" >"$WORK/status"
	cat "$WORK/body"
}

# field NAME    of what api answered last; paths by dots
field() {
	python3 - "$WORK/body" "$1" <<-'PY'
		import json, sys
		value = json.load(open(sys.argv[1]))
		for part in sys.argv[2].split("."):
		    value = value[int(part)] if part.isdigit() else value.get(part)
		print(value if isinstance(value, str) else json.dumps(value))
	PY
}

# status_of CURL OPTIONS...     prints the HTTP status
status_of() {
	curl -s -o "$WORK/body" -w '%{http_code}' "$@"
}

# given_repository FOLDER    three commits on main, a branch, two tags
given_repository() {
	git init -q "$1" || give_up "git init"
	(
		cd "$1" || exit 1
		echo "# Site" >README.md
		git add README.md && git commit -q -m "site: say hello" && git tag v1
		mkdir src && echo 'int main(void) { return 0; }' >src/main.c
		git add src && git commit -q -m "src: add a program" && git tag -a v2 -m "version two"
		git checkout -q -b feature && echo feature >feature.txt && git add feature.txt &&
			git commit -q -m "feature: begin" && git checkout -q main
		echo more >>README.md && git commit -q -a -m "site: say more"
	) >"$OUT" 2>&1 || give_up "no repository" "$OUT"
}
