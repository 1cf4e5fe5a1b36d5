/* Artifacts and their blobs: by token, once a type, until they expire. */
#include "support/check.h"
#include "support/pipeline.h"

#include "base/fs.h"
#include "domain/artifact.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct world {
	struct domain *w;
	struct db *db;
	struct arena *a;
	struct actor ann;
	struct project_id project;
	struct runner runner;
	char blobs[64];
};

static struct world *open_world(void)
{
	struct world *x = test_malloc(sizeof(*x));

	*x = (struct world){ .w = domain_open() };
	test_folder(x->blobs, sizeof(x->blobs), "hearth-artifact");
	x->db = x->w->db;
	x->a = x->w->a;
	x->ann = domain_user(x->w, "ann");
	x->project = domain_project(x->w, "ann/site", &x->ann, VISIBILITY_PRIVATE);
	x->runner = test_runner(x->w, (struct runner_new){ .run_untagged = true });
	return x;
}

static void close_world(struct world *x)
{
	struct err e = { 0 };

	check_ok(fs_remove_tree(x->blobs, &e), &e);
	domain_close(x->w);
	test_free(x);
}

static const char two[] = "stages: [build, test]\n"
			  "build: {stage: build, script: [make], artifacts: {paths: [out]}}\n"
			  "test: {script: [make check]}\n";

static struct job_claimed claimed(struct world *x)
{
	return test_job_claim(x->w, &x->runner);
}

static struct job_claimed running_build(struct world *x)
{
	test_pipeline(x->w, x->project, "main", two);
	return claimed(x);
}

static void finished(struct world *x, const struct job_claimed *job)
{
	test_job_end(x->w, job, true);
}

static struct artifact_upload upload_of(const struct job_claimed *job)
{
	return (struct artifact_upload){ .job = job->id,
					 .token = job->token,
					 .filename = STR("a/b/out.zip") };
}

static int sent(struct world *x, const struct artifact_upload *upload, const char *bytes,
		struct err *e)
{
	struct blob_writer *w;
	struct blob_made made;
	struct job_held held;
	struct err own = { 0 };
	int result;

	check_ok(blob_writer_open(x->blobs, 1000, &w, &own), &own);
	check_ok(blob_writer_add(w, str_c(bytes), &own), &own);
	check_ok(blob_writer_end(w, x->a, &made, &own), &own);
	result = artifact_add(x->db, upload, w, &made, 3600, x->a, &held, e);
	blob_writer_close(w);
	return result;
}

static void a_running_job_leaves_artifacts_for_the_next(void **state UNUSED)
{
	struct world *x = open_world();
	struct job_claimed build = running_build(x), test;
	struct artifact_upload upload = upload_of(&build);
	struct artifact_dependencies list;
	struct artifact artifact;
	struct err e = { 0 };

	check_ok(sent(x, &upload, "zip", &e), &e);
	check_ok(sent(x, &upload, "zip", &e), &e);
	check_err(sent(x, &upload, "other", &e), &e, ERR_INVALID, "each type is sent once");
	finished(x, &build);
	test = claimed(x);
	check_ok(artifact_list_for_job(x->db, test.id, x->a, &list, &e), &e);
	check_int(list.count, 1);
	check_str(list.items[0].name, "build");
	check_str(list.items[0].filename, "out.zip");
	check_int(list.items[0].size, 3);
	check_ok(artifact_get_for_job(x->db, build.id, test.token, x->a, &artifact, &e), &e);
	check_int(artifact.size, 3);
	check_true(artifact.expires);
	check_err(artifact_get_latest(x->db, x->project, STR("main"), STR("build"), x->a, &artifact,
				      &e),
		  &e, ERR_NOT_FOUND, "No successful pipeline of main");
	finished(x, &test);
	check_ok(artifact_get_latest(x->db, x->project, STR("main"), STR("build"), x->a, &artifact,
				     &e),
		 &e);
	close_world(x);
}

static void only_the_token_of_a_running_job_opens_the_door(void **state UNUSED)
{
	struct world *x = open_world();
	struct job_claimed build = running_build(x);
	struct artifact_upload upload = upload_of(&build);
	struct artifact artifact;
	struct err e = { 0 };

	upload.token = STR("glcbt-of-nobody");
	check_err(sent(x, &upload, "zip", &e), &e, ERR_FORBIDDEN, "not that of the job");
	upload = upload_of(&build);
	upload.type = STR("malware");
	check_err(sent(x, &upload, "zip", &e), &e, ERR_INVALID, "artifact_type");
	upload.type = STR("junit");
	check_err(sent(x, &upload, "zip", &e), &e, ERR_INVALID, "gzip");
	upload = upload_of(&build);
	upload.expire_in = STR("soon");
	check_err(sent(x, &upload, "zip", &e), &e, ERR_INVALID, "expire_in");
	upload = upload_of(&build);
	check_ok(sent(x, &upload, "zip", &e), &e);
	check_ok(artifact_get_for_job(x->db, build.id, build.token, x->a, &artifact, &e), &e);
	finished(x, &build);
	check_err(sent(x, &upload, "late", &e), &e, ERR_FORBIDDEN, "The job is over");
	check_err(artifact_get_for_job(x->db, build.id, build.token, x->a, &artifact, &e), &e,
		  ERR_FORBIDDEN, "running job");
	close_world(x);
}

