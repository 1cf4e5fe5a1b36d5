#!/bin/sh
# Roles, git operations, PostgreSQL and its backends are killed (-9) while people push
# over SSH and HTTP. Afterwards no acknowledged push is lost, refs are what was
# recorded, each push has its one pipeline, and nothing is left over. FAULT_LENGTH=long for more rounds.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
given_private_instance
given_user alice
given_project alice/site alice
REPO=
PUSHERS="1 2 3 4"
case ${FAULT_LENGTH:-short} in
long) ROUNDS="1 2 3 4 5 6 7 8" ;;
*) ROUNDS="1 2" ;;
esac

# push_loop N    commits to branch bN and pushes, by turns over HTTP and SSH; what git
# says is through is written to acked.N
push_loop() {
	n=0
	while [ ! -e "$WORK/stop" ]; do
		n=$((n + 1))
		# Large enough that index-pack lives long enough to be met.
		{
			echo "$n"
			head -c 500000 /dev/urandom
		} >"$WORK/w$1/f"
		printf 'test:\n  script: x\n' >"$WORK/w$1/.gitlab-ci.yml"
		git -C "$WORK/w$1" add f .gitlab-ci.yml
		git -C "$WORK/w$1" commit -q -m "$n" || continue
		if [ $((n % 2)) -eq 0 ]; then
			git_http alice -C "$WORK/w$1" push -q "$URL/alice/site.git" "HEAD:b$1"
		else
			git_ssh alice -C "$WORK/w$1" push -q "$SSH_URL/alice/site.git" "HEAD:b$1"
		fi && git -C "$WORK/w$1" rev-parse HEAD >>"$WORK/acked.$1"
	done >"$WORK/pusher.$1.log" 2>&1
}

acked() {
	cat "$WORK"/acked.* 2>/dev/null | wc -l
}

at_least() {
	[ "$(acked)" -ge "$1" ]
}

role_pid() {
	pgrep -P "$UP" -f "serve --role $1"
}

# kill_one WHAT    fails if there is none, or if it ended before the signal reached it
kill_one() {
	case $1 in
	operation) victim=$(pgrep -P "$(role_pid git)" | shuf -n 1) ;;
	child) victim=$(pgrep -f "$DATA.*index-pack" | shuf -n 1) ;;
	backend) victim=$(sql "SELECT pid FROM pg_stat_activity WHERE datname = current_database()
			AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1") ;;
	postgres) victim=$(pgrep -P "$UP" -f "postgres -D $DATA/postgres") ;;
	*) victim=$(role_pid "$1") ;;
	esac
	[ -n "$victim" ] && kill -9 "$victim"
}

for i in $PUSHERS; do
	git init -q "$WORK/w$i"
	push_loop "$i" &
	PIDS="$PIDS $!"
	LOOPS="${LOOPS:-} $!"
done
ok 'pushes come through before anything dies' within 30 at_least 4
for round in $ROUNDS; do
	for what in operation git web child ssh backend work postgres; do
		before=$(acked)
		ok "round $round: there is a $what to kill" within 20 kill_one "$what"
		ok "round $round: pushes go on after $what was killed" within 60 at_least $((before + 4))
	done
done
: >"$WORK/stop"
# shellcheck disable=SC2086
wait $LOOPS

REPO=$(ls -d "$DATA"/repositories/*/*.git)
ok 'the instance stops' stop_instance
ok 'and starts again' again_instance
settled() {
	[ "$(sql 'SELECT sum(unsettled) FROM project')" = 0 ]
}
ok 'every landing is settled' within 30 settled
lost=0
for i in $PUSHERS; do
	while read -r oid; do
		git --git-dir="$REPO" -c safe.directory='*' merge-base --is-ancestor "$oid" "refs/heads/b$i" ||
			lost=$((lost + 1))
	done <"$WORK/acked.$i"
done
equal "none of $(acked) acknowledged pushes is lost" 0 "$lost"
equal 'refs on disk are the recorded ones' \
	"$(sql "SELECT name || ' ' || oid FROM ref ORDER BY name COLLATE \"C\"")" \
	"$(git --git-dir="$REPO" -c safe.directory='*' for-each-ref --format='%(refname) %(objectname)')"
equal 'reconciling found nothing' 0 \
	"$(sql "SELECT count(*) FROM push WHERE source = 'system'")"
equal 'each recorded ref has exactly one pipeline with its job' \
	"$(sql "SELECT count(*) FROM push_ref WHERE new_oid <> repeat('0', 40)")" \
	"$(sql "SELECT count(*) FROM push_ref r JOIN pipeline p ON p.push_id = r.push_id AND p.ref = r.name
		AND p.sha = r.new_oid AND (SELECT count(*) FROM job j WHERE j.pipeline_id = p.id) = 1")"
equal 'and there are no others' "$(sql "SELECT count(*) FROM pipeline WHERE push_id IS NOT NULL")" \
	"$(sql 'SELECT count(*) FROM pipeline')"
ok 'fsck finds nothing' git --git-dir="$REPO" -c safe.directory='*' fsck --strict --no-dangling
clean() {
	[ -z "$(find "$REPO" -name '*.lock' -o -name 'incoming-*' -o -name 'tmp_*')" ]
}
ok 'no lock or quarantine is left' within 20 clean
done_testing
