/* Counters of a process. See metrics.h. */
#include "base/metrics.h"

#include "base/mem.h"

#include <stdatomic.h>

struct metrics {
	_Atomic int64_t values[METRIC_COUNT];
};

struct row {
	const char *family;
	const char *labels;
	const char *sentence;
};

static const struct row rows[METRIC_COUNT] = {
#define METRIC_ROW(name, family, labels, sentence) { family, labels, sentence },
	METRICS(METRIC_ROW)
#undef METRIC_ROW
};

struct metrics *metrics_open(void)
{
	return MEM_NEW(struct metrics);
}

void metrics_close(struct metrics *m)
{
	mem_free(m);
}

void metrics_add(struct metrics *m, enum metric metric, int64_t n)
{
	atomic_fetch_add_explicit(&m->values[metric], n, memory_order_relaxed);
}

int64_t metrics_get(const struct metrics *m, enum metric metric)
{
	return atomic_load_explicit(&m->values[metric], memory_order_relaxed);
}

static void write_family(struct buf *out, const char *family, const char *sentence)
{
	const char *kind = str_ends(str_c(family), STR("_total")) ? "counter" : "gauge";

	buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", family, sentence, family, kind);
}

void metrics_write(const struct metrics *m, struct buf *out)
{
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct row *r = &rows[i];

		if (i == 0 || strcmp(rows[i - 1].family, r->family) != 0)
			write_family(out, r->family, r->sentence);
		if (r->labels[0])
			buf_addf(out, "%s{%s} %lld\n", r->family, r->labels,
				 (long long)metrics_get(m, (enum metric)i));
		else
			buf_addf(out, "%s %lld\n", r->family,
				 (long long)metrics_get(m, (enum metric)i));
	}
}

void metrics_write_value(struct buf *out, const char *family, const char *sentence, int64_t value)
{
	write_family(out, family, sentence);
	buf_addf(out, "%s %lld\n", family, (long long)value);
}
