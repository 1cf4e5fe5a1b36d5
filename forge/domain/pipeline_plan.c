#include "domain/pipeline_plan.h"

#include "domain/project.h"
#include "domain/queue.h"
#include "domain/variable.h"
#include "store/db.h"

/* ------------------------------------------------------------------------ asked to skip */

/* "[ci skip]", "[ci-skip]", "[skip_ci]", ...: GitLab's pattern, without one. */
static bool is_skip_word(struct str word)
{
	static const char *const words[] = { "ci skip", "ci-skip", "ci_skip",
					     "skip ci", "skip-ci", "skip_ci" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq_nocase(word, str_c(words[i])))
			return true;
	return false;
}

bool pipeline_message_skips(struct str message)
{
	struct str rest = message;

	for (;;) {
		rest = str_from(rest, str_find(rest, '[') + 1);
		if (rest.n == 0)
			return false;
		if (str_has(rest, ']') && is_skip_word(str_upto(rest, str_find(rest, ']'))))
			return true;
	}
}

/* ---------------------------------------------------------------------------- planning */

struct planning {
	const struct instance *instance;
	const struct pipeline_wish *wish;
	struct arena *arena;
	struct pipeline_planned *planned;
	struct ci_variables stored;
};

static void note_pipeline(struct planning *p)
{
	const struct pipeline_wish *w = p->wish;

	p->planned->pipeline = (struct pipeline_new){ .project = w->project->id,
						      .source = w->why,
						      .ref = w->ref,
						      .ref_name = w->ref_name,
						      .is_tag = w->is_tag,
						      .sha = w->sha,
						      .source_sha = w->source_sha,
						      .target_sha = w->target_sha,
						      .before_sha = w->before_sha,
						      .user = w->actor->user,
						      .is_protected = w->is_protected };
	ci_variables_init(&p->planned->variables, p->arena);
	ci_variables_add(&p->planned->variables, w->variables);
}

/* The file's fault, without a place in it. */
static void invalid(struct planning *p, const char *text)
{
	p->planned->outcome = PIPELINE_INVALID;
	p->planned->plan =
		(struct ci_plan){ .outcome = CI_ERROR,
				  .problem = { .text = str_c(text),
					       .mark = { .file = STR(PIPELINE_FILE) } } };
}

/* *text is none when there is nothing to plan: the outcome is set then. */
static int read_file(struct planning *p, struct str *text, struct err *e)
{
	const struct ci_source *files = &p->wish->source->files;

	*text = STR_NONE;
	if (files->read(files->closure, p->arena, STR(PIPELINE_FILE), CI_FILE_MAX, text, e) == 0) {
		p->planned->has_file = true;
		return 0;
	}
	if (e->code == ERR_NOT_FOUND)
		p->planned->plan.problem.text = STR(PIPELINE_MESSAGE_NONE);
	else if (e->code == ERR_TOO_LARGE)
		invalid(p, "The pipeline file is larger than 2 MB.");
	else
		return -(int)e->code;
	err_clear(e);
	return 0;
}

static int read_variables(struct planning *p, struct err *e)
{
	const struct pipeline_wish *w = p->wish;
	const struct pipeline_facts facts = { .source = w->why,
					      .project = w->project->id,
					      .user = w->actor->user,
					      .ref = w->ref,
					      .ref_name = w->ref_name,
					      .is_tag = w->is_tag,
					      .is_protected = w->is_protected,
					      .sha = w->sha,
					      .before_sha = w->before_sha,
					      .commit = &p->planned->commit,
					      .tag_message = w->tag_message,
					      .request = w->merge_request,
					      .open_requests = w->open_requests };
	const struct variable_use use = { .project = w->project->id,
					  .is_protected = w->is_protected };
	struct variable_store store = { .keys = p->instance->secret };
	AUTO_DB db = NULL;

	if (db_acquire(p->instance->db, &db, e) < 0)
		return -(int)e->code;
	store.db = db;
	ci_variables_init(&p->stored, p->arena);
	if (pipeline_predefined(db, p->instance, &facts, p->arena, &p->planned->predefined, e) < 0)
		return -(int)e->code;
	return variable_collect(&store, &use, p->arena, &p->stored, e);
}

