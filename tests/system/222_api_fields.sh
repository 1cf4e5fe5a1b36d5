#!/bin/sh
# The fields that GitLab's clients know (python-gitlab, glab, Renovate, Terraform) are in the answers:
# of a merge request that is merged and deployed, and of all that belongs to it.
# shellcheck disable=SC2317 # functions are called by ok
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
given_instance
given_user alice
given_project shop/site alice
given_runner --project shop/site
P=/projects/shop%2Fsite
M=$P/merge_requests
W=$WORK/work

# has PATH PLACE FIELD...    each is there, be it null; "name:kind" also says s i b n t [] {} or a
# kind with ? that may be null
has() {
	path=$1
	place=$2
	shift 2
	api alice GET "$path" >"$OUT"
	python3 - "$WORK/body" "$place" "$@" >"$WORK/missing" <<-'PY'
		import json, re, sys
		value = json.load(open(sys.argv[1]))
		for part in filter(None, sys.argv[2].split(".")):
		    value = value[int(part)] if part.isdigit() else value[part]
		time = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
		kinds = {"s": lambda v: isinstance(v, str), "b": lambda v: isinstance(v, bool),
		         "i": lambda v: isinstance(v, int) and not isinstance(v, bool),
		         "n": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
		         "t": lambda v: isinstance(v, str) and bool(time.match(v)),
		         "[]": lambda v: isinstance(v, list), "{}": lambda v: isinstance(v, dict)}
		for word in " ".join(sys.argv[3:]).split():
		    name, _, kind = word.partition(":")
		    if name not in value:
		        print("missing", name)
		    elif kind and not (kind.endswith("?") and value[name] is None
		                       or value[name] is not None and kinds[kind.rstrip("?")](value[name])):
		        print("kind of", name, json.dumps(value[name])[:60])
	PY
	: >"$OUT"
	equal "$path ${place:+($place) }has its fields" '' "$(tr '\n' ' ' <"$WORK/missing")"
}

push() {
	git_http alice -C "$W" push -q "$URL/shop/site.git" "$@"
}

given_repository "$W"
cat >"$W/.gitlab-ci.yml" <<-'EOF'
	build:
	  script: [echo built > out.txt]
	  artifacts: {paths: [out.txt]}
	deploy:
	  stage: deploy
	  script: [cat out.txt]
	  environment: {name: production, url: 'http://localhost/$CI_COMMIT_SHORT_SHA'}
	  rules: [{if: $CI_COMMIT_BRANCH == "main"}]
EOF
git -C "$W" add -A && git -C "$W" commit -q -m 'site: a pipeline'
ok 'main is pushed' push main v1
git -C "$W" switch -q -c lamp && echo lamp >"$W/lamp" && git -C "$W" add -A &&
	git -C "$W" commit -q -m 'lamp: light' && ok 'and a branch' push lamp
api alice POST "$P/issues" -d title='Dark' -d labels=night -d 'description=- [x] a' >"$OUT"
api alice POST "$P/issues/1/notes" -d body=hm >"$OUT"
ME=$(api alice GET /user >"$OUT"; field id)
api alice POST "$M" -d source_branch=lamp -d target_branch=main -d title=Lamp -d labels=light \
	-d "assignee_ids[]=$ME" -d "reviewer_ids[]=$ME" -d description='Closes #1' >"$OUT"
api alice POST "$M/1/discussions" -d body=why >"$OUT"
is_green() {
	api alice GET "$P/pipelines?ref=$1&status=success" >"$OUT" && [ "$(field 0.status)" = success ]
}
ok 'its pipeline succeeds' within 60 is_green lamp
USER='id:i username:s name:s state:s avatar_url web_url:s'
MR='id:i iid:i project_id:i title:s description:s? state:s created_at:t updated_at:t merged_by merge_user
	merged_at:t? closed_by closed_at:t? target_branch:s source_branch:s source_project_id:i
	target_project_id:i author:{} assignee assignees:[] reviewers:[] labels:[] milestone draft:b
	work_in_progress:b imported:b merge_when_pipeline_succeeds:b merge_status:s detailed_merge_status:s
	merge_after sha:s merge_commit_sha:s? squash_commit_sha:s? user_notes_count:i upvotes:i downvotes:i
	discussion_locked:b? should_remove_source_branch:b? force_remove_source_branch:b? prepared_at:t?
	allow_collaboration:b reference:s references:{} web_url:s time_stats:{} squash:b squash_on_merge:b
	task_completion_status:{} has_conflicts:b blocking_discussions_resolved:b'
PIPELINE='id:i iid:i project_id:i sha:s ref:s status:s source:s created_at:t updated_at:t web_url:s name:s?'
JOB='id:i status:s stage:s name:s ref:s tag:b coverage:n? allow_failure:b created_at:t started_at:t?
	finished_at:t? erased_at:t? duration:n? queued_duration:n? user:{} commit:{} pipeline:{}
	failure_reason web_url:s project:{} artifacts_file:{}? artifacts:[] runner:{}? runner_manager
	artifacts_expire_at:t? archived:b tag_list:[]'

