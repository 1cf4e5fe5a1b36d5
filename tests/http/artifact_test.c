/* Artifacts through the doors of the API: the runner's by job token, people's by their rights. */
#include "support/pipeline.h"
#include "support/web.h"

#include "archive/zip.h"
#include "base/fs.h"
#include "domain/artifact.h"

#include <fcntl.h>
#include <unistd.h>

#define BOUNDARY "----x"
#define TYPE "multipart/form-data; boundary=" BOUNDARY

static const char file[] = "stages: [build, test]\n"
			   "build: {stage: build, script: [make], artifacts: {paths: [out]}}\n"
			   "test: {script: [make check]}\n";

struct fixture {
	struct test_web *w;
	struct actor ann;
	struct project_id project;
	struct runner runner;
	struct job_claimed build;
};

static struct fixture open_fixture(void)
{
	struct fixture f = { .w = test_web_open(NULL) };

	f.ann = domain_user(f.w->world, "ann");
	f.project = domain_project(f.w->world, "team/app", &f.ann, VISIBILITY_PRIVATE);
	f.runner = test_runner(f.w->world, (struct runner_new){ .run_untagged = true });
	test_pipeline(f.w->world, f.project, "main", file);
	f.build = test_job_claim(f.w->world, &f.runner);
	return f;
}

static const char *part(struct fixture *f, const char *name, const char *bytes)
{
	return arena_strf(f->w->arena,
			  "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"; "
			  "filename=\"out.zip\"\r\n\r\n%s\r\n--" BOUNDARY "--\r\n",
			  name, bytes);
}

static struct test_answer upload(struct fixture *f, const char *token, const char *query,
				 const char *body)
{
	const struct test_ask ask = {
		.method = HTTP_POST,
		.target = arena_strf(f->w->arena, "/api/v4/jobs/%lld/artifacts%s",
				     (long long)f->build.id.v, query),
		.headers = { "JOB-TOKEN", token },
		.body = body,
		.body_type = TYPE,
	};

	return test_web_ask(f->w, &ask);
}

static struct test_answer download(struct fixture *f, const char *token)
{
	const struct test_ask ask = {
		.target = arena_strf(f->w->arena, "/api/v4/jobs/%lld/artifacts",
				     (long long)f->build.id.v),
		.headers = { "JOB-TOKEN", token },
	};

	return test_web_ask(f->w, &ask);
}

static const char *token_of(struct fixture *f, const struct job_claimed *job)
{
	return arena_cstr(f->w->arena, job->token);
}

static void a_runner_sends_artifacts_and_another_job_gets_them(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_answer a;
	struct job_claimed test;

	a = upload(&f, token_of(&f, &f.build), "?artifact_type=archive&artifact_format=zip",
		   part(&f, "file", "bytes"));
	check_int(a.status, 201);
	check_int(upload(&f, token_of(&f, &f.build), "", part(&f, "file", "bytes")).status, 201);
	check_int(upload(&f, token_of(&f, &f.build), "", part(&f, "file", "others")).status, 400);
	test_job_end(f.w->world, &f.build, true);
	test = test_job_claim(f.w->world, &f.runner);
	a = download(&f, token_of(&f, &test));
	check_int(a.status, 200);
	check_int(a.response->kind, HTTP_FILE);
	check_int(a.response->size, 5);
	check_true(str_starts(test_answer_header(&a, "Content-Disposition"), STR("attachment")));
	test_web_close(f.w);
}

static void what_is_no_upload_of_this_job_is_refused(void **state UNUSED)
{
	struct fixture f = open_fixture();
	const char *token = token_of(&f, &f.build);

	check_int(upload(&f, "glcbt-nobodys", "", part(&f, "file", "x")).status, 403);
	check_int(upload(&f, "", "", part(&f, "file", "x")).status, 403);
	check_int(upload(&f, token, "?artifact_type=virus", part(&f, "file", "x")).status, 400);
	check_int(upload(&f, token, "?expire_in=soon", part(&f, "file", "x")).status, 400);
	check_int(upload(&f, token, "", part(&f, "other", "x")).status, 400);
	check_int(upload(&f, token, "", "--" BOUNDARY "\r\nhalf").status, 400);
	f.w->config.max_artifact_bytes = 3;
	check_int(upload(&f, token, "", part(&f, "file", "1234")).status, 413);
	check_int(download(&f, token).status, 404);
	check_int(test_database_number(f.w->world->database, "SELECT count(*) FROM blob"), 0);
	test_job_end(f.w->world, &f.build, true);
	check_int(upload(&f, token, "", part(&f, "file", "1")).status, 403);
	check_int(download(&f, token).status, 403);
	test_web_close(f.w);
}

/* ---- people's door ---- */

