/* insight_trends: rising and declining articles and categories, and how well that held. */
#include <math.h>
#include <string.h>

#include "base/order.h"
#include "pipeline/insight.h"

#define SHOWN      200 /* most articles of each board */
#define HISTORY    26  /* weeks of units beside each */

const char *const insight_trend_names[TREND_MODELS] = {"raw growth", "no growth", "shrunk growth"};

static const char articles_sql[] =
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

bool insight_trends_fit(insight_trends *out, work *w, int32_t as_of, insight_trial t, scope *s,
                        err *e) {
    if (!trend_panel_read(&out->panel, w->d, articles_sql, as_of, t.weeks, t.season, &s->keep, e))
        return false;
    trend_params p = TREND_DEFAULTS;
    p.strength = t.strength;
    if (out->panel.items.n > 0)
        trend_fit(&out->model, &out->panel.items, p, w->threads, &s->keep);
    return true;
}

/* ---- how well it held ---- */

/* Exposures of both windows of an item, and of the time from as_of on. */
typedef struct exposures {
    double previous, recent, next;
} exposures;

static exposures exposures_of(const trend_panel *p, int64_t i, int32_t days) {
    int weeks = p->items.weeks;
    const double *x = p->items.exposure + i * 2 * weeks;
    exposures e = {0};
    for (int k = 0; k < weeks; k++) e.previous += x[k], e.recent += x[weeks + k];
    e.next = days / 7.0 * p->ahead[p->items.category[i]];
    return e;
}

static bool is_settled(const trend_panel *p, int64_t i, int32_t as_of) {
    int both = 2 * p->items.weeks, from = both > 4 ? both - 4 : 0;
    int64_t units = 0;
    for (int k = from; k < both; k++) units += p->items.units[i * both + k];
    return units > 0 && columns_i32(&p->names, "born")[i] < as_of - 57;
}

static void count_calls(insight_trend_score *out, const insight_trends *t, const double *next,
                        int32_t days, scope *s) {
    int64_t n = t->panel.items.n, m = 0;
    int32_t *order = take(&s->keep, int32_t, n);
    double *raw = take(&s->keep, double, n);
    uint8_t *kept = take(&s->keep, uint8_t, n);
    for (int64_t i = 0; i < n; i++) {
        const trend_item *one = &t->model.item[i];
        exposures x = exposures_of(&t->panel, i, days);
        if (one->call == TREND_NEW) continue;
        kept[i] = next[i] / x.next > (double)one->previous / x.previous;
        out->called += one->call == TREND_RISING;
        out->kept += one->call == TREND_RISING && kept[i];
        raw[i] = one->raw;
        order[m++] = (int32_t)i;
    }
    order_down(order, m, raw, s->scratch);
    out->raw_called = out->called;
    for (int64_t k = 0; k < out->called; k++) out->raw_kept += kept[order[k]];
}

bool insight_trends_score(insight_trend_score *out, work *w, int32_t as_of, int32_t to,
                          insight_trial trial, bool settled, scope *s, err *e) {
    insight_trends t;
    double *next;
    *out = (insight_trend_score){0};
    if (!insight_trends_fit(&t, w, as_of, trial, s, e)) return false;
    if (t.panel.items.n == 0) return true;
    if (!trend_panel_units(&t.panel, w->d, articles_sql, as_of, to, &next, &s->keep, e))
        return false;
    for (int m = 0; m < TREND_MODELS; m++)
        out->error[m] = take(&s->keep, double, t.panel.items.n);
    for (int64_t i = 0; i < t.panel.items.n; i++) {
        const trend_item *one = &t.model.item[i];
        if (one->call == TREND_NEW || (settled && !is_settled(&t.panel, i, as_of))) continue;
        exposures x = exposures_of(&t.panel, i, to - as_of);
        double growth[TREND_MODELS] = {one->raw, 1.0, one->growth};
        double sold = fmax(next[i], 0.0), same = (double)one->recent * x.next / x.recent;
        for (int m = 0; m < TREND_MODELS; m++)
            out->error[m][out->n] = fabs(log((sold + 0.5) / (same * growth[m] + 0.5)));
        out->n++;
    }
    count_calls(out, &t, next, to - as_of, s);
    return true;
}

/* ---- trends.json ---- */

static const char *const call_words[] = {"steady", "rising", "declining", "new"};

static void put_weeks(js *j, const int32_t *units) {
    js_array(j, "weeks");
    for (int k = 0; k < HISTORY; k++) js_put_int(j, NULL, units[k]);
    js_end(j);
}

