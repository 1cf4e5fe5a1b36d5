#include "domain/job_token.h"

#include "secret/secret.h"

#include "q/token.h"

int job_token_find(struct db *db, struct str text, struct str ip, struct arena *a,
		   struct actor *actor, bool *found, struct err *e)
{
	struct q_token_find_job_row row = { 0 };

	if (q_token_find_job(db, &(struct q_token_find_job_in){ secret_sha256_bytes(a, text) }, a,
			     &row, found, e) < 0)
		return -(int)e->code;
	if (!*found)
		return 0;
	*actor = (struct actor){
		.kind = ACTOR_JOB_TOKEN,
		.user = { row.has_user_id ? row.user_id : 0 },
		.username = row.username,
		.name = row.name,
		.email = row.email,
		.is_admin = row.has_is_admin && row.is_admin,
		.is_bot = row.has_is_bot && row.is_bot,
		.scopes = SCOPE_JOB,
		.job = { row.id },
		.job_sha = row.sha,
		.only_project = { row.project_id },
		.ip = ip,
	};
	return 0;
}
