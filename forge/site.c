/* Addresses and cookie names from the settings. See site.h. */
#include "site.h"

static struct str without_default_port(struct str host, bool is_https)
{
	struct str port = is_https ? STR(":443") : STR(":80");

	return str_ends(host, port) ? str_upto(host, host.n - port.n) : host;
}

static struct str cookie_name(struct arena *a, bool is_https, const char *name)
{
	return arena_fmt(a, "%s%s", is_https ? "__Host-" : "", name);
}

void site_init(struct site *site, const struct config *config, struct arena *a)
{
	struct str url = str_c(config->external_url);
	struct str base = config_base_path(config);
	struct str rest;

	site->config = config;
	site->is_https = config_is_https(config);
	site->base_path = base;
	site->origin = arena_str(a, str_upto(url, url.n - base.n));
	rest = site->origin;
	(void)(str_cut_prefix(&rest, STR("https://")) || str_cut_prefix(&rest, STR("http://")));
	site->host = without_default_port(rest, site->is_https);
	site->session_cookie = cookie_name(a, site->is_https, "hearth_session");
	site->csrf_cookie = cookie_name(a, site->is_https, "hearth_csrf");
	site->language_cookie = cookie_name(a, site->is_https, "hearth_language");
	site->notice_cookie = cookie_name(a, site->is_https, "hearth_notice");
}

/* A name without a port allows any port of it. */
static bool host_fits(struct str allowed, struct str host)
{
	size_t colon = str_find_last(host, ':');

	if (str_eq_nocase(allowed, host))
		return true;
	return colon < host.n && !str_has(str_from(host, colon), ']') &&
	       str_eq_nocase(allowed, str_upto(host, colon));
}

bool site_knows_host(const struct site *site, struct str host)
{
	const struct str_list *allowed = &site->config->allowed_hosts;

	if (str_is_empty(host))
		return false;
	if (str_eq_nocase(host, site->host) ||
	    str_eq_nocase(host, str_c(site->config->http_listen)))
		return true;
	for (size_t i = 0; i < allowed->count; i++)
		if (host_fits(allowed->items[i], host))
			return true;
	return false;
}

struct str site_base(const struct site *site, const struct http_head *head, struct arena *a)
{
	struct str host = without_default_port(head->host, site->is_https);

	if (str_eq_nocase(host, site->host) || !site_knows_host(site, head->host))
		return arena_fmt(a, "%.*s%.*s", STR_FMT(site->origin), STR_FMT(site->base_path));
	return arena_fmt(a, "%s://%.*s%.*s", head->is_https ? "https" : "http", STR_FMT(head->host),
			 STR_FMT(site->base_path));
}

bool site_cut_base(const struct site *site, struct str *path)
{
	struct str rest = *path;

	if (!str_cut_prefix(&rest, site->base_path))
		return false;
	if (rest.n == 0)
		rest = STR("/");
	if (rest.p[0] != '/')
		return false;
	*path = rest;
	return true;
}

struct str site_ssh_url(const struct site *site, struct str project_path, struct arena *a)
{
	struct str address = str_c(site->config->ssh_external);
	size_t colon = str_find_last(address, ':');
	struct str port = str_from(address, colon + 1);

	if (colon == address.n || str_has(port, ']') || str_eq_c(port, "22"))
		return arena_fmt(a, "git@%.*s:%.*s.git", STR_FMT(str_upto(address, colon)),
				 STR_FMT(project_path));
	return arena_fmt(a, "ssh://git@%.*s/%.*s.git", STR_FMT(address), STR_FMT(project_path));
}
