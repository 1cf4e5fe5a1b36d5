/* Handler of /-/assets/{file}. */
#ifndef API_ASSET_H
#define API_ASSET_H

#include "request.h"

int api_asset(struct request *rq, struct err *e);

#endif
