/* funnel_articles: what a funnel of visitors with one article says of each article. */
#include "surfaces/funnel_articles.h"

#include <math.h>

#include "base/order.h"
#include "models/behaviour/lost.h"

enum { MOST_SAID = 200 };

#define SURE 0.95

typedef struct article_funnel {
    int steps, articles;
    const slice *article;
    const double *price;   /* NAN: none */
    int64_t *count;        /* [steps, articles] units that reached the step */
    rates_model *all;      /* [steps] of step k from k - 1; 0: from the first to the last */
    lost_cell *cell;       /* [steps, articles] likewise */
    double *sales;         /* [articles] missing at any step */
    const char **label;    /* [articles] "" = nothing to say */
} article_funnel;

/* ---- counting ---- */

static bool read_articles(article_funnel *f, bench *b, scope *s, err *e) {
    columns c;
    if (!db_runf(b->d, e,
                 "CREATE TABLE article_codes AS SELECT article, median(price) AS price, "
                 "CAST(row_number() OVER (ORDER BY article) - 1 AS INTEGER) AS code FROM log "
                 "WHERE article IS NOT NULL GROUP BY article") ||
        !db_query(b->d, &s->keep, &c, e,
                  "SELECT article, coalesce(price, 'nan'::DOUBLE) AS price FROM article_codes "
                  "ORDER BY code"))
        return false;
    f->articles = (int)c.rows;
    f->article = columns_text(&c, "article");
    f->price = columns_real(&c, "price");
    return true;
}

/* Units without an event that serves are in the table, not in the log of the funnel. */
static bool count_units(article_funnel *f, const funnel_log *log, const funnel_outcome *o,
                        bench *b, scope *s, err *e) {
    columns c;
    if (!db_query(b->d, &s->keep, &c, e,
                  "SELECT DISTINCT l.unit, a.code FROM log l JOIN article_codes a USING (article) "
                  "ORDER BY l.unit"))
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

static void fit_steps(article_funnel *f, scope *s) {
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
static double missing_sales(const article_funnel *f, int k, int i) {
    double sales = f->cell[(int64_t)k * f->articles + i].missing;
    for (int later = k + 1; later < f->steps; later++) sales *= f->all[later].pooled;
    return sales;
}

static const char *label_of(const article_funnel *f, int i, double median) {
    int64_t n = f->articles;
    if (f->cell[n + i].below >= SURE) return "seen, not wanted";
    for (int k = 2; k < f->steps; k++)
        if (f->cell[k * n + i].below >= SURE) return "wanted, not bought";
    return f->cell[i].below <= 1 - SURE && (double)f->count[i] < median ? "hidden gem" : "";
}

static void judge(article_funnel *f, scope *s) {
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

static bool put_table(const article_funnel *f, const funnel_spec *spec, bench *b, scope *s,
                      err *e) {
    static const char *const names[] = {"article", "label", "step", "units", "reached", "rate",
                                        "low", "high", "below", "missing_sales", "missing_money"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_TEXT, COLUMN_I64,
                                        COLUMN_I64,  COLUMN_REAL, COLUMN_REAL, COLUMN_REAL,
                                        COLUMN_REAL, COLUMN_REAL, COLUMN_REAL};
    int64_t each = f->steps - 1;
    columns c = columns_new(&s->keep, 11, names, types, f->articles * each);
    c.at[10].valid = take(&s->keep, uint8_t, c.rows);
    for (int64_t row = 0; row < c.rows; row++) {
        int i = (int)(row / each), k = (int)(row % each) + 1;
        int64_t at = (int64_t)k * f->articles + i;
        double sales = missing_sales(f, k, i);
        c.at[0].text[row] = f->article[i], c.at[1].text[row] = slice_of(f->label[i]);
        c.at[2].text[row] = slice_of(spec->step[k]);
        c.at[3].i64[row] = f->count[at - f->articles], c.at[4].i64[row] = f->count[at];
        c.at[5].real[row] = f->cell[at].rate.value, c.at[6].real[row] = f->cell[at].rate.low;
        c.at[7].real[row] = f->cell[at].rate.high, c.at[8].real[row] = f->cell[at].below;
        c.at[9].real[row] = sales;
        c.at[10].valid[row] = isfinite(f->price[i]);
        c.at[10].real[row] = isfinite(f->price[i]) ? sales * f->price[i] : 0;
    }
    return db_put(b->d, "articles", &c, e);
}

/* What all articles miss at each step; money of those that have a price. */
static void put_steps(js *out, const article_funnel *f, const funnel_spec *spec) {
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
        js_put_word(out, "step", spec->step[k]);
        js_put_real(out, "rate", f->all[k].pooled);
        js_put_real(out, "strength", f->all[k].strength);
        js_put_fixed(out, "missing_sales", sales, 2);
        js_put_fixed(out, "missing_money", priced ? money : NAN, 2);
        js_end(out);
    }
    js_end(out);
}

static void put_article(js *out, const article_funnel *f, int i) {
    js_object(out, NULL);
    js_put_text(out, "article", f->article[i]);
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

bool funnel_articles_put(js *out, const funnel_spec *spec, const funnel_log *log,
                         const funnel_outcome *o, bench *b, scope *s, err *e) {
    article_funnel f = {.steps = spec->p.steps};
    if (!read_articles(&f, b, s, e) || !count_units(&f, log, o, b, s, e)) return false;
    fit_steps(&f, s);
    judge(&f, s);
    int32_t *order = order_count(f.articles, &s->keep);
    order_down(order, f.articles, f.sales, s->scratch);
    js_object(out, "articles");
    js_put_int(out, "articles", f.articles);
    put_steps(out, &f, spec);
    js_array(out, "list");
    for (int i = 0; i < f.articles && i < MOST_SAID; i++) put_article(out, &f, order[i]);
    js_end(out);
    js_end(out);
    return put_table(&f, spec, b, s, e);
}
