#!/bin/sh
# Hearth's own repository is pushed to a fresh instance, and its own pipeline builds it and
# runs its unit tests on a real runner. Takes as long as a build does.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"

pipeline_is_over() {
	api ann GET "/projects/team%2Fhearth/pipelines?ref=main&per_page=1" >/dev/null
	case $(jq -r '.[0].status' "$WORK/body") in
	success | failed | canceled | skipped) ;;
	*) return 1 ;;
	esac
}

# log_of NAME     the log of the newest job of that name
log_of() {
	api ann GET "/projects/team%2Fhearth/pipelines/$PIPELINE/jobs" >/dev/null
	job=$(jq -r "[.[] | select(.name == \"$1\")][0].id" "$WORK/body")
	api ann GET "/projects/team%2Fhearth/jobs/$job/trace"
}

given_instance
given_user ann
given_project team/hearth ann
given_runner
ok 'the repository is cloned' git clone -q --no-local "$ROOT" "$WORK/hearth"
ok 'and pushed to the instance' git_http ann -C "$WORK/hearth" push "$URL/team/hearth.git" HEAD:refs/heads/main
ok 'its pipeline ends' within "${DOGFOOD_SECONDS:-2400}" pipeline_is_over
PIPELINE=$(jq -r '.[0].id' "$WORK/body")
api ann GET "/projects/team%2Fhearth/pipelines/$PIPELINE/jobs" >"$OUT"
equal 'every job of it succeeded' '' \
	"$(jq -r '.[] | select(.status != "success") | .name + " " + .status' "$WORK/body" | tr '\n' ' ')"
says 'the unit tests ran' '^[1-9][0-9]* passed, 0 failed' log_of unit
says 'the programs that a job built ran in the next' 'usage: hearth' log_of programs
api ann GET "/projects/team%2Fhearth/jobs/artifacts/main/download?job=build" >/dev/null
equal 'they can be downloaded' PK "$(head -c 2 "$WORK/body")"
done_testing
