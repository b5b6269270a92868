/* shown: the list of an answer: gathered, re-ranked, given to chance, written with its reasons. */
#include "surfaces/shown.h"

#include <math.h>
#include <string.h>

#include "models/recommend/explore.h"

enum { POOL = 24 }; /* candidates beyond the list that chance may bring in */

/* ---- gathering ---- */

shown shown_open(const bundle *b, const wish *w, int64_t customer, int64_t most, arena *keep) {
    return (shown){.b = b, .w = w, .customer = customer, .there = bitmap_open(b->articles, keep),
                   .item = take(keep, shown_item, most), .most = (int)most};
}

int64_t shown_needed(const wish *w) {
    int64_t listed = w->k + w->offset;
    if (!w->balance && !w->explore) return listed;
    return listed + POOL > 100 ? listed + POOL : 100;
}

static bool is_in(const bundle_log *l, int64_t customer, int32_t article) {
    if (customer < 0) return false;
    int64_t low = l->at[customer], high = l->at[customer + 1];
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (l->item[middle] < article) low = middle + 1;
        else high = middle;
    }
    return low < l->at[customer + 1] && l->item[low] == article;
}

/* A new last candidate; NULL when a rule keeps it out or it is there. */
static shown_item *admit(shown *x, int32_t article, float score) {
    if (x->n == x->most || bitmap_has(&x->there, article)) return NULL;
    if (!live_fits(x->b, &x->w->filter, article)) return NULL;
    bool bought = is_in(&x->b->recommend.history, x->customer, article);
    if (bought && x->w->exclude_bought) return NULL;
    for (int i = 0; i < x->skips; i++)
        if (x->skip[i] == article) return NULL;
    bitmap_set(&x->there, article);
    x->item[x->n] = (shown_item){.article = article, .score = score, .bought = bought};
    return &x->item[x->n++];
}

static void add_part(shown_item *to, slice name, float value) {
    if (value == 0 || to->n == SHOWN_PARTS) return;
    to->name[to->n] = name;
    to->value[to->n++] = value;
}

static void add_stored_parts(const bundle_recommend *r, int64_t at, shown_item *to) {
    for (int64_t p = at * BUNDLE_TOP; p < (at + 1) * BUNDLE_TOP; p++)
        add_part(to, bundle_text(&r->parts, r->part[p]), r->part_value[p]);
}

void shown_add_stored(shown *x) {
    const bundle_recommend *r = &x->b->recommend;
    for (int64_t at = x->customer * r->k; at < (x->customer + 1) * r->k; at++) {
        if (r->items[at] < 0) break;
        shown_item *to = admit(x, r->items[at], r->scores[at]);
        if (to) add_stored_parts(r, at, to);
    }
}

/* Where scores of 0..1 go that follow the list: from just below its last score down by its span. */
typedef struct below {
    float floor, span; /* score = floor - span (1 - 0.999 s) */
} below;

static below below_of(const shown *x) {
    if (x->n == 0) return (below){0, 0};
    float last = x->item[x->n - 1].score, span = x->item[0].score - last;
    float least = 0.1f * fabsf(last) + 1e-3f;
    return (below){last, span > least ? span : least};
}

void shown_add_live(shown *x, const live_item *items, int n) {
    const bundle_recommend *r = &x->b->recommend;
    below to = below_of(x);
    for (int i = 0; i < n; i++) {
        float best = items[0].score > 0 ? items[0].score : 1;
        float scale = to.span > 0 ? 0.999f * to.span / best : 1;
        float score = items[i].score * scale + (to.span > 0 ? to.floor - to.span : 0);
        shown_item *in = admit(x, items[i].article, score);
        for (int s = 0; in && s < BUNDLE_LIVE; s++)
            add_part(in, bundle_text(&r->parts, r->live_part[s]), items[i].part[s] * scale);
    }
}

