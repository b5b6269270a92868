/* funnel_articles: what a funnel of visitors with one article says of each article. */
#include "pipeline/funnel_articles.h"

#include <math.h>
#include <string.h>

#include "base/order.h"

enum { MOST_SAID = 200, MOST_GEMS = 50 };

#define SURE 0.95
#define GEM  "hidden gem"

/* ---- counting ---- */

static bool read_articles(funnel_articles *f, db *d, const char *source, scope *s, err *e) {
    columns c;
    if (!db_runf(d, e,
                 "CREATE OR REPLACE TEMP TABLE funnel_article_codes AS SELECT article, "
                 "CAST(median(price) AS DOUBLE) AS price, coalesce(min(name), '') AS name, "
                 "CAST(row_number() OVER (ORDER BY article) - 1 AS INTEGER) AS code FROM (%s) "
                 "WHERE article IS NOT NULL GROUP BY article", source) ||
        !db_query(d, &s->keep, &c, e,
                  "SELECT article, name, coalesce(price, 'nan'::DOUBLE) AS price FROM "
                  "funnel_article_codes "
                  "ORDER BY code"))
        return false;
    f->articles = (int)c.rows;
    f->article = columns_text(&c, "article");
    f->name = columns_text(&c, "name");
    f->price = columns_real(&c, "price");
    return true;
}

/* Units without an event that serves are in the table, not in the log of the funnel. */
static bool count_units(funnel_articles *f, const funnel_log *log, const funnel_outcome *o,
                        db *d, const char *source, scope *s, err *e) {
    columns c;
    if (!db_query(d, &s->keep, &c, e,
                  "SELECT DISTINCT l.unit, a.code FROM (%s) l JOIN funnel_article_codes a "
                  "USING (article) ORDER BY l.unit", source) ||
        !db_runf(d, e, "DROP TABLE funnel_article_codes"))
        return false;
    const int64_t *unit = columns_i64(&c, "unit");
    const int32_t *code = columns_i32(&c, "code");
    f->count = take(&s->keep, int64_t, (int64_t)f->steps * f->articles);
    for (int64_t u = 0, i = 0; u < o->units; u++) {
        while (unit[i] < log->unit[u]) i++;
        for (int k = 0; k < o->level[u]; k++) f->count[(int64_t)k * f->articles + code[i]]++;
    }
    return true;
}

/* ---- judging ---- */

static void fit_steps(funnel_articles *f, scope *s) {
    int64_t n = f->articles;
    double *rate = take(&s->keep, double, n);
    f->all = take(&s->keep, rates_model, f->steps);
    f->cell = take(&s->keep, lost_cell, f->steps * n);
    lost_fit(&f->all[0], f->count + (f->steps - 1) * n, f->count, f->articles, rate, f->cell);
    for (int k = 1; k < f->steps; k++)
        lost_fit(&f->all[k], f->count + k * n, f->count + (k - 1) * n, f->articles, rate,
                 f->cell + k * n);
}

/* Sales missing at step k of one article. */
static double missing_sales(const funnel_articles *f, int k, int i) {
    double sales = f->cell[(int64_t)k * f->articles + i].missing;
    for (int later = k + 1; later < f->steps; later++) sales *= f->all[later].pooled;
    return sales;
}

static const char *label_of(const funnel_articles *f, int i, double median) {
    int64_t n = f->articles;
    if (f->cell[n + i].below >= SURE) return "seen, not wanted";
    for (int k = 2; k < f->steps; k++)
        if (f->cell[k * n + i].below >= SURE) return "wanted, not bought";
    return f->cell[i].below <= 1 - SURE && (double)f->count[i] < median ? GEM : "";
}

static void judge(funnel_articles *f, scope *s) {
    double *entered = take(&s->keep, double, f->articles);
    int32_t *order = order_count(f->articles, &s->keep);
    for (int i = 0; i < f->articles; i++) entered[i] = (double)f->count[i];
    order_up(order, f->articles, entered, s->scratch);
    double median = f->articles ? entered[order[f->articles / 2]] : 0;
    f->sales = take(&s->keep, double, f->articles);
    f->label = take(&s->keep, const char *, f->articles);
    for (int i = 0; i < f->articles; i++) {
        for (int k = 1; k < f->steps; k++) f->sales[i] += missing_sales(f, k, i);
        f->label[i] = label_of(f, i, median);
    }
}

/* ---- what is said ---- */

