/* columns: typed columns of equal length in an arena. */
#include "data/columns.h"

#include <assert.h>
#include <string.h>

const column *columns_find(const columns *c, const char *name) {
    for (int i = 0; i < c->n; i++)
        if (strcmp(c->at[i].name, name) == 0) return &c->at[i];
    return NULL;
}

static void *of_type(const columns *c, const char *name, column_type a, column_type b) {
    const column *found = columns_find(c, name);
    assert(found && "no such column");
    assert((found->type == a || found->type == b) && "column of another type");
    return found->data;
}

int32_t *columns_i32(const columns *c, const char *name) {
    return of_type(c, name, COLUMN_I32, COLUMN_DAY);
}
int64_t *columns_i64(const columns *c, const char *name) {
    return of_type(c, name, COLUMN_I64, COLUMN_TIME);
}
double *columns_real(const columns *c, const char *name) {
    return of_type(c, name, COLUMN_REAL, COLUMN_REAL);
}
slice *columns_text(const columns *c, const char *name) {
    return of_type(c, name, COLUMN_TEXT, COLUMN_TEXT);
}

size_t column_width(column_type type) {
    switch (type) {
    case COLUMN_I32:
    case COLUMN_DAY: return sizeof(int32_t);
    case COLUMN_I64:
    case COLUMN_TIME: return sizeof(int64_t);
    case COLUMN_REAL: return sizeof(double);
    case COLUMN_TEXT: return sizeof(slice);
    }
    return 0;
}

columns columns_new(arena *keep, int n, const char *const *names, const column_type *types,
                    int64_t rows) {
    columns c = {.rows = rows, .n = n, .at = take(keep, column, n)};
    for (int i = 0; i < n; i++) {
        c.at[i].name = names[i];
        c.at[i].type = types[i];
        c.at[i].data = arena_take(keep, column_width(types[i]), (size_t)rows);
    }
    return c;
}
