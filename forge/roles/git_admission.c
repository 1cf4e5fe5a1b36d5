#include "roles/git_admission.h"

enum op_class { CLASS_LIGHT, CLASS_INGEST, CLASS_UPLOAD, CLASS_HEAVY };

static const struct {
	enum op_class class;
	int seconds;
} ops[] = {
#define OP_ROW(name, word, wall, class) [GIT_OP_##name] = { CLASS_##class, wall },
	GIT_OPERATIONS(OP_ROW)
#undef OP_ROW
};

/* host = base + each core; an ingest may need 2 GB and a core, a light one neither. */
static const struct {
	size_t user;
	size_t repository;
	size_t host;
	size_t host_per_core;
} classes[] = {
	[CLASS_LIGHT] = { 64, 32, 128, 16 },
	[CLASS_INGEST] = { 4, 16, 8, 4 },
	[CLASS_UPLOAD] = { 16, 48, 32, 8 },
	[CLASS_HEAVY] = { 4, 2, 2, 1 },
};

#define ANONYMOUS_SHARE 8

int git_op_wall_seconds(enum git_op op)
{
	ASSERT((size_t)op < ARRAY_LEN(ops));
	return ops[op].seconds;
}

struct git_admission_limits git_admission_limits_of(enum git_op op, size_t cores)
{
	enum op_class class;

	ASSERT((size_t)op < ARRAY_LEN(ops));
	class = ops[op].class;
	return (struct git_admission_limits){ classes[class].user, classes[class].repository,
					      classes[class].host +
						      cores * classes[class].host_per_core };
}

void git_admission_count(struct git_admission_counts *counts, const struct git_request *candidate,
			 const struct git_request *running)
{
	if (ops[candidate->op].class != ops[running->op].class)
		return;
	counts->host++;
	counts->user += candidate->user_id == running->user_id;
	counts->repository += candidate->project_id == running->project_id;
}

const char *git_admission_refusal(const struct git_request *candidate,
				  const struct git_admission_counts *counts, size_t cores)
{
	struct git_admission_limits limits = git_admission_limits_of(candidate->op, cores);

	if (candidate->user_id == 0)
		limits.per_user *= ANONYMOUS_SHARE;
	if (counts->host >= limits.per_host)
		return "the server runs as many of these operations as it can";
	if (candidate->project_id > 0 && counts->repository >= limits.per_repository)
		return "this repository has as many of these operations running as it may have";
	if (candidate->user_id >= 0 && counts->user >= limits.per_user)
		return "you have as many of these operations running as one person may have";
	return NULL;
}
