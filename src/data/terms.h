/* terms: what the owner of a shop demands of a source beyond its types: SHOP/contracts/SOURCE.yaml.
 *
 *     # contracts/transactions.yaml
 *     description: lines of the till
 *     columns:
 *       price:       {required: true, min: 0.01, max: 5000, on_bad: clamp}
 *       channel:     {values: [store, online], on_bad: null}
 *       order_id:    {type: whole number, pattern: "[0-9]{6}"}
 *       customer_id: {references: customers.customer_id, pii: indirect, on_bad: reject}
 *     key: [order_id, article_id]             # no two rows alike in these
 *     rows: {min: 1000, max: 100000000}
 *     freshness: {column: time, warn_days: 2, fail_days: 7}
 *     thresholds: {warn: 0.001, fail: 0.05}   # shares of rows that may break one rule
 *     drift: {warn: 0.2, fail: 0.3}           # population stability index to the last good run
 *
 * Everything is optional. on_bad: reject (the row goes to quarantine; the default), null (the cell
 * is emptied), clamp (a number is moved to the nearest bound), fail (one such row stops the run).
 * A type is the column's own, or for a column of text any other that its words must read as. min
 * and max are inclusive. A pattern is a regular expression of the whole cell. A reference holds
 * where the other source has rows; ids compare as keys (01 is 1). pii: none, indirect, direct or
 * sensitive; cells of the last two are hidden in reports. thresholds: warn is 0 by default, fail
 * is off. Unknown keys, words and columns, bounds that are none and a cell that may be emptied
 * though its source needs it are refused with file and line. */
#ifndef DATA_TERMS_H
#define DATA_TERMS_H

#include "data/contract.h"

typedef enum terms_on_bad {
    ON_BAD_REJECT,
    ON_BAD_NULL,
    ON_BAD_CLAMP,
    ON_BAD_FAIL
} terms_on_bad;

typedef struct terms_column {
    const contract_column *column;
    int line;
    bool required, unique;
    contract_type type;
    const char *low, *high;    /* as written, good for the type; NULL = none */
    const char **values;       /* [n_values] */
    int n_values;
    const char *pattern;       /* NULL = none */
    const char *other_source, *other_column; /* of a reference; NULL = none */
    const char *pii, *description;           /* NULL = not said */
    terms_on_bad on_bad;
} terms_column;

typedef struct terms {
    const char *path;
    const contract *source;
    const char *description; /* NULL = not said */
    terms_column *columns;   /* [n] those that are named */
    int n;
    const contract_column *key[8];
    int n_key;
    int64_t least_rows, most_rows;  /* 0 = any */
    const contract_column *fresh;   /* NULL = not asked */
    int fresh_warn_days, fresh_fail_days;
    double warn, fail;              /* shares of rows; fail above 1 = off */
    double drift_warn, drift_fail;
} terms;

/* out[i] for contract_sources[i]; NULL where the shop has no such file. Refuses a .yaml or .yml in
 * contracts/ that is named for no source. */
bool terms_read(scope *owner, const char *shop, const terms *out[6], err *e);

const char *terms_on_bad_word(terms_on_bad on_bad); /* reject, null, clamp, fail */
const terms_column *terms_find(const terms *t, const char *column); /* NULL when not named */
bool terms_is_hidden(const terms *t, const char *column); /* its cells stay out of reports */

#endif