static int64_t expire(struct world *x)
{
	struct err e = { 0 };
	int64_t removed;
	bool has_more;

	check_ok(artifact_expire(x->db, x->blobs, x->a, &removed, &has_more, &e), &e);
	return removed;
}

static void finish_pipeline(struct world *x, struct job_claimed *build)
{
	struct artifact_upload upload;
	struct job_claimed test;
	struct err e = { 0 };

	*build = running_build(x);
	upload = upload_of(build);
	check_ok(sent(x, &upload, "zip", &e), &e);
	finished(x, build);
	test = claimed(x);
	finished(x, &test);
}

static void artifacts_expire_but_the_latest_of_a_branch_stay(void **state UNUSED)
{
	struct world *x = open_world();
	struct job_claimed old, latest;
	struct artifact artifact;
	struct err e = { 0 };
	int fd;
	uint64_t size;

	finish_pipeline(x, &old);
	finish_pipeline(x, &latest);
	check_int(expire(x), 0);
	test_database_exec(x->w->database,
			   "UPDATE artifact SET expires_at = now() - interval '1 second'; "
			   "UPDATE blob SET created_at = now() - interval '2 hours'");
	check_int(expire(x), 1);
	check_err(artifact_get(x->db, x->project, old.id, STR("archive"), x->a, &artifact, &e), &e,
		  ERR_NOT_FOUND, "expired or were removed");
	check_ok(artifact_get(x->db, x->project, latest.id, STR("archive"), x->a, &artifact, &e),
		 &e);
	check_ok(blob_file_open(x->blobs, artifact.sha256, &fd, &size, &e), &e);
	close(fd);
	close_world(x);
}

static void what_may_be_deployed_again_stays(void **state UNUSED)
{
	struct world *x = open_world();
	struct job_claimed deployed, latest;
	struct artifact artifact;
	struct err e = { 0 };

	finish_pipeline(x, &deployed);
	finish_pipeline(x, &latest);
	test_database_exec(
		x->w->database,
		"UPDATE artifact SET expires_at = now() - interval '1 second'; "
		"INSERT INTO environment (project_id, name, slug, tier) "
		"SELECT id, 'production', 'production', 'production' FROM project; "
		"INSERT INTO deployment (project_id, iid, environment_id, pipeline_id, "
		"pipeline_number, ref, ref_name, is_tag, sha, kind, status, finished_at) "
		"SELECT n.project_id, 1, n.id, p.id, p.id, p.ref, p.ref_name, false, p.sha, "
		"'deploy', 'success', now() FROM environment n, pipeline p ORDER BY p.id LIMIT 1");
	check_int(expire(x), 0);
	check_ok(artifact_get(x->db, x->project, deployed.id, STR("archive"), x->a, &artifact, &e),
		 &e);
	test_database_exec(x->w->database, "UPDATE environment SET state = 'stopped'");
	check_int(expire(x), 1);
	close_world(x);
}

static void a_blob_goes_with_its_last_link(void **state UNUSED)
{
	struct world *x = open_world();
	struct job_claimed build;
	struct artifact artifact;
	struct err e = { 0 };
	int64_t count;
	uint64_t size;
	int fd;

	finish_pipeline(x, &build);
	check_ok(artifact_get(x->db, x->project, build.id, STR("archive"), x->a, &artifact, &e),
		 &e);
	check_ok(artifact_keep(x->db, &x->ann, x->project, build.id, &e), &e);
	check_ok(artifact_remove(x->db, &x->ann, x->project, build.id, &count, &e), &e);
	check_int(count, 1);
	check_err(artifact_keep(x->db, &x->ann, x->project, build.id, &e), &e, ERR_NOT_FOUND,
		  "no artifacts to keep");
	check_int(expire(x), 0); /* too young: somebody may link it again */
	test_database_exec(x->w->database,
			   "UPDATE blob SET created_at = now() - interval '2 hours'");
	check_int(expire(x), 1);
	check_err(blob_file_open(x->blobs, artifact.sha256, &fd, &size, &e), &e, ERR_NOT_FOUND,
		  "no longer");
	close_world(x);
}

static void a_file_without_a_row_is_found_and_removed(void **state UNUSED)
{
	struct world *x = open_world();
	const char *path = arena_strf(
		x->a, "%s/ba/7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		x->blobs);
	const struct timespec times[2] = { { .tv_sec = 1000000 }, { .tv_sec = 1000000 } };
	struct err e = { 0 };

	check_ok(fs_make_folder(arena_strf(x->a, "%s/ba", x->blobs), 0700, &e), &e);
	check_ok(fs_write_atomic(path, STR("abc"), 0600, &e), &e);
	check_int(utimensat(AT_FDCWD, path, times, 0), 0);
	check_ok(artifact_adopt_strays(x->db, x->blobs, 0xba, x->a, &e), &e);
	test_database_exec(x->w->database,
			   "UPDATE blob SET created_at = now() - interval '2 hours'");
	check_int(expire(x), 1);
	check_false(fs_exists(path));
	close_world(x);
}

RUN_TESTS(TEST(a_running_job_leaves_artifacts_for_the_next),
	  TEST(only_the_token_of_a_running_job_opens_the_door),
	  TEST(artifacts_expire_but_the_latest_of_a_branch_stay),
	  TEST(what_may_be_deployed_again_stays), TEST(a_blob_goes_with_its_last_link),
	  TEST(a_file_without_a_row_is_found_and_removed))
