/* attribute_table: a table of attributes of users or items, as features beside interactions.
 *
 * One column is the id (user or item and their aliases, as for --in), every other one an attribute,
 * whatever it is called. Ids meet by the key rule of docs/datasets.md: leading zeros of a number do
 * not count. Of several rows with one id the first counts; rows of unknown ids are left out. */
#ifndef SURFACES_ATTRIBUTE_TABLE_H
#define SURFACES_ATTRIBUTE_TABLE_H

#include "surfaces/interactions.h"

typedef struct attribute_table {
    int n;
    const char **names;   /* [n] */
    const slice **values; /* [n][rows] empty where the table has none */
    int64_t matched;      /* rows with a line in the table */
    sparse features;      /* [rows, columns], attributes.h */
} attribute_table;

/* word is "user" or "item"; interactions_read has numbered their `rows` ids before. Refuses a table
 * in which no id is known. */
bool attribute_table_read(bench *b, const char *path, const char *word, int64_t rows, scope *s,
                          attribute_table *to, err *e);

/* Reads the tables of --user-features and --item-features that are given, and --group, and hangs
 * them into x; table[2] by als_side. */
bool attribute_tables(const args *a, bench *b, interactions *x, attribute_table table[2], scope *s,
                      err *e);

/* The values of the attribute of that name (contract_same_name); NULL when there is none. */
const slice *attribute_table_find(const attribute_table *t, const char *name);

#endif
