/* Protected branches and tags. GitLab names them by their pattern, not by an id. */
#include "api/api.h"
#include "api/entity.h"

static void write_ref(struct jsonw *w, const struct protected_ref *ref)
{
	if (ref->kind == PROTECTED_BRANCH)
		entity_protected_branch(w, ref);
	else
		entity_protected_tag(w, ref);
}

static int list(struct request *rq, enum protected_ref_kind kind, struct err *e)
{
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct jsonw *w = request_jsonw(rq);
	struct protected_refs refs;
	struct db *db = NULL;
	int64_t total = 0;

	if (request_db(rq, &db, e) < 0 ||
	    protected_ref_list(db, rq->project->id, rq->arena, &refs, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < refs.count; i++) {
		if (refs.items[i]->kind != kind)
			continue;
		if (total >= slice.offset && total < slice.offset + slice.limit)
			write_ref(w, refs.items[i]);
		total++;
	}
	jsonw_end(w);
	api_page_headers(rq, &page, total);
	return request_send_json(rq, 200, e);
}

static int find(struct request *rq, enum protected_ref_kind kind, struct protected_ref *ref,
		struct err *e)
{
	struct protected_refs refs;
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 ||
	    protected_ref_list(db, rq->project->id, rq->arena, &refs, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < refs.count; i++)
		if (refs.items[i]->kind == kind &&
		    str_eq(refs.items[i]->pattern, request_param(rq, "name"))) {
			*ref = *refs.items[i];
			return 0;
		}
	return err_set(e, ERR_NOT_FOUND, "404 Not Found");
}

static int send_one(struct request *rq, int status, const struct protected_ref *ref, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);

	write_ref(w, ref);
	return request_send_json(rq, status, e);
}

/* 0, 30, 40, 60, and 50 of ours; absent: `otherwise`. */
static int read_level(const struct request *rq, const char *name, enum access_level otherwise,
		      enum access_level *level, struct err *e)
{
	int64_t n;

	*level = otherwise;
	if (str_is_empty(request_form(rq, name)))
		return 0;
	if (!request_form_i64(rq, name, &n) ||
	    !(n == LEVEL_NONE || n == LEVEL_DEVELOPER || n == LEVEL_MAINTAINER ||
	      n == LEVEL_OWNER || n == LEVEL_ADMIN))
		return err_set(e, ERR_INVALID, "%s does not have a valid value", name);
	*level = (enum access_level)n;
	return 0;
}

static int read_branch(const struct request *rq, struct protected_ref *in, struct err *e)
{
	bool may_force = in->force_level != LEVEL_NONE;

	if (read_level(rq, "push_access_level", in->push_level, &in->push_level, e) < 0 ||
	    read_level(rq, "merge_access_level", in->merge_level, &in->merge_level, e) < 0)
		return -(int)e->code;
	may_force = request_form_bool(rq, "allow_force_push", may_force);
	in->force_level = may_force ? in->push_level : LEVEL_NONE;
	return 0;
}

static int create(struct request *rq, struct protected_ref *in, struct err *e)
{
	struct protected_ref made;
	struct db *db = NULL;

	if (api_need(rq, "name", &in->pattern, e) < 0 || request_db(rq, &db, e) < 0 ||
	    protected_ref_create(db, &rq->actor, rq->project->id, in, rq->arena, &made, e) < 0)
		return -(int)e->code;
	return send_one(rq, 201, &made, e);
}

static int remove_one(struct request *rq, enum protected_ref_kind kind, struct err *e)
{
	struct protected_ref ref;
	struct db *db = NULL;

	if (find(rq, kind, &ref, e) < 0 || request_db(rq, &db, e) < 0 ||
	    protected_ref_remove(db, &rq->actor, rq->project->id, ref.id, e) < 0)
		return -(int)e->code;
	return request_send_nothing(rq, e);
}

int api_protected_branch_list(struct request *rq, struct err *e)
{
	return list(rq, PROTECTED_BRANCH, e);
}

int api_protected_branch_get(struct request *rq, struct err *e)
{
	struct protected_ref ref;

	if (find(rq, PROTECTED_BRANCH, &ref, e) < 0)
		return -(int)e->code;
	return send_one(rq, 200, &ref, e);
}

int api_protected_branch_create(struct request *rq, struct err *e)
{
	struct protected_ref in = { .kind = PROTECTED_BRANCH,
				    .push_level = LEVEL_MAINTAINER,
				    .merge_level = LEVEL_MAINTAINER };

	if (read_branch(rq, &in, e) < 0)
		return -(int)e->code;
	return create(rq, &in, e);
}

int api_protected_branch_update(struct request *rq, struct err *e)
{
	struct protected_ref ref;
	struct db *db = NULL;

	if (find(rq, PROTECTED_BRANCH, &ref, e) < 0 || read_branch(rq, &ref, e) < 0 ||
	    request_db(rq, &db, e) < 0 ||
	    protected_ref_update(db, &rq->actor, rq->project->id, &ref, e) < 0)
		return -(int)e->code;
	return send_one(rq, 200, &ref, e);
}

int api_protected_branch_remove(struct request *rq, struct err *e)
{
	return remove_one(rq, PROTECTED_BRANCH, e);
}

int api_protected_tag_list(struct request *rq, struct err *e)
{
	return list(rq, PROTECTED_TAG, e);
}

int api_protected_tag_get(struct request *rq, struct err *e)
{
	struct protected_ref ref;

	if (find(rq, PROTECTED_TAG, &ref, e) < 0)
		return -(int)e->code;
	return send_one(rq, 200, &ref, e);
}

int api_protected_tag_create(struct request *rq, struct err *e)
{
	struct protected_ref in = { .kind = PROTECTED_TAG };

	if (read_level(rq, "create_access_level", LEVEL_MAINTAINER, &in.push_level, e) < 0)
		return -(int)e->code;
	return create(rq, &in, e);
}

int api_protected_tag_remove(struct request *rq, struct err *e)
{
	return remove_one(rq, PROTECTED_TAG, e);
}
