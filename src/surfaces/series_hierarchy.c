/* series_hierarchy: which series of a table are the sums of which, from a second table. */
#include "surfaces/series_hierarchy.h"

#include <math.h>
#include <string.h>

#include "models/forecast/reconcile.h"

static const contract_column hierarchy_columns[] = {
    {.name = "series",
     .type = CONTRACT_TEXT,
     .required = true,
     .aliases = "child|node|unique_id|series_id|id|name"},
    {.name = "parent", .type = CONTRACT_TEXT, .aliases = "parent_id|of|group|sum"},
};
static const contract hierarchy_contract = {"hierarchy", 2, hierarchy_columns};

static const char *const methods[SERIES_METHODS] = {"var", "struct", "bottom-up", "top-down"};

bool series_method(const char *name, int *out, err *e) {
    for (int i = 0; i < SERIES_METHODS; i++)
        if (strcmp(name, methods[i]) == 0) return *out = i, true;
    return refuse(e, "--method is one of var, struct, bottom-up, top-down; got '%s'", name);
}

/* The place of a name among the series, which are in its order; -1. */
static int find(const series_table *t, slice name) {
    int low = 0, high = t->n;
    while (low < high) {
        int middle = low + (high - low) / 2;
        int c = slice_compare(t->one[middle].name, name);
        if (c == 0) return middle;
        if (c < 0) low = middle + 1;
        else high = middle;
    }
    return -1;
}

static bool find_named(const series_table *t, slice name, const char *path, int *out, err *e) {
    *out = find(t, name);
    return *out >= 0 || refuse(e, "%s names '%.*s', which is no series of the table: add its rows, "
                               "or leave it out of the hierarchy", path, (int)name.n, name.p);
}

enum { UNNAMED = -2, ROOT = -1 };

/* up[series] = its parent, ROOT or UNNAMED. */
static bool read_parents(const columns *c, const char *path, const series_table *t, int32_t *up,
                         err *e) {
    const slice *series = columns_text(c, "series"), *parent = columns_text(c, "parent");
    const column *has = columns_find(c, "parent");
    for (int i = 0; i < t->n; i++) up[i] = UNNAMED;
    for (int64_t r = 0; r < c->rows; r++) {
        int at, of = ROOT;
        if (!find_named(t, series[r], path, &at, e)) return false;
        if (column_has(has, r) && slice_trim(parent[r]).n > 0 &&
            !find_named(t, slice_trim(parent[r]), path, &of, e))
            return false;
        if (up[at] >= 0 && of >= 0 && up[at] != of)
            return refuse(e, "%s: '%.*s' is a part of two series; a hierarchy gives each one "
                             "parent", path, (int)series[r].n, series[r].p);
        if (up[at] < 0) up[at] = of;
        if (of >= 0 && up[of] == UNNAMED) up[of] = ROOT;
    }
    return true;
}

/* The number of steps from a series up to its root; -1 when there is no end to them. */
static int depth_of(const int32_t *up, int at, int most) {
    int depth = 0;
    while (up[at] >= 0 && depth <= most) at = up[at], depth++;
    return depth > most ? -1 : depth;
}

bool series_hierarchy_read(const char *path, bench *b, const series_table *t, scope *s,
                           series_hierarchy *out, err *e) {
    table_count count;
    columns c;
    if (!table_read(b->d, path, &hierarchy_contract, NULL, "hierarchy_in", &count, e) ||
        !db_query(b->d, &s->keep, &c, e,
                  "SELECT series, parent FROM hierarchy_in ORDER BY src_line"))
        return false;
    int32_t *up = take(&s->keep, int32_t, t->n), *place = take(&s->keep, int32_t, t->n);
    if (!read_parents(&c, path, t, up, e)) return false;
    *out = (series_hierarchy){0, take(&s->keep, int32_t, t->n), take(&s->keep, int32_t, t->n)};
    int deepest = 0, named = 0;
    for (int i = 0; i < t->n; i++) {
        int depth = depth_of(up, i, t->n);
        if (depth < 0)
            return refuse(e, "%s: '%.*s' is a part of itself", path, (int)t->one[i].name.n,
                          t->one[i].name.p);
        deepest = depth > deepest ? depth : deepest, named += up[i] != UNNAMED;
    }
    if (named == 0) return refuse(e, "%s names no series", path);
    for (int depth = 0; depth <= deepest; depth++) /* a level after the one above it */
        for (int i = 0; i < t->n; i++) {
            if (up[i] == UNNAMED || depth_of(up, i, t->n) != depth) continue;
            place[i] = out->n;
            out->series[out->n] = i;
            out->parent[out->n++] = up[i] < 0 ? -1 : place[up[i]];
        }
    return true;
}

void series_hierarchy_apply(const series_hierarchy *h, int method, series_forecasts f,
                            arena scratch) {
    reconcile_tree t = {h->n, h->parent};
    double *x = take(&scratch, double, (int64_t)h->n *f.steps);
    double *variance = take(&scratch, double, h->n);
    size_t bytes = sizeof(double) * (size_t)f.steps;
    for (int64_t i = 0; i < h->n; i++) {
        memcpy(x + i * f.steps, f.mean + (int64_t)h->series[i] * f.steps, bytes);
        variance[i] = f.variance[h->series[i]];
    }
    if (method == SERIES_STRUCT) reconcile_tree_leaves(&t, variance);
    if (method == SERIES_BOTTOM_UP) reconcile_bottom_up(&t, f.steps, x, scratch);
    else if (method == SERIES_TOP_DOWN) reconcile_top_down(&t, f.steps, x, scratch);
    else reconcile_tree_solve(&t, variance, f.steps, f.units, x, scratch);
    for (int64_t i = 0; i < h->n; i++)
        for (int k = 0; k < f.steps; k++) {
            int64_t at = (int64_t)h->series[i] * f.steps + k;
            double by = x[i * f.steps + k] - f.mean[at];
            f.mean[at] += by;
            for (int l = 0; l < f.bounds; l++) {
                int64_t bound = ((int64_t)h->series[i] * f.bounds + l) * f.steps + k;
                f.low[bound] += by, f.high[bound] += by;
                if (f.units) f.low[bound] = fmax(f.low[bound], 0);
            }
        }
}
