#!/bin/sh
# The transport under strain: rekeying, stopped readers, many channels, slow and dying clients.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
# shellcheck source=tests/support/ssh.sh
. "$(dirname "$0")/../support/ssh.sh"
given_instance
given_user alice
given_pushed_project alice/site alice "$WORK/site"
given_project alice/large alice
given_noise "$WORK/noise" 25
git init -q "$WORK/large"
(cd "$WORK/large" && cp ../noise . && git add noise && git commit -q -m noise)
large=$SSH_URL/alice/large.git
command="ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes -o UserKnownHostsFile=$WORK/known_hosts \
"
with_key="$command -i $WORK/alice.key"

# --- new keys every 5 MB, both ways, byte for byte
for cipher in chacha20-poly1305@openssh.com aes128-gcm@openssh.com; do
	export GIT_SSH_COMMAND="$with_key -o RekeyLimit=5M -c $cipher"
	ok "$cipher: a push that rekeys" git -C "$WORK/large" push "$large" "main:${cipher%%-*}"
	rm -rf "$WORK/back"
	ok "$cipher: a clone that rekeys" git clone -b "${cipher%%-*}" "$large" "$WORK/back"
	ok "$cipher: the same bytes" cmp "$WORK/noise" "$WORK/back/noise"
done
unset GIT_SSH_COMMAND

# --- a reader that stops: the window closes and opens again
request() {
	printf '0011command=fetch0016object-format=sha1%s' \
		"0001000dofs-delta0031want $(git -C "$WORK/large" rev-parse main)0008""done0000"
}
request >"$WORK/request"
ok 'a reader that sleeps gets all' sh -c "{ cat $WORK/request; sleep 8; } | \
	$with_key -o SetEnv=GIT_PROTOCOL=version=2 -p ${SSH##*:} git@${SSH%:*} \
	\"git-upload-pack 'alice/large'\" | { sleep 3; wc -c; } | grep -E '^ *2[5-9][0-9]{6}'"

# --- one connection, many channels
ssh_as alice -M -S "$WORK/mux" -fN -- >"$OUT" 2>&1
for i in 1 2 3 4 5 6 7 8 9 10; do
	(
		GIT_SSH_COMMAND="ssh -S $WORK/mux" git clone -q "ssh://git@${SSH}/alice/site.git" \
			"$WORK/mux$i" && echo whole >"$WORK/mux$i.done"
	) &
done
wait_for_clones() {
	[ "$(find "$WORK" -maxdepth 1 -name 'mux*.done' | wc -l)" -eq 10 ]
}
ok 'ten clones at once over one connection' within 20 wait_for_clones
ssh -S "$WORK/mux" -O exit x >/dev/null 2>&1

# --- too many keys
keys=
for i in 1 2 3 4 5 6 7 8; do
	ssh-keygen -q -t ed25519 -N '' -f "$WORK/wrong$i.key"
	keys="$keys -i $WORK/wrong$i.key"
done
# shellcheck disable=SC2086 # keys are words
says 'eight wrong keys, then the right one' 'Hi alice' $command $keys -i "$WORK/alice.key" -T -p "${SSH##*:}" "git@${SSH%:*}"
for i in 9 10 11; do
	ssh-keygen -q -t ed25519 -N '' -f "$WORK/wrong$i.key"
	keys="$keys -i $WORK/wrong$i.key"
done
# shellcheck disable=SC2086
refused 'eleven wrong keys end the connection' ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes \
	-o UserKnownHostsFile="$WORK/known_hosts" $keys -T -p "${SSH##*:}" "git@${SSH%:*}"

# --- clients that do not go on
ok 'silent, half and dripping clients are closed after 20 s' python3 - "${SSH%:*}" "${SSH##*:}" <<'P'
import socket, sys, threading, time
took = {}
def client(name, send):
    s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
    start = time.time()
    try:
        send(s)
        s.settimeout(40)
        while s.recv(4096):
            pass
    except OSError:
        pass
    took[name] = time.time() - start
def drip(s):
    for i in range(200):
        s.send(b"x")
        time.sleep(0.2)
threads = [threading.Thread(target=client, args=a) for a in (
    ("silent", lambda s: None),
    ("half", lambda s: s.send(b"SSH-2.0-half\r\n")),
    ("drip", drip))]
for t in threads: t.start()
for t in threads: t.join()
print(took)
sys.exit(0 if all(19 < t < 24 for t in took.values()) else 1)
P
ok 'a client that is no SSH client is closed' timeout 5 python3 -c "import socket
s = socket.create_connection(('${SSH%:*}', ${SSH##*:}))
s.send(b'GET / HTTP/1.0\r\n\r\n')
try:
    while s.recv(4096): pass
except ConnectionError: pass"

# --- a client that dies takes its operation with it, and leaves nothing
(cd "$WORK/large" && given_noise more 40 && git add more && git commit -q -m more)
export GIT_SSH_COMMAND="$with_key"
setsid git -C "$WORK/large" push -q "$large" main:killed >/dev/null 2>&1 &
push=$!
operation_runs() {
	pgrep -f "$DATA.*index-pack" >/dev/null
}
within 30 operation_runs
kill -KILL "-$push"
wait "$push" 2>/dev/null
no_incoming() {
	! find "$DATA/repositories" -path '*/incoming-*' | grep -q .
}
silent 'its branch was not made' killed git ls-remote "$large"
ok 'the same push works afterwards' git -C "$WORK/large" push -q "$large" main:killed
ok 'and the quarantine of the killed one is gone' within 30 no_incoming
unset GIT_SSH_COMMAND

# --- the end: what runs may finish
export GIT_SSH_COMMAND="$with_key"
rm -rf "$WORK/last"
git clone -q -b killed "$large" "$WORK/last" >"$WORK/last.log" 2>&1 &
clone=$!
sleep 0.3
stop_instance
wait "$clone"
status=$?
cp "$WORK/last.log" "$OUT"
equal 'a clone that runs when the server stops is finished' 0 "$status"
ok 'with the same bytes' cmp "$WORK/large/more" "$WORK/last/more"
done_testing
