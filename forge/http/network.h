/*
 * Addresses and networks ("10.0.0.0/8", "::1", "unix"), and who a request comes
 * from: the peer, or what a trusted proxy says of it. IPv4 inside IPv6 counts
 * as IPv4.
 *
 * Threads: pure.
 */
#ifndef HTTP_NETWORK_H
#define HTTP_NETWORK_H

#include "base/list.h"
#include "http/http.h"

#include <sys/socket.h>

/* Is the address ("192.0.2.7", "2001:db8::1", "unix") in one of the networks? Bad ones: no. */
bool network_list_has(const struct str_list *networks, struct str address);

/* "192.0.2.7" of a peer; "unix" for a Unix socket. */
struct str network_address(struct arena *a, const struct sockaddr *peer);

/*
 * Fills client, is_https and host. Without a trusted peer: the peer itself,
 * http, Host. With one: the last address of X-Forwarded-For that is no trusted
 * proxy itself, X-Forwarded-Proto, X-Forwarded-Host.
 */
void network_identify(struct http_head *head, struct str peer, const struct str_list *trusted);

#endif
