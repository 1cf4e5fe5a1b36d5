#!/bin/sh
# The disk is full in the middle of a push, of a change by the API, of a log and of an upload of
# artifacts: people and runners read one sentence, nothing is recorded or left over, what needs
# no room goes on, and when there is room the same thing passes.
#
# Small file systems are mounted below the instance's data, in a mount namespace of this test's
# own, so that they go with it.
if [ -z "${HEARTH_OWN_MOUNTS:-}" ]; then
	if ! unshare -m mount -t tmpfs none /mnt 2>/dev/null; then
		echo "skipped: this machine or user may not mount a file system (root may)"
		echo "0 passed, 0 failed"
		exit 0
	fi
	HEARTH_OWN_MOUNTS=1 exec unshare -m "$0"
fi
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
chmod 711 "$WORK"
SITE=$WORK/site
PROJECT=alice%2Fsite
FULL="The server's disk is full, so this was not done. An administrator must make room; then try again."

# small FOLDER SIZE    that folder of the data is a file system of its own
small() {
	mount -t tmpfs -o "size=$2,mode=700,uid=$(stat -c %u "$DATA"),gid=$(stat -c %g "$DATA")" \
		tmpfs "$DATA/$1" || give_up "mount $1"
	MOUNTS="${MOUNTS:-} $DATA/$1"
}

empty() {
	rm -f "$DATA/$1/filler"
}

# fill FOLDER KIB     only so much of it is free
fill() {
	empty "$1"
	free=$(df --output=avail -k "$DATA/$1" | tail -n 1)
	[ "$free" -le "$2" ] || fallocate -l $((free - $2))K "$DATA/$1/filler"
}

recorded() {
	sql "SELECT count(*) FROM push"
	sql "SELECT name, oid FROM ref ORDER BY name"
	git --git-dir="$(ls -d "$DATA"/repositories/*/*.git)" -c safe.directory='*' for-each-ref
}

nothing_left() {
	[ -z "$(find "$DATA/repositories" -name 'incoming-*' -o -name 'tmp_*' -o -name '*.lock')" ]
}

pids() {
	for role in web ssh git work; do
		pgrep -P "$UP" -f "serve --role $role"
	done
}

# grown BRANCH KIB    a branch of SITE with a file that does not shrink
grown() {
	git -C "$SITE" checkout -q -b "$1" main
	head -c "$2K" /dev/urandom >"$SITE/large"
	git -C "$SITE" add large && git -C "$SITE" commit -q -m "large: grow"
}

push_by() {
	case $1 in
	http) git_http alice -C "$SITE" push "$URL/alice/site.git" "$2" ;;
	ssh) git_ssh alice -C "$SITE" push "$SSH_URL/alice/site.git" "$2" ;;
	esac
}

given_instance
stop_instance
small repositories 64m
small traces 8m
small blobs 16m
again_instance || give_up "the instance is not ready" "$UP_LOG"
given_user alice
given_project alice/site alice
given_repository "$SITE"
ok 'a push passes while there is room' push_by http main
PIDS_BEFORE=$(pids)

# --- pushes

for by in http ssh; do
	grown "large-$by" 12288
	fill repositories 8192
	BEFORE=$(recorded)
	refused "$by: a push that does not fit is refused" push_by "$by" "large-$by"
	cp "$OUT" "$WORK/said"
	says "$by: in one sentence" "$FULL" cat "$WORK/said"
	equal "$by: said once" 1 "$(grep -c "disk is full" "$WORK/said")"
	equal "$by: nothing was recorded" "$BEFORE" "$(recorded)"
	ok "$by: no quarantine is left" nothing_left
	git -C "$SITE" checkout -q -b "small-$by" main
	git -C "$SITE" commit -q --allow-empty -m "small: begin"
	ok "$by: a push that fits passes" push_by "$by" "small-$by"
	ok "$by: people fetch" git_http alice ls-remote "$URL/alice/site.git"
	empty repositories
	ok "$by: the same push passes when there is room" push_by "$by" "large-$by"
done

# --- the last bytes are for those who clean up

