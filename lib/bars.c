#include "bars.h"

void
bars_add(struct buf *b, const uint64_t *counts, size_t n)
{
	uint64_t most = 1;

	for (size_t i = 0; i < n; i++)
		most = counts[i] > most ? counts[i] : most;
	for (size_t i = 0; i < n; i++) {
		const char bar[3] = {'\xe2', '\x96', (char)(0x81 + (int)((double)counts[i] / (double)most * 7.999))};

		if (counts[i] == 0)
			buf_byte(b, ' ');
		else
			buf_add(b, bar, sizeof bar);
	}
}
