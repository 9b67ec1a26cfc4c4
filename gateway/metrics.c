#include "gateway/metrics.h"

#include <assert.h>
#include <stdatomic.h>

#include "base/buf.h"

/* Static, because whoever counts is too deep down to be handed a handle, and
 * because a process has one set of counters by definition. */
static _Atomic int64_t values[METRIC_COUNT];

static const struct {
	const char *name;
	const char *kind;
	const char *help;
} metrics[METRIC_COUNT] = {
#define COUNTER                  "counter"
#define GAUGE                    "gauge"
#define METRIC(name, kind, help) [METRIC_##name] = { #name, kind, help },
#include "gateway/metrics.def"
#undef COUNTER
#undef GAUGE
};

void
metrics_add(enum metric m, int64_t n)
{
	assert(m < METRIC_COUNT);
	atomic_fetch_add_explicit(&values[m], n, memory_order_relaxed);
}

void
metrics_set(enum metric m, int64_t n)
{
	assert(m < METRIC_COUNT);
	atomic_store_explicit(&values[m], n, memory_order_relaxed);
}

/* Prometheus text format, 0.0.4. */
void
metrics_write(struct buf *out)
{
	for (size_t m = 0; m < METRIC_COUNT; m++) {
		int64_t n =
		    atomic_load_explicit(&values[m], memory_order_relaxed);

		buf_printf(out,
		    "# HELP hosogate_%s %s\n"
		    "# TYPE hosogate_%s %s\n"
		    "hosogate_%s %lld\n",
		    metrics[m].name, metrics[m].help, metrics[m].name,
		    metrics[m].kind, metrics[m].name, (long long)n);
	}
}
