/* Making forks and telling about them; copying is domain/fork_copy.c. */
#include "domain/fork.h"

#include "domain/row.h"
#include "store/db.h"

#include "q/fork.h"

struct forking {
	const struct actor *actor;
	struct project_id source;
	const struct fork_new *in;
	struct arena *a;
	struct project *project;
	struct project_access from;
};

static int check_source(struct db *db, struct forking *f, struct err *e)
{
	if (access_find_project_by_id(db, f->actor, f->source, f->a, &f->from, e) < 0 ||
	    access_check(f->actor, ACTION_CODE_READ, &f->from.target, e) < 0)
		return -(int)e->code;
	return access_check(f->actor, ACTION_PROJECT_FORK, &f->from.target, e);
}

/* As visible as the source, if the group it goes to allows that. */
static int choose_visibility(struct db *db, const struct forking *f, struct namespace_id to,
			     enum visibility *visibility, struct err *e)
{
	const struct project *source = &f->from.project;
	struct namespace_access place;

	*visibility = f->in->has_visibility ? f->in->visibility : source->visibility;
	if (*visibility > source->visibility)
		return err_set(
			e, ERR_UNPROCESSABLE,
			"%.*s is %s, so a fork of it cannot be %s: it would show the code to "
			"more people. Choose %s.",
			STR_FMT(source->path), visibility_name(source->visibility),
			visibility_name(*visibility), visibility_name(source->visibility));
	if (f->in->has_visibility)
		return 0;
	if (access_find_namespace_by_id(db, f->actor, to, f->a, &place, e) < 0)
		return -(int)e->code;
	if (place.target.exists && place.namespace.kind != NAMESPACE_USER &&
	    place.namespace.visibility < *visibility)
		*visibility = place.namespace.visibility;
	return 0;
}

static int make(struct db *db, void *closure, struct err *e)
{
	struct forking *f = closure;
	const struct project *source = &f->from.project;
	const struct fork_new *in = f->in;
	struct q_fork_add_in add = { .source_id = f->source.v,
				     .has_user_id = true,
				     .user_id = f->actor->user.v };
	struct project_new new = { .namespace =
					   in->namespace.v ? in->namespace : f->actor->namespace };

	if (check_source(db, f, e) < 0 ||
	    choose_visibility(db, f, new.namespace, &new.visibility, e) < 0)
		return -(int)e->code;
	new.segment = str_is_empty(in->segment) ? source->segment : in->segment;
	new.name = str_is_empty(in->name) ? source->name : in->name;
	new.description = str_is_none(in->description) ? source->description : in->description;
	new.default_branch = source->default_branch;
	if (project_create(db, f->actor, &new, f->a, f->project, e) < 0)
		return -(int)e->code;
	add.project_id = f->project->id.v;
	return q_fork_add(db, &add, NULL, e);
}

int project_fork(struct db *db, const struct actor *actor, struct project_id source,
		 const struct fork_new *in, struct arena *a, struct project *project, struct err *e)
{
	struct forking f = {
		.actor = actor, .source = source, .in = in, .a = a, .project = project
	};

	if (actor->user.v <= 0)
		return err_set(e, ERR_FORBIDDEN,
			       "A fork belongs to whoever makes it: sign in, or use a token of a "
			       "person.");
	return db_transaction(db, make, &f, e);
}

static enum fork_state state_of(struct str word)
{
	if (str_eq_c(word, "copying"))
		return FORK_COPYING;
	return str_eq_c(word, "failed") ? FORK_FAILED : FORK_READY;
}

int fork_facts_list(struct db *db, struct i64_list projects, struct arena *a,
		    struct fork_facts **facts, size_t *count, struct err *e)
{
	const struct q_fork_facts_in in = { projects };
	struct q_fork_facts_row *rows;
	int result = q_fork_facts(db, &in, a, &rows, count, e);

	if (result < 0)
		return result;
	*facts = ARENA_ARRAY(a, struct fork_facts, *count + 1);
	for (size_t i = 0; i < *count; i++)
		(*facts)[i] = (struct fork_facts){
			.project = { rows[i].project_id },
			.is_fork = rows[i].is_fork,
			.source = { rows[i].has_source_id ? rows[i].source_id : 0 },
			.state = state_of(rows[i].state),
			.error = str_eq_c(rows[i].state, "failed") ? rows[i].error : STR_NONE,
			.forks = rows[i].forks,
		};
	return 0;
}

int fork_facts_get(struct db *db, struct project_id project, struct arena *a,
		   struct fork_facts *facts, struct err *e)
{
	const struct i64_list one = { &project.v, 1 };
	struct fork_facts *found;
	size_t count;

	if (fork_facts_list(db, one, a, &found, &count, e) < 0)
		return -(int)e->code;
	*facts = count ? found[0] : (struct fork_facts){ .project = project, .state = FORK_READY };
	return 0;
}

int fork_check_visibility(struct db *db, struct project_id project, enum visibility wanted,
			  struct arena *a, struct err *e)
{
	const struct q_fork_source_visibility_in in = { project.v };
	struct q_fork_source_visibility_row row = { 0 };
	enum visibility source;
	bool found;

	if (q_fork_source_visibility(db, &in, a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return 0;
	source = row_visibility(row.visibility);
	if (wanted <= source)
		return 0;
	return err_set(e, ERR_UNPROCESSABLE,
		       "This project is a fork of one that is %s, so it cannot be %s. An owner of "
		       "that project can make it more visible first; or choose %s.",
		       visibility_name(source), visibility_name(wanted), visibility_name(source));
}
