/*
 * make quoted|numeric SIZE_MIB PATH: a large CSV file, the same one every time.
 *
 * quoted:  text with commas and doubled quotes in it, and in one record of a hundred a newline; dates, amounts.
 * numeric: integers and decimals of several ranges, and not one quote.
 *
 * In both there is a unique id, columns of few values, columns of which a few values are much of the whole (Zipf: the n-th
 * most frequent has a share as 1/n), and a share of NULL (an empty cell).
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum {
	BLOCK = 1 << 20,   /* written at a time */
	LONGEST = 1 << 10, /* no record is as long */
	RANKS = 1 << 10,   /* distinct values of a Zipf column */
	DRAWS = 1 << 16,   /* a draw is a place in a table */
};

static const char *const words[] = {"order", "blue", "left", "return", "paper", "of", "the", "and", "second", "late", "box",
    "two", "garden", "north", "small", "when", "open", "river", "lamp", "ready", "with", "spring", "chair", "glass", "to", "no",
    "window", "bread", "old", "table", "green", "letter"};
static const char *const names[] = {"Anna", "Bela", "Carlo", "Dora", "Emil", "Frida", "Goran", "Hana", "Ivo", "Jana", "Karel",
    "Lena", "Milan", "Nora", "Otto", "Petra"};
static const char *const cities[] = {"Berlin", "Vienna", "Prague", "Zagreb", "Graz", "Ulm", "Porto", "\"Washington, D.C.\"",
    "Oslo", "Turin", "Gdynia", "\"Frankfurt, Oder\"", "Brno", "Split", "Lyon", "Gent"};

static uint64_t state;
static uint16_t zipf[DRAWS];

/* splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
static uint64_t
draw(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Rank r has 1/(r+1) of the places, but one at least while there are places. */
static void
fill_zipf(void)
{
	double sum = 0, part = 0;

	for (unsigned r = 0; r < RANKS; r++)
		sum += 1.0 / (r + 1);
	for (unsigned r = 0, place = 0; r < RANKS; r++) {
		part += 1.0 / (r + 1);
		for (; place < part / sum * DRAWS && place < DRAWS; place++)
			zipf[place] = (uint16_t)r;
	}
}

static char *
text(char *p, const char *word)
{
	size_t len = strlen(word);

	memcpy(p, word, len);
	return p + len;
}

/* n in at least `digits` digits. */
static char *
number(char *p, uint64_t n, unsigned digits)
{
	char backwards[20];
	unsigned len = 0;

	for (; n > 0 || len < digits; n /= 10)
		backwards[len++] = (char)('0' + n % 10);
	while (len > 0)
		*p++ = backwards[--len];
	return p;
}

/* n / 10^digits. */
static char *
decimal(char *p, uint64_t n, unsigned digits)
{
	uint64_t one = 1;

	for (unsigned i = 0; i < digits; i++)
		one *= 10;
	p = number(p, n / one, 1);
	*p++ = '.';
	return number(p, n % one, digits);
}

/* Four to seven words, quoted; some with a comma, some quoted once more, one in a hundred with a newline. */
static char *
note(char *p, uint64_t r)
{
	unsigned n = 4 + (r & 3);
	int newline = (r >> 2 & 0xffff) < 655, comma = (r >> 18 & 3) == 0, quoted = (r >> 20 & 7) == 0;

	*p++ = '"';
	for (unsigned i = 0; i < n; i++) {
		const char *word = words[r >> (24 + 5 * i) & 31];

		if (i > 0)
			*p++ = i == 2 && newline ? '\n' : ' ';
		if (i == 1 && quoted)
			p = text(text(text(p, "\"\""), word), "\"\"");
		else
			p = text(p, word);
		if (i == 1 && comma)
			*p++ = ',';
	}
	*p++ = '"';
	return p;
}

/* One in 20 has no note, one in 50 no date: an empty cell is NULL. */
static char *
quoted(char *p, uint64_t id)
{
	uint64_t a = draw(), b = draw();

	p = number(p, id, 1);
	p = text(p, ",\"");
	p = text(p, names[a & 15]);
	*p++ = ' ';
	p = number(p, zipf[a >> 4 & 0xffff], 1);
	p = text(p, "\",");
	if ((a >> 20 & 0xff) >= 13)
		p = note(p, draw());
	*p++ = ',';
	p = text(p, cities[zipf[a >> 28 & 0xffff] & 15]);
	*p++ = ',';
	p = decimal(p, b % 1000000, 2);
	*p++ = ',';
	if ((a >> 44 & 0xff) >= 5) {
		p = number(p, 2015 + (b >> 32) % 10, 4);
		*p++ = '-';
		p = number(p, 1 + (b >> 40) % 12, 2);
		*p++ = '-';
		p = number(p, 1 + (b >> 48) % 28, 2);
	}
	*p++ = '\n';
	return p;
}

static char *
numeric(char *p, uint64_t id)
{
	uint64_t a = draw(), b = draw(), c = draw();

	p = number(p, id, 1);
	*p++ = ',';
	p = number(p, zipf[a & 0xffff], 1);
	*p++ = ',';
	if (a & 0x10000)
		*p++ = '-';
	p = number(p, 1 + (a >> 17) % 50000, 1);
	*p++ = ',';
	p = decimal(p, b % 10000000, 2);
	*p++ = ',';
	if ((a >> 40 & 0xff) >= 8)
		p = decimal(p, (b >> 24) % 1000000, 4);
	*p++ = ',';
	if (a >> 63)
		*p++ = '-';
	p = decimal(p, c % 180000000, 6);
	*p++ = ',';
	p = number(p, (c >> 28) % 5, 1);
	*p++ = ',';
	if ((a >> 48 & 0xff) >= 26)
		p = number(p, 1500000000 + (c >> 31) % 200000000, 1);
	*p++ = ',';
	p = number(p, draw() >> 12, 1);
	*p++ = '\n';
	return p;
}

static const struct {
	const char *name, *header;
	char *(*record)(char *p, uint64_t id);
} kinds[] = {
    {"quoted", "id,name,note,city,amount,date\n", quoted},
    {"numeric", "id,kind,delta,price,rate,longitude,class,time,key\n", numeric},
};

static int
put(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Whole records until there are `size` bytes. */
static int
make(unsigned kind, uint64_t size, int fd)
{
	static char block[BLOCK];
	char *p = text(block, kinds[kind].header);
	uint64_t id = 0, before = 0;

	while (before + (uint64_t)(p - block) < size) {
		p = kinds[kind].record(p, ++id);
		if (p - block > BLOCK - LONGEST) {
			if (put(fd, block, (size_t)(p - block)) != 0)
				return -1;
			before += (uint64_t)(p - block);
			p = block;
		}
	}
	return put(fd, block, (size_t)(p - block));
}

int
main(int argc, char **argv)
{
	for (unsigned kind = 0; argc == 4 && kind < COUNT(kinds); kind++) {
		int fd;

		if (strcmp(argv[1], kinds[kind].name) != 0)
			continue;
		fill_zipf();
		fd = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC, 0644);
		if (fd < 0 || make(kind, strtoull(argv[2], NULL, 10) << 20, fd) != 0 || close(fd) != 0) {
			perror(argv[3]);
			return 1;
		}
		return 0;
	}
	fputs("usage: make quoted|numeric SIZE_MIB PATH\n", stderr);
	return 2;
}
