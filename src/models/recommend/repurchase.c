/* repurchase: how likely a customer buys an item again within the next days. */
#include "models/recommend/repurchase.h"

#include <assert.h>
#include <math.h>

const char *repurchase_check(repurchase_params p) {
    if (p.days < 1 || p.days > 365) return "days of repurchase must be in 1..365";
    if (!(p.prior > 0) || isinf(p.prior)) return "prior of repurchase must be above 0";
    if (p.categories < 0) return "categories must be 0 or more";
    return NULL;
}

static int log2_of(int32_t gap) {
    int g = 0;
    while (gap > 1 && g < REPURCHASE_GAPS - 1) {
        gap /= 2;
        g++;
    }
    return g;
}

int repurchase_cell(int32_t gap, int32_t count) {
    int n = count < 1 ? 1 : count > REPURCHASE_COUNTS ? REPURCHASE_COUNTS : count;
    return log2_of(gap) * REPURCHASE_COUNTS + n - 1;
}

double repurchase_score(const repurchase_model *m, int32_t category, int32_t gap, int32_t count) {
    int64_t row = category >= 0 && category < m->p.categories ? category : m->p.categories;
    return m->rate[row * REPURCHASE_CELLS + repurchase_cell(gap, count)];
}

/* Stable counting sort of index[n] by key[index[i]]. */
static void sort_by(const int32_t *key, int64_t n, int32_t *index, arena scratch) {
    int32_t least = INT32_MAX, most = INT32_MIN;
    for (int64_t i = 0; i < n; i++) {
        if (key[index[i]] < least) least = key[index[i]];
        if (key[index[i]] > most) most = key[index[i]];
    }
    if (n == 0) return;
    int64_t keys = (int64_t)most - least + 1;
    int32_t *from = take_copy(&scratch, int32_t, index, n);
    int32_t *next = take(&scratch, int32_t, keys + 1);
    for (int64_t i = 0; i < n; i++) next[key[from[i]] - least + 1]++;
    for (int64_t k = 0; k < keys; k++) next[k + 1] += next[k];
    for (int64_t i = 0; i < n; i++) index[next[key[from[i]] - least]++] = from[i];
}

/* How many of as_of - H, as_of - 2H, … lie in first … last. */
static int64_t looks(repurchase_params p, int64_t first, int64_t last) {
    if (last > p.as_of - p.days) last = p.as_of - p.days;
    if (last < first) return 0;
    return (p.as_of - first) / p.days - (p.as_of - last - 1) / p.days;
}

/* Counts the days t after the purchase on `day`, up to and with `next`, the day of the one after
 * (INT32_MAX = none). */
static void add_stretch(const repurchase_params *p, int32_t day, int32_t next, int32_t count,
                        int64_t *seen, int64_t *again) {
    int64_t end = next < p->as_of ? next : p->as_of;
    for (int g = 0; g < REPURCHASE_GAPS; g++) {
        int64_t first = day + ((int64_t)1 << g), last = day + ((int64_t)2 << g) - 1;
        if (first > end) break;
        if (last > end || g == REPURCHASE_GAPS - 1) last = end;
        seen[repurchase_cell((int32_t)(first - day), count)] += looks(*p, first, last);
    }
    if (next >= p->as_of) return;
    int64_t t = next - (((int64_t)next - p->as_of) % p->days + p->days) % p->days;
    if (t > day) again[repurchase_cell((int32_t)(t - day), count)]++;
}

static void count_all(repurchase_model *m, repurchase_events ev, const int32_t *index, int64_t n) {
    int64_t all = (int64_t)m->p.categories * REPURCHASE_CELLS;
    int32_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        int32_t at = index[i], to = i + 1 < n ? index[i + 1] : -1;
        bool same = to >= 0 && ev.customer[to] == ev.customer[at] && ev.item[to] == ev.item[at];
        if (same && ev.day[to] == ev.day[at]) continue;
        int32_t c = ev.category ? ev.category[at] : -1, next = same ? ev.day[to] : INT32_MAX;
        count++;
        add_stretch(&m->p, ev.day[at], next, count, m->seen + all, m->again + all);
        if (c >= 0) {
            int64_t row = (int64_t)c * REPURCHASE_CELLS;
            assert(c < m->p.categories);
            add_stretch(&m->p, ev.day[at], next, count, m->seen + row, m->again + row);
        }
        if (!same) count = 0;
    }
}

static void smooth(repurchase_model *m) {
    int64_t all = (int64_t)m->p.categories * REPURCHASE_CELLS, seen = 0, again = 0;
    for (int i = 0; i < REPURCHASE_CELLS; i++) {
        seen += m->seen[all + i];
        again += m->again[all + i];
    }
    m->overall = seen > 0 ? (double)again / (double)seen : 0;
    for (int64_t at = all + REPURCHASE_CELLS; at-- > 0;) { /* the row of all first */
        double before = at >= all ? m->overall : m->rate[all + at % REPURCHASE_CELLS];
        m->rate[at] = ((double)m->again[at] + m->p.prior * before) /
                      ((double)m->seen[at] + m->p.prior);
    }
}

bool repurchase_fit(repurchase_model *m, repurchase_events ev, repurchase_params p, arena *keep,
                    arena scratch, err *e) {
    const char *wrong = repurchase_check(p);
    if (wrong) return refuse(e, "%s", wrong);
    assert(ev.n <= INT32_MAX && arena_apart(keep, &scratch));
    int64_t cells = ((int64_t)p.categories + 1) * REPURCHASE_CELLS, n = 0;
    *m = (repurchase_model){.p = p, .seen = take(keep, int64_t, cells),
                            .again = take(keep, int64_t, cells), .rate = take(keep, double, cells)};
    int32_t *index = take(&scratch, int32_t, ev.n);
    for (int64_t i = 0; i < ev.n; i++)
        if (ev.day[i] < p.as_of) index[n++] = (int32_t)i;
    sort_by(ev.day, n, index, scratch);
    sort_by(ev.item, n, index, scratch);
    sort_by(ev.customer, n, index, scratch);
    count_all(m, ev, index, n);
    smooth(m);
    return true;
}
