#!/bin/sh
# Secrets stay where they belong: after a day's work with passwords, tokens and variables none of
# them is in a log, a trace, the database, Redis or the process list, whatever door it came by; and
# the processes hold no more open files than before.
. "$(dirname "$0")/../support/lib.sh"
chmod 711 "$WORK"
given_instance
given_user alice
given_project alice/site alice
given_runner
SITE=$WORK/site
PROJECT=alice%2Fsite
VALUE=canary-value-5f1c77 HIDDEN=canary-hidden-5f1c77 GIVEN=canary-given-5f1c77 WRONG=canary-wrong-5f1c77

redis() {
	redis-cli -s "$DATA/run/redis.sock" --user hearth --pass "$(cat "$DATA/keys/redis")" --no-auth-warning "$@"
}

web() {
	pgrep -P "$UP" -f 'role web'
}

files_of_web() {
	find "/proc/$(web)/fd" -mindepth 1 2>/dev/null | wc -l
}

ended() {
	[ "$(sql "SELECT status FROM pipeline ORDER BY id DESC LIMIT 1")" = "$1" ]
}

# --- each secret comes by each door

TOKEN=$(token_of alice)
variable() {
	curl -sf -H "PRIVATE-TOKEN: $TOKEN" --data-urlencode "key=$1" --data-urlencode "value=$2" \
		-d masked=true -d "$3" "$URL/api/v4/projects/$PROJECT/variables"
}
ok 'a masked variable' variable SECRET "$VALUE" raw=true
ok 'a hidden one' variable SECRET_TWO "$HIDDEN" masked_and_hidden=true
git init -q "$SITE"
cat >"$SITE/.gitlab-ci.yml" <<'CI'
look:
  script:
    - echo "secrets $SECRET $SECRET_TWO $CI_JOB_TOKEN"
    - env | sort
    - printf '%s' "$SECRET" | cut -c1-9; printf '%s\n' "$SECRET" | cut -c10-
    - git ls-remote "$CI_REPOSITORY_URL" main
CI
git -C "$SITE" add . && git -C "$SITE" commit -q -m first
git -C "$SITE" push -q "http://alice:$TOKEN@$HTTP/alice/site.git" main >"$OUT" 2>&1
ok 'a job prints them' within 60 ended success
api alice GET "/projects/$PROJECT/variables" >/dev/null
api alice POST "/projects/$PROJECT/pipeline" -H 'Content-Type: application/json' \
	-d "{\"ref\":\"main\",\"variables\":[{\"key\":\"GIVEN\",\"value\":\"$GIVEN\"}]}" >/dev/null
ok 'a pipeline is given one' within 60 ended success
equal 'a token in the address works' 200 "$(status_of "$URL/api/v4/user?private_token=$TOKEN")"
equal 'and by Basic' 200 "$(status_of -u "x:$TOKEN" "$URL/alice/site.git/info/refs?service=git-upload-pack")"
equal 'a wrong password does not' 401 \
	"$(status_of -u "alice:$WRONG" "$URL/alice/site.git/info/refs?service=git-upload-pack")"
equal 'nor one that was typed as the name' 401 \
	"$(status_of -u "$WRONG:x" "$URL/alice/site.git/info/refs?service=git-upload-pack")"
equal 'nor as a token' 401 "$(status_of -H "PRIVATE-TOKEN: $WRONG" "$URL/api/v4/user")"
equal 'a password works for git' 200 \
	"$(status_of -u 'alice:alice-password-1' "$URL/alice/site.git/info/refs?service=git-upload-pack")"
status_of -c "$WORK/jar" -b "$WORK/jar" "$URL/users/sign_in" >/dev/null
CSRF=$(sed -n 's/.*name="csrf" value="\([0-9a-f]*\)".*/\1/p' "$WORK/body" | head -n 1)
equal 'alice signs in' 303 "$(status_of -c "$WORK/jar" -b "$WORK/jar" -H 'Sec-Fetch-Site: same-origin' \
	-d "csrf=$CSRF" -d login=alice --data-urlencode password=alice-password-1 "$URL/users/sign_in")"
SESSION=$(awk '$6 ~ /session/ { print $7 }' "$WORK/jar")
[ -n "$SESSION" ] || fail 'the session has a cookie'

# --- and is found nowhere

pg_dump "$INSTANCE_DATABASE" >"$WORK/dump.sql" || give_up pg_dump
redis --rdb "$WORK/dump.rdb" >"$OUT" 2>&1
ps axww -o args >"$WORK/processes"
says 'the dump has the variables' 'SECRET_TWO' cat "$WORK/dump.sql"
says 'and the log what the job said' 'secrets \[MASKED\]' grep -rah 'secrets ' "$DATA/traces"
for secret in "$VALUE" "$HIDDEN" "$TOKEN" "$RUNNER_TOKEN" "$SESSION" alice-password-1; do
	name=$(echo "$secret" | cut -c1-13)
	silent "$name... is not in the database" '.' grep -l -- "$secret" "$WORK/dump.sql"
	silent "$name... is not in Redis" '.' grep -al -- "$secret" "$WORK/dump.rdb"
	silent "$name... is in no log, trace or repository" '.' \
		grep -ral -- "$secret" "$DATA/log" "$DATA/traces" "$DATA/repositories" "$DATA/blobs" "$WORK/main.log"
done
silent 'a value that was given to one pipeline is sealed in the database' '.' grep -l -- "$GIVEN" "$WORK/dump.sql"
silent 'what was typed wrong is in no log' '.' grep -ral -- "$WRONG" "$DATA/log" "$WORK/main.log"
silent 'nor in the database' '.' grep -l -- "$WRONG" "$WORK/dump.sql"
silent 'no program has a secret among its words' '.' grep -E -- "$VALUE|$HIDDEN|alice-password-1|$RUNNER_TOKEN" "$WORK/processes"

# --- what is opened is closed

many() {
	for _ in $(seq 40); do
		for path in alice/site alice/site/-/commits/main alice/site/-/pipelines alice/site/-/jobs/1 \
			alice/site/-/archive/main/site.tar.gz alice/site/-/raw/main/nothing; do
			curl -s -o /dev/null -H "PRIVATE-TOKEN: $TOKEN" "$URL/$path"
		done
		git -c credential.helper= ls-remote -q "http://x:$TOKEN@$HTTP/alice/site.git" >/dev/null 2>&1
	done
}
many
as_before() {
	[ "$(files_of_web)" -le "$((BEFORE + 4))" ]
}
BEFORE=$(files_of_web)
many
ok 'after hundreds of requests web has no more open files' within 30 as_before
done_testing
