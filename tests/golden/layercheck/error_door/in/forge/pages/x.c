#include <libpq-fe.h>
#include <jansson.h>
