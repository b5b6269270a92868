/* columns: typed columns of equal length in an arena; the shape in which tables meet C code.
 *
 *     columns c;
 *     db_query(d, &s->keep, &c, e, "SELECT customer, t_dat, price FROM transactions ORDER BY …");
 *     const int32_t *customer = columns_i32(&c, "customer");   // [rows]
 *     const double *price = columns_real(&c, "price");
 *
 * Accessors assert that the column is there with that type: asking for another one is our bug. */
#ifndef DATA_COLUMNS_H
#define DATA_COLUMNS_H

#include "base/text.h"

typedef enum column_type {
    COLUMN_I32,  /* BOOLEAN, TINYINT, SMALLINT, INTEGER */
    COLUMN_I64,  /* BIGINT */
    COLUMN_REAL, /* double: FLOAT, DOUBLE, DECIMAL, HUGEINT */
    COLUMN_TEXT, /* slice; bytes in the same arena */
    COLUMN_DAY,  /* int32_t: days since 1970-01-01 */
    COLUMN_TIME, /* int64_t: microseconds since 1970-01-01 UTC */
} column_type;

typedef struct column {
    const char *name;
    column_type type;
    union {
        void *data;
        int32_t *i32; /* COLUMN_I32, COLUMN_DAY */
        int64_t *i64; /* COLUMN_I64, COLUMN_TIME */
        double *real;
        slice *text;
    };
    uint8_t *valid; /* [rows] 1 = has a value; NULL when every row has one */
} column;

typedef struct columns {
    int64_t rows;
    int n;
    column *at; /* [n] */
} columns;

const column *columns_find(const columns *c, const char *name); /* NULL when absent */
int32_t *columns_i32(const columns *c, const char *name);       /* I32 or DAY */
int64_t *columns_i64(const columns *c, const char *name);       /* I64 or TIME */
double *columns_real(const columns *c, const char *name);
slice *columns_text(const columns *c, const char *name);
size_t column_width(column_type type); /* bytes a value */

/* n named columns of `rows` zeroed values each; types[i] belongs to names[i]. */
columns columns_new(arena *keep, int n, const char *const *names, const column_type *types,
                    int64_t rows);

static inline bool column_has(const column *c, int64_t row) { return !c->valid || c->valid[row]; }

#endif