void shown_add_segment(shown *x, int64_t row) {
    const bundle_bought *of = &x->b->segment.bought;
    for (int64_t at = row * of->k; at < (row + 1) * of->k && of->items[at] >= 0; at++) {
        shown_item *to = admit(x, of->items[at], of->scores[at]);
        if (to) add_part(to, SLICE("bought in the segment"), of->scores[at]);
    }
}

void shown_mix_stored(shown *x, float weight) {
    const bundle_recommend *r = &x->b->recommend;
    const int32_t *list = r->items + x->customer * r->k;
    const float *score = r->scores + x->customer * r->k;
    int64_t n = 0;
    while (n < r->k && list[n] >= 0) n++;
    for (int64_t i = 0; i < n; i++) {
        float range = score[0] - score[n - 1];
        float is = weight * (range > 0 ? (score[i] - score[n - 1]) / range : 1);
        shown_item *to = admit(x, list[i], 0);
        for (int c = 0; !to && c < x->n; c++)
            if (x->item[c].article == list[i]) to = &x->item[c];
        if (!to) continue; /* a rule keeps it out */
        to->score += is;
        add_part(to, SLICE("your list as it was ranked"), is);
    }
}

void shown_fill(shown *x) {
    const bundle_recommend *r = &x->b->recommend;
    below to = below_of(x);
    for (int64_t i = 0; i < r->popular.n && x->n < x->most && r->popular.items[i] >= 0; i++) {
        float is = r->popular.scores[i] / r->popular.scores[0];
        float score = to.span > 0 ? to.floor - to.span * (1 - 0.999f * is) : is;
        shown_item *in = admit(x, r->popular.items[i], score);
        if (in)
            add_part(in, bundle_text(&r->parts, r->live_part[RECOMMEND_POPULAR]),
                     to.span > 0 ? 0.999f * to.span * is : is);
    }
}

/* ---- arranging ---- */

static void balance(shown *x, const shown_session *session, int places, arena scratch) {
    const bundle *b = x->b;
    const als_model *m = &b->recommend.als;
    rerank_articles a = {.n = b->articles, .product = b->product, .category = b->category,
                         .categories = b->n_categories, .type = b->type, .is_new = b->is_new,
                         .vectors = m->ld > 0 ? m->item : NULL, .ld = m->ld};
    int32_t *item = take(&scratch, int32_t, x->n);
    float *score = take(&scratch, float, x->n), *boost = take(&scratch, float, x->n);
    float *taste = take(&scratch, float, b->n_categories);
    for (int i = 0; i < x->n; i++) item[i] = x->item[i].article, score[i] = x->item[i].score;
    rerank_candidates c = {.n = x->n, .item = item, .score = score};
    if (live_categories(b, x->customer, taste)) c.taste = taste;
    if (session->n > 0) {
        /* a quarter of the range of scores: the live list has the session in it already */
        rerank_session(&a, x->n, item, session->n, session->article, session->strength, 0.25,
                       boost);
        c.boost = boost;
    }
    rerank_params p = x->w->rerank;
    p.k = places;
    rerank_place *to = take(&scratch, rerank_place, places);
    int n = rerank_list(&a, &c, p, to, scratch);
    shown_item *ordered = take(&scratch, shown_item, n);
    for (int i = 0; i < n; i++) {
        ordered[i] = x->item[to[i].at];
        ordered[i].moved = to[i].moved;
    }
    memcpy(x->item, ordered, sizeof *ordered * (size_t)n);
    x->n = n;
}

