#!/bin/sh
# `hearth backup` and `hearth restore`: what went in comes out, and nothing is overwritten.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"

given_private_instance
given_user alice
given_project site/web alice
given_repository "$WORK/repo"
ok 'there is something to keep' git_http alice -C "$WORK/repo" push -q "$URL/site/web.git" --all
ok 'and tags' git_http alice -C "$WORK/repo" push -q "$URL/site/web.git" --tags

FILE=$WORK/hearth.tar.zst
says 'a backup of a running instance tells what it holds' '1 repositories' hearth backup "$FILE"
equal 'and is its maker'\''s alone' 600 "$(stat -c %a "$FILE")"
says 'it never writes over a file' 'is there already' hearth backup "$FILE"
refs=$(git_http alice ls-remote "$URL/site/web.git")

# What comes after the backup is not in it
(cd "$WORK/repo" && git commit -q --allow-empty -m later)
ok 'later work goes on' git_http alice -C "$WORK/repo" push -q "$URL/site/web.git" main

says 'a restore over an instance is refused' 'is not empty' hearth restore "$FILE"
ok 'the instance stops' stop_instance

first=$DATA
DATA=$WORK/second.data
ok 'a restore makes a new data directory' hearth restore "$FILE"
refused 'and is refused there a second time' hearth restore "$FILE"
ok 'it starts at the addresses of its settings' again_instance
silent 'without a new administrator' 'password' cat "$UP_LOG"
equal 'refs are those of the backup' "$refs" "$(git_http alice ls-remote "$URL/site/web.git")"
ok 'a clone from it is whole' git_http alice clone -q "$URL/site/web.git" "$WORK/clone"
ok 'says git fsck' git -C "$WORK/clone" fsck --full
ok 'keys work' git_ssh alice ls-remote "$SSH_URL/site/web.git"
ok 'pushes work' git_http alice -C "$WORK/repo" push -q "$URL/site/web.git" main
ok 'it stops' stop_instance

# Damage
DATA=$WORK/third.data
head -c 20000 "$FILE" >"$WORK/cut.tar.zst"
says 'half a backup is refused' 'damaged|no backup of Hearth: Trunc' hearth restore "$WORK/cut.tar.zst"
says 'and the folder cannot be started by mistake' 'began and did not end' hearth up
DATA=$WORK/fourth.data
mkdir "$WORK/evil" && ln -s /etc/passwd "$WORK/evil/hearth.conf"
tar -C "$WORK/evil" -cf "$WORK/evil.tar.zst" hearth.conf
says 'a link in it is refused' 'is no file' hearth restore "$WORK/evil.tar.zst"
DATA=$WORK/fifth.data
tar -C / -cf "$WORK/foreign.tar.zst" etc/hostname
says 'other names in it are refused' 'no backup of Hearth' hearth restore "$WORK/foreign.tar.zst"
DATA=$WORK/sixth.data
echo text >"$WORK/text"
says 'any other file is refused' 'no backup of Hearth' hearth restore "$WORK/text"
[ -d "$first" ]
done_testing
