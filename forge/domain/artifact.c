#include "domain/artifact.h"

#include "ci/duration.h"
#include "domain/audit.h"
#include "secret/secret.h"
#include "store/db.h"

#include "q/artifact.h"

#define FILENAME_MAX_BYTES 255

/* What a runner may send: type and the format it has (gitlab-compat 2.10). */
static const struct {
	const char *type;
	const char *format;
} kinds[] = {
	{ "archive", "zip" },
	{ "metadata", "gzip" },
	{ "junit", "gzip" },
	{ "dotenv", "gzip" },
	{ "cobertura", "gzip" },
	{ "jacoco", "gzip" },
	{ "metrics", "gzip" },
	{ "cyclonedx", "gzip" },
	{ "annotations", "gzip" },
	{ "repository_xray", "gzip" },
	{ "lsif", "zip" },
	{ "codequality", "raw" },
	{ "accessibility", "raw" },
	{ "terraform", "raw" },
	{ "sast", "raw" },
	{ "secret_detection", "raw" },
	{ "dependency_scanning", "raw" },
	{ "container_scanning", "raw" },
	{ "dast", "raw" },
	{ "performance", "raw" },
	{ "browser_performance", "raw" },
	{ "load_performance", "raw" },
	{ "requirements", "raw" },
	{ "api_fuzzing", "raw" },
	{ "coverage_fuzzing", "raw" },
	{ "cluster_image_scanning", "raw" },
	{ "license_scanning", "raw" },
};

static struct str type_of(const struct artifact_upload *upload)
{
	return str_is_empty(upload->type) ? STR("archive") : upload->type;
}

static struct str format_of(const struct artifact_upload *upload)
{
	return str_is_empty(upload->format) ? STR("zip") : upload->format;
}

static int check_kind(const struct artifact_upload *upload, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!str_eq_c(type_of(upload), kinds[i].type))
			continue;
		if (str_eq_c(format_of(upload), kinds[i].format))
			return 0;
		return err_set(e, ERR_INVALID, "Artifacts of type %s come as %s.", kinds[i].type,
			       kinds[i].format);
	}
	return err_set(e, ERR_INVALID, "artifact_type does not have a valid value");
}

/* *seconds 0: never. */
static int read_expiry(struct str text, int64_t otherwise, int64_t *seconds, struct err *e)
{
	*seconds = otherwise;
	if (str_is_empty(text))
		return 0;
	*seconds = 0;
	if (str_eq_c(text, "never") || ci_duration_parse(text, seconds))
		return 0;
	return err_set(e, ERR_INVALID, "expire_in does not have a valid value");
}

/* What came as a path is cut to its last part: it is a name to show, nothing is opened by it. */
static struct str clean_filename(const struct artifact_upload *upload)
{
	struct str name = upload->filename;
	size_t slash = str_find_last(name, '/');

	if (slash < name.n)
		name = str_from(name, slash + 1);
	if (str_is_empty(name) || name.n > FILENAME_MAX_BYTES || !str_is_utf8_text(name))
		return str_eq_c(format_of(upload), "zip") ? STR("artifacts.zip") : STR("report");
	return name;
}

/* ------------------------------------------------------------------------- uploading */

static int check_held(const struct job_held *held, struct err *e)
{
	if (held->standing == JOB_HELD)
		return 0;
	return err_set(e, ERR_FORBIDDEN,
		       held->standing == JOB_UNKNOWN
			       ? "This token is not that of the job."
			       : "The job is over; artifacts can be sent only while it runs.");
}

int artifact_check_upload(struct db *db, const struct artifact_upload *upload, struct arena *a,
			  struct job_held *held, struct err *e)
{
	int64_t seconds;

	if (job_heartbeat(db, upload->job, upload->token, a, held, e) < 0 ||
	    check_held(held, e) < 0 || check_kind(upload, e) < 0)
		return -(int)e->code;
	return read_expiry(upload->expire_in, 0, &seconds, e);
}

struct adding {
	const struct artifact_upload *upload;
	struct blob_writer *writer;
	const struct blob_made *made;
	int64_t expire_seconds;
	struct arena *arena;
	bool was_there;
	struct str other; /* bytes of this type that were there */
};

static int find_other(struct db *db, struct adding *x, struct err *e)
{
	struct q_artifact_of_type_row row = { 0 };

	if (q_artifact_of_type(db,
			       &(struct q_artifact_of_type_in){ .job_id = x->upload->job.v,
								.type = type_of(x->upload) },
			       x->arena, &row, &x->was_there, e) < 0)
		return -(int)e->code;
	x->other = row.sha256;
	return 0;
}