static void add(struct zip_writer *w, const char *path, const char *bytes)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	struct err e = { 0 };

	check_ok(fs_write_all(fd, str_c(bytes), &e), &e);
	check_int(lseek(fd, 0, SEEK_SET), 0);
	check_ok(zip_add_file(w, path, fd, (int64_t)strlen(bytes), 0644, 1000000000, &e), &e);
	close(fd);
}

static struct str zip_bytes(struct fixture *f)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	struct zip_writer *w;
	struct err e = { 0 };
	off_t size;
	char *bytes;

	check_ok(zip_writer_open(fd, &w, &e), &e);
	add(w, "out/report.html", "<script>alert(1)</script>\n");
	add(w, "out/deep/a.txt", "first\nsecond\n");
	add(w, "out/empty", "");
	check_ok(zip_writer_close(w, &e), &e);
	size = lseek(fd, 0, SEEK_END);
	bytes = arena_alloc(f->w->arena, (size_t)size);
	check_int(pread(fd, bytes, (size_t)size, 0), size);
	close(fd);
	return str_n(bytes, (size_t)size);
}

/* The job leaves the zip, and its pipeline comes to a good end. */
static void given_artifacts(struct fixture *f)
{
	struct artifact_upload up = { .job = f->build.id,
				      .token = f->build.token,
				      .filename = STR("out.zip") };
	struct str bytes = zip_bytes(f);
	struct blob_writer *w;
	struct blob_made made;
	struct job_held held;
	struct err e = { 0 };

	check_ok(blob_writer_open(arena_strf(f->w->arena, "%s/blobs", f->w->app.data), bytes.n, &w,
				  &e),
		 &e);
	check_ok(blob_writer_add(w, bytes, &e), &e);
	check_ok(blob_writer_end(w, f->w->arena, &made, &e), &e);
	check_ok(artifact_add(f->w->world->db, &up, w, &made, 3600, f->w->arena, &held, &e), &e);
	blob_writer_close(w);
	test_job_end(f->w->world, &f->build, true);
	test_job_run(f->w->world, &f->runner, true);
}

static struct test_answer get(struct fixture *f, const char *token, const char *format)
{
	const char *id = arena_strf(f->w->arena, "%lld", (long long)f->build.id.v);
	const char *at = strstr(format, "ID");
	const char *target =
		at ? arena_strf(f->w->arena, "%.*s%s%s", (int)(at - format), format, id, at + 2)
		   : format;

	return test_web_get(f->w, target, token);
}

static bool has(const struct test_answer *a, const char *text)
{
	return str_find_str(a->body, str_c(text)) < a->body.n;
}

static void people_browse_what_a_job_left(void **state UNUSED)
{
	struct fixture f = open_fixture();
	const char *ann = test_web_token(f.w, &f.ann, SCOPE_API);
	struct test_answer a;

	given_artifacts(&f);
	a = get(&f, ann, "/team/app/-/jobs/ID/artifacts/browse");
	check_int(a.status, 200);
	check_true(has(&a, "/artifacts/browse/out\""));
	a = get(&f, ann, "/team/app/-/jobs/ID/artifacts/browse/out");
	check_true(has(&a, "/artifacts/file/out/report.html\"") && has(&a, "browse/out/deep\""));
	check_int(get(&f, ann, "/team/app/-/jobs/ID/artifacts/browse/nowhere").status, 404);
	a = get(&f, ann, "/team/app/-/jobs/ID/artifacts/file/out/deep/a.txt");
	check_true(has(&a, "<span>second</span>"));
	a = get(&f, ann, "/team/app/-/jobs/ID/artifacts/file/out/report.html");
	check_true(has(&a, "&lt;script&gt;") && !has(&a, "<script>alert"));
	check_int(get(&f, ann, "/team/app/-/jobs/ID/artifacts/file/out/empty").status, 200);
	check_int(get(&f, ann, "/team/app/-/jobs/ID/artifacts/file/out").status, 404);
	check_int(get(&f, ann, "/team/app/-/jobs/ID/artifacts/download").status, 200);
	a = get(&f, ann, "/team/app/-/jobs/artifacts/main/browse?job=build");
	check_int(a.status, 303);
	check_int(get(&f, ann, "/team/app/-/jobs/artifacts/main/download?job=test").status, 404);
	test_web_close(f.w);
}

