/* insight_trends: rising and declining articles and categories, and how well that held. */
#include <math.h>
#include <string.h>

#include "base/order.h"
#include "pipeline/insight.h"
#include "pipeline/trend_alarms.h"
#include "pipeline/trend_evidence.h"
#include "pipeline/trend_evolution.h"

#define SHOWN      200 /* most articles of each board */
#define SPREAD     2000
#define HISTORY    TREND_HISTORY

const char insight_articles_sql[] =
    "SELECT a.article AS item, a.category, d.day, d.units FROM d_sales d "
    "JOIN b_articles a ON a.article_id = d.series WHERE d.level = 'article'";
static const char categories_sql[] =
    "SELECT series AS item, '(all)' AS category, day, units FROM d_sales WHERE level = 'category'";

slice insight_trial_json(insight_trial t, arena *keep) {
    return slice_of(arena_text(keep, "{\"weeks\": %d, \"strength\": %g, \"season\": %s}", t.weeks,
                               t.strength, t.season ? "true" : "false"));
}

insight_trial insight_tuned(work *w, scope *s) {
    const js_node *best = work_tuned(w, s, "insight");
    insight_trial t = INSIGHT_TRIAL_DEFAULTS;
    int64_t weeks;
    if (js_int(js_get(best, "weeks"), &weeks) && weeks >= 1 && weeks <= 26) t.weeks = (int)weeks;
    js_real(js_get(best, "strength"), &t.strength);
    js_bool(js_get(best, "season"), &t.season);
    return t;
}

static bool has_direction(trend_call c) { return c == TREND_RISING || c == TREND_DECLINING; }

/* Both panels are in the order of the articles, and the longer one holds all of the other. */
static void look_twice(insight_trends *t, arena *keep) {
    const int32_t *here = columns_i32(&t->panel.names, "item"),
                  *there = columns_i32(&t->longer.names, "item");
    t->item = take(keep, trend_item, t->panel.items.n);
    for (int64_t i = 0, k = 0; i < t->panel.items.n; i++) {
        while (there[k] != here[i]) k++;
        const trend_item *first = &t->model.item[i], *second = &t->longer_model.item[k];
        bool speaks = first->call == TREND_STEADY && has_direction(second->call);
        t->item[i] = speaks ? *second : *first;
        t->second[i] = speaks ? (int32_t)k : -1;
    }
}

bool insight_trends_fit(insight_trends *out, work *w, int32_t as_of, insight_trial t, bool twice,
                        scope *s, err *e) {
    trend_params p = TREND_DEFAULTS;
    p.strength = t.strength;
    *out = (insight_trends){0};
    if (twice && !trend_panel_read(&out->longer, w->d, insight_articles_sql, as_of, 2 * t.weeks,
                                   t.season, &s->keep, e))
        return false;
    if (!trend_panel_read(&out->panel, w->d, insight_articles_sql, as_of, t.weeks, t.season,
                          &s->keep, e))
        return false;
    if (out->panel.items.n == 0) return true;
    out->second = take(&s->keep, int32_t, out->panel.items.n);
    for (int64_t i = 0; i < out->panel.items.n; i++) out->second[i] = -1;
    trend_fit(&out->model, &out->panel.items, p, w->threads, &s->keep);
    out->item = out->model.item;
    if (!twice) return true;
    trend_fit(&out->longer_model, &out->longer.items, p, w->threads, &s->keep);
    look_twice(out, &s->keep);
    return true;
}

/* ---- how well it held ---- */

/* Units of `days` at the rate of the previous window of the look that called the article. */
static double old_units(const insight_trends *t, int64_t i, int32_t days) {
    const trend_panel *p = t->second[i] < 0 ? &t->panel : &t->longer;
    trend_exposures x = trend_trial_exposures(p, t->second[i] < 0 ? i : t->second[i], days);
    return (double)t->item[i].previous / x.previous * x.next;
}

/* Counts the articles of one call that kept their direction, and as many by raw growth. */
static void count_kept(insight_trend_kept *out, const insight_trends *t, trend_call call,
                       const double *next, const uint8_t *left, int32_t days, scope *s) {
    int64_t n = t->panel.items.n, m = 0;
    int32_t *order = take(&s->keep, int32_t, n);
    double *raw = take(&s->keep, double, n);
    uint8_t *kept = take(&s->keep, uint8_t, n);
    for (int64_t i = 0; i < n; i++) {
        const trend_item *one = &t->item[i];
        if (one->call == TREND_NEW || one->call == TREND_ENDED) continue;
        out->ended += left[i] && one->call == call;
        if (left[i]) continue;
        double old = old_units(t, i, days);
        kept[i] = call == TREND_RISING ? next[i] > old : next[i] < old;
        raw[i] = call == TREND_RISING ? one->raw : -one->raw;
        out->called += one->call == call;
        out->kept += one->call == call && kept[i];
        order[m++] = (int32_t)i;
    }
    order_down(order, m, raw, s->scratch);
    out->raw_called = out->called;
    for (int64_t k = 0; k < out->called; k++) out->raw_kept += kept[order[k]];
}

