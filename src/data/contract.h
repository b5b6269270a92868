/* contract: what the columns of a source must look like, and how a file's header is matched to it.
 *
 * A header matches a column by its exact name, else by its name without regard to case, spaces,
 * '-' and '_', else by an alias (same rule), unless the caller's own map names it. A header that
 * matches nothing is unused; two headers on one column, or a required column without a header, are
 * refused with a sentence that lists what was found. */
#ifndef DATA_CONTRACT_H
#define DATA_CONTRACT_H

#include "base/text.h"

typedef enum contract_type {
    CONTRACT_TEXT,
    CONTRACT_INT,
    CONTRACT_REAL,
    CONTRACT_DAY,
    CONTRACT_TIME,
} contract_type;

typedef struct contract_column {
    const char *name;
    contract_type type;
    bool required;       /* the column must be there and have a value in every row */
    const char *aliases; /* separated by '|'; NULL = none */
    double low, high;    /* inclusive range of INT and REAL; 0,0 = any */
} contract_column;

typedef struct contract {
    const char *source;
    int n;
    const contract_column *columns;
} contract;

/* The six sources of a shop (docs/datasets.md), in the order articles, customers, transactions,
 * reviews, events, stock. */
extern const contract contract_sources[6];
const contract *contract_find(const char *source);

#endif