static void draw(shown *x, int places, arena scratch) {
    explore_params p = EXPLORE_DEFAULTS;
    float *score = take(&scratch, float, x->n), low = INFINITY, high = -INFINITY;
    for (int i = 0; i < x->n; i++) {
        score[i] = x->item[i].score + x->item[i].moved;
        low = fminf(low, score[i]);
        high = fmaxf(high, score[i]);
    }
    p.temperature *= high > low ? (double)(high - low) : 1;
    p.seed = x->w->seed;
    p.stream = (uint64_t)(x->customer + 1);
    explore_candidates c = {.n = x->n, .score = score};
    explore_place *to = take(&scratch, explore_place, places);
    int n = explore_list(&c, p, places, to, scratch);
    shown_item *drawn = take(&scratch, shown_item, n);
    for (int i = 0; i < n; i++) {
        drawn[i] = x->item[to[i].at];
        drawn[i].propensity = to[i].propensity;
    }
    memcpy(x->item, drawn, sizeof *drawn * (size_t)n);
    x->n = n;
}

void shown_arrange(shown *x, const shown_session *session, arena scratch) {
    int listed = (int)(x->w->k + x->w->offset);
    if (x->n == 0) return;
    if (x->w->balance || session->n > 0)
        balance(x, session, x->w->explore ? listed + POOL : listed, scratch);
    else if (x->w->explore && x->n > listed + POOL) x->n = listed + POOL;
    if (x->w->explore && x->n > 0) draw(x, listed, scratch);
}

/* ---- writing ---- */

static double score_of(const shown_item *i) { return (double)i->score + (double)i->moved; }

static void put_part(js *j, slice name, double value) {
    js_object(j, NULL);
    js_put_text(j, "name", name);
    view_number(j, "value", value);
    js_end(j);
}

static void put_contributions(js *j, const shown_item *i) {
    double rest = score_of(i) - (double)i->moved;
    js_array(j, "contributions");
    for (int p = 0; p < i->n; p++) {
        put_part(j, i->name[p], (double)i->value[p]);
        rest -= (double)i->value[p];
    }
    if (i->moved != 0) put_part(j, SLICE("re-ranking"), (double)i->moved);
    if (fabs(rest) > 1e-6 * (1 + fabs(score_of(i)))) put_part(j, SLICE("rest"), rest);
    js_end(j);
}

/* Whether a part can be said: a tree may prefer what was never bought, and "you bought it before"
 * would be no reason then. */
static bool is_said(const shown *x, const shown_item *i, int part) {
    const bundle_recommend *r = &x->b->recommend;
    slice name = i->name[part];
    if (i->value[part] <= 0 || slice_is(name, "base")) return false;
    if (slice_compare(name, bundle_text(&r->parts, r->live_part[RECOMMEND_OWN])) == 0)
        return i->bought;
    if (slice_compare(name, bundle_text(&r->parts, r->live_part[RECOMMEND_LOOKS])) == 0)
        return is_in(&r->looks, x->customer, i->article);
    return true;
}

/* The largest parts that speak for the article, at most two. */
static void put_reasons(js *j, const shown *x, const shown_item *i) {
    int first = -1, second = -1;
    for (int p = 0; p < i->n; p++) {
        if (!is_said(x, i, p)) continue;
        if (first < 0 || i->value[p] > i->value[first]) second = first, first = p;
        else if (second < 0 || i->value[p] > i->value[second]) second = p;
    }
    js_array(j, "reasons");
    if (first >= 0) js_put_text(j, NULL, i->name[first]);
    if (second >= 0) js_put_text(j, NULL, i->name[second]);
    js_end(j);
}

void shown_put(view *v, const shown *x) {
    js *j = v->j;
    js_array(j, "items");
    for (int64_t at = x->w->offset; at < x->n && at < x->w->offset + x->w->k; at++) {
        const shown_item *i = &x->item[at];
        js_object(j, NULL);
        view_article(j, x->b, i->article);
        view_number(j, "score", score_of(i));
        js_put_int(j, "rank", at + 1);
        put_reasons(j, x, i);
        put_contributions(j, i);
        js_put_bool(j, "bought_before", i->bought);
        if (i->propensity > 0) js_put_real(j, "propensity", i->propensity);
        js_end(j);
    }
    js_end(j);
    js_put_int(j, "took_us", (view_clock_ns() - v->started_ns) / 1000);
}
