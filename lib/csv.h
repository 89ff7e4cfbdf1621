/*
 * csv: the exact state machine of delimited text.
 *
 * One table says what every byte does in every state; finding records, counting them and splitting them into fields all
 * walk it, so they cannot disagree.  On well-formed text it does what libcsv does (and RFC 4180); on malformed quoting what
 * Python's csv module does (Modules/_csv.c, strict off): a quote inside an unquoted field is a character, text behind a
 * closing quote goes on unquoted.
 *
 * A record ends with LF, CR or CRLF outside quotes, or with the text.  A line with nothing on it is no record.  A lone NUL,
 * a blank or any other byte belongs to its field.
 */
#ifndef CSV_RECORDS_H /* CSV_H is libcsv's */
#define CSV_RECORDS_H

#include <stddef.h>
#include <stdint.h>

enum csv_class { CSV_BYTE_OTHER, CSV_BYTE_DELIMITER, CSV_BYTE_QUOTE, CSV_BYTE_CR, CSV_BYTE_LF, CSV_CLASSES };

enum csv_state {
	CSV_RECORD,   /* before a record */
	CSV_AFTER_CR, /* the same, where an LF belongs to the terminator just read */
	CSV_FIELD,    /* before a field that is not the first */
	CSV_PLAIN,    /* inside an unquoted field, or behind the text behind a closing quote */
	CSV_QUOTED,   /* inside quotes */
	CSV_CLOSING,  /* behind a quote inside quotes: the closing one, or half of a pair */
	CSV_STATES
};

enum csv_action {
	CSV_SKIP,   /* the byte is structure */
	CSV_OPEN,   /* it opens a quoted field */
	CSV_ADD,    /* it belongs to the field */
	CSV_ODD,    /* likewise, and the quoting around it is malformed */
	CSV_END,    /* it ends a field */
	CSV_FINISH, /* it ends a field and the record */
	CSV_BLANK,  /* it ends a line with nothing on it */
};

struct csv_step {
	unsigned char state, action; /* next state, what to do with the byte */
};

extern const struct csv_step csv_steps[CSV_STATES][CSV_CLASSES];

/* The dialect: what each byte is.  The quote is `"`; doubled inside quotes it stands for itself. */
struct csv_dialect {
	unsigned char classes[256]; /* enum csv_class */
	unsigned char stops[256];   /* 1 for a quote, CR and LF: all that matters to where a record ends */
	char delimiter;
};

void csv_dialect_set(struct csv_dialect *d, char delimiter);

/* Where a scan stands: kept from block to block. */
struct csv_scan {
	const struct csv_dialect *dialect;
	unsigned char state;  /* enum csv_state */
	unsigned char cr;     /* the last byte was CR */
	unsigned char quote;  /* set where a quote was passed; the caller clears it */
	unsigned char open;   /* the last byte was no terminator: the last line goes on */
	uint64_t terminators; /* LF, CR and CRLF passed, those inside quotes too */
	uint64_t began;       /* the line (from 1) on which the last record began */
	uint64_t opened;      /* the line on which the last quote opened */
};

void csv_scan_start(struct csv_scan *s, const struct csv_dialect *d);

/* Passes over bytes[0..len) up to and with the end of the next record; blank lines on the way are passed.  Returns the bytes
 * passed; *ended says whether they end a record (else all were passed and it goes on in the next block). */
size_t csv_scan_record(struct csv_scan *s, const char *bytes, size_t len, int *ended);

/* Counts the records that end in bytes[0..len). */
uint64_t csv_scan_count(struct csv_scan *s, const char *bytes, size_t len);

/* How many fields the one record bytes[0..len) has.  `quote`: there is one in it. */
size_t csv_fields(const struct csv_dialect *d, const char *bytes, size_t len, int quote);

/* Lines so far: terminators, and a last line that has none. */
uint64_t csv_scan_lines(const struct csv_scan *s);

/* True where the text, if it ended here, would end a record that has no terminator. */
int csv_scan_pending(const struct csv_scan *s);

/* True where the text, if it ended here, would end inside quotes. */
int csv_scan_quoted(const struct csv_scan *s);

#endif
