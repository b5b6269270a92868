/* recommend_rank: the ranked list of each customer, as every page and answer shows it. */
#include "pipeline/recommend_rank.h"

#include <math.h>
#include <string.h>

#include "base/order.h"
#include "pipeline/recommend_frame.h"

enum {
    CUSTOMERS = 64, /* of a chunk */
    BLOCK = 4096,   /* customers whose candidates and rows are in memory at once */
};

const char *const recommend_parts[RECOMMEND_PARTS] = {
    "popular now",
    "bought by customers with your taste",
    "similar to articles you bought",
    "you bought it before",
    "bought with articles you bought",
    "sells now in departments you buy from",
    "another colour or size of what you bought",
    "new in departments you buy from",
    "you looked at it",
    "bought next by others",
    "colour, pattern and kind that you like",
    "what sells now",
    "price",
    "your history",
    "base"};

static void rank_blend(const recommend_fit *m, const hybrid_problem *p, recommend_ranked *to,
                       pool *threads, arena scratch) {
    int64_t rows = to->n * to->k;
    hybrid_lists lists = {.k = to->k, .ids = to->ids, .scores = to->scores};
    if (to->parts) lists.parts = take(&scratch, float, rows * p->n);
    hybrid_blend(p, m->p.weights, lists, threads);
    for (int64_t i = 0; to->parts && i < rows; i++)
        memcpy(to->parts + i * RECOMMEND_PARTS, lists.parts + i * p->n,
               sizeof *lists.parts * (size_t)p->n);
}

/* ---- by the ranker ---- */

typedef struct ranking {
    const trees *ranker;
    const recommend_frame *f;
    const double *score; /* [f->rows] */
    const double *mean;  /* of means_of */
    double base;
    recommend_ranked *to;
} ranking;

/* Mean score of the rows of the fit that came by each node, [nodes], and by each tree's root. */
static double *means_of(const trees *m, double *base, arena *keep) {
    double *mean = take(keep, double, trees_nodes(m) + 1);
    *base = 0;
    for (int32_t t = 0; t < m->n; t++) {
        int64_t from = m->at[t], nodes = m->at[t + 1] - from, leaf = from + t;
        for (int64_t i = nodes - 1; i >= 0; i--) { /* children come after their parents */
            double sum = 0, rows = 0;
            for (int side = 0; side < 2; side++) {
                int32_t child = side ? m->right[from + i] : m->left[from + i];
                double n = child < 0 ? m->leaf_rows[leaf + ~child] : m->node_rows[from + child];
                sum += n * (child < 0 ? m->value[leaf + ~child] : mean[from + child]);
                rows += n;
            }
            mean[from + i] = rows > 0 ? sum / rows : 0;
        }
        *base += nodes > 0 ? mean[from] : m->value[leaf];
    }
    return mean;
}

/* Parts of one row: each split on its path moves the mean of the rows that come by; the move
 * belongs to the part of the split's column. They add up to the score. (Saabas 2014; unlike
 * trees_explain it looks at one order of the columns only, and costs as little as scoring.) */
static void explain(const ranking *r, int64_t row, float *parts) {
    const trees *m = r->ranker;
    const float *x = r->f->x + row * FRAME_COLUMNS;
    double sums[RECOMMEND_PARTS] = {0};
    sums[RECOMMEND_PART_BASE] = r->base;
    for (int32_t t = 0; t < m->n; t++) {
        int64_t from = m->at[t];
        int32_t node = m->at[t + 1] > from ? 0 : ~0;
        while (node >= 0) {
            int64_t at = from + node;
            float value = x[m->feature[at]];
            bool left = isnan(value) ? m->kind[at] & TREES_MISSING_LEFT : value <= m->threshold[at];
            node = left ? m->left[at] : m->right[at];
            double next = node < 0 ? m->value[from + t + ~node] : r->mean[from + node];
            sums[recommend_column_part(m->feature[at])] += next - r->mean[at];
        }
    }
    for (int p = 0; p < RECOMMEND_PARTS; p++) parts[p] = (float)sums[p];
}

