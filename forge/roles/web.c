/* The web role: pages, API and git over HTTP behind one door. See roles/README.md. */
#include "app.h"
#include "http/server.h"
#include "router.h"
#include "store/live.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>

static void complain(void *closure, const char *sentence)
{
	const struct app *app = closure;

	LOG(&app->log, LOG_WARN, "http server", F_C("text", sentence));
}

static void wait_for(int stop_fd)
{
	struct pollfd p = { .fd = stop_fd, .events = POLLIN };

	while (poll(&p, 1, -1) <= 0)
		;
}

/*
 * From the first signal on a second one ends the process at once: takes the
 * first out of the descriptor (nobody else polls it here: the server has its own)
 * and lets further ones do what they do by default.
 */
static void end_at_next_signal(int stop_fd)
{
	struct signalfd_siginfo first;
	sigset_t stop;

	while (read(stop_fd, &first, sizeof(first)) < 0 && errno == EINTR)
		;
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	pthread_sigmask(SIG_UNBLOCK, &stop, NULL);
}

static int serve(struct app *app, struct router *router, struct err *e)
{
	struct http_handler handler = router_handler(router);
	struct http_server_options options = {
		.connection_limit = (unsigned)app->config->connection_limit,
		.per_address_limit = (unsigned)app->config->connection_limit_per_address,
		.trusted_proxies = &app->config->trusted_proxies,
		.complain = complain,
		.complain_closure = app,
	};
	int stop_fd;

	if (app_stop_fd(app, &stop_fd, e) < 0 ||
	    app_listen(app, "http", &options.listen_fd, e) < 0 ||
	    http_server_start(&options, &handler, &router->server, e) < 0)
		return -(int)e->code;
	app_ready(app);
	LOG(&app->log, LOG_INFO, "web serves", F_C("address", app->config->http_listen),
	    F_C("external_url", app->config->external_url));
	wait_for(stop_fd);
	end_at_next_signal(stop_fd);
	LOG(&app->log, LOG_INFO, "web drains", F_INT("seconds", APP_DRAIN_SECONDS));
	http_server_quiesce(router->server);
	live_end(app->live);
	http_server_stop(router->server, APP_DRAIN_SECONDS * 1000);
	return 0;
}

int role_web(struct app *app)
{
	struct router *router = router_open(app);
	struct err e = { 0 };
	int result = serve(app, router, &e);

	if (result < 0)
		LOG(&app->log, LOG_ERROR, "web failed", F_ERR(&e));
	router_close(router);
	return result < 0 ? 1 : 0;
}
