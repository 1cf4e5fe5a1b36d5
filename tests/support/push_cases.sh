# shellcheck shell=sh
# The cases of git that both transports must pass in the same words. The test that
# reads this file has set REMOTE (the address of everything, without the path) and defines
#	g WHO ...     git as that person over its transport
# and has sourced lib.sh. `alice` owns shop/site, which is private; bob is nobody there.

given_user alice
given_user bob
given_project shop/site alice
S=$REMOTE/shop/site.git
W=$WORK/work

# --- the empty project
ok 'an empty project can be cloned' g alice clone -q "$S" "$WORK/empty"
equal 'and has no refs' '' "$(g alice ls-remote "$S" 2>"$OUT")"

# --- the first push
given_repository "$W"
git -C "$W" remote add origin "$S"
ok 'a first push of everything' g alice -C "$W" push -q origin --all
ok 'and of tags' g alice -C "$W" push -q origin --tags
equal 'main is where it was pushed' "$(git -C "$W" rev-parse main)" \
	"$(g alice ls-remote "$S" refs/heads/main | cut -f1)"
equal 'HEAD names main' "$(git -C "$W" rev-parse main)" "$(g alice ls-remote "$S" HEAD | cut -f1)"
equal 'an annotated tag is peeled' "$(git -C "$W" rev-parse 'v2^{}')" \
	"$(g alice ls-remote "$S" 'refs/tags/v2^{}' | cut -f1)"
ok 'a clone has it all' g alice clone -q "$S" "$WORK/clone"
equal 'down to the file' "$(cat "$W/README.md")" "$(cat "$WORK/clone/README.md")"
ok 'and is sound' git -C "$WORK/clone" fsck --full --strict
says 'pushing nothing says so' 'Everything up-to-date' g alice -C "$W" push origin main

# --- branches and tags
git -C "$W" checkout -q -b topic feature
echo topic >"$W/topic.txt"
git -C "$W" add topic.txt
git -C "$W" commit -q -m "topic: add"
says 'a new branch is told as new' '\[new branch\]' g alice -C "$W" push origin topic
git -C "$W" commit -q --amend -m "topic: add it better"
refused 'a rewritten branch is not a fast-forward' g alice -C "$W" push -q origin topic
ok 'but may be forced where nothing protects it' g alice -C "$W" push -q -f origin topic
ok 'with a lease too' g alice -C "$W" push -q --force-with-lease origin topic
ok 'a branch can be deleted' g alice -C "$W" push -q origin --delete topic
equal 'and is gone' '' "$(g alice ls-remote "$S" refs/heads/topic)"
ok 'a tag can be pushed' g alice -C "$W" push -q origin HEAD:refs/tags/nightly
ok 'and deleted' g alice -C "$W" push -q origin :refs/tags/nightly
ok 'names in other scripts and with slashes' g alice -C "$W" push -q origin "HEAD:refs/heads/ветка/один"
ok 'and deletes them' g alice -C "$W" push -q origin ":refs/heads/ветка/один"

# --- protection
git -C "$W" checkout -q main
git -C "$W" reset -q --hard HEAD~1
g alice -C "$W" push -f origin main >"$WORK/said" 2>&1
says 'force on a protected branch is refused with the rule' 'protected|force' cat "$WORK/said"
says 'as remote rejected' 'remote rejected' cat "$WORK/said"
refused 'and with a status' g alice -C "$W" push -q -f origin main
refused 'a protected branch is not deleted' g alice -C "$W" push -q origin :refs/heads/main
git -C "$W" reset -q --hard origin/main
refused 'a ref of our own cannot be pushed' \
	g alice -C "$W" push -q origin HEAD:refs/merge-requests/1/head
refused 'nor anything outside heads and tags that git would hide' \
	g alice -C "$W" push -q origin HEAD:refs/pipelines/1
refused 'a branch that looks like a commit is refused' \
	g alice -C "$W" push -q origin "HEAD:refs/heads/$(git -C "$W" rev-parse HEAD)"

# --- several refs at once
git -C "$W" commit -q --allow-empty -m next
git -C "$W" branch -f one main
refused 'a push of a good and a refused ref fails' \
	g alice -C "$W" push -q origin one HEAD:refs/pipelines/2
equal 'yet the good one landed' "$(git -C "$W" rev-parse one)" \
	"$(g alice ls-remote "$S" refs/heads/one | cut -f1)"
refused 'with --atomic it fails whole' \
	g alice -C "$W" push -q --atomic origin one:refs/heads/two HEAD:refs/pipelines/2
equal 'and nothing landed' '' "$(g alice ls-remote "$S" refs/heads/two)"
ok 'an atomic push of good refs lands' \
	g alice -C "$W" push -q --atomic origin one:refs/heads/two one:refs/heads/three
ok 'push options are taken' g alice -C "$W" push -q -o ci.skip origin one:refs/heads/four

