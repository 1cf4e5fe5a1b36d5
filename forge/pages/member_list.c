/* Members of a project or a group: the same page, told apart by what the route loaded. */
#include "domain/member.h"
#include "domain/user.h"
#include "pages/member.h"
#include "tmpl/group_members.h"
#include "tmpl/project_members.h"

#define MEMBER_ROWS 100

static struct member_place place_of(const struct request *rq)
{
	if (rq->project)
		return (struct member_place){ .project = rq->project->id };
	return (struct member_place){ .namespace = rq->namespace->id };
}

static struct str place_path(const struct request *rq)
{
	return rq->project ? rq->project->path : rq->namespace->path;
}

static struct str members_path(const struct request *rq)
{
	return url_for(rq->arena, rq->project ? ROUTE_project_members : ROUTE_group_members,
		       place_path(rq));
}

static bool may_change_members(const struct request *rq)
{
	return request_may(rq, rq->project ? ACTION_PROJECT_MEMBERS_CHANGE
					   : ACTION_GROUP_MEMBERS_CHANGE);
}

static struct view_member member_row(struct request *rq, const struct member *member)
{
	bool is_direct = !member->is_inherited;
	bool is_self = member->user.v == rq->actor.user.v;
	bool may_change = may_change_members(rq) && is_direct && member->level <= rq->target.level;
	struct view_member row = {
		.username = member->username,
		.name = member->name,
		.initials = page_initials(rq, member->name),
		.tile = page_tile(member->username),
		.level = { .number = member->level },
		.is_self = is_self,
		.is_blocked = member->is_blocked,
		.is_bot = member->is_bot,
		.has_expires = member->has_expires_at,
		.expires = page_date(rq, member->expires_at),
		.may_change = may_change,
		.may_remove = is_direct && (may_change || is_self),
	};

	if (member->is_inherited)
		row.inherited_from = member->inherited_from;
	row.levels = page_levels(rq, rq->target.level, member->level);
	row.action = page_url(
		rq, url_for(rq->arena,
			    rq->project ? ROUTE_project_member_change : ROUTE_group_member_change,
			    place_path(rq), member->username));
	row.action_remove = page_url(
		rq, url_for(rq->arena,
			    rq->project ? ROUTE_project_member_remove : ROUTE_group_member_remove,
			    place_path(rq), member->username));
	return row;
}

/* Names offered while typing; the first hundred, as a help, not as a search. */
static int offer_people(struct request *rq, struct db *db, struct view_members *v, struct err *e)
{
	struct users users;

	if (!v->may_change)
		return 0;
	if (user_list(db, &rq->actor, STR_NONE, LISTING_FIRST, rq->arena, &users, e) < 0)
		return -(int)e->code;
	v->people = ARENA_ARRAY(rq->arena, struct view_person, users.count + 1);
	for (size_t i = 0; i < users.count; i++)
		v->people[v->people_count++] =
			(struct view_person){ users.items[i]->username, users.items[i]->name };
	return 0;
}

static int members_page(struct request *rq, struct view_members *v, enum access_level chosen,
			struct err *e)
{
	struct listing slice = page_listing(rq, MEMBER_ROWS);
	struct members members;
	struct db *db;

	v->search = str_trim(request_query(rq, "search"));
	v->may_change = may_change_members(rq);
	if (request_db(rq, &db, e) < 0 || offer_people(rq, db, v, e) < 0 ||
	    member_list(db, place_of(rq), true, v->search, slice, rq->arena, &members, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v->page, "members");
	v->action = page_url(rq, members_path(rq));
	v->levels = page_levels(rq, rq->target.level, chosen);
	v->members = ARENA_ARRAY(rq->arena, struct view_member, members.count + 1);
	for (size_t i = 0; i < members.count; i++)
		v->members[v->members_count++] = member_row(rq, members.items[i]);
	v->total = members.total;
	v->pager = page_pager(rq, slice, members.total, false);
	if (rq->project)
		tmpl_project_members(request_emit(rq), v);
	else
		tmpl_group_members(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_members(struct request *rq, struct err *e)
{
	struct view_members v = { 0 };

	return members_page(rq, &v, LEVEL_DEVELOPER, e);
}

/* Level and date of a form; ERR_UNPROCESSABLE with what is wrong. */
static int change_from_form(struct request *rq, struct member_change *in, struct err *error)
{
	int64_t number;

	if (!request_form_i64(rq, "level", &number) ||
	    !access_level_from_number(number, &in->level))
		return err_set(error, ERR_UNPROCESSABLE, "Choose one of the levels.");
	if (!page_form_date(rq, "expires", &in->has_expires_at, &in->expires_at))
		return err_set(error, ERR_UNPROCESSABLE,
			       "That is no date: write it as 2030-01-31.");
	return 0;
}

static int members_again(struct request *rq, const struct err *error, enum access_level level,
			 struct err *e)
{
	struct view_members v = { .username = str_trim(request_form(rq, "username")),
				  .expires = request_form(rq, "expires") };

	if (!page_is_problem(rq, error, &v.problem, e))
		return -(int)e->code;
	return members_page(rq, &v, level, e);
}

int page_member_add(struct request *rq, struct err *e)
{
	struct str username = str_trim(request_form(rq, "username"));
	struct member_change in = { .level = LEVEL_DEVELOPER };
	struct err error = { 0 };
	struct user user;
	struct db *db;

	if (str_starts(username, STR("@")))
		username = str_from(username, 1);
	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (change_from_form(rq, &in, &error) < 0 ||
	    user_get_by_name(db, username, rq->arena, &user, &error) < 0)
		return members_again(rq, &error, in.level, e);
	in.user = user.id;
	if (member_create(db, &rq->actor, place_of(rq), &in, &error) < 0)
		return members_again(rq, &error, in.level, e);
	page_notice(rq, I18N("The member is added."));
	return request_redirect(rq, members_path(rq), e);
}

/* The level alone: the end of a membership stays what it was. */
int page_member_change(struct request *rq, struct err *e)
{
	struct member_change in = { .level = LEVEL_DEVELOPER };
	struct err error = { 0 };
	struct member member;
	struct user user;
	bool found;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    user_get_by_name(db, request_param(rq, "user"), rq->arena, &user, e) < 0 ||
	    member_find(db, place_of(rq), user.id, false, rq->arena, &member, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "%.*s is not a direct member here.",
			       STR_FMT(user.username));
	if (change_from_form(rq, &in, &error) < 0)
		return members_again(rq, &error, in.level, e);
	in.user = user.id;
	in.has_expires_at = member.has_expires_at;
	in.expires_at = member.expires_at;
	if (member_update(db, &rq->actor, place_of(rq), &in, &error) < 0)
		return members_again(rq, &error, LEVEL_DEVELOPER, e);
	page_notice(rq, I18N("The level is changed."));
	return request_redirect(rq, members_path(rq), e);
}

int page_member_remove(struct request *rq, struct err *e)
{
	struct err error = { 0 };
	struct user user;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    user_get_by_name(db, request_param(rq, "user"), rq->arena, &user, e) < 0)
		return -(int)e->code;
	if (member_remove(db, &rq->actor, place_of(rq), user.id, &error) < 0)
		return members_again(rq, &error, LEVEL_DEVELOPER, e);
	if (user.id.v == rq->actor.user.v) {
		page_notice(rq, I18N("You are no longer a member there."));
		return request_redirect(rq, STR("/"), e);
	}
	page_notice(rq, I18N("The member is removed."));
	return request_redirect(rq, members_path(rq), e);
}