fill repositories 1024
git -C "$SITE" checkout -q -b late main
git -C "$SITE" commit -q --allow-empty -m "late: begin"
says 'an almost full disk takes no push, and says so' \
	"disk is almost full, so it takes no pushes; nothing was changed" push_by ssh late
refused 'whoever asks' push_by http late
ok 'but a branch can be deleted' push_by http :small-ssh
fill repositories 0
branch() {
	api alice POST "/projects/$PROJECT/repository/branches?branch=$1&ref=main"
}
BEFORE=$(recorded)
says 'without any room no branch is made either' "$FULL" branch full
equal 'which is told as 507' 507 "$(cat "$WORK/status")"
equal 'and nothing was recorded' "$BEFORE" "$(recorded)"
ok 'no lock is left' nothing_left
empty repositories
says 'with room it is' '"name":"full"' branch full
ok 'the late push passes as well' push_by ssh late
ok 'the repository is sound' git --git-dir="$(ls -d "$DATA"/repositories/*/*.git)" \
	-c safe.directory='*' fsck --strict --no-dangling

# --- a log, and what a job leaves behind

job() {
	sql "SELECT max(id) FROM job WHERE name = '$1'"
}

ended() {
	[ "$(sql "SELECT count(*) FROM job WHERE status = '$1'")" = "$2" ]
}

lease() {
	sql "SELECT extract(epoch FROM lease_until)::bigint FROM job WHERE id = $(job talk)"
}

is_refused_log() {
	[ "$(grep -c "PATCH.*/jobs/$(job talk)/trace.*507" "$UP_LOG")" -ge 2 ]
}

lease_grows() {
	[ "$(lease)" -gt "$LEASE" ]
}

numbers() {
	api alice GET "/projects/$PROJECT/jobs/$(job talk)/trace" | tr -d '\r' | sed -n 's/^line \([0-9]*\) x*$/\1/p'
}

git -C "$SITE" checkout -q main
cat >"$SITE/.gitlab-ci.yml" <<YAML
talk:
  script:
    - x=\$(printf %0500d 0 | tr 0 x); i=1; while [ \$i -le 4000 ]; do echo "line \$i \$x"; i=\$((i + 1)); done
    - until [ -e $WORK/go-on ]; do sleep 0.1; done
leave:
  script: [head -c 4194304 /dev/urandom >left]
  artifacts: { paths: [left] }
YAML
git -C "$SITE" add . && git -C "$SITE" commit -q -m "ci: talk and leave"
given_runner
fill traces 256
fill blobs 1024
ok 'a pipeline is pushed' push_by http main
ok 'the log is refused, more than once' within 60 is_refused_log
LEASE=$(lease)
ok 'and yet the job keeps its lease' within 60 lease_grows
equal 'it runs' running "$(sql "SELECT status FROM job WHERE id = $(job talk)")"
empty traces
: >"$WORK/go-on"
ok 'with room it succeeds' within 90 ended success 1
numbers >"$WORK/lines"
ok 'and its log has every line once' sh -c "seq 1 4000 | cmp - '$WORK/lines'"
ok 'the job whose artifacts do not fit fails' within 90 ended failed 1
LEAVE_LOG=$(api alice GET "/projects/$PROJECT/jobs/$(job leave)/trace")
equal 'after three tries' 3 "$(echo "$LEAVE_LOG" | grep -c 'disk is full')"
equal 'no artifact is recorded' 0 "$(sql 'SELECT count(*) FROM artifact')"
equal 'no blob is left' '' "$(find "$DATA/blobs" -type f ! -name filler)"
empty blobs
says 'it is run again' '"id"' api alice POST "/projects/$PROJECT/jobs/$(job leave)/retry"
ok 'and succeeds with room' within 90 ended success 2
equal 'its artifacts are there' 200 \
	"$(status_of -H "PRIVATE-TOKEN: $(token_of alice)" "$URL/api/v4/projects/$PROJECT/jobs/$(job leave)/artifacts")"

equal 'no role died meanwhile' "$PIDS_BEFORE" "$(pids)"
ok 'the instance is well' curl -sf "$URL/-/readiness"
done_testing
