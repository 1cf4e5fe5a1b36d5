/* My settings: profile, password, keys, tokens, sessions. */
#ifndef PAGES_ME_H
#define PAGES_ME_H

#include "base/list.h"
#include "pages/page.h"

struct view_me_profile {
	struct view_page page;
	struct view_problem problem;
	struct str username, name, email;
};

struct view_me_password {
	struct view_page page;
	struct view_problem problem;
	int minimum;
};

struct view_me_key {
	int64_t id;
	struct str title, fingerprint;
	struct str expires; /* a date: "in 3 months" says too little */
	struct instant created, used;
	bool has_used, has_expires, is_expired;
};

struct view_me_keys {
	struct view_page page;
	struct view_problem problem;
	struct view_me_key *keys;
	size_t keys_count;
	struct str line, title, expires;
};

struct view_me_scope {
	const char *word;
	struct str sentence;
	bool is_chosen;
};

struct view_me_token {
	int64_t id;
	struct str name, expires;
	struct str_list scopes;
	struct instant created, used;
	bool has_used, is_active, is_revoked;
};

struct view_me_tokens {
	struct view_page page;
	struct view_problem problem;
	struct str fresh; /* a token just made: shown this once */
	struct view_me_token *tokens;
	size_t tokens_count;
	struct view_me_scope *scopes;
	size_t scopes_count;
	struct str name, expires;
};

struct view_me_session {
	int64_t id;
	struct str browser, ip;
	struct instant created, seen;
	bool is_this;
};

struct view_me_sessions {
	struct view_page page;
	struct view_me_session *sessions;
	size_t sessions_count;
};

route_handler page_me_profile;
route_handler page_me_profile_update;
route_handler page_me_password;
route_handler page_me_password_change;
route_handler page_me_keys;
route_handler page_me_key_add;
route_handler page_me_key_remove;
route_handler page_me_tokens;
route_handler page_me_token_create;
route_handler page_me_token_revoke;
route_handler page_me_sessions;
route_handler page_me_session_remove;

#endif
