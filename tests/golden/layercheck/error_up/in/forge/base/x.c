
#include "store/db.h"
#include "base/err.h"