static int make_plan(struct planning *p, struct str text, struct err *e)
{
	const struct pipeline_wish *w = p->wish;
	const struct ci_context context = { .repository = &w->source->files,
					    .source = w->why,
					    .ref_name = w->ref_name,
					    .is_tag = w->is_tag,
					    .project_path = p->planned->predefined.project_path,
					    .predefined = &p->planned->predefined.all,
					    .stored = &p->stored,
					    .pipeline = &p->planned->variables };
	static const enum pipeline_outcome outcomes[] = { [CI_CREATED] = PIPELINE_PLANNED,
							  [CI_NO_PIPELINE] = PIPELINE_NONE,
							  [CI_ERROR] = PIPELINE_INVALID };

	if (ci_plan(p->arena, STR(PIPELINE_FILE), text, &context, &p->planned->plan, e) < 0)
		return -(int)e->code;
	p->planned->outcome = outcomes[p->planned->plan.outcome];
	return 0;
}

int pipeline_plan(const struct instance *instance, const struct pipeline_wish *wish,
		  struct arena *a, struct pipeline_planned *planned, struct err *e)
{
	struct planning p = { instance, wish, a, planned, { 0 } };
	struct str text;

	*planned = (struct pipeline_planned){ 0 };
	note_pipeline(&p);
	if (read_file(&p, &text, e) < 0)
		return -(int)e->code;
	if (str_is_none(text))
		return 0;
	if (commit_source_commit(wish->source, a, &planned->commit, e) < 0)
		return -(int)e->code;
	if (wish->is_skipped ||
	    (wish->obeys_skip && pipeline_message_skips(planned->commit.message))) {
		planned->outcome = PIPELINE_SKIPPED;
		planned->pipeline.is_skipped = true;
		return 0;
	}
	if (read_variables(&p, e) < 0)
		return -(int)e->code;
	return make_plan(&p, text, e);
}

int pipeline_planned_check(const struct pipeline_planned *planned, struct err *e)
{
	const struct ci_problem *problem = &planned->plan.problem;
	const struct ci_mark *mark = &problem->mark;

	if (planned->outcome == PIPELINE_PLANNED)
		return 0;
	if (planned->outcome == PIPELINE_NONE || str_is_empty(mark->file))
		return err_set(e, ERR_UNPROCESSABLE, "%.*s", STR_FMT(problem->text));
	if (mark->line == 0)
		return err_set(e, ERR_UNPROCESSABLE, "%.*s: %.*s", STR_FMT(mark->file),
			       STR_FMT(problem->text));
	return err_set(e, ERR_UNPROCESSABLE, "%.*s:%d:%d: %.*s", STR_FMT(mark->file), mark->line,
		       mark->column, STR_FMT(problem->text));
}

/* ------------------------------------------------------------------------------ making */

struct creating {
	const struct instance *instance;
	const struct pipeline_planned *planned;
	struct arena *arena;
	struct pipeline_made *made;
};

static int create(struct db *db, void *closure, struct err *e)
{
	const struct creating *c = closure;
	const struct pipeline_planned *planned = c->planned;

	if (pipeline_create(db, &planned->pipeline, &planned->plan, c->arena, c->made, e) < 0)
		return -(int)e->code;
	return pipeline_variables_record(db, c->instance->secret, c->made->id,
					 &planned->predefined.kept, &planned->variables, c->arena,
					 e);
}

int pipeline_planned_create(struct db *db, const struct instance *instance,
			    const struct pipeline_planned *planned, struct arena *a,
			    struct pipeline_made *made, struct err *e)
{
	struct creating c = { instance, planned, a, made };

	ASSERT(planned->outcome != PIPELINE_NONE);
	return db_transaction(db, create, &c, e);
}

void pipeline_announce(const struct instance *instance, struct project_id project,
		       const struct pipeline_made *made)
{
	const struct queue_news news = { .project = project,
					 .pipeline = made->id,
					 .pending = made->pending };
	struct arena *a = arena_open(0);
	struct err ignored = { 0 };
	AUTO_DB db = NULL;

	/* Who cannot be told looks again within seconds. */
	if (db_acquire(instance->db, &db, &ignored) == 0)
		queue_announce(db, instance->live, &news, a);
	arena_close(a);
}
