/* weekly_page: weekly.html of step 09: the last seven days and what to do, on one page to send. */
#include "pipeline/weekly_page.h"

#include <math.h>

#include "pipeline/chart.h"
#include "pipeline/feed.h"

enum { WEEKS = 26, YEAR = 52, ROWS = 12 };

static void cell_words(page *p, const js_node *n, const char *key) {
    page_cell(p, js_word(n, key));
}
static void cell_real(page *p, const js_node *n, const char *key) {
    page_number(p, js_number(n, key));
}
static void cell_whole(page *p, const js_node *n, const char *key) {
    page_number(p, round(js_number(n, key)));
}

/* "12.3 %" of a share; with `sign` a change. */
static void cell_percent(page *p, double share, bool sign) {
    if (!isfinite(share)) page_number(p, NAN);
    else page_cellf(p, sign ? "%+.1f %%" : "%.1f %%", 100 * share);
}

/* ---- the week ---- */

typedef struct week {
    double revenue, units, orders, buyers, visits; /* NAN = not known */
} week;

/* Weeks of seven days before `end`, the last one first; those before the first day are NAN. */
static bool read_weeks(work *w, week *to, int n, scope *s, err *e) {
    static const char ago[] = "CAST((date_diff('day', CAST(%s AS DATE), DATE '%s') - 1) // 7 AS "
                              "INTEGER)";
    const char *end = day_text(&s->keep, w->days.end);
    const char *k = arena_text(&s->keep, ago, "day", end);
    const char *of_visit = arena_text(&s->keep, ago, "start", end);
    columns c;
    for (int i = 0; i < n; i++) to[i] = (week){NAN, NAN, NAN, NAN, NAN};
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT k, max(revenue) AS revenue, max(units) AS units, max(orders) AS orders, "
                  "max(buyers) AS buyers, max(visits) AS visits FROM ("
                  "SELECT %s AS k, CAST(sum(revenue) AS DOUBLE) AS revenue, "
                  "CAST(sum(units) AS DOUBLE) AS units, NULL AS orders, NULL AS buyers, "
                  "NULL AS visits FROM d_sales WHERE level = 'total' GROUP BY k UNION ALL "
                  "SELECT %s AS k, NULL, NULL, CAST(count(DISTINCT order_id) AS DOUBLE), "
                  "CAST(count(DISTINCT customer) AS DOUBLE), NULL FROM ("
                  "SELECT day, order_id, customer FROM transactions WHERE quantity > 0 UNION ALL "
                  "SELECT day, order_id, NULL FROM guest_sales WHERE quantity > 0) GROUP BY k "
                  "UNION ALL SELECT %s AS k, NULL, NULL, NULL, NULL, CAST(count(*) AS DOUBLE) "
                  "FROM f_sessions GROUP BY k) WHERE k BETWEEN 0 AND %d GROUP BY k ORDER BY k",
                  k, k, of_visit, n - 1))
        return false;
    int whole = (w->days.end - w->days.first) / 7; /* weeks with all their days */
    for (int64_t i = 0; i < c.rows; i++) {
        int32_t at = columns_i32(&c, "k")[i];
        if (at >= whole) continue;
        double *figures[] = {&to[at].revenue, &to[at].units, &to[at].orders, &to[at].buyers,
                             &to[at].visits};
        for (int j = 1; j < c.n; j++) /* column 0 is k */
            if (column_has(&c.at[j], i)) *figures[j - 1] = c.at[j].real[i];
    }
    return true;
}

static void put_figure(page *p, const char *name, double now, double before, double year) {
    if (!isfinite(now)) return;
    page_row(p);
    page_cell(p, slice_of(name));
    page_number(p, fabs(now) < 1000 ? now : round(now));
    page_number(p, fabs(before) < 1000 ? before : round(before));
    cell_percent(p, before > 0 ? now / before - 1 : NAN, true);
    cell_percent(p, year > 0 ? now / year - 1 : NAN, true);
}

