#ifndef GATEWAY_METRICS_H
#define GATEWAY_METRICS_H

#include <stdint.h>

/* Counters of this process; any thread, no lock. */
struct buf;

enum metric {
#define METRIC(name, kind, help) METRIC_##name,
#include "gateway/metrics.def"
	METRIC_COUNT
};

void metrics_add(enum metric m, int64_t n);
void metrics_set(enum metric m, int64_t n);
void metrics_write(struct buf *out);

#endif /* GATEWAY_METRICS_H */
