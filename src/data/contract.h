/* contract: what the columns of a source must look like, and how a file's header is matched to it.
 *
 * A header matches a column by its exact name, else by its name without regard to case, spaces,
 * '-', '_', '.' and '/', else by an alias (same rule), unless the caller's own map names it. Where
 * several headers match one column the closer kind wins, among aliases the one listed first; the
 * others are unused. Refused with a sentence that lists what was found: two headers that match one
 * column equally well, a required column without a header, a map that names what is not there. */
#ifndef DATA_CONTRACT_H
#define DATA_CONTRACT_H

#include "base/text.h"

typedef enum contract_type {
    CONTRACT_TEXT,
    CONTRACT_INT,
    CONTRACT_REAL,
    CONTRACT_DAY,
    CONTRACT_TIME
} contract_type;

typedef struct contract_column {
    const char *name;
    contract_type type;
    bool required;       /* the column must be there and have a value in every row */
    const char *aliases; /* separated by '|'; NULL = none; "(unnamed)" is an empty header */
    double low, high;    /* inclusive range of INT and REAL; 0,0 = any */
    bool may_be_empty;   /* required as a column, but a row may have no value there */
} contract_column;

typedef struct contract {
    const char *source;
    int n;
    const contract_column *columns;
} contract;

/* The six sources of a shop (docs/datasets.md), in the order articles, customers, transactions,
 * reviews, events, stock. */
extern const contract contract_sources[6];
const contract *contract_find(const char *source); /* NULL when there is none of that name */

enum { contract_columns_max = 1024, contract_headers_max = 4096 };

typedef enum contract_how { HOW_UNUSED, HOW_ALIAS, HOW_CASE, HOW_EXACT, HOW_CONFIG } contract_how;
const char *contract_how_word(contract_how how); /* unused, alias, case, exact, config */

typedef struct contract_match {
    int header_of[contract_columns_max]; /* [contract's n] index into the headers, -1 = absent */
    contract_how how[contract_columns_max];
} contract_match;

/* Matches headers to columns; `map` ("item=StockCode,user=CustomerID", may be NULL) names headers
 * outright; in it, "item=" with nothing after it leaves the column out. */
bool contract_map(const contract *c, const slice *headers, int n, const char *map,
                  contract_match *out, err *e);

/* How many columns a header would fill; -1 when a required one is missing, or the map names what is
 * not there. Never refuses. */
int contract_fit(const contract *c, const slice *headers, int n, const char *map);

/* Text, whole number, …: the word for people. */
const char *contract_type_word(contract_type type);

/* True when a equals b without regard to case, spaces, '-', '_', '.' and '/'. */
bool contract_same_name(slice a, slice b);

#endif