static void put_week(page *p, const work *w, const week *k, scope *s) {
    static const char *const headers[] = {"", "#the week", "#the week before", "#change",
                                          "#on the year before", NULL};
    double *x = take(&s->keep, double, WEEKS), *now = take(&s->keep, double, WEEKS);
    double *year = take(&s->keep, double, WEEKS);
    const week *a = &k[0], *b = &k[1], *y = &k[YEAR];
    bool has_year = false;
    page_section(p, "The week in figures");
    page_table(p, NULL, headers);
    put_figure(p, "Revenue", a->revenue, b->revenue, y->revenue);
    put_figure(p, "Units", a->units, b->units, y->units);
    put_figure(p, "Orders", a->orders, b->orders, y->orders);
    put_figure(p, "Buyers known by name", a->buyers, b->buyers, y->buyers);
    put_figure(p, "Revenue an order", a->revenue / a->orders, b->revenue / b->orders,
               y->revenue / y->orders);
    put_figure(p, "Units an order", a->units / a->orders, b->units / b->orders,
               y->units / y->orders);
    put_figure(p, "Visits", a->visits, b->visits, y->visits);
    put_figure(p, "Orders a visit", a->orders / a->visits, b->orders / b->visits,
               y->orders / y->visits);
    page_table_end(p);
    for (int i = 0; i < WEEKS; i++) {
        x[i] = w->days.end - 7.0 * (WEEKS - i);
        now[i] = k[WEEKS - 1 - i].revenue;
        year[i] = k[WEEKS - 1 - i + YEAR].revenue;
        has_year = has_year || isfinite(year[i]);
    }
    chart_line(p, &(chart){.title = "Revenue a week", .x_title = "week from", .y_title = "revenue",
                           .x_days = true, .wide = true, .from_zero = true}, x, WEEKS,
               (const chart_series[]){{.name = "this year", .y = now},
                                      {.name = "52 weeks before", .y = year}}, has_year ? 2 : 1);
    page_sentence(p, "Weeks are seven days, the last ends on %s. Returns are taken off revenue and "
                     "units; orders and buyers are those with a bought line.",
                  day_text(&s->keep, w->days.end - 1));
}

/* ---- the cards ---- */

static double *numbers(const js_node *list, int64_t n, arena *keep) {
    double *to = take(keep, double, n);
    for (int64_t i = 0; i < n; i++)
        if (!js_real(js_at(list, i), &to[i])) to[i] = NAN;
    return to;
}

static void put_chart(page *p, const js_node *c, scope *s) {
    const js_node *x = js_get(c, "x"), *one = js_at(js_get(c, "series"), 0);
    int64_t n = js_count(x);
    slice *labels = take(&s->keep, slice, n), y_title = js_word(c, "y_title");
    double *values = numbers(js_get(one, "values"), n, &s->keep);
    double *low = js_get(one, "low") ? numbers(js_get(one, "low"), n, &s->keep) : NULL;
    double *high = js_get(one, "high") ? numbers(js_get(one, "high"), n, &s->keep) : NULL;
    double *days = take(&s->keep, double, n);
    for (int64_t i = 0; i < n; i++) {
        int32_t day = 0;
        js_text(js_at(x, i), &labels[i]);
        if (!day_parse(labels[i], &day)) /* a month */
            day_parse(slice_of(arena_text(&s->keep, "%.*s-01", (int)labels[i].n, labels[i].p)),
                      &day);
        days[i] = day;
    }
    chart look = {.title = slice_copy(&s->keep, y_title), .x_days = true};
    if (slice_is(js_word(c, "kind"), "line"))
        chart_line(p, &look, days, n, &(chart_series){.name = look.title, .y = values, .low = low,
                                                      .high = high}, 1);
    else chart_bar(p, &look, labels, values, low, high, (int)n);
}

