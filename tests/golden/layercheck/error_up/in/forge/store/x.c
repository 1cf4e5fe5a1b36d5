#include "pages/x.h"
#include "app.h"
