/* kdtree: building the tree by halves, and the nearest rows of one query. */
#include "models/segment/kdtree_parts.h"

#include <assert.h>
#include <math.h>

/* SHARES subtrees are built side by side; SAMPLE: rows that choose the column of a node. */
enum { LEAF = KDTREE_LEAF, SHARES = 64, SAMPLE = 128 };

/* ---- building ---- */

typedef struct build {
    const float *x;
    kdtree *t;
    uint64_t *key; /* [n]: a column's value in order of its bits, then the row */
    kdtree_node was[SHARES / 2], part[SHARES];
} build;

static int64_t end_of(const kdtree *t, int leaf) {
    int64_t end = (int64_t)leaf * LEAF;
    return end < t->n ? end : t->n;
}

/* Numbers whose order as integers is that of the floats; -0 and 0 are one. */
static uint32_t ordered(float v) {
    union {
        float f;
        uint32_t u;
    } as = {v == 0 ? 0 : v};
    return as.u >> 31 ? ~as.u : as.u | 1u << 31;
}

static void swap(uint64_t *a, uint64_t *b) {
    uint64_t was = *a;
    *a = *b;
    *b = was;
}

/* Puts the `at` smallest of key [n] first (Hoare's selection). */
static void split(uint64_t *key, int64_t n, int64_t at) {
    for (int64_t low = 0, high = n - 1; low < high;) {
        uint64_t *mid = key + low + (high - low) / 2;
        if (*mid < key[low]) swap(mid, key + low);
        if (key[high] < key[low]) swap(key + high, key + low);
        if (key[high] < *mid) swap(key + high, mid);
        uint64_t pivot = *mid;
        int64_t i = low, j = high;
        while (i <= j) {
            while (key[i] < pivot) i++;
            while (pivot < key[j]) j--;
            if (i <= j) swap(key + i++, key + j--);
        }
        if (at <= j) high = j;
        else if (at >= i) low = i;
        else return;
    }
}

/* Halves the rows of a node in the column where a sample of them is spread widest. */
static void halve(const build *b, kdtree_node p) {
    const kdtree *t = b->t;
    int64_t from = end_of(t, p.from), to = end_of(t, p.to), step = (to - from) / SAMPLE + 1;
    int widest = 0;
    double spread = -1;
    for (int c = 0; c < t->d; c++) {
        float low = INFINITY, high = -INFINITY;
        for (int64_t i = from; i < to; i += step) {
            float v = b->x[(int64_t)(b->key[i] & UINT32_MAX) * t->d + c];
            low = v < low ? v : low;
            high = v > high ? v : high;
        }
        if ((double)high - (double)low <= spread) continue;
        spread = (double)high - (double)low;
        widest = c;
    }
    for (int64_t i = from; i < to; i++) {
        uint64_t row = b->key[i] & UINT32_MAX;
        b->key[i] = (uint64_t)ordered(b->x[(int64_t)row * t->d + widest]) << 32 | row;
    }
    split(b->key + from, to - from, end_of(t, kdtree_half(p)) - from);
    t->column[p.at] = widest;
}

/* The rows of a leaf and its box. */
static void fill(const build *b, kdtree_node p) {
    const kdtree *t = b->t;
    float *block = t->block + (int64_t)p.from * t->d * LEAF;
    float *low = t->box + (int64_t)p.at * 2 * t->d, *high = low + t->d;
    int64_t from = end_of(t, p.from), to = end_of(t, p.to);
    int32_t least = INT32_MAX;
    for (int i = 0; i < LEAF; i++) {
        bool there = from + i < to;
        int32_t row = there ? (int32_t)(b->key[from + i] & UINT32_MAX) : INT32_MAX;
        t->row[(int64_t)p.from * LEAF + i] = row;
        least = row < least ? row : least;
        for (int c = 0; c < t->d; c++)
            block[c * LEAF + i] = there ? b->x[(int64_t)row * t->d + c] : NAN;
    }
    for (int c = 0; c < t->d; c++) {
        low[c] = high[c] = block[c * LEAF];
        for (int i = 1; from + i < to && i < LEAF; i++) {
            float v = block[c * LEAF + i];
            low[c] = v < low[c] ? v : low[c];
            high[c] = v > high[c] ? v : high[c];
        }
    }
    t->least[p.at] = least;
    t->column[p.at] = 0;
    t->halfway[p.at] = 0;
}

/* A node's box is that of its halves. */
static void join(const kdtree *t, kdtree_node p) {
    int32_t a = kdtree_left(p).at, b = kdtree_right(p).at, c = t->column[p.at];
    float *box = t->box + (int64_t)p.at * 2 * t->d;
    const float *left = t->box + (int64_t)a * 2 * t->d, *right = t->box + (int64_t)b * 2 * t->d;
    for (int i = 0; i < t->d; i++) {
        int high = t->d + i;
        box[i] = left[i] < right[i] ? left[i] : right[i];
        box[high] = left[high] > right[high] ? left[high] : right[high];
    }
    t->least[p.at] = t->least[a] < t->least[b] ? t->least[a] : t->least[b];
    t->halfway[p.at] = left[t->d + c] / 2 + right[c] / 2;
}

