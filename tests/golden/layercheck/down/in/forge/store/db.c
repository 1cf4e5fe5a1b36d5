#include "base/err.h"
#include "store/db.h"
#include "q/user.h"
#include "migrations.h"
#include <libpq-fe.h>
#include <stdio.h>
