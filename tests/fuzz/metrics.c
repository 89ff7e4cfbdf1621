/* metrics: any bytes are lines or none; what they come to is written as lines that come to the same, and can be shown. */

#include "fuzz.h"
#include "metrics_totals.h"
#include "prometheus.h"

static uint64_t
answers(const struct metrics_totals *t)
{
	uint64_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		for (int o = 0; o < METRICS_OUTCOMES; o++)
			n = histogram_sum(n, t->pairs[i]->outcomes[o].count);
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz z = {(const char *)data, size};
	size_t most = fuzz_byte(&z);
	struct metrics_totals first = {0}, second = {0};
	struct buf lines = {0}, again = {0}, prom = {0};
	struct mem m = {0};

	metrics_totals_decode(&m, &first, z.bytes, z.len);
	metrics_totals_encode(&lines, &first);
	metrics_totals_decode(&m, &second, lines.bytes, lines.len);
	metrics_totals_encode(&again, &second);
	MUST(first.n == second.n && answers(&first) == answers(&second));
	MUST(lines.len == again.len && (lines.len == 0 || memcmp(lines.bytes, again.bytes, lines.len) == 0));
	for (size_t i = 0; i < first.n; i++) {
		const struct metrics_pair *pair = first.pairs[i];

		MUST(metrics_totals_find(&first, pair->program, pair->database) == pair);
		for (int o = 0; o < METRICS_OUTCOMES; o++) {
			double half = histogram_quantile(&pair->outcomes[o], 0.5);

			MUST(pair->outcomes[o].count == 0 || (half >= 0 && half <= (double)HISTOGRAM_MOST));
		}
	}
	metrics_totals_limit(&m, &second, most);
	metrics_totals_sort(&second);
	MUST(answers(&first) == answers(&second));
	prometheus_encode(&prom, &second);
	MUST(prom.len > 0 && prom.bytes[prom.len - 1] == '\n');
	buf_free(&prom);
	buf_free(&again);
	buf_free(&lines);
	mem_free(&m);
	return 0;
}
