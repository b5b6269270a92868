/* search: articles by what somebody types: words that their texts have, and what they mean. */
#include "pipeline/search.h"

#include <math.h>
#include <string.h>

#include "base/kernels.h"
#include "base/order.h"

/* What the query knows of one article. */
typedef struct asking {
    const search_index *x;
    const search_rule *rule;
    const float *vector; /* [wide] centred, of length 1; NULL = none */
    float *words;        /* [articles] */
    int32_t *terms;      /* [n] of the query that the index knows */
    float *weight;       /* [n] */
    int n;
} asking;

/* Words and pairs of the query with their tf-idf weights, as one row of length 1. */
static void read_query(asking *a, slice query, arena *keep) {
    const tfidf_model *m = &a->x->words;
    enum { MOST = 64 };
    char *plain = take(keep, char, query.n + 1);
    size_t n = tfidf_words(query, m->p.min_letters, plain);
    a->terms = take(keep, int32_t, 2 * MOST);
    a->weight = take(keep, float, 2 * MOST);
    size_t begins[MOST + 1], count = 0;
    for (size_t i = 0; i < n && count < MOST; i++)
        if (i == 0 || plain[i - 1] == ' ') begins[count++] = i;
    begins[count] = n + 1;
    double length = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t g = 1; g <= 2 && i + g <= count; g++) {
            size_t end = i + g == count ? n : begins[i + g] - 1;
            int32_t t = tfidf_find(m, (slice){plain + begins[i], end - begins[i]});
            if (t < 0) continue;
            int at = 0;
            while (at < a->n && a->terms[at] != t) at++;
            if (at == a->n) a->terms[a->n++] = t;
            a->weight[at] += (float)m->idf[t];
        }
    for (int i = 0; i < a->n; i++) length += (double)a->weight[i] * (double)a->weight[i];
    for (int i = 0; i < a->n; i++) a->weight[i] /= (float)sqrt(length);
}

static void add_words(asking *a) {
    const sparse *by = &a->x->by_term;
    for (int i = 0; i < a->n; i++)
        for (int64_t at = by->at[a->terms[i]]; at < by->at[a->terms[i] + 1]; at++)
            a->words[by->col[at]] += a->weight[i] * by->value[at];
}

/* The mean off, then of length 1; NULL when nothing is left. */
static const float *centre(const search_index *x, const float *vector, arena *keep) {
    float *c = take(keep, float, x->near.ld);
    double length = 0;
    for (int32_t i = 0; i < x->wide; i++) {
        c[i] = vector[i] - x->mean[i];
        length += (double)c[i] * (double)c[i];
    }
    if (!(length > 0)) return NULL;
    for (int32_t i = 0; i < x->wide; i++) c[i] /= (float)sqrt(length);
    return c;
}

static bool may(const search_rule *r, int64_t article) {
    return r->wanted < 0 || r->category[article] == r->wanted;
}

static float meaning(const asking *a, int64_t article) {
    const search_index *x = a->x;
    float out = 0;
    if (!a->vector || x->row[article] < 0) return 0;
    const float *row = x->near.row + (int64_t)x->near.place[x->row[article]] * x->near.ld;
    kernels_blas.gemm_nt(1, 1, x->wide, 1, a->vector, x->wide, row, x->near.ld, 0, &out, 1);
    return out;
}

/* The best `width` articles as a sorted list. */
static neighbours_list best(const asking *a, int width, arena *keep, arena scratch) {
    const search_index *x = a->x;
    neighbours_list list = {width, 0, take(keep, int32_t, width), take(keep, float, width)};
    for (int64_t i = 0; i < x->articles; i++)
        if (a->words[i] > 0 && may(a->rule, i))
            neighbours_offer(&list, (int32_t)i, a->words[i] + meaning(a, i));
    if (a->vector) {
        bitmap allowed = bitmap_open(x->near.items, &scratch);
        for (int64_t r = 0; r < x->near.items; r++)
            if (may(a->rule, x->article[r]) && !(a->words[x->article[r]] > 0))
                bitmap_set(&allowed, r);
        int32_t *ids = take(&scratch, int32_t, width);
        float *scores = take(&scratch, float, width);
        topk_one(&x->near, a->vector, (neighbours_rule){.k = width, .allowed = &allowed}, ids,
                 scores, scratch);
        for (int i = 0; i < width && ids[i] >= 0 && scores[i] > SEARCH_NEAR; i++)
            neighbours_offer(&list, x->article[ids[i]], scores[i]);
    }
    neighbours_sort(&list);
    return list;
}

/* The query's words that the article has, by their part of the score. */
static void find_words(const asking *a, search_found *one) {
    const search_index *x = a->x;
    float part[SEARCH_WORDS];
    for (int i = 0; i < a->n; i++) {
        float p = a->weight[i] * sparse_get(&x->by_term, a->terms[i], one->article);
        if (!(p > 0)) continue;
        int at = one->n_words < SEARCH_WORDS ? one->n_words++ : SEARCH_WORDS;
        for (; at > 0 && p > part[at - 1]; at--)
            if (at < SEARCH_WORDS) part[at] = part[at - 1], one->word[at] = one->word[at - 1];
        if (at < SEARCH_WORDS) part[at] = p, one->word[at] = x->words.term[a->terms[i]];
    }
}

static int64_t pick(const asking *a, const neighbours_list *list, search_found *out) {
    int64_t n = 0;
    for (int i = 0; i < list->k && list->ids[i] >= 0 && n < a->rule->k; i++) {
        int32_t article = list->ids[i];
        int same = 0;
        for (int64_t j = 0; j < n; j++)
            same += a->rule->product[out[j].article] == a->rule->product[article];
        if (same >= a->rule->max_variants) continue;
        out[n] = (search_found){.article = article, .score = list->scores[i],
                                .words = a->words[article], .meaning = meaning(a, article)};
        find_words(a, &out[n++]);
    }
    return n;
}

int64_t search_ask(const search_index *x, slice query, const float *vector,
                   const search_rule *rule, search_found *out, arena scratch) {
    asking a = {.x = x, .rule = rule};
    arena own = arena_split(&scratch, (size_t)x->articles * sizeof(float) + (128 << 10));
    read_query(&a, query, &own);
    a.words = take(&own, float, x->articles);
    add_words(&a);
    if (vector && x->wide > 0) a.vector = centre(x, vector, &own);
    /* variants of a product may push out others: ask for more until there are k products */
    for (int width = 4 * rule->k;; width *= 4) {
        if (width > NEIGHBOURS_MOST) width = NEIGHBOURS_MOST;
        arena round = scratch, lists = arena_split(&round, (size_t)width * 8 + 256);
        neighbours_list list = best(&a, width, &lists, round);
        int64_t n = pick(&a, &list, out);
        if (n == rule->k || width == NEIGHBOURS_MOST || list.ids[width - 1] < 0) return n;
    }
}