static void put_cards(page *p, const js_node *cards, scope *s) {
    if (js_count(cards) == 0) return;
    page_section(p, "What to look at first");
    for (int64_t i = 0; i < js_count(cards); i++) {
        const js_node *one = js_at(cards, i), *evidence = js_get(one, "evidence");
        double sure = js_number(one, "confidence"), money = js_number(one, "money");
        slice sentence = js_word(one, "sentence"), call = js_word(evidence, "call");
        slice at = js_word(evidence, "at"), of = js_word(one, "money_of");
        slice why = js_word(one, "confidence_of");
        page_heading(p, arena_text(&s->keep, "%lld. %.*s", (long long)i + 1, (int)sentence.n,
                                   sentence.p));
        put_chart(p, js_get(one, "chart"), s);
        page_sentence(
            p, "%s%s (%.*s). Evidence: %.*s at %.*s.",
            isfinite(money) ? arena_text(&s->keep, "At stake %.0f: %.*s. ", fabs(money), (int)of.n,
                                         of.p) : "",
            isfinite(sure) ? arena_text(&s->keep, "%.1f %% sure", fmin(99.9, 100 * sure))
                           : "Counted",
            (int)why.n, why.p, (int)call.n, call.p, (int)at.n, at.p);
    }
}

/* ---- the heads of the tiles ---- */

static void put_movers(page *p, const js_node *list, const char *caption) {
    static const char *const headers[] = {"article",  "category",   "#before", "#recent",
                                          "#growth",  "#90 % from", "#to",     "probably because",
                                          NULL};
    int shown = 0;
    if (js_count(list) == 0) return;
    page_table(p, caption, headers);
    for (int64_t i = 0; i < js_count(list) && shown < ROWS; i++) {
        const js_node *one = js_at(list, i);
        page_row(p);
        cell_words(p, one, "name");
        cell_words(p, one, "category");
        cell_real(p, one, "previous");
        cell_real(p, one, "recent");
        cell_percent(p, js_number(one, "growth") - 1, true);
        cell_percent(p, js_number(one, "low") - 1, true);
        cell_percent(p, js_number(one, "high") - 1, true);
        cell_words(p, js_at(js_get(one, "reasons"), 0), "text");
        shown++;
    }
    page_table_end(p);
}

static void put_trends(page *p, const js_node *trends) {
    static const char *const headers[] = {"category", "#before", "#now", "#change", "#price",
                                          "#volume",  "#mix",    NULL};
    const js_node *period = js_get(js_get(trends, "revenue"), "previous");
    const js_node *list = js_get(period, "categories");
    slice from = js_word(period, "from"), before = js_word(period, "before_from");
    if (js_count(list) > 0) {
        page_section(p, "Why revenue moved");
        page_sentence(p, "Since %.*s against as many weeks since %.*s; price, volume and mix add "
                         "up to the change.", (int)from.n, from.p, (int)before.n, before.p);
        page_table(p, NULL, headers);
        for (int64_t i = -1; i < js_count(list) && i < 2 * ROWS; i++) {
            const js_node *one = i < 0 ? js_get(period, "all") : js_at(list, i);
            page_row(p);
            page_cell(p, i < 0 ? SLICE("all") : js_word(one, "category"));
            for (int k = 0; k < 6; k++) {
                static const char *const keys[] = {"before", "revenue", "change",
                                                   "price",  "volume",  "mix"};
                cell_whole(p, one, keys[k]);
            }
        }
        page_table_end(p);
    }
    if (js_count(js_get(trends, "rising")) + js_count(js_get(trends, "declining")) == 0) return;
    page_section(p, "Rising and declining");
    put_movers(p, js_get(trends, "rising"), "Rising");
    put_movers(p, js_get(trends, "declining"), "Declining");
}

static void put_alerts(page *p, const js_node *alerts) {
    static const char *const headers[] = {"", "article", "#at stake", "what is so", "what to do",
                                          NULL};
    const js_node *list = js_get(alerts, "alerts");
    if (js_count(list) == 0) return;
    page_section(p, "Stock and forecast");
    page_sentence(p, "%lld alerts are open; the dearest:", (long long)js_count(list));
    page_table(p, NULL, headers);
    for (int64_t i = 0; i < js_count(list) && i < ROWS; i++) {
        const js_node *one = js_at(list, i);
        page_row(p);
        cell_words(p, one, "type");
        cell_words(p, one, "name");
        cell_whole(p, one, "money");
        cell_words(p, one, "sentence");
        cell_words(p, one, "action");
    }
    page_table_end(p);
}

