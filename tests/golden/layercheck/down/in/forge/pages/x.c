#include "app.h"
#include "tmpl/x.h"
# include "domain/user.h"
