/* view_segment_articles: what the customers of a segment buy of late, for somebody of whom no more
 * is known. */
#include <math.h>

#include "pipeline/live.h"
#include "surfaces/view_segment.h"

enum { OF_ID, OF_K, OF_CATEGORY, OF_IN_STOCK, OF_PRICE_MIN, OF_PRICE_MAX };

int64_t view_segment_bought(view *v, int method, int64_t index) {
    const bundle_segment *s = &v->b->segment;
    return s->bought.items ? s->first[method] + index
                           : -view_missing(v, "this bundle has no lists by segment: run the shop "
                                              "again");
}

static void put_items(view *v, int64_t row, const live_filter *f) {
    const bundle_bought *of = &v->b->segment.bought;
    int64_t rank = 0, most = v->values[OF_K].number;
    js_array(v->j, "items");
    for (int64_t at = row * of->k; at < (row + 1) * of->k && rank < most; at++) {
        if (of->items[at] < 0) break;
        if (!live_fits(v->b, f, of->items[at])) continue;
        js_object(v->j, NULL);
        view_article(v->j, v->b, of->items[at]);
        view_number(v->j, "score", (double)of->scores[at]);
        js_put_int(v->j, "rank", ++rank);
        view_number(v->j, "share", (double)of->shares[at]);
        view_number(v->j, "lift", (double)of->lifts[at]);
        js_end(v->j);
    }
    js_end(v->j);
}

int view_recommend_segment(view *v) {
    const bundle *b = v->b;
    const param_value *p = v->values;
    int method = 0;
    int64_t index = view_segment_find(v, &method);
    if (index < 0) return (int)-index;
    int64_t row = view_segment_bought(v, method, index);
    if (row < 0) return (int)-row;
    live_filter f = {.category = (int32_t)p[OF_CATEGORY].number,
                     .in_stock = p[OF_IN_STOCK].number != 0,
                     .price_min = p[OF_PRICE_MIN].given ? p[OF_PRICE_MIN].real : NAN,
                     .price_max = p[OF_PRICE_MAX].given ? p[OF_PRICE_MAX].real : NAN};
    view_model(v, "recommend");
    js_put_text(v->j, "segment", bundle_text(&b->segment.methods[method].ids, index));
    js_put_text(v->j, "name", bundle_text(&b->segment.methods[method].names, index));
    put_items(v, row, &f);
    js_put_int(v->j, "took_us", (view_clock_ns() - v->started_ns) / 1000);
    return 200;
}