static void rank_chunk(void *what, int64_t chunk, arena scratch) {
    const ranking *r = what;
    int k = r->to->k;
    int64_t end = (chunk + 1) * CUSTOMERS < r->f->n ? (chunk + 1) * CUSTOMERS : r->f->n;
    for (int64_t u = chunk * CUSTOMERS; u < end; u++) {
        int64_t from = r->f->at[u], n = r->f->at[u + 1] - from;
        arena own = scratch;
        int32_t *order = order_count(n, &own);
        order_down(order, n, r->score + from, own);
        for (int i = 0; i < k; i++) {
            bool has = i < n;
            r->to->ids[u * k + i] = has ? r->f->item[from + order[i]] : -1;
            r->to->scores[u * k + i] = has ? (float)r->score[from + order[i]] : 0;
            if (has && r->to->parts)
                explain(r, from + order[i], r->to->parts + (u * k + i) * RECOMMEND_PARTS);
        }
    }
}

static void rank_trees(const recommend_fit *m, recommend_ask ask, recommend_ranked *to,
                       pool *threads, arena scratch) {
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    recommend_rows of = {.customers = ask.customers, .n = ask.n, .lists = ask.lists,
                         .facts = m->facts};
    of.ids = recommend_union(ask.lists, threads, &scratch, inner);
    recommend_frame f = recommend_frame_make(m, &of, threads, &scratch, inner);
    double *score = take(&scratch, double, f.rows);
    trees_score(m->ranker, f.x, f.rows, score, threads);
    ranking r = {.ranker = m->ranker, .f = &f, .score = score, .to = to};
    r.mean = means_of(m->ranker, &r.base, &scratch);
    pool_for(threads, (f.n + CUSTOMERS - 1) / CUSTOMERS, rank_chunk, &r);
}

/* Candidates of the users [from, from + n) of p. */
static hybrid_problem part_of(const hybrid_problem *p, int64_t from, int64_t n) {
    hybrid_problem part = *p;
    part.users = n;
    for (int s = 0; s < p->n; s++) {
        hybrid_source *of = &part.sources[s];
        if (of->width == 0) continue;
        if (of->list) {
            of->list += from;
        } else {
            of->ids += from * of->width;
            of->scores += from * of->width;
        }
    }
    return part;
}

static void rank_block(const recommend_fit *m, recommend_ask ask, recommend_ranked *to,
                       pool *threads, arena scratch) {
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    hybrid_problem p = ask.lists ? *ask.lists
                                 : recommend_candidates(m, ask.customers, ask.n, threads, &scratch,
                                                        inner);
    ask.lists = &p;
    if (m->ranker) rank_trees(m, ask, to, threads, inner);
    else rank_blend(m, &p, to, threads, inner);
}

bool recommend_rank(const recommend_fit *m, recommend_ask ask, recommend_ranked *to, pool *threads,
                    arena *keep, arena scratch, err *e) {
    int64_t n = ask.n;
    int k = ask.k;
    if (m->ranker && k > RECOMMEND_UNION)
        return refuse(e, "a list has at most %d articles, asked for %d", RECOMMEND_UNION, k);
    *to = (recommend_ranked){n, k, take(keep, int32_t, n * k), take(keep, float, n * k), NULL};
    if (ask.parts) to->parts = take(keep, float, n * k * RECOMMEND_PARTS);
    for (int64_t from = 0; from < n; from += BLOCK) {
        recommend_ask some = ask;
        some.n = n - from < BLOCK ? n - from : BLOCK;
        some.customers += from;
        hybrid_problem p;
        if (ask.lists) {
            p = part_of(ask.lists, from, some.n);
            some.lists = &p;
        }
        recommend_ranked part = {some.n, k, to->ids + from * k, to->scores + from * k, NULL};
        if (ask.parts) part.parts = to->parts + from * k * RECOMMEND_PARTS;
        rank_block(m, some, &part, threads, scratch);
    }
    return true;
}
