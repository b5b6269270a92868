/* identity: which segment of a new clustering is which of the old one, so that names survive. */
#include "models/segment/identity.h"

#include <math.h>

const char *const identity_events[IDENTITY_EVENTS] = {"kept", "split", "merged", "born"};

/* What one row after the other is given to, with potentials u of rows and v of columns; column 0
 * is the row being placed. */
typedef struct search {
    int n;
    const double *cost; /* [n, n] */
    double *u, *v, *least;
    int *row_of, *way;
    bool *used;
} search;

/* Extends the pairing by row `row` along the cheapest alternating path. */
static void place(search *g, int row) {
    int column = 0;
    g->row_of[0] = row;
    for (int j = 0; j <= g->n; j++) g->least[j] = INFINITY, g->used[j] = false;
    do {
        int i = g->row_of[column], next = 0;
        double delta = INFINITY;
        g->used[column] = true;
        for (int j = 1; j <= g->n; j++) {
            if (g->used[j]) continue;
            double reduced = g->cost[(i - 1) * g->n + j - 1] - g->u[i] - g->v[j];
            if (reduced < g->least[j]) g->least[j] = reduced, g->way[j] = column;
            if (g->least[j] < delta) delta = g->least[j], next = j;
        }
        for (int j = 0; j <= g->n; j++) {
            if (g->used[j]) g->u[g->row_of[j]] += delta, g->v[j] -= delta;
            else g->least[j] -= delta;
        }
        column = next;
    } while (g->row_of[column] != 0);
    for (; column != 0; column = g->way[column]) g->row_of[column] = g->row_of[g->way[column]];
}

void identity_assign(const double *gain, int rows, int cols, int32_t *of, arena scratch) {
    int n = rows > cols ? rows : cols;
    double *cost = take(&scratch, double, n * n);
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < cols; j++) cost[i * n + j] = -gain[i * cols + j];
        of[i] = -1;
    }
    search g = {n,
                cost,
                take(&scratch, double, n + 1),
                take(&scratch, double, n + 1),
                take(&scratch, double, n + 1),
                take(&scratch, int, n + 1),
                take(&scratch, int, n + 1),
                take(&scratch, bool, n + 1)};
    for (int i = 1; i <= n; i++) place(&g, i);
    for (int j = 1; j <= cols; j++)
        if (g.row_of[j] <= rows) of[g.row_of[j] - 1] = j - 1;
}

/* What the old and new segments have in common. */
typedef struct overlap {
    int old, new;
    double *both; /* [old, new] */
    double *of_old, *of_new;
} overlap;

static overlap overlap_of(const int32_t *before, int k_before, const int32_t *after, int k_after,
                          int64_t n, arena *keep) {
    overlap o = {k_before, k_after, take(keep, double, k_before *k_after),
                 take(keep, double, k_before), take(keep, double, k_after)};
    for (int64_t i = 0; i < n; i++) {
        if (before[i] >= 0) o.of_old[before[i]]++;
        if (after[i] >= 0) o.of_new[after[i]]++;
        if (before[i] >= 0 && after[i] >= 0) o.both[before[i] * k_after + after[i]]++;
    }
    return o;
}

static bool gives(const overlap *o, int old, int new, double part) {
    return o->of_old[old] > 0 && o->both[old * o->new + new] >= part * o->of_old[old];
}

static bool brings(const overlap *o, int old, int new, double part) {
    return o->of_new[new] > 0 && o->both[old * o->new + new] >= part * o->of_new[new];
}

static identity_event event_of(const overlap *o, int new, double part) {
    int sources = 0;
    for (int i = 0; i < o->old; i++) sources += brings(o, i, new, part);
    if (sources >= 2) return IDENTITY_MERGED;
    for (int i = 0; i < o->old; i++) {
        int pieces = 0;
        if (!gives(o, i, new, part)) continue;
        for (int j = 0; j < o->new; j++) pieces += gives(o, i, j, part);
        if (pieces >= 2) return IDENTITY_SPLIT;
    }
    return IDENTITY_BORN;
}

identity identity_match(const int32_t *before, int k_before, const int32_t *after, int k_after,
                        int64_t n, identity_params p, arena *keep, arena scratch) {
    identity m = {take(keep, identity_segment, k_after), take(keep, bool, k_before)};
    overlap o = overlap_of(before, k_before, after, k_after, n, &scratch);
    int32_t *new_of = take(&scratch, int32_t, k_before);
    identity_assign(o.both, k_before, k_after, new_of, scratch);
    for (int j = 0; j < k_after; j++) {
        identity_segment *s = &m.segments[j];
        s->old = -1;
        s->from = take(keep, int32_t, k_before);
        for (int i = 0; i < k_before; i++) {
            if (brings(&o, i, j, p.part) || gives(&o, i, j, p.part)) s->from[s->n_from++] = i;
            if (new_of[i] != j) continue;
            double both = o.both[i * k_after + j], any = o.of_old[i] + o.of_new[j] - both;
            s->jaccard = any > 0 ? both / any : 0;
            if (s->jaccard >= p.keep) s->old = i;
        }
        s->event = s->old >= 0 ? IDENTITY_KEPT : event_of(&o, j, p.part);
    }
    for (int i = 0; i < k_before; i++)
        m.died[i] = new_of[i] < 0 || m.segments[new_of[i]].old != i;
    return m;
}