static void a_page_of_a_job_is_never_active_content(void **state UNUSED)
{
	struct fixture f = open_fixture();
	const char *ann = test_web_token(f.w, &f.ann, SCOPE_API);
	struct test_answer a;
	struct str policy;

	given_artifacts(&f);
	a = get(&f, ann, "/team/app/-/jobs/ID/artifacts/raw/out/report.html");
	check_int(a.status, 200);
	check_str(test_answer_header(&a, "Content-Type"), "text/plain; charset=utf-8");
	check_str(test_answer_header(&a, "X-Content-Type-Options"), "nosniff");
	policy = test_answer_header(&a, "Content-Security-Policy");
	check_true(str_ends(policy, STR("sandbox")));
	a = get(&f, ann, "/api/v4/projects/team%2Fapp/jobs/ID/artifacts/out/report.html");
	check_str(test_answer_header(&a, "Content-Type"), "text/plain; charset=utf-8");
	check_true(str_starts(test_answer_header(&a, "Content-Disposition"), STR("attachment")));
	test_web_close(f.w);
}

static void programs_get_keep_and_remove_artifacts(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct actor eve = domain_user(f.w->world, "eve");
	const char *ann = test_web_token(f.w, &f.ann, SCOPE_API);
	const char *stranger = test_web_token(f.w, &eve, SCOPE_API);
	const char *keep =
		arena_strf(f.w->arena, "/api/v4/projects/team%%2Fapp/jobs/%lld/artifacts/keep",
			   (long long)f.build.id.v);
	const struct test_ask gone = { .method = HTTP_DELETE,
				       .target = arena_strf(f.w->arena,
							    "/api/v4/projects/team%%2Fapp/jobs/"
							    "%lld/artifacts",
							    (long long)f.build.id.v),
				       .token = ann };

	given_artifacts(&f);
	check_int(get(&f, ann, "/api/v4/projects/team%2Fapp/jobs/ID/artifacts").status, 200);
	check_int(get(&f, stranger, "/api/v4/projects/team%2Fapp/jobs/ID/artifacts").status, 404);
	check_int(get(&f, ann, "/api/v4/projects/team%2Fapp/jobs/artifacts/main/download?job=build")
			  .status,
		  200);
	check_int(
		get(&f, ann,
		    "/api/v4/projects/team%2Fapp/jobs/artifacts/main/raw/out/deep/a.txt?job=build")
			.status,
		200);
	check_int(get(&f, ann, "/api/v4/projects/team%2Fapp/jobs/artifacts/main/download").status,
		  400);
	check_int(get(&f, ann, "/api/v4/projects/team%2Fapp/jobs/artifacts/x/download?job=build")
			  .status,
		  404);
	check_int(test_web_post(f.w, keep, ann, "").status, 200);
	check_int(test_database_number(f.w->world->database,
				       "SELECT count(*) FROM artifact WHERE expires_at IS NULL"),
		  1);
	check_int(test_web_ask(f.w, &gone).status, 204);
	check_int(test_web_ask(f.w, &gone).status, 404);
	check_int(get(&f, ann, "/api/v4/projects/team%2Fapp/jobs/ID/artifacts").status, 404);
	check_int(get(&f, ann, "/team/app/-/jobs/ID/artifacts/browse").status, 404);
	test_web_close(f.w);
}

static int act(struct fixture *f, const char *token, const char *what)
{
	return test_web_post(f->w,
			     arena_strf(f->w->arena, "/team/app/-/jobs/%lld/artifacts/%s",
					(long long)f->build.id.v, what),
			     token, "")
		.status;
}

static void developers_keep_and_maintainers_remove_by_the_page(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct actor bob = domain_user(f.w->world, "bob");
	const char *ann = test_web_token(f.w, &f.ann, SCOPE_API);
	const char *developer = test_web_token(f.w, &bob, SCOPE_API);
	struct test_answer a;

	domain_member(f.w->world, (struct member_place){ .project = f.project }, &bob,
		      LEVEL_DEVELOPER);
	given_artifacts(&f);
	a = get(&f, developer, "/team/app/-/jobs/ID");
	check_true(has(&a, "/artifacts/keep\"") && !has(&a, "/artifacts/remove\""));
	check_int(act(&f, developer, "keep"), 303);
	check_int(act(&f, developer, "remove"), 403);
	a = get(&f, ann, "/team/app/-/jobs/ID");
	check_true(!has(&a, "/artifacts/keep\"") && has(&a, "/artifacts/remove\""));
	check_int(act(&f, ann, "remove"), 303);
	check_int(act(&f, ann, "remove"), 409);
	a = get(&f, ann, "/team/app/-/jobs/ID");
	check_true(has(&a, "expired or removed"));
	test_web_close(f.w);
}

RUN_TESTS(TEST(a_runner_sends_artifacts_and_another_job_gets_them),
	  TEST(what_is_no_upload_of_this_job_is_refused), TEST(people_browse_what_a_job_left),
	  TEST(a_page_of_a_job_is_never_active_content),
	  TEST(programs_get_keep_and_remove_artifacts),
	  TEST(developers_keep_and_maintainers_remove_by_the_page))
