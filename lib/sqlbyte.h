/*
 * sqlbyte: the bytes that words and blanks of SQL are made of, in SQLite and PostgreSQL alike.  Those of characters beyond
 * ASCII are letters.
 */
#ifndef SQLBYTE_H
#define SQLBYTE_H

static inline int
sqlbyte_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline int
sqlbyte_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A word begins with one. */
static inline int
sqlbyte_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

/* A word goes on with them. */
static inline int
sqlbyte_is_of_word(char c)
{
	return sqlbyte_is_letter(c) || sqlbyte_is_digit(c) || c == '$';
}

#endif
