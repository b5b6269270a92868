/* recommend_rank: the ranked list of each customer, as every page and answer shows it. */
#include "pipeline/recommend_rank.h"

#include <string.h>

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
    "what sells now",
    "price",
    "your history",
    "base"};

bool recommend_rank(const recommend_fit *m, recommend_ask ask, recommend_ranked *to, pool *threads,
                    arena *keep, arena scratch, err *e) {
    (void)e;
    int64_t n = ask.n;
    int k = ask.k;
    *to = (recommend_ranked){n, k, take(keep, int32_t, n * k), take(keep, float, n * k), NULL};
    if (ask.parts) to->parts = take(keep, float, n * k * RECOMMEND_PARTS);
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    hybrid_problem p = recommend_candidates(m, ask.customers, n, threads, &scratch, inner);
    hybrid_lists lists = {.k = k, .ids = to->ids, .scores = to->scores};
    if (ask.parts) lists.parts = take(&scratch, float, n * k * p.n);
    hybrid_blend(&p, m->p.weights, lists, threads);
    for (int64_t i = 0; ask.parts && i < n * k; i++)
        memcpy(to->parts + i * RECOMMEND_PARTS, lists.parts + i * p.n,
               sizeof *lists.parts * (size_t)p.n);
    return true;
}
