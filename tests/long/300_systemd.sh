#!/bin/sh
# `make install` and the units, on a Debian 12 whose systemd really runs: the forge and the runner
# start, the story is played, and reload, restart, a killed server, a draining runner, a backup
# and a reboot go as an administrator expects. Skipped, and said so, where that cannot be made.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
# shellcheck source=tests/support/story.sh
. "$ROOT/tests/support/story.sh"
# shellcheck source=tests/support/debian.sh
. "$ROOT/tests/support/debian.sh"

if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
	echo "skipped: only root can make a Debian, with debootstrap (scripts/install-packages docker)"
	done_testing
fi
if ! unshare --mount --pid --net --cgroup --fork true 2>"$OUT"; then
	echo "skipped: this host gives no namespaces of its own: $(cat "$OUT")"
	done_testing
fi

DEBIAN=$WORK/debian
packages=$(awk '$1 == "run" { printf "%s,", $2 }' "$ROOT/scripts/packages.txt")
make_debian "$DEBIAN" "${packages}systemd-sysv,dbus" >"$OUT" 2>&1 ||
	give_up "Debian cannot be made" "$OUT"
ok 'make install' make -s -C "$ROOT" install DESTDIR="$DEBIAN"
# Accounts of this host and of that one are not to have the same number: a runner of this host
# ends every process of its slots' users.
echo 'SYS_UID_MAX 700' >>"$DEBIAN/etc/login.defs"
# This test's folder is there too: it holds passwords, keys, and what jobs deploy to.
ok 'systemd boots' boot_debian "$DEBIAN" "$WORK"
settled() {
	inside systemctl is-system-running | grep -Eq 'running|degraded'
}
within 60 settled
says 'and nothing failed' '^0 loaded' inside systemctl --failed

# The words of lib.sh, over there: its command line, its network.
HTTP=127.0.0.1:8080
URL=http://$HTTP
SSH_URL=ssh://git@127.0.0.1:2222
hearth() {
	inside hearth "$@" --data /var/lib/hearth
}
git() {
	nsenter -t "$INIT" -n git "$@"
}
curl() {
	nsenter -t "$INIT" -n curl "$@"
}
journal() {
	inside journalctl --no-pager -o cat -u "$@"
}
ready() {
	[ "$(status_of "$URL/-/readiness")" = 200 ]
}
unit_is() {
	[ "$(inside systemctl is-active "$2")" = "$1" ]
}

ok 'the forge starts' inside systemctl enable --now hearth
ok 'and is ready when its unit is' ready
says 'the journal has the first password' 'Sign in as root with the password' journal hearth
says 'the git role is locked in' 'landlock.*seccomp on' journal hearth
says 'every process is in the unit' 'serve --role web' inside systemctl status hearth --no-pager
given_user ann
given_user bob
token=$(hearth runner create --description unit)
ok 'a runner is registered' inside hearth-runner register --url "$URL" --token "$token" \
	--executor shell
ok 'and starts' inside systemctl enable --now hearth-runner
play http
play ssh

# What administrators do
says 'a job has a user of its own' 'job starts' journal hearth-runner
ok 'reload' inside systemctl reload hearth
again() {
	[ "$(journal hearth | grep -c 'Hearth is ready')" -ge "$1" ]
}
ok 'starts new roles' within 60 again 2
ok 'restart' inside timeout 60 systemctl restart hearth
ok 'is ready again' ready
inside systemctl kill -s KILL --kill-who=main hearth
ok 'a killed server comes again' within 60 again 4
ok 'and serves' within 60 ready
ok 'a push goes through' change later "after a crash"
ok 'and its jobs run' within 120 deployed testing "after a crash"

cat >"$PLACE/.gitlab-ci.yml" <<END
slow:
  script:
    - touch $CONTOURS/testing/begun
    - until test -e $WORK/go; do sleep 0.1; done
END
git -C "$PLACE" commit -q -a -m "pipeline: wait"
ok 'a job that takes its time' git_by bob -C "$PLACE" push -q origin HEAD:slow
ok 'has begun' within 60 test -e "$CONTOURS/testing/begun"
inside systemctl stop --no-block hearth-runner
drains() {
	journal hearth-runner | grep -q draining
}
ok 'a runner that stops' within 30 drains
touch "$WORK/go"
ok 'ends in order' within 60 unit_is inactive hearth-runner
ok 'when its job did' within 10 pipeline_is ann slow success

ok 'the backup unit runs' inside systemctl start hearth-backup
ok 'and leaves a file' sh -c "ls '$DEBIAN'/var/backups/hearth/*.tar.zst"
ok 'daily' inside systemctl enable --now hearth-backup.timer

# A reboot
ok 'stop' inside timeout 100 systemctl stop hearth
silent 'no process is left' 'serve --role|postgres:|redis' inside systemctl status --no-pager
inside systemctl poweroff
gone() {
	! kill -0 "$BOOTED" 2>/dev/null
}
ok 'the machine goes down' within 60 gone
ok 'and comes up' boot_debian "$DEBIAN" "$WORK"
ok 'the forge by itself' within 90 ready
ok 'the runner too' within 30 unit_is active hearth-runner
ok 'a push goes through' change after "after a reboot"
ok 'and its jobs run' within 120 deployed testing "after a reboot"
says 'with everything that was there' refs/heads/stage git_http ann ls-remote "$URL/team/by-http.git"
done_testing
