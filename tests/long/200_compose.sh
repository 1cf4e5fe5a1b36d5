#!/bin/sh
# docker-compose.yml, started for real: four containers from one image serve the whole story of
# tests/support/story.sh, whose jobs the runner container runs. Where no image can be pulled the
# base image debian:12 is made with debootstrap. Uses a Docker engine that runs, or starts one of
# its own. Skipped, and said so, where there is no Docker.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
# shellcheck source=tests/support/story.sh
. "$ROOT/tests/support/story.sh"
# shellcheck source=tests/support/debian.sh
. "$ROOT/tests/support/debian.sh"

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
	# The engine leaves the network of containers without one mounted when it ends.
	MOUNTS="${MOUNTS:-} $WORK/docker/exec/netns/default"
	within 60 engine_answers || give_up "the Docker engine does not start" "$WORK/docker/log"
fi

# The base image: pulled, or made from the packages that apt reaches, with apt's own settings.
make_base() {
	make_debian "$WORK/base" &&
		rm -rf "$WORK/base/etc/apt/sources.list" "$WORK/base/etc/apt/sources.list.d" &&
		cp -a /etc/apt/sources.list.d "$WORK/base/etc/apt/" &&
		cp -a /etc/apt/apt.conf.d/. "$WORK/base/etc/apt/apt.conf.d/" &&
		tar -C "$WORK/base" -c . | docker import - debian:12
}
if ! docker image inspect debian:12 >/dev/null 2>&1; then
	timeout 120 docker pull -q debian:12 >"$OUT" 2>&1 || make_base >"$OUT" 2>&1 ||
		give_up "there is no base image" "$OUT"
fi

# The compose file as it is, but for the ports; under a project name of its own. This test's
# folder is in the two containers too: it holds passwords, keys, and what jobs deploy to.
HEARTH_HTTP_PORT=$(free_port)
HEARTH_SSH_PORT=$(free_port)
HEARTH_EXTERNAL_URL=http://127.0.0.1:$HEARTH_HTTP_PORT
HEARTH_SSH_EXTERNAL=127.0.0.1:$HEARTH_SSH_PORT
COMPOSE_PROJECT_NAME=hearthtest$$
export HEARTH_HTTP_PORT HEARTH_SSH_PORT HEARTH_EXTERNAL_URL HEARTH_SSH_EXTERNAL COMPOSE_PROJECT_NAME
cat >"$WORK/folder.yml" <<END
version: "2.4"
services:
  hearth:
    volumes: ["$WORK:$WORK"]
  runner:
    volumes: ["$WORK:$WORK"]
END
compose() {
	docker-compose -f "$ROOT/docker-compose.yml" -f "$WORK/folder.yml" "$@"
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

# A change that reaches testing.
runs_a_job_again() {
	change later "after a restart" && within 120 deployed testing "after a restart"
}

given_user ann
given_user bob
play http
play ssh

ok 'everything is stopped' compose stop
ok 'and started again' compose start
ok 'it is ready again' within 180 ready
says 'with what was pushed' refs/heads/stage git_http ann ls-remote "$URL/team/by-http.git"
equal 'with its merge requests' merged \
	"$(api ann GET "/projects/team%2Fby-ssh/merge_requests/$IID" | jq -r .state)"
ok 'and its runner takes jobs' runs_a_job_again
stop_compose
done_testing
