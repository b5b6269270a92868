/* view_segment_articles: what the customers of a segment buy of late, for somebody of whom no more
 * is known. */
#include <math.h>

#include "pipeline/live.h"
#include "surfaces/view_segment.h"

enum { OF_ID, OF_K, OF_CATEGORY, OF_IN_STOCK, OF_PRICE_MIN, OF_PRICE_MAX };
enum { HALF_LIFE = 28, MOST = 100 }; /* days; articles */

/* Units by article, each worth half after HALF_LIFE days. */
typedef struct bought {
    double *of, *all; /* [articles] by the segment, by everybody */
    double sum_of, sum_all;
} bought;

static void count_all(const bundle *b, int method, int64_t index, bought *to) {
    const bundle_segment *s = &b->segment;
    const bundle_log *h = &b->recommend.history;
    for (int64_t c = 0; c < b->customers; c++) {
        bool belongs = s->of[c * s->n_methods + method] == index;
        for (int64_t i = h->at[c]; i < h->at[c + 1]; i++) {
            double age = b->end[0] - 1 - h->day[i];
            double w = (double)h->weight[i] * exp2(-age / HALF_LIFE);
            to->all[h->item[i]] += w, to->sum_all += w;
            if (belongs) to->of[h->item[i]] += w, to->sum_of += w;
        }
    }
}

/* The k articles that fit and are bought most; ties to the smaller number. */
static int best(const bundle *b, const bought *n, const live_filter *f, int k, int32_t *top) {
    int found = 0;
    for (int32_t i = 0; i < b->articles; i++) {
        if (!(n->of[i] > 0) || (found == k && n->of[i] <= n->of[top[k - 1]])) continue;
        if (!live_fits(b, f, i)) continue;
        int at = found < k ? found++ : k - 1;
        for (; at > 0 && n->of[i] > n->of[top[at - 1]]; at--) top[at] = top[at - 1];
        top[at] = i;
    }
    return found;
}

static void put_items(view *v, const bought *n, const int32_t *top, int found) {
    js_array(v->j, "items");
    for (int at = 0; at < found; at++) {
        double share = n->of[top[at]] / n->sum_of;
        js_object(v->j, NULL);
        view_article(v->j, v->b, top[at]);
        view_number(v->j, "score", n->of[top[at]]);
        js_put_int(v->j, "rank", at + 1);
        view_number(v->j, "share", share);
        view_number(v->j, "lift", share / (n->all[top[at]] / n->sum_all));
        js_end(v->j);
    }
    js_end(v->j);
}

int view_recommend_segment(view *v) {
    const bundle *b = v->b;
    const param_value *p = v->values;
    int method = 0;
    int32_t top[MOST];
    if (!b->recommend.has) return view_missing(v, "this bundle has no recommendations");
    int64_t index = view_segment_find(v, &method);
    if (index < 0) return (int)-index;
    live_filter f = {.category = (int32_t)p[OF_CATEGORY].number,
                     .in_stock = p[OF_IN_STOCK].number != 0,
                     .price_min = p[OF_PRICE_MIN].given ? p[OF_PRICE_MIN].real : NAN,
                     .price_max = p[OF_PRICE_MAX].given ? p[OF_PRICE_MAX].real : NAN};
    scope own; /* more than the memory of a request, where a shop has many articles */
    err e = {0};
    if (!scope_open(&own, (size_t)b->articles * 2 * sizeof(double) + 4096, 0, &e)) return 503;
    bought n = {.of = take(&own.keep, double, b->articles),
                .all = take(&own.keep, double, b->articles)};
    count_all(b, method, index, &n);
    int found = best(b, &n, &f, (int)p[OF_K].number, top);
    view_model(v, "recommend");
    js_put_text(v->j, "segment", bundle_text(&b->segment.methods[method].ids, index));
    js_put_text(v->j, "name", bundle_text(&b->segment.methods[method].names, index));
    put_items(v, &n, top, found);
    js_put_int(v->j, "took_us", (view_clock_ns() - v->started_ns) / 1000);
    scope_close(&own);
    return 200;
}