/* What all articles miss at each step; money of those that have a price. */
static void put_steps(js *out, const funnel_articles *f) {
    js_array(out, "steps");
    for (int k = 1; k < f->steps; k++) {
        double sales = 0, money = 0;
        int64_t priced = 0;
        for (int i = 0; i < f->articles; i++) {
            double missing = missing_sales(f, k, i);
            sales += missing;
            if (isfinite(f->price[i])) money += missing * f->price[i], priced++;
        }
        js_object(out, NULL);
        js_put_word(out, "step", f->spec->step[k]);
        js_put_real(out, "rate", f->all[k].pooled);
        js_put_real(out, "strength", f->all[k].strength);
        js_put_fixed(out, "missing_sales", sales, 2);
        js_put_fixed(out, "missing_money", priced ? money : NAN, 2);
        js_end(out);
    }
    js_end(out);
}

static void put_article(js *out, const funnel_articles *f, int i) {
    js_object(out, NULL);
    js_put_text(out, "article", f->article[i]);
    if (f->name[i].n) js_put_text(out, "name", f->name[i]);
    js_put_word(out, "label", f->label[i]);
    js_array(out, "counts");
    for (int k = 0; k < f->steps; k++)
        js_put_int(out, NULL, f->count[(int64_t)k * f->articles + i]);
    js_end(out);
    js_array(out, "step_rates");
    for (int k = 1; k < f->steps; k++)
        funnel_put_rate(out, NULL, f->cell[(int64_t)k * f->articles + i].rate);
    js_end(out);
    js_put_fixed(out, "missing_sales", f->sales[i], 2);
    js_put_fixed(out, "missing_money", f->sales[i] * f->price[i], 2); /* NAN is written as null */
    js_end(out);
}

bool funnel_articles_find(funnel_articles *out, const funnel_spec *spec, const funnel_log *log,
                          const funnel_outcome *o, db *d, const char *source, scope *s, err *e) {
    *out = (funnel_articles){.spec = spec, .steps = spec->p.steps};
    if (!read_articles(out, d, source, s, e) || !count_units(out, log, o, d, source, s, e))
        return false;
    fit_steps(out, s);
    judge(out, s);
    return true;
}

/* In the order of a key, the first `most` that are gems or that are not. */
static void put_list(js *out, const funnel_articles *f, bool gems, const double *key, int most,
                     scope *s) {
    int32_t *order = order_count(f->articles, &s->keep);
    order_down(order, f->articles, key, s->scratch);
    for (int i = 0, said = 0; i < f->articles && said < most; i++) {
        bool gem = strcmp(f->label[order[i]], GEM) == 0;
        if (gem == gems) put_article(out, f, order[i]), said++;
    }
}

void funnel_articles_put(js *out, const funnel_articles *f, scope *s) {
    double *through = take(&s->keep, double, f->articles);
    for (int i = 0; i < f->articles; i++) through[i] = f->cell[i].rate.value;
    js_put_int(out, "articles", f->articles);
    put_steps(out, f);
    js_array(out, "list");
    put_list(out, f, false, f->sales, MOST_SAID, s);
    put_list(out, f, true, through, MOST_GEMS, s);
    js_end(out);
}

/* ---- as a table ---- */

columns funnel_articles_rows(const funnel_articles *f, arena *keep) {
    static const char *const names[] = {"article", "label", "step", "units", "reached", "rate",
                                        "low", "high", "below", "missing_sales", "missing_money"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_TEXT, COLUMN_I64,
                                        COLUMN_I64,  COLUMN_REAL, COLUMN_REAL, COLUMN_REAL,
                                        COLUMN_REAL, COLUMN_REAL, COLUMN_REAL};
    int64_t each = f->steps - 1;
    columns c = columns_new(keep, 11, names, types, f->articles * each);
    c.at[10].valid = take(keep, uint8_t, c.rows);
    for (int64_t row = 0; row < c.rows; row++) {
        int i = (int)(row / each), k = (int)(row % each) + 1;
        int64_t at = (int64_t)k * f->articles + i;
        double sales = missing_sales(f, k, i);
        c.at[0].text[row] = f->article[i], c.at[1].text[row] = slice_of(f->label[i]);
        c.at[2].text[row] = slice_of(f->spec->step[k]);
        c.at[3].i64[row] = f->count[at - f->articles], c.at[4].i64[row] = f->count[at];
        c.at[5].real[row] = f->cell[at].rate.value, c.at[6].real[row] = f->cell[at].rate.low;
        c.at[7].real[row] = f->cell[at].rate.high, c.at[8].real[row] = f->cell[at].below;
        c.at[9].real[row] = sales;
        c.at[10].valid[row] = isfinite(f->price[i]);
        c.at[10].real[row] = isfinite(f->price[i]) ? sales * f->price[i] : 0;
    }
    return c;
}
