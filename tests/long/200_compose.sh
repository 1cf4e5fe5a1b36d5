#!/bin/sh
# docker-compose.yml, started for real: four containers from one image serve a push whose
# pipeline the runner container runs. Where no image can be pulled the base image debian:12 is
# made with debootstrap. Uses a Docker engine that runs, or starts one of its own.
# Skipped, and said so, where there is no Docker.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"

for program in docker dockerd docker-compose debootstrap; do
	if ! command -v "$program" >/dev/null; then
		echo "skipped: there is no $program (scripts/install-packages docker)"
		done_testing
	fi
done

engine_answers() {
	docker info >/dev/null 2>&1
}
if ! engine_answers; then
	DOCKER_HOST=unix://$WORK/docker.sock
	export DOCKER_HOST
	mkdir "$WORK/docker"
	dockerd --host "$DOCKER_HOST" --data-root "$WORK/docker/data" --exec-root "$WORK/docker/exec" \
		--pidfile "$WORK/docker/pid" >"$WORK/docker/log" 2>&1 &
	ENGINE=$!
	PIDS="$PIDS $ENGINE"
	within 60 engine_answers || give_up "the Docker engine does not start" "$WORK/docker/log"
fi

# The base image: pulled, or made from the packages that apt reaches, with apt's own settings.
make_base() {
	mirror=$(awk '$1 == "URIs:" { print $2; exit } $1 == "deb" { print $(NF - 2); exit }' \
		/etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null)
	debootstrap --variant=minbase bookworm "$WORK/base" "${mirror:-http://deb.debian.org/debian}" &&
		rm -rf "$WORK/base/etc/apt/sources.list" "$WORK/base/etc/apt/sources.list.d" &&
		cp -a /etc/apt/sources.list.d "$WORK/base/etc/apt/" &&
		cp -a /etc/apt/apt.conf.d/. "$WORK/base/etc/apt/apt.conf.d/" &&
		tar -C "$WORK/base" -c . | docker import - debian:12
}
if ! docker image inspect debian:12 >/dev/null 2>&1; then
	timeout 120 docker pull -q debian:12 >"$OUT" 2>&1 || make_base >"$OUT" 2>&1 ||
		give_up "there is no base image" "$OUT"
fi

# The compose file as it is, but for the ports; under a project name of its own.
HEARTH_HTTP_PORT=$(free_port)
HEARTH_SSH_PORT=$(free_port)
HEARTH_EXTERNAL_URL=http://127.0.0.1:$HEARTH_HTTP_PORT
HEARTH_SSH_EXTERNAL=127.0.0.1:$HEARTH_SSH_PORT
COMPOSE_PROJECT_NAME=hearthtest$$
export HEARTH_HTTP_PORT HEARTH_SSH_PORT HEARTH_EXTERNAL_URL HEARTH_SSH_EXTERNAL COMPOSE_PROJECT_NAME
compose() {
	docker-compose -f "$ROOT/docker-compose.yml" "$@"
}
stop_compose() {
	compose down -v --remove-orphans >/dev/null 2>&1
}
trap 'stop_compose; stop_everything; exit 1' EXIT

git clone -q --no-local "$ROOT" "$WORK/context" || give_up "no clean copy to build from"
ok 'the image is built' docker build --network host -t hearth:local "$WORK/context"
ok 'the file is valid' compose config -q
ok 'everything starts' compose up -d --no-build
URL=$HEARTH_EXTERNAL_URL
SSH_URL=ssh://git@$HEARTH_SSH_EXTERNAL
ready() {
	[ "$(status_of "$URL/-/readiness")" = 200 ]
}
ok 'and is ready' within 180 ready

# The words of lib.sh, inside the container.
hearth() {
	compose exec -T hearth hearth "$@"
}
echo ann-password-1 >"$WORK/ann.password"
docker cp "$WORK/ann.password" "$(compose ps -q hearth)":/tmp/ann.password >/dev/null
ok 'a user is added' hearth user add ann --email ann@example.org --password-file /tmp/ann.password
ssh-keygen -q -t ed25519 -N '' -C ann -f "$WORK/ann.key"
docker cp "$WORK/ann.key.pub" "$(compose ps -q hearth)":/tmp/ann.key.pub >/dev/null
ok 'and her key' hearth key add ann /tmp/ann.key.pub
hearth token create ann --name test --scopes api,write_repository >"$WORK/ann.token"
ok 'a project is made' hearth project create team/site --owner ann
given_repository "$WORK/site"
cat >"$WORK/site/.gitlab-ci.yml" <<'END'
hello:
  script:
    - echo "hello from $CI_PROJECT_PATH"
  environment: production
END
git -C "$WORK/site" add -A
git -C "$WORK/site" commit -q -m "pipeline: say hello"
says 'a push answers with its pipeline' "remote:.*$URL/team/site/-/pipelines/[0-9]+" \
	git_http ann -C "$WORK/site" push "$URL/team/site.git" main
pipeline_is_green() {
	api ann GET "/projects/team%2Fsite/pipelines?ref=main&per_page=1" >/dev/null
	[ "$(jq -r '.[0].status' "$WORK/body")" = success ]
}
ok 'which the runner container runs' within 120 pipeline_is_green
ok 'it is cloned over SSH too' git_ssh ann clone -q "$SSH_URL/team/site.git" "$WORK/by-ssh"
says 'its badge says so' passed \
	curl -s -H "PRIVATE-TOKEN: $(token_of ann)" "$URL/team/site/badges/main/pipeline.svg"
ok 'everything is stopped' compose stop
ok 'and started again' compose start
ok 'it is ready again' within 180 ready
says 'with what was pushed' refs/heads/main git_http ann ls-remote "$URL/team/site.git"
stop_compose
done_testing
