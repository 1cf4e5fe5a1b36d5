/* What the files token*.c share; inside domain/. */
#ifndef DOMAIN_TOKEN_INTERNAL_H
#define DOMAIN_TOKEN_INTERNAL_H

#include "domain/token.h"

MUST_USE int token_record(struct db *db, const struct actor *actor, const char *act,
			  const struct token *token, struct err *e);

#endif
