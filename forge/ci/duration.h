/*
 * Durations as GitLab's ChronicDuration reads them: "1h 30m", "3 mins 4 sec",
 * "2h20min", "6 mos 1 day", "1 week and 2 days", "one hour", "90" (seconds),
 * "1:30" (minutes and seconds). A month has 30 days, a year 365.25.
 */
#ifndef CI_DURATION_H
#define CI_DURATION_H

#include "base/str.h"

/* Seconds, more than 0 and below 100 years; false if the text is no duration. */
MUST_USE bool ci_duration_parse(struct str text, int64_t *seconds);

#endif
