#include "runner/forge_client.h"

#include "base/fs.h"
#include "base/jsonr.h"
#include "base/mem.h"
#include "runner/version.h"

#include <curl/curl.h>
#include <sys/stat.h>

#define CONNECT_SECONDS 15L
#define DEFAULT_SECONDS 60L
#define POLLED_MAX 32

struct forge_client {
	CURLM *multi;
	bool owns_multi;
	char *base; /* https://host/path/api/v4 */
};

struct forge_call {
	struct forge_client *client;
	CURL *easy;
	struct curl_slist *headers;
	curl_mime *mime;
	char *body;
	int upload;
	int download;
	struct err keeping; /* why what came could not be kept; no code: it could */
	struct forge_answer answer;
};

static char *base_of(const char *url)
{
	struct str s = str_c(url);
	struct buf b;
	char *base;

	while (str_ends(s, STR("/")))
		s.n--;
	if (str_ends(s, STR("/ci")))
		s.n -= 3;
	buf_init(&b, 4096);
	buf_addf(&b, "%.*s/api/v4", STR_FMT(s));
	base = mem_strdup(b.p);
	buf_fini(&b);
	return base;
}

static int open_client(CURLM *shared, const char *url, struct forge_client **client, struct err *e)
{
	struct forge_client *c;

	if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		return err_set(e, ERR_INVALID,
			       "the forge's URL must begin with http:// or https://");
	if (strlen(url) > 2048)
		return err_set(e, ERR_INVALID, "the forge's URL is too long");
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(e, ERR_INTERNAL, "curl_global_init failed");
	c = MEM_NEW(struct forge_client);
	c->owns_multi = shared == NULL;
	c->multi = shared ? shared : curl_multi_init();
	ASSERT(c->multi != NULL);
	c->base = base_of(url);
	*client = c;
	return 0;
}

int forge_client_open(const char *url, struct forge_client **client, struct err *e)
{
	return open_client(NULL, url, client, e);
}

int forge_client_open_beside(struct forge_client *first, const char *url,
			     struct forge_client **client, struct err *e)
{
	return open_client(first->multi, url, client, e);
}

void forge_client_close(struct forge_client *client)
{
	if (client == NULL)
		return;
	if (client->owns_multi)
		curl_multi_cleanup(client->multi);
	mem_free(client->base);
	mem_free(client);
}

/* ---------------------------------------------------------------------- callbacks */

static size_t on_body(char *bytes, size_t size, size_t count, void *closure)
{
	struct forge_call *call = closure;
	struct err e = { 0 };
	long status = 0;

	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	if (call->download >= 0 && status == 200) {
		if (fs_write_all(call->download, str_n(bytes, size * count), &e) == 0)
			return size * count;
		call->keeping = e;
		return 0;
	}
	buf_add_bytes(&call->answer.body, bytes, size * count);
	return call->answer.body.full ? 0 : size * count;
}

static void keep_header(struct str value, char *to, size_t room)
{
	if (!str_copy(to, room, value))
		to[0] = '\0';
}

static void keep_number(struct str value, int64_t *number)
{
	int64_t n;

	if (str_to_i64(value, &n) && n >= 0)
		*number = n;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *closure)
{
	struct forge_answer *answer = &((struct forge_call *)closure)->answer;
	struct str line = str_n(bytes, size * count);
	size_t colon = str_find(line, ':');
	struct str name = str_upto(line, colon);
	struct str value = str_trim(str_from(line, colon + 1));

	if (str_eq_nocase(name, STR("Job-Status")))
		keep_header(value, answer->job_status, sizeof(answer->job_status));
	else if (str_eq_nocase(name, STR("Range")))
		keep_header(value, answer->range, sizeof(answer->range));
	else if (str_eq_nocase(name, STR("X-GitLab-Last-Update")))
		keep_header(value, answer->last_update, sizeof(answer->last_update));
	else if (str_eq_nocase(name, STR("X-GitLab-Trace-Update-Interval")))
		keep_number(value, &answer->trace_interval);
	else if (str_eq_nocase(name, STR("Retry-After")))
		keep_number(value, &answer->retry_after);
	return size * count;
}

static size_t on_upload(char *bytes, size_t size, size_t count, void *closure)
{
	const struct forge_call *call = closure;
	ssize_t got = read(call->upload, bytes, size * count);

	return got < 0 ? CURL_READFUNC_ABORT : (size_t)got;
}

static int on_rewind(void *closure, curl_off_t offset, int origin)
{
	const struct forge_call *call = closure;

	return lseek(call->upload, offset, origin) < 0 ? CURL_SEEKFUNC_FAIL : CURL_SEEKFUNC_OK;
}

/* -------------------------------------------------------------------------- calls */

static void add_header(struct forge_call *call, const char *name, struct str value)
{
	struct buf b;

	buf_init(&b, 8192);
	buf_addf(&b, "%s: %.*s", name, STR_FMT(value));
	call->headers = curl_slist_append(call->headers, b.p);
	buf_fini(&b);
}

static void set_headers(struct forge_call *call, const struct forge_request *request)
{
	add_header(call, "Accept", STR("application/json"));
	/* curl would wait for a "100 Continue" before each trace. */
	call->headers = curl_slist_append(call->headers, "Expect:");
	if (!str_is_none(request->body))
		add_header(
			call, "Content-Type",
			str_c(request->content_type ? request->content_type : "application/json"));
	if (request->token_header)
		add_header(call, request->token_header, request->token);
	if (request->content_range)
		add_header(call, "Content-Range", str_c(request->content_range));
	curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
}