static void put_numbers(js *j, const trend_item *one) {
    js_put_int(j, "recent", one->recent);
    js_put_int(j, "previous", one->previous);
    js_put_real(j, "growth", one->growth);
    js_put_real(j, "low", one->low);
    js_put_real(j, "high", one->high);
    js_put_real(j, "lfsr", one->lfsr);
    js_put_real(j, "raw_growth", one->raw);
    js_put_word(j, "call", call_words[one->call]);
}

static void put_category(js *j, const trend_panel *p, const trend_item *one, int64_t i,
                         const int32_t *weeks) {
    slice name = columns_text(&p->names, "item")[i];
    js_object(j, NULL);
    js_put_word(j, "level", "category");
    js_put_text(j, "id", name);
    js_put_text(j, "name", name);
    js_put_text(j, "category", name);
    put_numbers(j, one);
    put_weeks(j, weeks + i * HISTORY);
    js_end(j);
}

typedef struct boards {
    insight_trends articles, categories;
    int32_t *article_weeks, *category_weeks; /* [n, HISTORY] */
    columns names; /* article_id and name by article */
} boards;

static bool read_boards(boards *b, work *w, insight_trial t, scope *s, err *e) {
    int32_t end = w->days.end;
    trend_params p = TREND_DEFAULTS;
    p.strength = t.strength, p.least_items = 2;
    if (!insight_trends_fit(&b->articles, w, end, t, s, e) ||
        !trend_panel_weeks(&b->articles.panel, w->d, articles_sql, end, HISTORY, &b->article_weeks,
                           &s->keep, e) ||
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
    return true;
}

/* Categories of that call first, then at most SHOWN articles, each surest first. */
static int64_t put_board(js *j, const boards *b, const char *key, trend_call call, scope *s) {
    const trend_panel *articles = &b->articles.panel, *categories = &b->categories.panel;
    int32_t *order = take(&s->keep, int32_t, articles->items.n + categories->items.n);
    int64_t n = trend_ranking(&b->categories.model, categories->items.n, call, order, s->scratch);
    js_array(j, key);
    for (int64_t k = 0; k < n; k++)
        put_category(j, categories, &b->categories.model.item[order[k]], order[k],
                     b->category_weeks);
    n = trend_ranking(&b->articles.model, articles->items.n, call, order, s->scratch);
    for (int64_t k = 0; k < n && k < SHOWN; k++) {
        int32_t article = columns_i32(&articles->names, "item")[order[k]];
        js_object(j, NULL);
        js_put_word(j, "level", "article");
        js_put_text(j, "id", columns_text(&b->names, "article_id")[article]);
        js_put_text(j, "name", columns_text(&b->names, "name")[article]);
        js_put_text(j, "category", columns_text(&articles->names, "category")[order[k]]);
        put_numbers(j, &b->articles.model.item[order[k]]);
        put_weeks(j, b->article_weeks + order[k] * HISTORY);
        js_end(j);
    }
    js_end(j);
    return n;
}

static char *definition_of(const boards *b, insight_trial t, arena *keep) {
    trend_params p = TREND_DEFAULTS;
    return arena_text(keep,
                      "Units of the last %d weeks against the %d weeks before%s; growth is shrunk "
                      "toward what is usual in the category; rising means a median growth of at "
                      "least %g, declining of at most %g, with at most %g %% chance that the "
                      "direction is wrong; intervals hold 90 %%; an article counts from the day "
                      "after its first sale.",
                      t.weeks, t.weeks,
                      b->articles.panel.seasonal
                          ? ", relative to the category's season of the year before" : "",
                      p.rising, p.declining, 100 * p.sure);
}

bool insight_trends_write(work *w, folder *f, insight_trial t, int64_t *n_called, scope *s,
                          err *e) {
    boards b = {0};
    js *j = take(&s->keep, js, 1); /* its text is freed with s */
    if (!read_boards(&b, w, t, s, e)) return false;
    js_open(j, s);
    js_object(j, NULL);
    js_put_word(j, "schema", "atelier.trends/1");
    js_put_word(j, "as_of", day_text(&s->keep, w->days.end));
    js_put_word(j, "definition", definition_of(&b, t, &s->keep));
    js_put_int(j, "weeks", t.weeks);
    js_put_int(j, "articles_judged", b.articles.panel.items.n);
    n_called[0] = put_board(j, &b, "rising", TREND_RISING, s);
    n_called[1] = put_board(j, &b, "declining", TREND_DECLINING, s);
    js_array(j, "categories");
    for (int64_t i = 0; i < b.categories.panel.items.n; i++)
        put_category(j, &b.categories.panel, &b.categories.model.item[i], i, b.category_weeks);
    js_end(j);
    js_end(j);
    return folder_write(f, "trends.json", text_slice(&j->out), e);
}
