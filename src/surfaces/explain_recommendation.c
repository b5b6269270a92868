/* explain_recommendation: why an article is recommended: parts, sources, past purchases by line. */
#include <math.h>
#include <string.h>

#include "models/recommend/als_explain.h"
#include "pipeline/live.h"
#include "surfaces/explain.h"

static const char *const sources[BUNDLE_LIVE] = {
    [BUNDLE_POPULAR] = "popular", [BUNDLE_TASTE] = "als", [BUNDLE_CONTENT] = "content",
    [BUNDLE_OWN] = "own", [BUNDLE_TOGETHER] = "together"};

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

static void tell_first(story *t, const bundle *b) {
    const bundle_recommend *r = &b->recommend;
    js_array(t->out, "items");
    for (int64_t i = 0; i < 12 && i < r->k; i++) {
        int64_t at = t->customer * r->k + i;
        if (r->items[at] < 0) break;
        tell_item(t, b, i + 1, r->items[at], r->scores[at],
                  bundle_text(&r->parts, r->part[at * BUNDLE_TOP]));
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

/* ---- one score ---- */

static void put_part(story *t, slice name, double value) {
    js_object(t->out, NULL);
    js_put_text(t->out, "name", name);
    js_put_real(t->out, "value", value);
    js_end(t->out);
    TELL(t, "  %+10.4f  %.*s\n", value, (int)name.n, name.p);
}

/* Where it stands in the stored list, and what its score is made of: the parts and the rest. */
static void tell_score(story *t, const bundle *b, int64_t at) {
    const bundle_recommend *r = &b->recommend;
    double score = (double)r->scores[at], rest = score;
    int64_t rank = at - t->customer * r->k + 1;
    TELL(t, "Number %lld of %lld, score %.4f:\n", (long long)rank, (long long)r->k, score);
    js_put_int(t->out, "rank", rank);
    js_put_real(t->out, "score", score);
    js_array(t->out, "contributions");
    for (int64_t p = at * BUNDLE_TOP; p < (at + 1) * BUNDLE_TOP; p++) {
        if (r->part_value[p] == 0) continue;
        put_part(t, bundle_text(&r->parts, r->part[p]), (double)r->part_value[p]);
        rest -= (double)r->part_value[p];
    }
    if (rest != 0) put_part(t, SLICE("rest"), rest);
    js_end(t->out);
}

static void tell_sources(story *t, const bundle *b, const live_profile *p) {
    live_word word[BUNDLE_LIVE];
    live_ask(b, p, (int32_t)t->article, word, t->s->scratch);
    TELL(t, "What each source says of it:\n");
    js_array(t->out, "sources");
    for (int s = 0; s < BUNDLE_LIVE; s++) {
        js_object(t->out, NULL);
        js_put_word(t->out, "name", sources[s]);
        if (word[s].place > 0) js_put_int(t->out, "rank", word[s].place);
        else js_put_null(t->out, "rank");
        js_put_real(t->out, "score", word[s].score);
        js_put_real(t->out, "weight", (double)b->recommend.weight[s]);
        js_end(t->out);
        if (word[s].place > 0)
            TELL(t, "  %-9s number %d, score %.6g\n", sources[s], word[s].place, word[s].score);
        else TELL(t, "  %-9s does not list it\n", sources[s]);
    }
    js_end(t->out);
}

/* ---- the past purchases that the factors draw on ---- */

static bool tell_purchases(story *t, int32_t article, err *e) {
    columns c;
    if (!db_query(t->d, &t->s->keep, &c, e,
                  "SELECT f.path, x.src_line, x.day FROM transactions x "
                  "JOIN files f ON f.src_file = x.src_file WHERE x.customer = %lld "
                  "AND x.article = %d AND x.quantity > 0 ORDER BY x.day, f.path, x.src_line",
                  (long long)t->customer, article))
        return false;
    js_array(t->out, "lines");
    for (int64_t i = 0; i < c.rows; i++) {
        slice file = columns_text(&c, "path")[i];
        const char *day = day_text(&t->s->keep, columns_find(&c, "day")->i32[i]);
        js_object(t->out, NULL);
        js_put_text(t->out, "file", file);
        js_put_int(t->out, "line", columns_i64(&c, "src_line")[i]);
        js_put_word(t->out, "day", day);
        js_end(t->out);
        TELL(t, "              %s  %.*s:%lld\n", day, (int)file.n, file.p,
             (long long)columns_i64(&c, "src_line")[i]);
    }
    js_end(t->out);
    return true;
}

static bool tell_past(story *t, const bundle *b, const live_profile *p, err *e) {
    enum { PAST = 3 };
    const als_model *m = &b->recommend.als;
    int32_t items[LIVE_PROFILE];
    float weights[LIVE_PROFILE];
    double parts[LIVE_PROFILE];
    bool told[LIVE_PROFILE] = {false};
    js_array(t->out, "past");
    if (m->ld == 0 || p->n == 0) {
        js_end(t->out);
        return true;
    }
    for (int i = 0; i < p->n; i++) items[i] = p->act[i].article, weights[i] = p->act[i].taste;
    double sum = als_explain(m, p->n, items, weights, (int32_t)t->article, parts, t->s->scratch);
    TELL(t, "Taste (factors): %.5f from %d past articles; most of it from\n", sum, p->n);
    bool done = true;
    for (int turn = 0; turn < p->n && done; turn++) {
        int top = -1;
        for (int i = 0; i < p->n; i++)
            if (!told[i] && (top < 0 || fabs(parts[i]) > fabs(parts[top]))) top = i;
        told[top] = true;
        js_object(t->out, NULL);
        put_article(t, b, items[top]);
        js_put_real(t->out, "part", parts[top]);
        slice name = bundle_text(&b->article_name, items[top]);
        if (turn < PAST) TELL(t, "  %+10.5f  %.*s\n", parts[top], (int)name.n, name.p);
        bool quiet = t->quiet;
        t->quiet = quiet || turn >= PAST;
        done = tell_purchases(t, items[top], e);
        t->quiet = quiet;
        js_end(t->out);
    }
    js_end(t->out);
    js_put_real(t->out, "past_sum", sum);
    return done;
}

/* ---- an article that is not on the list ---- */

/* Of the articles bought, the one in whose list of similar ones this one stands first; -1: none. */
static void nearest_bought(const story *t, const bundle_recommend *r, int64_t *bought,
                           int64_t *rank) {
    *bought = *rank = -1;
    for (int64_t i = r->history_at[t->customer]; i < r->history_at[t->customer + 1]; i++)
        for (int64_t k = 0; k < r->similar.k; k++) {
            int32_t is = r->similar.items[r->history_item[i] * r->similar.k + k];
            if (is == t->article && (*rank < 0 || k < *rank))
                *bought = r->history_item[i], *rank = k;
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
    text_addf(&why, "It is not among the %lld articles kept for this customer", (long long)r->k);
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
    const bundle_recommend *r = &b->recommend;
    int64_t at = -1;
    live_profile *p = take(&t->s->keep, live_profile, 1);
    for (int64_t i = t->customer * r->k; i < (t->customer + 1) * r->k; i++)
        if (r->items[i] == t->article) at = i;
    js_put_bool(t->out, "recommended", at >= 0);
    if (at >= 0) tell_score(t, b, at);
    else if (!tell_absent(t, b, e)) return false;
    live_add_history(b, t->customer, p);
    tell_sources(t, b, p);
    return tell_past(t, b, p, e);
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
