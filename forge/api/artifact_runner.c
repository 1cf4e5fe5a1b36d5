/*
 * Artifacts from and to runners (gitlab-compat 1.8). The upload is multipart of
 * unknown length; its part `file` goes into a blob as it comes. The token is
 * asked for before the first byte, and again when all is there: a job that was
 * taken away meanwhile leaves nothing.
 */
#include "api/api.h"

#include "http/multipart.h"
#include "request_artifact.h"

/* Framing and small fields beside the file. */
#define BODY_ROOM (1u << 20)
#define FIELDS_MAX 65536

struct receiving {
	struct request *rq;
	struct artifact_upload upload;
	struct multipart *multipart;
	struct blob_writer *writer;
	bool is_in_file;
	bool has_file;
	size_t others; /* bytes of other fields, which nobody reads */
};

static struct str job_token(const struct request *rq)
{
	struct str token = http_header(&rq->http->head, "JOB-TOKEN");

	return str_is_empty(token) ? request_query(rq, "job_token") : token;
}

/* GitLab answers unknown jobs with 403, not 404: the token is not that job's. */
static int job_of_path(const struct request *rq, struct job_id *id, struct err *e)
{
	if (str_to_i64(request_param(rq, "job"), &id->v) && id->v > 0 &&
	    !str_is_empty(job_token(rq)))
		return 0;
	return err_set(e, ERR_FORBIDDEN, "This needs the token of a running job (JOB-TOKEN).");
}

/* ---- the body ---- */

static int begin_part(void *closure, const struct multipart_part *part, struct err *e)
{
	struct receiving *r = closure;

	r->is_in_file = str_eq_c(part->name, "file") && !r->has_file;
	if (!r->is_in_file)
		return 0;
	r->has_file = true;
	r->upload.filename = arena_str(r->rq->arena, part->filename);
	return blob_writer_open(request_blob_folder(r->rq),
				(uint64_t)r->rq->app->config->max_artifact_bytes, &r->writer, e);
}

static int take_part(void *closure, struct str bytes, struct err *e)
{
	struct receiving *r = closure;

	if (r->is_in_file)
		return blob_writer_add(r->writer, bytes, e);
	r->others += bytes.n;
	return r->others <= FIELDS_MAX
		       ? 0
		       : err_set(e, ERR_TOO_LARGE, "The artifacts belong in the part `file`.");
}

static int end_part(void *closure, struct err *e UNUSED)
{
	struct receiving *r = closure;

	r->is_in_file = false;
	return 0;
}

static int take_body(void *closure, struct str bytes, struct err *e)
{
	struct receiving *r = closure;

	return multipart_write(r->multipart, bytes, e);
}

static void close_receiving(void *object)
{
	struct receiving *r = object;

	multipart_close(r->multipart);
	blob_writer_close(r->writer);
}

/* ---- upload ---- */

static int answer(struct request *rq, const struct artifact_upload *upload, uint64_t size,
		  struct err *e)
{
	struct jsonw *w = request_jsonw(rq);

	jsonw_object(w);
	jsonw_field_int(w, "id", upload->job.v);
	jsonw_field_str(w, "file_type", str_is_empty(upload->type) ? STR("archive") : upload->type);
	jsonw_field_int(w, "size", (int64_t)size);
	jsonw_end(w);
	return request_send_json(rq, 201, e);
}

static int finish_upload(struct request *rq, struct err *e)
{
	struct receiving *r = rq->state;
	struct blob_made made;
	struct job_held held;
	struct db *db = NULL;

	if (rq->http->body.failed) {
		*e = rq->http->body.failure;
		return -(int)e->code;
	}
	if (multipart_finish(r->multipart, e) < 0)
		return -(int)e->code;
	if (!r->has_file)
		return err_set(e, ERR_INVALID, "file is missing");
	if (blob_writer_end(r->writer, rq->arena, &made, e) < 0 || request_db(rq, &db, e) < 0 ||
	    artifact_add(db, &r->upload, r->writer, &made, rq->app->config->artifact_expire_in,
			 rq->arena, &held, e) < 0)
		return -(int)e->code;
	return answer(rq, &r->upload, made.size, e);
}

int api_artifact_upload(struct request *rq, struct err *e)
{
	struct receiving *r = ARENA_NEW(rq->arena, struct receiving);
	const struct multipart_taker taker = { begin_part, take_part, end_part, r };
	struct str boundary = multipart_boundary(http_header(&rq->http->head, "Content-Type"));
	struct job_held held;
	struct db *db = NULL;

	r->rq = rq;
	r->upload = (struct artifact_upload){
		.token = job_token(rq),
		.type = request_query(rq, "artifact_type"),
		.format = request_query(rq, "artifact_format"),
		.expire_in = request_query(rq, "expire_in"),
	};
	if (job_of_path(rq, &r->upload.job, e) < 0 || request_db(rq, &db, e) < 0 ||
	    artifact_check_upload(db, &r->upload, rq->arena, &held, e) < 0)
		return -(int)e->code;
	if (str_is_none(boundary))
		return err_set(e, ERR_INVALID,
			       "Send the artifacts as multipart/form-data with a part `file`.");
	r->multipart = multipart_open(boundary, &taker);
	arena_link(rq->arena, close_receiving, r);
	rq->state = r;
	rq->http->body.limit = (uint64_t)rq->app->config->max_artifact_bytes + BODY_ROOM;
	rq->http->body.sink = take_body;
	rq->http->body.closure = r;
	rq->finish = finish_upload;
	return 0;
}

/* ---- download ---- */

int api_artifact_download(struct request *rq, struct err *e)
{
	struct artifact artifact;
	struct job_id job;
	struct db *db = NULL;

	if (job_of_path(rq, &job, e) < 0 || request_db(rq, &db, e) < 0 ||
	    artifact_get_for_job(db, job, job_token(rq), rq->arena, &artifact, e) < 0)
		return -(int)e->code;
	return request_send_artifact(rq, &artifact, e);
}
