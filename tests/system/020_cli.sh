#!/bin/sh
# The command line: help and JSON of every command, misuse, people, tokens, projects.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"

# Without an instance
ok 'help is there' "$PROGRAM" --help
refused 'no command is misuse' "$PROGRAM"
equal 'with status 2' 2 "$("$PROGRAM" >/dev/null 2>&1 || echo $?)"
says 'an unknown command is named' 'There is no command frobnicate' "$PROGRAM" frobnicate
says 'an unknown option is named' 'There is no option --frob' "$PROGRAM" user list --frob
says 'a missing value is told' '--email wants a value' "$PROGRAM" user add x --email
says 'a missing option is told' '--email E.* is missing' "$PROGRAM" user add x
says 'a missing argument is told' 'Say NAME' "$PROGRAM" user add --email e@example.org
says 'too many arguments are told' 'wants nothing behind' "$PROGRAM" user add a b --email e@example.org
says 'an option given twice is told' 'given twice' \
	"$PROGRAM" user add a --email a@example.org --email b@example.org
"$PROGRAM" --help | sed -n 's/^  \([a-z]*\( [a-z]*\)\{0,1\}\)   *[A-Z].*/\1/p' >"$WORK/commands"
[ "$(wc -l <"$WORK/commands")" -ge 15 ] || give_up "too few commands found in --help" "$WORK/commands"
while read -r command; do
	# shellcheck disable=SC2086 # one or two words
	says "$command has help with usage" "^usage: hearth $command" "$PROGRAM" $command --help
done <"$WORK/commands"
says 'no data directory is a sentence' 'There is no data directory /nonexistent' \
	"$PROGRAM" user list --data /nonexistent

# Settings
says 'config check shows the defaults' '^http_listen +127.0.0.1:8080 +# default' \
	"$PROGRAM" config check --data "$WORK/none"
printf '[server]\nhttp_listen = here\nconnection_limit = 50\n[git]\nmax_pack = 1\n' >"$WORK/bad.conf"
"$PROGRAM" config check --file "$WORK/bad.conf" >"$WORK/said"
says 'config check names what is wrong with the line' 'line 2: http_listen is "here"' cat "$WORK/said"
says 'all of it' 'line 5: there is no setting max_pack' cat "$WORK/said"
says 'and the origin of each' '^connection_limit +50 +# line 3' cat "$WORK/said"
refused 'with status 1' "$PROGRAM" config check --file "$WORK/bad.conf"
says 'the environment is an origin too' 'session_days +3 +# HEARTH_SESSION_DAYS' \
	env HEARTH_SESSION_DAYS=3 "$PROGRAM" config check --data "$WORK/none"
silent 'a secret is never shown' 'hunter2' \
	env HEARTH_DATABASE_URL=postgresql://u:hunter2@h/d "$PROGRAM" config check --data "$WORK/none"
ok 'as JSON' sh -c "'$PROGRAM' config check --json --data '$WORK/none' | jq -e '.settings | length > 10'"

# With one
given_instance
HEARTH_DATABASE_URL=$INSTANCE_DATABASE
export HEARTH_DATABASE_URL
echo 'correct horse battery' >"$WORK/password" && chmod 644 "$WORK/password"
ok 'a person is added with a password' hearth user add alice --email alice@example.org \
	--password-file "$WORK/password"
says 'without one a link is printed' "^$URL/-/password/" hearth user add bob --email bob@example.org
says 'the same name is refused' 'Alice already' hearth user add Alice --email other@example.org
refused 'with a status' hearth user add Alice --email other@example.org
says 'errors are JSON where JSON is asked for' '^\{"error":\{"code":"[A-Z_]+","message"' \
	hearth user add Alice --email other@example.org --json
echo short >"$WORK/short" && chmod 644 "$WORK/short"
says 'a short password is refused with the rule' '[0-9]+ (to|char|byte)' \
	hearth user add carol --email carol@example.org --password-file "$WORK/short"
ok 'users are listed' sh -c "'$PROGRAM' user list --json --data '$DATA' |
	jq -e '[.[].username] | index(\"alice\") and index(\"bob\") and index(\"root\")'"
ok 'a token is printed alone' sh -c \
	"'$PROGRAM' token create alice --name ci --scopes api,read_repository --data '$DATA' >'$WORK/token' &&
	grep -Eqx 'glpat-[A-Za-z0-9_-]+' '$WORK/token'"
says 'an unknown scope is refused' 'everything' hearth token create alice --name x --scopes everything
ssh-keygen -q -t ed25519 -N '' -f "$WORK/id" && chmod 644 "$WORK/id.pub"
says 'a key is added' 'SHA256:' hearth key add alice "$WORK/id.pub"
refused 'a key belongs to one person' hearth key add bob "$WORK/id.pub"
refused 'a private key is no key to add' hearth key add bob "$WORK/id"
ok 'a project is made with its groups' hearth project create shop/backend/api --owner alice
ok 'and listed' sh -c "'$PROGRAM' project list --json --data '$DATA' | jq -e 'map(.path // .path_with_namespace) | index(\"shop/backend/api\")'"
refused 'not twice' hearth project create Shop/backend/API --owner alice
says 'an unknown owner is told' 'nobody' hearth project create shop/x --owner nobody
says 'a person is blocked' 'blocked' hearth user block bob
refused 'the last administrator is not' hearth user block root
ok 'a token is revoked' hearth token revoke "$(cat "$WORK/token")"
ok 'a runner token is printed alone' sh -c \
	"'$PROGRAM' runner create --tags 'a, b' --description builder --data '$DATA' >'$WORK/runner' &&
	grep -Eqx 'glrt-[A-Za-z0-9_-]+' '$WORK/runner'"
ok 'a runner of a project' hearth runner create --project shop/backend/api
ok 'a runner of a group' hearth runner create --group shop/backend
says 'a group that is not there is told' 'no group nowhere' hearth runner create --group nowhere
refused 'a person is no group' hearth runner create --group alice
refused 'project and group exclude each other' hearth runner create --project shop/backend/api --group shop
says 'a runner that could run nothing is refused' 'without tags' hearth runner create --tagged-only
says 'runners are listed with their tags' 'never_contacted +instance +builder tags a,b' hearth runner list
ok 'as JSON too' sh -c "'$PROGRAM' runner list --json --data '$DATA' |
	jq -e 'map(.place) | index(\"shop/backend\") and index(\"shop/backend/api\")'"
ok 'a runner is revoked by its token' hearth runner revoke "$(cat "$WORK/runner")"
refused 'once' hearth runner revoke "$(cat "$WORK/runner")"
done_testing