static void put_funnel(page *p, const js_node *funnel) {
    static const char *const headers[] = {"step", "#visitors", "#of the step before", "#95 % from",
                                          "#to", NULL};
    const js_node *steps = js_get(funnel, "steps"), *all = js_get(funnel, "all");
    slice definition = js_word(funnel, "definition");
    if (js_count(steps) == 0) return;
    page_section(p, "On the way to a purchase");
    page_table(p, NULL, headers);
    for (int64_t i = 0; i < js_count(steps); i++) {
        const js_node *rate = js_at(js_get(all, "step_rates"), i);
        slice name = SLICE("");
        double count = NAN;
        js_text(js_at(steps, i), &name);
        js_real(js_at(js_get(all, "counts"), i), &count);
        page_row(p);
        page_cell(p, name);
        page_number(p, count);
        cell_percent(p, i > 0 ? js_number(rate, "value") : NAN, false);
        cell_percent(p, i > 0 ? js_number(rate, "low") : NAN, false);
        cell_percent(p, i > 0 ? js_number(rate, "high") : NAN, false);
    }
    page_table_end(p);
    page_sentence(p, "%.*s", (int)definition.n, definition.p);
}

static void put_segments(page *p, const js_node *root) {
    static const char *const headers[] = {"segment",          "#customers", "#change in the month",
                                          "#share of revenue", "#days since purchase", NULL};
    const js_node *list = js_get(root, "segments");
    int64_t shown = 0;
    if (js_count(list) == 0) return;
    page_section(p, "Segments of customers");
    page_table(p, NULL, headers);
    for (int64_t i = 0; i < js_count(list) && shown < ROWS; i++) {
        const js_node *one = js_at(list, i);
        if (slice_compare(js_word(one, "method"), js_word(root, "method")) != 0) continue;
        page_row(p);
        cell_words(p, one, "name");
        cell_real(p, one, "customers");
        cell_real(p, one, "change");
        cell_percent(p, js_number(one, "revenue_share"), false);
        cell_whole(p, one, "recency_days");
        shown++;
    }
    page_table_end(p);
}

static void put_reviews(page *p, const js_node *reviews) {
    static const char *const headers[] = {"of what", "#reviews", "#liked", "#95 % from", "#to",
                                          NULL};
    static const char *const lists[] = {"by_category", "aspects"}, *names[] = {"category",
                                                                               "aspect"};
    if (js_count(js_get(reviews, "by_category")) == 0) return;
    page_section(p, "What reviews say");
    page_table(p, NULL, headers);
    for (int l = 0; l < 2; l++)
        for (int64_t i = 0; i < js_count(js_get(reviews, lists[l])) && i < ROWS; i++) {
            const js_node *one = js_at(js_get(reviews, lists[l]), i);
            page_row(p);
            cell_words(p, one, names[l]);
            cell_real(p, one, "reviews");
            cell_percent(p, js_number(one, "positive_share"), false);
            cell_percent(p, js_number(one, "low"), false);
            cell_percent(p, js_number(one, "high"), false);
        }
    page_table_end(p);
}

/* ---- the page ---- */

bool weekly_write(work *w, folder *f, scope *s, err *e) {
    week k[WEEKS + YEAR];
    page *p = take(&s->keep, page, 1);
    if (!read_weeks(w, k, WEEKS + YEAR, s, e)) return false;
    page_open(p, s, arena_text(&s->keep, "The week to %s", day_text(&s->keep, w->days.end - 1)),
              "What happened, what to look at first, and what to do.");
    put_week(p, w, k, s);
    put_cards(p, js_get(feed_tile(f, s, "insights.json"), "cards"), s);
    put_trends(p, feed_tile(f, s, "trends.json"));
    put_alerts(p, feed_tile(f, s, "alerts.json"));
    put_funnel(p, feed_tile(f, s, "funnel.json"));
    put_segments(p, feed_tile(f, s, "segments.json"));
    put_reviews(p, feed_tile(f, s, "reviews.json"));
    slice html = page_close(p);
    if (html.n > WEEKLY_MOST)
        return fail(e, "weekly.html has %zu bytes, more than %d", html.n, WEEKLY_MOST);
    return folder_write(f, "weekly.html", html, e);
}