static int set_upload(struct forge_call *call, const struct forge_request *request, struct err *e)
{
	curl_mimepart *part;
	struct stat st;

	if (request->upload < 0)
		return 0;
	if (fstat(request->upload, &st) < 0)
		return err_set(e, ERR_INTERNAL, "the file to upload is gone");
	call->mime = curl_mime_init(call->easy);
	part = curl_mime_addpart(call->mime);
	curl_mime_name(part, "file");
	curl_mime_filename(part, request->upload_name);
	curl_mime_type(part, "application/octet-stream");
	curl_mime_data_cb(part, st.st_size, on_upload, on_rewind, NULL, call);
	curl_easy_setopt(call->easy, CURLOPT_MIMEPOST, call->mime);
	return 0;
}

static void set_body(struct forge_call *call, const struct forge_request *request)
{
	if (str_is_none(request->body))
		return;
	call->body = mem_alloc(request->body.n + 1);
	memcpy(call->body, request->body.p, request->body.n);
	curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n);
	curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, call->body);
}

static void set_options(struct forge_call *call, const struct forge_request *request)
{
	CURL *easy = call->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->answer.error);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, RUNNER_USER_AGENT);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_NETRC, CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION,
			 strcmp(request->method, "GET") == 0 ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_MAXREDIRS, 3L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT,
			 request->timeout ? request->timeout : DEFAULT_SECONDS);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
}

int forge_call_start(struct forge_client *client, const struct forge_request *request,
		     struct forge_call **call, struct err *e)
{
	struct forge_call *c = MEM_NEW(struct forge_call);
	struct buf url;

	c->client = client;
	c->upload = request->upload;
	c->download = request->download;
	buf_init(&c->answer.body, FORGE_ANSWER_MAX);
	c->easy = curl_easy_init();
	ASSERT(c->easy != NULL);
	buf_init(&url, 8192);
	buf_addf(&url, "%s%s", client->base, request->path);
	curl_easy_setopt(c->easy, CURLOPT_URL, url.p);
	buf_fini(&url);
	set_options(c, request);
	set_headers(c, request);
	set_body(c, request);
	if (set_upload(c, request, e) < 0) {
		forge_call_close(c);
		return -(int)e->code;
	}
	curl_easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, request->method);
	if (curl_multi_add_handle(client->multi, c->easy) != CURLM_OK) {
		forge_call_close(c);
		return err_set(e, ERR_INTERNAL, "curl_multi_add_handle failed");
	}
	*call = c;
	return 0;
}

const struct forge_answer *forge_call_answer(const struct forge_call *call)
{
	return &call->answer;
}

void forge_call_close(struct forge_call *call)
{
	if (call == NULL)
		return;
	curl_multi_remove_handle(call->client->multi, call->easy);
	curl_mime_free(call->mime);
	curl_easy_cleanup(call->easy);
	curl_slist_free_all(call->headers);
	buf_fini(&call->answer.body);
	mem_free(call->body);
	mem_free(call);
}

static void finish(struct forge_call *call, CURLcode code)
{
	struct forge_answer *answer = &call->answer;

	answer->is_done = true;
	if (code != CURLE_OK && call->keeping.code != ERR_NONE) {
		answer->is_own_fault = true;
		snprintf(answer->error, sizeof(answer->error), "%.200s", call->keeping.text);
		return;
	}
	if (code != CURLE_OK) {
		if (answer->error[0] == '\0')
			snprintf(answer->error, sizeof(answer->error), "%s",
				 curl_easy_strerror(code));
		return;
	}
	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &answer->status);
}

/* Says whether any call was finished. */
static bool collect(struct forge_client *client)
{
	const CURLMsg *message;
	bool any = false;
	int left;

	while ((message = curl_multi_info_read(client->multi, &left))) {
		struct forge_call *call = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
		finish(call, message->data.result);
		any = true;
	}
	return any;
}

void forge_client_turn(struct forge_client *client, struct pollfd *fds, size_t count,
		       int timeout_ms)
{
	struct curl_waitfd extra[POLLED_MAX];
	int running;

	ASSERT(count <= POLLED_MAX);
	curl_multi_perform(client->multi, &running);
	if (collect(client))
		timeout_ms = 0;
	for (size_t i = 0; i < count; i++)
		extra[i] = (struct curl_waitfd){ .fd = fds[i].fd, .events = CURL_WAIT_POLLIN };
	curl_multi_poll(client->multi, extra, (unsigned)count, timeout_ms, NULL);
	for (size_t i = 0; i < count; i++)
		fds[i].revents = 0;
	/* curl says only "readable"; a hang-up is what poll itself reports. */
	if (count > 0)
		(void)poll(fds, count, 0);
	curl_multi_perform(client->multi, &running);
	(void)collect(client);
}

int forge_client_do(struct forge_client *client, const struct forge_request *request,
		    struct forge_call **call, struct err *e)
{
	if (forge_call_start(client, request, call, e) < 0)
		return -(int)e->code;
	while (!(*call)->answer.is_done)
		forge_client_turn(client, NULL, 0, 1000);
	if ((*call)->answer.status != 0)
		return 0;
	err_set(e, ERR_UNPROCESSABLE, "the forge cannot be reached: %s", (*call)->answer.error);
	forge_call_close(*call);
	*call = NULL;
	return -(int)e->code;
}

const char *forge_answer_message(struct arena *a, const struct forge_answer *answer)
{
	const struct jsonr *root;
	struct err ignored = { 0 };
	struct str text;

	if (answer->status == 0)
		return answer->error;
	if (jsonr_parse(a, buf_str(&answer->body), &root, &ignored) == 0) {
		text = jsonr_text(jsonr_get(root, "message"));
		if (!str_is_none(text))
			return arena_strf(a, "%.*s (%ld)", STR_FMT(str_upto(text, 300)),
					  answer->status);
	}
	return arena_strf(a, "the forge answered %ld", answer->status);
}