has "$M" 0 "$MR"
has "$M?scope=all" 0.author "$USER"
has "$M/1" '' "$MR" 'subscribed:b changes_count:s? latest_build_started_at:t? latest_build_finished_at:t?
	first_deployed_to_production_at:t? pipeline:{}? head_pipeline:{}? diff_refs:{} merge_error:s?
	first_contribution:b user:{}'
has "$M/1" diff_refs 'base_sha:s head_sha:s start_sha:s'
has "$M/1" references 'short:s relative:s full:s'
has "$M/1" time_stats 'time_estimate:i total_time_spent:i human_time_estimate human_total_time_spent'
has "$M/1" pipeline "$PIPELINE"
has "$M/1" head_pipeline "$PIPELINE" 'before_sha:s tag:b yaml_errors:s? user:{} started_at:t? finished_at:t?
	committed_at:t? duration:i? queued_duration:i? coverage:s? archived:b? detailed_status:{}'
has "$M/1" head_pipeline.detailed_status 'icon:s text:s label:s group:s tooltip:s has_details:b
	details_path:s illustration favicon'
has "$M/1/pipelines" 0 "$PIPELINE"
has "$M/1/versions" 0 'id:i head_commit_sha:s base_commit_sha:s start_commit_sha:s created_at:t
	merge_request_id:i state:s real_size patch_id_sha'
has "$M/1/diffs" 0 'old_path:s new_path:s a_mode:s b_mode:s diff:s new_file:b renamed_file:b deleted_file:b
	generated_file:b? collapsed:b? too_large:b?'
has "$M/1/approvals" '' 'id:i iid:i project_id:i title:s state:s merge_status:s approved:b approvals_required:i
	approvals_left:i require_password_to_approve:b approved_by:[] suggested_approvers:[] approvers:[]
	approver_groups:[] user_has_approved:b user_can_approve:b approval_rules_left:[] has_approval_rules:b'
has "$M/1/discussions" 0 'id:s individual_note:b notes:[]'
has "$M/1/notes" 0 'id:i type body:s attachment author:{} created_at:t updated_at:t system:b noteable_id:i
	noteable_type:s noteable_iid:i project_id:i resolvable:b confidential:b internal:b commands_changes:{}'
has "$M/1/closes_issues" 0 'id:i iid:i'
has "$P/issues" 0 'id:i iid:i project_id:i title:s description:s? state:s created_at:t updated_at:t closed_at:t?
	closed_by labels:[] milestone assignees:[] assignee author:{} type:s issue_type:s user_notes_count:i
	merge_requests_count:i upvotes:i downvotes:i due_date confidential:b discussion_locked web_url:s
	time_stats:{} task_completion_status:{} weight has_tasks:b _links:{} references:{} severity:s moved_to_id
	service_desk_reply_to'
has "$P/pipelines" 0 "$PIPELINE"
api alice PUT "$M/1/merge" >"$OUT"
equal 'it is merged' merged "$(field state)"
ok 'and deployed' within 60 is_green main
has "$P/pipelines/latest?ref=main" '' "$PIPELINE" 'before_sha:s tag:b user:{} duration:i? queued_duration:i?'
api alice GET "$P/pipelines/latest?ref=main" >"$OUT"
PIPELINE_ID=$(field id)
has "$P/pipelines/$PIPELINE_ID/jobs" 0 "$JOB"
has "$P/pipelines/$PIPELINE_ID/jobs" 0.pipeline 'id:i project_id:i ref:s sha:s status:s'
has "$P/jobs?scope[]=success" 1 "$JOB"
has "$P/environments" 0 'id:i name:s slug:s description external_url:s? state:s tier:s created_at:t updated_at:t
	auto_stop_at:t?'
has "$P/deployments" 0 'id:i iid:i ref:s sha:s status:s created_at:t updated_at:t user:{} environment:{}
	deployable:{}?'
has "$P/repository/commits" 0 'id:s short_id:s title:s message:s author_name:s author_email:s authored_date:t
	committer_name:s committer_email:s committed_date:t created_at:t parent_ids:[] web_url:s trailers:{}
	extended_trailers:{}'
has "$P/repository/commits/main" '' 'stats:{} status:s? last_pipeline:{}? project_id:i'
has "$P/repository/branches/main" '' 'name:s commit:{} merged:b protected:b default:b can_push:b
	developers_can_push:b developers_can_merge:b web_url:s'
has "$P/repository/tags/v1" '' 'name:s message:s? target:s commit:{} release protected:b created_at:t?'
has "$P/protected_branches/main" '' 'id:i name:s push_access_levels:[] merge_access_levels:[]
	unprotect_access_levels:[] allow_force_push:b code_owner_approval_required:b'
done_testing
