/* Style, script, icons: out of the program itself, under names that change with their bytes. */
#include "request.h"

#include "render/asset.h"

static bool takes_gzip(const struct request *rq)
{
	struct str codings = http_header(&rq->http->head, "Accept-Encoding");

	return str_find_str(codings, STR("gzip")) < codings.n;
}

int api_asset(struct request *rq, struct err *e)
{
	const struct asset *asset = asset_find(request_param(rq, "file"));
	struct http_response *r = &rq->http->response;

	if (!asset)
		return err_set(e, ERR_NOT_FOUND, "There is no such file.");
	request_set_cache(rq, "public, max-age=31536000, immutable");
	request_set_etag(rq, request_param(rq, "file"));
	http_set_header(r, "Vary", STR("Accept-Encoding"));
	if (!str_is_none(asset->gzip) && takes_gzip(rq)) {
		http_set_header(r, "Content-Encoding", STR("gzip"));
		http_respond(rq->http, 200, asset->type, asset->gzip);
		return 0;
	}
	http_respond(rq->http, 200, asset->type, asset->bytes);
	return 0;
}