# --- fetching
ok 'a shallow clone' g alice clone -q --depth 1 "$S" "$WORK/shallow"
equal 'has one commit' 1 "$(git -C "$WORK/shallow" rev-list --count HEAD)"
ok 'it deepens' g alice -C "$WORK/shallow" fetch -q --deepen 1
ok 'and becomes whole' g alice -C "$WORK/shallow" fetch -q --unshallow
equal 'with all commits' "$(git -C "$W" rev-list --count origin/main)" \
	"$(git -C "$WORK/shallow" rev-list --count HEAD)"
ok 'a push from a shallow clone' sh -c "cd '$WORK/shallow' && git commit -q --allow-empty -m s && true"
ok 'lands' g alice -C "$WORK/shallow" push -q origin HEAD:refs/heads/from-shallow
ok 'a single branch clone' g alice clone -q --single-branch -b feature "$S" "$WORK/single"
ok 'a clone without blobs' g alice clone -q --filter=blob:none --no-checkout "$S" "$WORK/partial"
ok 'fetches them when wanted' g alice -C "$WORK/partial" checkout -q main
ok 'a mirror clone' g alice clone -q --mirror "$S" "$WORK/mirror"
for version in 0 1 2; do
	equal "protocol version $version lists the same refs" "$(g alice ls-remote "$S" | sort)" \
		"$(g alice -c protocol.version=$version ls-remote "$S" | sort)"
	ok "protocol version $version clones" \
		g alice -c protocol.version=$version clone -q "$S" "$WORK/v$version"
done
git -C "$W" commit -q --allow-empty -m fetched
ok 'another push' g alice -C "$W" push -q origin main
ok 'is fetched' g alice -C "$WORK/clone" fetch -q
equal 'as it is' "$(git -C "$W" rev-parse main)" "$(git -C "$WORK/clone" rev-parse origin/main)"
ok 'a fetch of nothing' g alice -C "$WORK/clone" fetch -q

# --- large
mkdir "$W/large"
head -c 20000000 /dev/urandom >"$W/large/random"
i=0
while [ $i -lt 300 ]; do
	echo "file $i" >"$W/large/file$i"
	i=$((i + 1))
done
git -C "$W" add large
git -C "$W" commit -q -m "large: 20 MB that do not compress"
ok 'a large push' g alice -C "$W" push -q origin main:refs/heads/large
ok 'comes back whole' g alice clone -q -b large "$S" "$WORK/large"
ok 'to the byte' cmp "$W/large/random" "$WORK/large/large/random"

# --- who may
refused 'a stranger cannot clone' g bob clone -q "$S" "$WORK/stolen"
g bob ls-remote "$S" 2>&1 | sed 's/site/X/g' >"$WORK/forbidden"
g bob ls-remote "$REMOTE/shop/none.git" 2>&1 | sed 's/none/X/g' >"$WORK/missing"
ok 'and cannot tell it from one that is not there' cmp "$WORK/forbidden" "$WORK/missing"
refused 'nor push' g bob -C "$W" push -q "$S" HEAD:refs/heads/bob
says 'a project that is not there looks the same' 'not found|not exist|could not be found|nothing here' \
	g alice ls-remote "$REMOTE/shop/nothing.git"
given_project town/open alice public
ok 'a public project is filled' g alice -C "$W" push -q "$REMOTE/town/open.git" main
ok 'and read by any person' g bob ls-remote "$REMOTE/town/open.git"
refused 'but not written' g bob -C "$W" push -q "$REMOTE/town/open.git" HEAD:refs/heads/bob
ok 'a person is blocked' hearth user block bob
refused 'and reads nothing from then on' g bob ls-remote "$REMOTE/town/open.git"

# --- at the end the server's copy is sound, and as recorded
ok 'hearth doctor finds nothing wrong' hearth doctor

# --- pipelines
git -C "$W" checkout -q main
printf 'build:\n  script: make\ndeploy:\n  stage: deploy\n  script: make install\n  environment: production\n' \
	>"$W/.gitlab-ci.yml"
git -C "$W" add .gitlab-ci.yml
git -C "$W" commit -q -m "ci: build and deploy"
g alice -C "$W" push origin main >"$WORK/said" 2>&1
says 'a push tells its pipeline and where it deploys to' \
	'remote: Pipeline for main \(2 jobs\), which deploys to production:' cat "$WORK/said"
says 'with its link' "remote:   $URL/shop/site/-/pipelines/[0-9]+" cat "$WORK/said"
git -C "$W" checkout -q -b broken
printf 'build:\n  scripts: make\n' >"$W/.gitlab-ci.yml"
git -C "$W" commit -q -a -m "ci: break it"
g alice -C "$W" push origin broken >"$WORK/said" 2>&1
says 'a bad file is told' 'pipeline file is not valid' cat "$WORK/said"
says 'with its place' '\.gitlab-ci\.yml:2:3:' cat "$WORK/said"
says 'and refuses nothing' '\[new branch\]' cat "$WORK/said"
g alice -C "$W" push -o ci.no_pipeline origin broken:quiet >"$WORK/said" 2>&1
silent 'none is made when asked so' 'remote: .*ipeline' cat "$WORK/said"
