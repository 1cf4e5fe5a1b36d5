#include "base/clock.h"

#define US 1000000
/* Of the years that four digits can write. */
#define FIRST_SECOND (-62167219200)
#define LAST_SECOND 253402300799

struct instant instant_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){ (int64_t)now.tv_sec * US + now.tv_nsec / 1000 };
}

struct instant instant_from_seconds(int64_t seconds)
{
	return (struct instant){ seconds * US };
}

/* Rounds towards the past, also before 1970. */
int64_t instant_seconds(struct instant t)
{
	return t.us / US - (t.us % US < 0);
}

static struct tm broken_down(struct instant t)
{
	time_t seconds = (time_t)instant_seconds(t);
	struct tm tm = { 0 };

	ASSERT(gmtime_r(&seconds, &tm) != NULL);
	return tm;
}

void instant_format(struct instant t, char text[static INSTANT_TEXT_MAX])
{
	struct tm tm = broken_down(t);
	int64_t ms = (t.us - instant_seconds(t) * US) / 1000;
	/* strftime's year has as few digits as it needs. */
	size_t n = (size_t)snprintf(text, INSTANT_TEXT_MAX, "%04d", tm.tm_year + 1900);

	n += strftime(text + n, INSTANT_TEXT_MAX - n, "-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, INSTANT_TEXT_MAX - n, ".%03dZ", (int)ms);
}

void instant_format_http(struct instant t, char text[static INSTANT_TEXT_MAX])
{
	struct tm tm = broken_down(t);

	strftime(text, INSTANT_TEXT_MAX, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

/* Reads exactly n digits off the front. */
static bool take_number(struct str *s, size_t n, int *value)
{
	int64_t number;

	if (s->n < n || s->p[0] == '-' || !str_to_i64(str_upto(*s, n), &number))
		return false;
	*value = (int)number;
	*s = str_from(*s, n);
	return true;
}

/* timegm makes the 2nd of March of a 30th of February. */
static bool is_day(const struct tm *date)
{
	struct tm day = { .tm_year = date->tm_year,
			  .tm_mon = date->tm_mon,
			  .tm_mday = date->tm_mday };

	(void)timegm(&day);
	return day.tm_mon == date->tm_mon && day.tm_mday == date->tm_mday;
}

static bool take_date(struct str *s, struct tm *tm)
{
	if (!take_number(s, 4, &tm->tm_year) || !str_cut_prefix(s, STR("-")) ||
	    !take_number(s, 2, &tm->tm_mon) || !str_cut_prefix(s, STR("-")) ||
	    !take_number(s, 2, &tm->tm_mday))
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon -= 1;
	return is_day(tm);
}

static bool take_time(struct str *s, struct tm *tm)
{
	return take_number(s, 2, &tm->tm_hour) && str_cut_prefix(s, STR(":")) &&
	       take_number(s, 2, &tm->tm_min) && str_cut_prefix(s, STR(":")) &&
	       take_number(s, 2, &tm->tm_sec) && tm->tm_hour < 24 && tm->tm_min < 60 &&
	       tm->tm_sec < 61;
}

static void take_fraction(struct str *s, int64_t *us)
{
	int64_t unit = US / 10;

	if (!str_cut_prefix(s, STR(".")))
		return;
	while (s->n > 0 && s->p[0] >= '0' && s->p[0] <= '9') {
		*us += unit * (s->p[0] - '0');
		unit /= 10;
		*s = str_from(*s, 1);
	}
}

static bool take_offset(struct str *s, int64_t *seconds)
{
	int sign = str_starts(*s, STR("-")) ? -1 : 1;
	int hours;
	int minutes;

	if (str_cut_prefix(s, STR("Z")) || str_cut_prefix(s, STR("z")))
		return true;
	if (!str_cut_prefix(s, STR("+")) && !str_cut_prefix(s, STR("-")))
		return false;
	if (!take_number(s, 2, &hours))
		return false;
	(void)str_cut_prefix(s, STR(":"));
	if (!take_number(s, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool instant_parse(struct str s, struct instant *t)
{
	struct tm tm = { 0 };
	int64_t us = 0;
	int64_t offset = 0;
	int64_t seconds;

	if (!take_date(&s, &tm))
		return false;
	if (s.n > 0) {
		if (s.p[0] != 'T' && s.p[0] != 't' && s.p[0] != ' ')
			return false;
		s = str_from(s, 1);
		if (!take_time(&s, &tm))
			return false;
		take_fraction(&s, &us);
		if (!take_offset(&s, &offset) || s.n > 0)
			return false;
	}
	seconds = (int64_t)timegm(&tm) - offset;
	if (seconds < FIRST_SECOND || seconds > LAST_SECOND)
		return false;
	t->us = seconds * US + us;
	return true;
}

int64_t clock_thread_ms(void)
{
	struct timespec spent;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
	return (int64_t)spent.tv_sec * 1000 + spent.tv_nsec / 1000000;
}

int64_t clock_monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