static void grow(const build *b, kdtree_node p) {
    if (p.from == p.to) return;
    if (kdtree_is_leaf(p)) {
        fill(b, p);
        return;
    }
    halve(b, p);
    grow(b, kdtree_left(p));
    grow(b, kdtree_right(p));
    join(b->t, p);
}

static void grow_share(void *what, int64_t i, arena scratch) {
    const build *b = what;
    (void)scratch;
    grow(b, b->part[i]);
}

/* Part i of the last round becomes parts 2 i and 2 i + 1. */
static void halve_share(void *what, int64_t i, arena scratch) {
    build *b = what;
    (void)scratch;
    kdtree_node p = b->was[i], *to = b->part + 2 * i;
    to[0] = p;
    to[1] = (kdtree_node){0};
    if (p.to - p.from < 2) return;
    halve(b, p);
    to[0] = kdtree_left(p);
    to[1] = kdtree_right(p);
}

/* Joins the nodes that were halved before the shares. */
static void join_shares(const kdtree *t, kdtree_node p, int shares) {
    if (shares == 1 || kdtree_is_leaf(p)) return;
    join_shares(t, kdtree_left(p), shares / 2);
    join_shares(t, kdtree_right(p), shares / 2);
    join(t, p);
}

kdtree kdtree_build(const float *x, int64_t n, int d, pool *threads, arena *keep, arena scratch) {
    assert(n >= 1 && n < INT32_MAX && d >= 1 && arena_apart(keep, &scratch));
    kdtree t = {.n = n, .d = d, .leaves = (int)((n + LEAF - 1) / LEAF)};
    int64_t nodes = 2 * (int64_t)t.leaves - 1;
    t.block = take_raw(keep, float, (int64_t)t.leaves * LEAF * d);
    t.row = take_raw(keep, int32_t, (int64_t)t.leaves * LEAF);
    t.box = take_raw(keep, float, nodes * 2 * d);
    t.least = take_raw(keep, int32_t, nodes);
    t.column = take_raw(keep, int32_t, nodes);
    t.halfway = take_raw(keep, float, nodes);
    build b = {.x = x, .t = &t, .key = take_raw(&scratch, uint64_t, n)};
    for (int64_t i = 0; i < n; i++) b.key[i] = (uint64_t)i;
    b.part[0] = kdtree_root(&t);
    for (int64_t shares = 1; shares < SHARES; shares *= 2) {
        for (int64_t i = 0; i < shares; i++) b.was[i] = b.part[i];
        pool_for(threads, shares, halve_share, &b);
    }
    pool_for(threads, SHARES, grow_share, &b);
    join_shares(&t, kdtree_root(&t), SHARES);
    return t;
}

/* ---- one query ---- */

typedef struct search {
    const kdtree *t;
    const float *query;
    kdtree_scan_kernel *scan;
    int32_t *row;
    double *far; /* squares until the end */
    int k, found;
} search;

static bool before(double a, int32_t a_row, double b, int32_t b_row) {
    return a < b || (a == b && a_row < b_row);
}

static void offer(search *s, double square, int32_t row) {
    int last = s->k - 1, at = s->found < s->k ? s->found : last;
    if (s->found == s->k && !before(square, row, s->far[last], s->row[last])) return;
    if (s->found < s->k) s->found++;
    for (; at > 0 && before(square, row, s->far[at - 1], s->row[at - 1]); at--) {
        s->far[at] = s->far[at - 1];
        s->row[at] = s->row[at - 1];
    }
    s->far[at] = square;
    s->row[at] = row;
}

static void look(search *s, kdtree_node p, double outside) {
    const kdtree *t = s->t;
    int last = s->k - 1;
    if (s->found == s->k && !before(outside, t->least[p.at], s->far[last], s->row[last])) return;
    if (!kdtree_is_leaf(p)) {
        kdtree_node left = kdtree_left(p), right = kdtree_right(p);
        double a = kdtree_outside(t->box + (int64_t)left.at * 2 * t->d, s->query, 0, 1, t->d);
        double b = kdtree_outside(t->box + (int64_t)right.at * 2 * t->d, s->query, 0, 1, t->d);
        bool right_first = before(b, t->least[right.at], a, t->least[left.at]);
        look(s, right_first ? right : left, right_first ? b : a);
        look(s, right_first ? left : right, right_first ? a : b);
        return;
    }
    const float *leaf = t->block + (int64_t)p.from * t->d * LEAF;
    float limit = s->found < s->k ? INFINITY : kdtree_limit(s->far[last], t->d);
    uint32_t hits;
    for (s->scan(leaf, s->query, 1, t->d, 1, &limit, &hits); hits; hits &= hits - 1) {
        int i = __builtin_ctz(hits);
        offer(s, kdtree_square(leaf, i, s->query, 0, 1, t->d), t->row[p.from * LEAF + i]);
    }
}

void kdtree_nearest(const kdtree *t, const float *query, int k, int32_t *row, double *far) {
    search s = {t, query, kdtree_scan_kernels[simd_level()], row, far, k, 0};
    if (k < 1) return;
    look(&s, kdtree_root(t), 0);
    for (int i = 0; i < s.found; i++) far[i] = sqrt(far[i]);
    for (int i = s.found; i < k; i++) {
        row[i] = -1;
        far[i] = INFINITY;
    }
}