/* Blob, file, link: with the blob's row locked from the first on. */
static int add(struct db *db, void *closure, struct err *e)
{
	struct adding *x = closure;
	struct q_artifact_add_row row;
	bool found;

	if (find_other(db, x, e) < 0)
		return -(int)e->code;
	if (x->was_there)
		return 0;
	if (q_blob_link(db,
			&(struct q_blob_link_in){ .sha256 = x->made->sha256,
						  .size = (int64_t)x->made->size },
			NULL, e) < 0 ||
	    blob_writer_keep(x->writer, e) < 0 ||
	    q_artifact_add(db,
			   &(struct q_artifact_add_in){
				   .job_id = x->upload->job.v,
				   .token_sha256 = secret_sha256_bytes(x->arena, x->upload->token),
				   .type = type_of(x->upload),
				   .format = format_of(x->upload),
				   .filename = clean_filename(x->upload),
				   .size = (int64_t)x->made->size,
				   .sha256 = x->made->sha256,
				   .has_expire_seconds = x->expire_seconds > 0,
				   .expire_seconds = x->expire_seconds },
			   x->arena, &row, &found, e) < 0)
		return -(int)e->code;
	if (found)
		return 0;
	/* Two uploads of the same at once, or the job ended since it was asked. */
	if (find_other(db, x, e) < 0)
		return -(int)e->code;
	return x->was_there ? 0 : check_held(&(struct job_held){ .standing = JOB_STALE }, e);
}

int artifact_add(struct db *db, const struct artifact_upload *upload, struct blob_writer *writer,
		 const struct blob_made *made, int64_t default_expire, struct arena *a,
		 struct job_held *held, struct err *e)
{
	struct adding x = { .upload = upload, .writer = writer, .made = made, .arena = a };

	if (artifact_check_upload(db, upload, a, held, e) < 0 ||
	    read_expiry(upload->expire_in, default_expire, &x.expire_seconds, e) < 0 ||
	    db_transaction(db, add, &x, e) < 0)
		return -(int)e->code;
	if (x.was_there && !str_eq(x.other, made->sha256))
		return err_set(e, ERR_INVALID,
			       "This job has other artifacts of type %.*s already; each type is "
			       "sent once.",
			       STR_FMT(type_of(upload)));
	return 0;
}

/* ------------------------------------------------------------------------- other jobs */

int artifact_get_for_job(struct db *db, struct job_id job, struct str token, struct arena *a,
			 struct artifact *artifact, struct err *e)
{
	struct q_artifact_reader_row row = { 0 };
	bool found;

	if (q_artifact_reader(
		    db,
		    &(struct q_artifact_reader_in){ .token_sha256 = secret_sha256_bytes(a, token),
						    .job_id = job.v },
		    a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_FORBIDDEN,
			       "This needs the token of a running job of the same project.");
	return artifact_get(db, (struct project_id){ row.project_id }, job, STR("archive"), a,
			    artifact, e);
}

int artifact_list_for_job(struct db *db, struct job_id job, struct arena *a,
			  struct artifact_dependencies *list, struct err *e)
{
	struct q_artifact_for_job_row *rows;
	size_t count;

	if (q_artifact_for_job(db, &(struct q_artifact_for_job_in){ job.v }, a, &rows, &count, e) <
	    0)
		return -(int)e->code;
	list->items = ARENA_ARRAY(a, struct artifact_dependency, count + 1);
	list->count = count;
	for (size_t i = 0; i < count; i++) {
		const struct q_artifact_for_job_row *row = &rows[i];
		bool is_gone = row->has_archive && row->is_gone;

		list->items[i] = (struct artifact_dependency){
			.job = { row->job_id },
			.name = row->name,
			.filename = is_gone ? STR_NONE : row->filename,
			.size = row->has_size ? (uint64_t)row->size : 0,
			.is_gone = is_gone,
		};
	}
	return 0;
}

/* ------------------------------------------------------------------------- reading */

int artifact_list(struct db *db, struct project_id project, struct job_id job, struct arena *a,
		  struct artifacts *list, struct err *e)
{
	struct q_artifact_list_row *rows;
	size_t count;

