#!/bin/sh
# hearth ci: a pipeline file linted, planned and its rules tried, without a server.
. "$(dirname "$0")/../support/lib.sh"
mkdir "$WORK/site" "$WORK/site/ci"
cd "$WORK/site" || exit 1
ci() {
	"$PROGRAM" ci "$@"
}
# asked EXPRESSION ARGUMENTS...    prints what a Python expression over the plan gives
asked() {
	expression=$1
	shift
	"$PROGRAM" ci plan .gitlab-ci.yml "$@" | python3 -c "import json, sys
plan = json.load(sys.stdin)
jobs = plan['jobs']
print($expression)"
}

cat >ci/deploy.yml <<'EOF'
.deploy:
  stage: deploy
  script: ./deploy $TARGET
  resource_group: $TARGET
EOF
cat >.gitlab-ci.yml <<'EOF'
include: /ci/deploy.yml
stages: [build, test, deploy]
build:
  stage: build
  script: [make]
  artifacts: {paths: [out/], expire_in: 1 week}
test:
  script: make check
  needs: [build]
review:
  script: ./review
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
staging:
  extends: .deploy
  variables: {TARGET: staging}
  environment: {name: $TARGET, url: https://staging.example}
  rules:
    - if: $CI_COMMIT_BRANCH == "stage"
production:
  extends: .deploy
  variables: {TARGET: production}
  environment: production
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
      when: manual
release: {stage: deploy, script: ./release, only: [tags]}
EOF
says 'a good file is valid' '^.gitlab-ci.yml is valid$' ci lint .gitlab-ci.yml
equal 'main may deploy to production' "['build', 'test', 'production']" "$(asked 'list(jobs)')"
equal 'by hand' manual "$(asked "jobs['production']['when']")"
equal 'stage deploys to staging' "['build', 'test', 'staging']" "$(asked 'list(jobs)' --ref stage)"
equal 'where its environment is' staging "$(asked "jobs['staging']['environment']['name']" --ref stage)"
equal 'a feature branch deploys nothing' "['build', 'test']" "$(asked 'list(jobs)' --ref feature)"
equal 'a tag is released' "['build', 'test', 'release']" "$(asked 'list(jobs)' --tag v1)"
equal 'a merge request runs what asks for it' "['review']" \
	"$(asked 'list(jobs)' --ref feature --source merge_request_event)"
equal 'stages are those with jobs' "['build', 'test']" "$(asked "plan['stages']" --ref feature)"
equal 'needs and artifacts are told' "(['build'], ['build'])" \
	"$(asked "(jobs['test']['needs'], jobs['test']['dependencies'])")"
equal 'times are seconds' 604800 "$(asked "jobs['build']['artifacts']['expire_in']")"

cat >bad.yml <<'EOF'
build:
  script: [make]
  scrpt: x
EOF
refused 'a bad file is not valid' ci lint bad.yml
says 'and says where' '^bad.yml:3:3: jobs:build config contains unknown keys: scrpt$' ci lint bad.yml
says 'plan says it too' '"outcome":"error".*"line":3,"column":3' ci plan bad.yml
refused 'with a status' ci plan bad.yml
says 'as JSON' '^\{"valid":false,"errors":\[\{"message":"jobs:build config contains unknown keys: scrpt"' \
	ci lint bad.yml --json
printf 'a: {script: x, only: [tags]}\n' >none.yml
says 'no job, no pipeline' '"outcome":"no-pipeline"' ci plan none.yml
refused 'which is not success' ci plan none.yml
ln -s /etc/passwd ci/link.yml
printf 'include: ci/link.yml\na: {script: x}\n' >link.yml
says 'an include does not follow a link out' 'does not exist' ci plan link.yml
says 'a file that is not there is said' 'no such file' ci plan nowhere.yml

says 'a rule that holds' '^true$' ci rule "\$A == 'x' && \$B =~ /^y+\$/" --var A=x --var B=yy
says 'one that does not' '^false$' ci rule "\$A" --var A=
says 'one that is wrong names the character' 'at character 7' ci rule "\$A == "
refused 'and fails' ci rule "\$A == "
cd / || exit 1
done_testing