bool insight_trends_score(insight_trend_score *out, work *w, int32_t as_of, int32_t to,
                          insight_trial trial, bool settled, scope *s, err *e) {
    insight_trends *t = &out->trends;
    *out = (insight_trend_score){0};
    if (!insight_trends_fit(t, w, as_of, trial, !settled, s, e)) return false;
    if (t->panel.items.n == 0) return true;
    trend_trial *c = &out->check;
    if (!trend_trial_run(c, &t->panel, t->model.item, w->d, insight_articles_sql, as_of, to,
                         settled, &s->keep, e))
        return false;
    const int32_t *article = columns_i32(&t->panel.names, "item");
    out->row = take_copy(&s->keep, int32_t, c->item, c->n);
    for (int64_t k = 0; k < c->n; k++) c->item[k] = article[c->item[k]];
    count_kept(&out->rising, t, TREND_RISING, c->next, c->left, to - as_of, s);
    count_kept(&out->declining, t, TREND_DECLINING, c->next, c->left, to - as_of, s);
    return true;
}

/* ---- trends.json ---- */

static void put_weeks(js *j, const int32_t *units) {
    js_array(j, "weeks");
    for (int k = 0; k < HISTORY; k++) js_put_int(j, NULL, units[k]);
    js_end(j);
}

static void put_numbers(js *j, const trend_item *one, int window) {
    js_put_int(j, "window", window);
    js_put_int(j, "recent", one->recent);
    js_put_int(j, "previous", one->previous);
    js_put_real(j, "growth", one->growth);
    js_put_real(j, "low", one->low);
    js_put_real(j, "high", one->high);
    js_put_real(j, "lfsr", one->lfsr);
    js_put_real(j, "raw_growth", one->raw);
    js_put_real(j, "rate", one->rate);
    js_put_word(j, "call", trend_call_words[one->call]);
}

static void put_category(js *j, const trend_panel *p, const trend_item *one, int64_t i,
                         const int32_t *weeks) {
    slice name = columns_text(&p->names, "item")[i];
    js_object(j, NULL);
    js_put_word(j, "level", "category");
    js_put_text(j, "id", name);
    js_put_text(j, "name", name);
    js_put_text(j, "category", name);
    put_numbers(j, one, p->items.weeks);
    put_weeks(j, weeks + i * HISTORY);
    js_end(j);
}

typedef struct boards {
    insight_trends articles, categories;
    trend_evidence evidence; /* of the articles */
    int32_t *category_weeks; /* [n, HISTORY] */
    columns names; /* article_id and name by article */
} boards;

/* The category of each article as a reason, where its direction is sure. */
static void tell_categories(boards *b, double sure) {
    const trend_panel *p = &b->articles.panel, *c = &b->categories.panel;
    const slice *names = columns_text(&c->names, "item");
    for (int64_t i = 0; i < p->items.n; i++) {
        slice mine = p->category[p->items.category[i]];
        for (int64_t k = 0; k < c->items.n; k++) {
            const trend_item *one = &b->categories.model.item[k];
            if (slice_compare(names[k], mine) == 0 && one->growth > 0 && one->lfsr < sure)
                b->evidence.facts[i].category = log(one->growth);
        }
    }
}

static bool read_boards(boards *b, work *w, insight_trial t, double elasticity, scope *s, err *e) {
    int32_t end = w->days.end;
    trend_params p = TREND_DEFAULTS;
    p.strength = t.strength, p.least_items = 2;
    if (!insight_trends_fit(&b->articles, w, end, t, true, s, e) ||
        !trend_evidence_read(&b->evidence, &b->articles.panel, b->articles.item, w->d, end,
                             elasticity, w->threads, &s->keep, e) ||
        !trend_panel_read(&b->categories.panel, w->d, categories_sql, end, t.weeks, false,
                          &s->keep, e) ||
        !trend_panel_weeks(&b->categories.panel, w->d, categories_sql, end, HISTORY,
                           &b->category_weeks, &s->keep, e) ||
        !db_query(w->d, &s->keep, &b->names, e,
                  "SELECT article_id, coalesce(name, article_id) AS name FROM b_articles "
                  "ORDER BY article"))
        return false;
    if (b->categories.panel.items.n > 0)
        trend_fit(&b->categories.model, &b->categories.panel.items, p, w->threads, &s->keep);
    tell_categories(b, p.sure);
    return true;
}