	if (q_artifact_list(
		    db, &(struct q_artifact_list_in){ .project_id = project.v, .job_id = job.v }, a,
		    &rows, &count, e) < 0)
		return -(int)e->code;
	list->items = ARENA_ARRAY(a, struct artifact, count + 1);
	list->count = count;
	for (size_t i = 0; i < count; i++)
		list->items[i] = (struct artifact){
			.job = job,
			.type = rows[i].type,
			.format = rows[i].format,
			.filename = rows[i].filename,
			.size = (uint64_t)rows[i].size,
			.sha256 = rows[i].sha256,
			.created_at = rows[i].created_at,
			.expires = rows[i].has_expires_at,
			.expires_at = rows[i].expires_at,
		};
	return 0;
}

int artifact_get(struct db *db, struct project_id project, struct job_id job, struct str type,
		 struct arena *a, struct artifact *artifact, struct err *e)
{
	struct q_artifact_get_row row = { 0 };
	bool found;

	if (q_artifact_get(db,
			   &(struct q_artifact_get_in){
				   .project_id = project.v, .job_id = job.v, .type = type },
			   a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "This job left no artifacts.");
	if (str_is_none(row.sha256))
		return err_set(e, ERR_NOT_FOUND,
			       "The artifacts of this job expired or were removed. Retry the job "
			       "to make them again.");
	*artifact = (struct artifact){
		.job = job,
		.type = type,
		.format = row.format,
		.filename = row.filename,
		.size = (uint64_t)row.size,
		.sha256 = row.sha256,
		.created_at = row.created_at,
		.expires = row.has_expires_at,
		.expires_at = row.expires_at,
	};
	return 0;
}

int artifact_get_latest(struct db *db, struct project_id project, struct str ref_name,
			struct str job_name, struct arena *a, struct artifact *artifact,
			struct err *e)
{
	struct q_artifact_latest_row row = { 0 };
	bool found;

	if (q_artifact_latest(db,
			      &(struct q_artifact_latest_in){
				      .project_id = project.v,
				      .branch = arena_fmt(a, "refs/heads/%.*s", STR_FMT(ref_name)),
				      .tag = arena_fmt(a, "refs/tags/%.*s", STR_FMT(ref_name)),
				      .job_name = job_name },
			      a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND,
			       "No successful pipeline of %.*s has artifacts of a job `%.*s`.",
			       STR_FMT(ref_name), STR_FMT(job_name));
	return artifact_get(db, project, (struct job_id){ row.job_id }, STR("archive"), a, artifact,
			    e);
}

/* ------------------------------------------------------------------------- changing */

struct changing {
	const struct actor *actor;
	struct project_id project;
	struct job_id job;
	int64_t count;
};

static int record(struct db *db, const struct changing *c, const char *act, struct err *e)
{
	return audit_record(db, c->actor,
			    &(struct audit_event){ .act = act,
						   .object_kind = "job",
						   .object_id = c->job.v,
						   .object = STR(""),
						   .project = c->project },
			    e);
}

static int keep(struct db *db, void *closure, struct err *e)
{
	struct changing *c = closure;

	if (q_artifact_keep(
		    db,
		    &(struct q_artifact_keep_in){ .project_id = c->project.v, .job_id = c->job.v },
		    &c->count, e) < 0)
		return -(int)e->code;
	if (c->count == 0)
		return err_set(e, ERR_NOT_FOUND, "This job has no artifacts to keep.");
	return record(db, c, "artifact.keep", e);
}

int artifact_keep(struct db *db, const struct actor *actor, struct project_id project,
		  struct job_id job, struct err *e)
{
	struct changing c = { .actor = actor, .project = project, .job = job };

	return db_transaction(db, keep, &c, e);
}

static int remove_artifacts(struct db *db, void *closure, struct err *e)
{
	struct changing *c = closure;

	if (q_artifact_remove(db,
			      &(struct q_artifact_remove_in){ .project_id = c->project.v,
							      .has_job_id = c->job.v != 0,
							      .job_id = c->job.v },
			      &c->count, e) < 0)
		return -(int)e->code;
	return c->count == 0 ? 0 : record(db, c, "artifact.remove", e);
}

int artifact_remove(struct db *db, const struct actor *actor, struct project_id project,
		    struct job_id job, int64_t *count, struct err *e)
{
	struct changing c = { .actor = actor, .project = project, .job = job };

	if (db_transaction(db, remove_artifacts, &c, e) < 0)
		return -(int)e->code;
	*count = c.count;
	return 0;
}
