#!/bin/sh
# `hearth up`: the first start, the next one, what it says when it cannot.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"

LOCAL_RUNNER=
given_private_instance
says 'the ready line names the address' "^Hearth is ready: http://$HTTP\$" cat "$UP_LOG"
ok 'the settings of the first start are kept' grep -qx "http_listen = $HTTP" "$DATA/hearth.conf"
equal 'the data directory is its owner'\''s alone' 700 "$(stat -c %a "$DATA")"
equal 'the keys are too' 700 "$(stat -c %a "$DATA/keys")"
says 'sockets are in a folder of their own' 'srwx.*PGSQL' ls -la "$DATA/run/"
refused 'nobody else can enter the folder of sockets' \
	setpriv --reuid nobody --regid nogroup --clear-groups ls "$(readlink "$DATA/run")/"

# Its own runner
runner_of() { pgrep -P "$UP" -f '^hearth-runner run'; }
says 'a runner of its own waits for jobs' '^  runner +local, 2 jobs at once' cat "$UP_LOG"
ok 'and is there' runner_of
ok 'the server knows it' within 20 sh -c "'$PROGRAM' runner list --data '$DATA' | grep -q ' online .*Local runner'"
kill -9 "$(runner_of)"
ok 'a killed runner is started again' within 10 runner_of
equal 'as the same one' 1 "$(hearth runner list | wc -l)"
if [ "$(id -u)" -eq 0 ]; then
	equal 'what it reads is root'"'"'s alone' '700 root' \
		"$(stat -c '%a %U' "/run/hearth/runner-$(basename "$(readlink "$DATA/run")")")"
fi

# A second one on the same data, and on the same port
says 'a second instance on the same data is refused and told which' \
	"Another hearth \(process $UP\) runs on $DATA" \
	"$PROGRAM" up --data "$DATA" --http "127.0.0.1:$(free_port)" --ssh "127.0.0.1:$(free_port)"
says 'a taken HTTP port is told with the way out' "$HTTP is taken by another program.*--http" \
	"$PROGRAM" up --data "$WORK/second.data" --http "$HTTP" --ssh "127.0.0.1:$(free_port)"
says 'a taken SSH port too' "$SSH is taken by another program.*--ssh" \
	"$PROGRAM" up --data "$WORK/second.data" --http "127.0.0.1:$(free_port)" --ssh "$SSH"

# Stop and start again
ok 'Ctrl-C stops it with status 0' stop_instance
refused 'no process of it is left' pgrep -f "$DATA"
equal 'an orderly stop empties the lock' 0 "$(stat -c %s "$DATA/lock")"
restart() {
	: >"$UP_LOG"
	"$PROGRAM" up --data "$DATA" >>"$UP_LOG" 2>&1 &
	UP=$!
	PIDS="$PIDS $UP"
	within 60 ready_or_gone
}
restart
says 'the next start finds address and data again' "^Hearth is ready: http://$HTTP\$" cat "$UP_LOG"
silent 'and shows no password' 'password' cat "$UP_LOG"

# Killed hard
kill -9 "$UP"
wait "$UP" 2>/dev/null
restart
says 'after kill -9 it starts again by itself' '^Hearth is ready' cat "$UP_LOG"
equal 'with one PostgreSQL' 1 "$(pgrep -c -f "postgres -D $DATA/postgres\$")"

# A server that dies comes back
kill -9 "$(pgrep -o -f "redis-server .*$(readlink "$DATA/run")" || pgrep -o -f "$DATA/redis/redis.conf")"
ok 'a killed Redis is started again' within 10 grep -q 'a process ended' "$UP_LOG"
ok 'and listens again' within 10 test -S "$DATA/run/redis.sock"
pkill -INT -o -x postgres -P "$UP" 2>/dev/null
ok 'a stopped PostgreSQL is started again' within 20 grep -q '"process":"postgres"' "$UP_LOG"

# SIGHUP
ok 'and answers again' within 20 hearth migrate
kill -HUP "$UP"
ok 'SIGHUP executes the program again and serves on' within 30 \
	sh -c "[ \$(grep -c '^Hearth is ready' '$UP_LOG') -ge 2 ]"
ok 'under the same process id' kill -0 "$UP"
echo 'nonsense = 1' >>"$DATA/hearth.conf"
kill -HUP "$UP"
ok 'with a broken settings file it keeps running as it was' within 30 \
	grep -q 'not taken over' "$UP_LOG"
ok 'and still lives' kill -0 "$UP"
ok 'stops in order at the end' stop_instance

: >"$UP_LOG"
sed -i '/nonsense/d' "$DATA/hearth.conf"
"$PROGRAM" up --data "$DATA" --no-runner >>"$UP_LOG" 2>&1 &
UP=$!
PIDS="$PIDS $UP"
within 60 ready_or_gone
says 'without a runner it says so' '^  runner +switched off' cat "$UP_LOG"
refused 'and there is none' runner_of
ok 'it stops too' stop_instance
echo 'nonsense = 1' >>"$DATA/hearth.conf"

# What cannot work is said
says 'a bad settings file is told with its line' 'hearth.conf: line [0-9]+: there is no setting nonsense' \
	"$PROGRAM" up --data "$DATA"
mkdir -p "$WORK/closed/inside"
chmod 700 "$WORK/closed"
if [ "$(id -u)" -eq 0 ]; then
	says 'a parent folder that the owner cannot enter is named' "may not enter $WORK/closed" \
		"$PROGRAM" up --data "$WORK/closed/inside/data"
	mkdir "$WORK/small"
	mount -t tmpfs -o size=20m tmpfs "$WORK/small"
	says 'a full disk is told' 'is full: .* MiB are free' "$PROGRAM" up --data "$WORK/small/data"
	umount "$WORK/small"
	mkdir "$WORK/foreign"
	touch "$WORK/foreign/something"
	says 'a folder of root with other things in it is refused' 'is not a data directory of Hearth' \
		"$PROGRAM" up --data "$WORK/foreign"
	says 'the wrong user is told whose it is' "belongs to user hearth" \
		setpriv --reuid nobody --regid nogroup --clear-groups "$PROGRAM" up --data "$DATA"
fi
touch "$WORK/file"
says 'a file is no data directory' 'is not a folder|Not a directory' "$PROGRAM" up --data "$WORK/file"
says 'missing PostgreSQL is told with its package' 'apt install postgresql-15' \
	env HEARTH_POSTGRES_BIN=/nonexistent "$PROGRAM" up --data "$WORK/none.data" \
	--http "127.0.0.1:$(free_port)" --ssh "127.0.0.1:$(free_port)"
done_testing