/* Categories of that call first, then at most SHOWN articles, each surest first. */
static int64_t put_board(js *j, const boards *b, const char *key, trend_call call, scope *s) {
    const trend_panel *articles = &b->articles.panel, *categories = &b->categories.panel;
    int32_t *order = take(&s->keep, int32_t, articles->items.n + categories->items.n);
    int64_t n = trend_ranking(b->categories.model.item, categories->items.n, call, order,
                              s->scratch);
    js_array(j, key);
    for (int64_t k = 0; k < n; k++)
        put_category(j, categories, &b->categories.model.item[order[k]], order[k],
                     b->category_weeks);
    n = trend_ranking(b->articles.item, articles->items.n, call, order, s->scratch);
    for (int64_t k = 0; k < n && k < SHOWN; k++) {
        int32_t article = columns_i32(&articles->names, "item")[order[k]];
        js_object(j, NULL);
        js_put_word(j, "level", "article");
        js_put_text(j, "id", columns_text(&b->names, "article_id")[article]);
        js_put_text(j, "name", columns_text(&b->names, "name")[article]);
        js_put_text(j, "category", columns_text(&articles->names, "category")[order[k]]);
        put_numbers(j, &b->articles.item[order[k]],
                    articles->items.weeks * (b->articles.second[order[k]] < 0 ? 1 : 2));
        trend_evidence_put(j, &b->evidence, order[k], &b->articles.item[order[k]], s->scratch);
        put_weeks(j, b->evidence.weeks + order[k] * HISTORY);
        js_end(j);
    }
    js_end(j);
    return n;
}

static char *definition_of(const boards *b, insight_trial t, arena *keep) {
    trend_params p = TREND_DEFAULTS;
    return arena_text(keep,
                      "Units of the last %d weeks against the %d weeks before%s, and where "
                      "that shows nothing of %d against %d (see window); growth is shrunk "
                      "toward what is usual in the category; rising means a median growth of at "
                      "least %g, declining of at most %g, with at most %g %% chance that the "
                      "direction is wrong; intervals hold 90 %%; an article counts from the day "
                      "after its first sale; one that fell silent when units were to be expected "
                      "has ended and is not declining.",
                      t.weeks, t.weeks,
                      b->articles.panel.seasonal
                          ? ", relative to the category's season of the year before" : "",
                      2 * t.weeks, 2 * t.weeks, p.rising, p.declining, 100 * p.sure);
}

/* What the boards do not show: raw against shrunk growth of every article judged, at most SPREAD
 * of them taken evenly, and how many are in which stage of life. */
static void put_spread(js *j, const boards *b) {
    const trend_panel *p = &b->articles.panel;
    js_array(j, "spread");
    for (int64_t i = 0; i < p->items.n; i += p->items.n / SPREAD + 1) {
        const trend_item *one = &b->articles.item[i];
        if (!(one->growth > 0)) continue;
        js_array(j, NULL);
        int32_t article = columns_i32(&p->names, "item")[i];
        js_put_text(j, NULL, columns_text(&b->names, "article_id")[article]);
        js_put_real(j, NULL, one->raw);
        js_put_real(j, NULL, one->growth);
        js_put_int(j, NULL, one->previous + one->recent);
        js_end(j);
    }
    js_end(j);
    js_object(j, "stages");
    for (int k = 0; k < LIFE_STAGES; k++) js_put_int(j, life_words[k], b->evidence.stages[k]);
    js_end(j);
}

bool insight_trends_write(work *w, folder *f, insight_trial t, double elasticity,
                          int64_t *n_called, scope *s, err *e) {
    boards b = {0};
    js *j = take(&s->keep, js, 1); /* its text is freed with s */
    int32_t end = w->days.end;
    if (!insight_story(w, e) || !read_boards(&b, w, t, elasticity, s, e)) return false;
    js_open(j, s);
    js_object(j, NULL);
    js_put_word(j, "schema", "atelier.trends/1");
    js_put_word(j, "as_of", day_text(&s->keep, w->days.end));
    js_put_word(j, "definition", definition_of(&b, t, &s->keep));
    insight_story_words(j);
    js_put_int(j, "weeks", t.weeks);
    js_put_int(j, "articles_judged", b.articles.panel.items.n);
    n_called[2] = 0;
    for (int64_t i = 0; i < b.articles.panel.items.n; i++)
        n_called[2] += b.articles.item[i].call == TREND_ENDED;
    js_put_int(j, "articles_ended", n_called[2]);
    n_called[0] = put_board(j, &b, "rising", TREND_RISING, s);
    n_called[1] = put_board(j, &b, "declining", TREND_DECLINING, s);
    js_array(j, "categories");
    for (int64_t i = 0; i < b.categories.panel.items.n; i++)
        put_category(j, &b.categories.panel, &b.categories.model.item[i], i, b.category_weeks);
    js_end(j);
    put_spread(j, &b);
    if (!trend_evolution_revenue(j, w->d, end, t.weeks, &s->keep, e) ||
        !trend_evolution_attributes(j, w->d, end, t.weeks, w->threads, &s->keep, e) ||
        !trend_alarms_put(j, w->d, end, w->threads, &s->keep, s->scratch, e))
        return false;
    js_end(j);
    return folder_write(f, "trends.json", text_slice(&j->out), e);
}
