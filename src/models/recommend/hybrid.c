/* hybrid: a weighted blend of the candidate lists of several sources, and the choice of weights. */
#include "models/recommend/hybrid.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/metrics_rank.h"
#include "models/recommend/neighbours.h"

enum { USERS = 256 };

typedef struct blend {
    const hybrid_problem *p;
    hybrid_weights w;
    hybrid_lists to;
} blend;

typedef struct candidate {
    int32_t item;
    float score, most; /* most: the largest part */
    uint8_t source;    /* that gave it */
    float parts[HYBRID_MOST];
} candidate;

/* The candidates of one user: each item once; slot[item] = its number + 1 while it is open. */
static int collect(const blend *b, int64_t user, int32_t *slot, candidate *all) {
    int n = 0;
    for (int s = 0; s < b->p->n; s++) {
        const hybrid_source *source = &b->p->sources[s];
        int64_t list = source->list ? source->list[user] : user;
        if (list < 0 || source->width == 0 || b->w.of[s] <= 0) continue;
        const int32_t *ids = source->ids + list * source->width;
        const float *scores = source->scores + list * source->width;
        if (ids[0] < 0 || scores[0] <= 0) continue;
        float unit = source->unit > 0 ? source->unit : scores[0];
        for (int i = 0; i < source->width && ids[i] >= 0; i++) {
            float part = b->w.of[s] * (scores[i] > 0 ? scores[i] / unit : 0);
            if (slot[ids[i]] == 0) {
                all[n] = (candidate){.item = ids[i], .source = (uint8_t)s};
                slot[ids[i]] = ++n;
            }
            candidate *c = &all[slot[ids[i]] - 1];
            c->score += part;
            c->parts[s] = part;
            if (part > c->most) {
                c->most = part;
                c->source = (uint8_t)s;
            }
        }
    }
    return n;
}

static void blend_user(const blend *b, int64_t user, int32_t *slot, candidate *all) {
    int k = b->to.k, n = collect(b, user, slot, all);
    neighbours_list list = {.k = k, .ids = b->to.ids + user * k, .scores = b->to.scores + user * k};
    for (int i = 0; i < n; i++)
        if (!b->p->skip || !sparse_has(b->p->skip, user, all[i].item))
            neighbours_offer(&list, all[i].item, all[i].score);
    neighbours_sort(&list);
    for (int i = 0; b->to.reason && i < list.n; i++)
        b->to.reason[user * k + i] = all[slot[list.ids[i]] - 1].source;
    for (int i = 0; b->to.parts && i < list.n; i++)
        memcpy(b->to.parts + (user * k + i) * b->p->n, all[slot[list.ids[i]] - 1].parts,
               sizeof(float) * (size_t)b->p->n);
    for (int i = 0; i < n; i++) slot[all[i].item] = 0;
}

static void blend_chunk(void *what, int64_t chunk, arena scratch) {
    const blend *b = what;
    int most = 0;
    for (int s = 0; s < b->p->n; s++) most += b->p->sources[s].width;
    int32_t *slot = take(&scratch, int32_t, b->p->items);
    candidate *all = take(&scratch, candidate, most);
    int64_t end = (chunk + 1) * USERS < b->p->users ? (chunk + 1) * USERS : b->p->users;
    for (int64_t u = chunk * USERS; u < end; u++) blend_user(b, u, slot, all);
}

void hybrid_blend(const hybrid_problem *p, hybrid_weights w, hybrid_lists to, pool *threads) {
    assert(p->n >= 1 && p->n <= HYBRID_MOST && to.k >= 1);
    blend b = {p, w, to};
    pool_for(threads, (p->users + USERS - 1) / USERS, blend_chunk, &b);
}

double hybrid_map(const hybrid_problem *p, hybrid_weights w, const sparse *truth, int k,
                  pool *threads, arena scratch) {
    hybrid_lists lists = {.k = k, .ids = take(&scratch, int32_t, p->users * k),
                          .scores = take(&scratch, float, p->users * k)};
    hybrid_blend(p, w, lists, threads);
    double sum = 0;
    int64_t n = 0;
    for (int64_t u = 0; u < p->users; u++) {
        int64_t m = sparse_degree(truth, u);
        if (m == 0) continue;
        sum += metrics_rank_one(lists.ids + u * k, k, truth->col + truth->at[u], m, k).ap;
        n++;
    }
    return n > 0 ? sum / (double)n : NAN;
}

int hybrid_choose(const hybrid_problem *p, const hybrid_weights *of, int n, const sparse *truth,
                  int k, double *map, pool *threads, arena scratch) {
    int best = 0;
    for (int i = 0; i < n; i++) {
        map[i] = hybrid_map(p, of[i], truth, k, threads, scratch);
        if (map[i] > map[best]) best = i;
    }
    return best;
}
