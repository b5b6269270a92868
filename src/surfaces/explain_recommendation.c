/* explain_recommendation: what is recommended to a customer, and why an article is not. */
#include "surfaces/explain.h"

static void put_article(story *t, const bundle *b, int64_t article) {
    js_put_text(t->out, "id", bundle_text(&b->article_id, article));
    js_put_text(t->out, "name", bundle_text(&b->article_name, article));
}

/* ---- lists ---- */

static void tell_item(story *t, const bundle *b, int64_t rank, int32_t article, float score,
                      slice reason) {
    slice id = bundle_text(&b->article_id, article), name = bundle_text(&b->article_name, article);
    js_object(t->out, NULL);
    js_put_int(t->out, "rank", rank);
    put_article(t, b, article);
    js_put_real(t->out, "score", (double)score);
    js_put_text(t->out, "reason", reason);
    js_end(t->out);
    TELL(t, "  %2lld  %.*s  %.*s  (%.*s)\n", (long long)rank, (int)id.n, id.p, (int)name.n, name.p,
         (int)reason.n, reason.p);
}

/* The largest of the kept parts that speaks for the article, as the API gives it. */
static slice reason_of(const bundle_recommend *r, int64_t at) {
    for (int64_t p = at * BUNDLE_TOP; p < (at + 1) * BUNDLE_TOP; p++) {
        slice name = bundle_text(&r->parts, r->part[p]);
        if (r->part_value[p] > 0 && !slice_is(name, "base")) return name;
    }
    return SLICE("many small reasons");
}

static void tell_first(story *t, const bundle *b) {
    const bundle_recommend *r = &b->recommend;
    js_array(t->out, "items");
    for (int64_t i = 0; i < 12 && i < r->k; i++) {
        int64_t at = t->customer * r->k + i;
        if (r->items[at] < 0) break;
        tell_item(t, b, i + 1, r->items[at], r->scores[at], reason_of(r, at));
    }
    js_end(t->out);
}

static void tell_similar(story *t, const bundle *b) {
    const bundle_related *r = &b->recommend.similar;
    TELL(t, "Articles like it\n");
    js_array(t->out, "similar");
    for (int64_t i = 0; i < r->k && i < 12; i++) {
        int64_t at = t->article * r->k + i;
        if (r->items[at] < 0) break;
        tell_item(t, b, i + 1, r->items[at], r->scores[at], SLICE("similar"));
    }
    js_end(t->out);
}

/* ---- an article that is not on the list ---- */

/* Of the articles bought, the one in whose list of similar ones this one stands first; -1: none. */
static void nearest_bought(const story *t, const bundle_recommend *r, int64_t *bought,
                           int64_t *rank) {
    *bought = *rank = -1;
    const bundle_log *h = &r->history;
    for (int64_t i = h->at[t->customer]; i < h->at[t->customer + 1]; i++)
        for (int64_t k = 0; k < r->similar.k; k++) {
            int32_t is = r->similar.items[h->item[i] * r->similar.k + k];
            if (is == t->article && (*rank < 0 || k < *rank)) *bought = h->item[i], *rank = k;
        }
}

static bool tell_absent(story *t, const bundle *b, err *e) {
    int64_t bought, rank, units = 0, place = -1;
    const bundle_recommend *r = &b->recommend;
    nearest_bought(t, r, &bought, &rank);
    if (!db_count(t->d, &units, e, "SELECT units FROM b_articles WHERE article = %lld",
                  (long long)t->article))
        return false;
    text why = {0};
    text_addf(&why, "It is not among the customer's candidates");
    for (int64_t i = 0; i < r->popular.n; i++)
        if (r->popular.items[i] == t->article) place = i + 1;
    if (units <= 0) text_add(&why, SLICE("; it has not sold"));
    else text_addf(&why, "; it has sold %lld units in all", (long long)units);
    if (place > 0) text_addf(&why, " and is number %lld of the popular ones", (long long)place);
    else if (units > 0) text_add(&why, SLICE(", none of them lately"));
    if (rank >= 0) {
        slice id = bundle_text(&b->article_id, bought);
        text_addf(&why, "; it is number %lld of those like %.*s, which the customer bought",
                  (long long)rank + 1, (int)id.n, id.p);
    } else {
        text_add(&why, SLICE("; it is not among those most like what the customer bought"));
    }
    TELL(t, "  %s.\n", text_slice(&why).p);
    js_put_text(t->out, "why", text_slice(&why));
    text_free(&why);
    return true;
}

/* ---- the whole ---- */

static bool tell_pair(story *t, const bundle *b, err *e) {
    bool listed = false;
    return explain_score(t, b, &listed, e) && (listed || tell_absent(t, b, e));
}

static bool tell_customer(story *t, const bundle *b, err *e) {
    const bundle_recommend *r = &b->recommend;
    slice model = bundle_text(&r->models, r->model[t->customer]);
    slice segment = bundle_text(&r->segments, r->segment[t->customer]);
    TELL(t, "Recommendations, served by %.*s%s\n", (int)model.n, model.p,
         r->cold[t->customer] ? " (too little history)" : "");
    js_put_text(t->out, "served_by", model);
    js_put_bool(t->out, "cold_start", r->cold[t->customer]);
    js_put_text(t->out, "segment", segment);
    if (t->article >= 0) return tell_pair(t, b, e);
    tell_first(t, b);
    return true;
}

bool explain_recommendation(story *t, err *e) {
    bundle *b = NULL;
    err ignored = {0};
    const char *none = !bundle_open(&b, t->root, &ignored) ? ignored.text
                       : !b->recommend.has ? "the bundle has no recommendations" : NULL;
    if (b) scope_defer(t->s, bundle_close, b);
    if (none) {
        TELL(t, "Recommendations: none to look at: %s\n", none);
        js_put_null(t->out, "recommendation");
        return true;
    }
    js_object(t->out, "recommendation");
    bool done = true;
    if (t->customer >= 0) done = tell_customer(t, b, e);
    else tell_similar(t, b);
    js_end(t->out);
    return done;
}
