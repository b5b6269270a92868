/* verb_elasticity: how units answer to price in a table of sales, with fixed effects. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/insight/elasticity.h"
#include "models/interval.h"
#include "surfaces/verbs.h"

#define MOST_EXTRA 16

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"quantity", OPTION_TEXT, "COLUMN", "units sold (default: a column with a usual name)"},
    {"price", OPTION_TEXT, "COLUMN", "price of one (default: a column with a usual name)"},
    {"effects", OPTION_TEXT, "A,B^C,…",
     "columns whose values have effects of their own; B^C: each pair of values"},
    {"controls", OPTION_TEXT, "A,…", "number columns that enter as they are (a promotion flag)"},
    {"by", OPTION_TEXT, "A", "also an elasticity for each value of a column; A^B: of each pair"},
    {"cluster", OPTION_TEXT, "A", "rows of one value of this column err together"},
    {"model", OPTION_CHOICE, "ols|ppml",
     "least squares on logarithms, or Poisson, which keeps rows without sales", .value = "ols"},
    {"period", OPTION_CHOICE, "none|day|week|month", "what one value of time is in --effects",
     .value = "week"},
    {0}};

static const contract_column base_columns[] = {
    {.name = "quantity", .type = CONTRACT_REAL, .required = true,
     .aliases = "units|qty|sales|units_sold|volume|demand"},
    {.name = "price", .type = CONTRACT_REAL, .required = true,
     .aliases = "unit_price|avg_price|item_price|price_per_unit"},
    {.name = "item", .type = CONTRACT_TEXT,
     .aliases = "article_id|product_id|item_id|sku|stock_code|asin|article|product"},
    {.name = "time", .type = CONTRACT_TIME,
     .aliases = "day|date|week|t_dat|invoice_date|order_date|timestamp|month"},
};
enum { N_BASE = sizeof base_columns / sizeof base_columns[0] };

typedef struct plan_of_fit {
    contract c;
    contract_column columns[N_BASE + MOST_EXTRA];
    int effects, controls;
    bool poisson;
    const char *effect[ELASTICITY_EFFECTS]; /* as said: "item", "brand^store" */
    const char *effect_sql[ELASTICITY_EFFECTS];
    const char *control[MOST_EXTRA];
    const char *cluster_sql, *by, *by_sql; /* NULL without */
    const char *map;
} plan_of_fit;

/* The column as text in SQL, added to the contract when it is not in it; NULL when too many. */
static const char *column_sql(const args *a, plan_of_fit *p, slice name, contract_type type,
                              arena *keep) {
    int at = 0, base = 2; /* item and time are looked for where somebody asks for them */
    while (at < p->c.n && !slice_is(name, p->c.columns[at].name)) at++;
    while (base < N_BASE && !slice_is(name, base_columns[base].name)) base++;
    if (at == N_BASE + MOST_EXTRA) return NULL;
    if (at == p->c.n)
        p->columns[p->c.n++] =
            base < N_BASE ? base_columns[base]
                          : (contract_column){.name = slice_copy(keep, name), .type = type};
    const char *period = args_text(a, "period");
    if (slice_is(name, "time") && strcmp(period, "none") != 0)
        return arena_text(keep, "CAST(date_trunc('%s', time) AS VARCHAR)", period);
    return arena_text(keep, "CAST(%s AS VARCHAR)", db_name(keep, name));
}

/* "brand^store" as one SQL text. */
static const char *pair_sql(const args *a, plan_of_fit *p, slice said, arena *keep) {
    const char *sql = NULL;
    for (size_t at = 0; at <= said.n; at++) {
        size_t n = 0;
        while (at + n < said.n && said.p[at + n] != '^' && said.p[at + n] != '*') n++;
        slice name = slice_trim((slice){said.p + at, n});
        const char *one = name.n ? column_sql(a, p, name, CONTRACT_TEXT, keep) : NULL;
        if (!one) return NULL;
        one = arena_text(keep, "coalesce(%s, '')", one);
        sql = sql ? arena_text(keep, "%s || ' ' || %s", sql, one) : one;
        at += n;
    }
    return sql;
}

static bool add_word(const args *a, plan_of_fit *p, const char *option_name, slice word,
                     arena *keep, err *e) {
    bool control = strcmp(option_name, "controls") == 0;
    const char *sql = control && word.n ? column_sql(a, p, word, CONTRACT_REAL, keep)
                                        : pair_sql(a, p, word, keep);
    if (!sql)
        return refuse(e, "--%s wants names of columns, at most %d in all, got '%s'", option_name,
                      MOST_EXTRA, args_text(a, option_name));
    if (control) p->control[p->controls++] = slice_copy(keep, word);
    else if (strcmp(option_name, "cluster") == 0) p->cluster_sql = sql;
    else if (strcmp(option_name, "by") == 0) p->by = slice_copy(keep, word), p->by_sql = sql;
    else if (p->effects == ELASTICITY_EFFECTS)
        return refuse(e, "--effects takes %d effects", ELASTICITY_EFFECTS);
    else p->effect[p->effects] = slice_copy(keep, word), p->effect_sql[p->effects++] = sql;
    return true;
}

static bool read_plan(const args *a, plan_of_fit *p, arena *keep, err *e) {
    static const char *const lists[] = {"effects", "controls", "cluster", "by"};
    memcpy(p->columns, base_columns, 2 * sizeof *base_columns);
    p->c = (contract){"sales", 2, p->columns};
    for (int i = 0; i < 4; i++) {
        const char *at = args_text(a, lists[i]);
        while (at) {
            size_t n = strcspn(at, ",");
            if (!add_word(a, p, lists[i], slice_trim((slice){at, n}), keep, e)) return false;
            at = at[n] ? at + n + 1 : NULL;
        }
    }
    p->map = args_text(a, "map") ? args_text(a, "map") : "";
    for (int i = 0; i < 2; i++)
        if (args_text(a, base_columns[i].name))
            p->map = arena_text(keep, "%s%s%s=%s", p->map, *p->map ? "," : "",
                                base_columns[i].name, args_text(a, base_columns[i].name));
    return true;
}

static bool need_columns(const args *a, bench *b, const plan_of_fit *p, scope *s, err *e) {
    static const char *const lists[] = {"effects", "controls", "cluster", "by"};
    for (int i = 2; i < p->c.n; i++) {
        int by = 0; /* the option that names it */
        while (by < 3 && !(args_text(a, lists[by]) &&
                           strstr(args_text(a, lists[by]), p->columns[i].name)))
            by++;
        if (!verb_need_column(a, b, "sales", p->columns[i].name,
                              arena_text(&s->keep, "--%s", lists[by]), s, e))
            return false;
    }
    return true;
}

/* Rows with units and a price, as arrays. */
static bool read_rows(bench *b, const plan_of_fit *p, elasticity_data *d, columns *rows, scope *s,
                      err *e) {
    const char *select = "", *where = "";
    columns c;
    for (int f = 0; f < p->effects; f++)
        select = arena_text(&s->keep, "%s, CAST(dense_rank() OVER (ORDER BY %s) - 1 AS INTEGER) "
                            "AS e%d, %s AS n%d", select, p->effect_sql[f], f, p->effect_sql[f], f);
    if (p->cluster_sql)
        select = arena_text(&s->keep, "%s, CAST(dense_rank() OVER (ORDER BY %s) - 1 AS INTEGER) "
                            "AS g", select, p->cluster_sql);
    if (p->by)
        select = arena_text(&s->keep, "%s, CAST(dense_rank() OVER (ORDER BY %s) - 1 AS INTEGER) "
                            "AS level, %s AS value", select, p->by_sql, p->by_sql);
    for (int i = 0; i < p->controls; i++) {
        const char *name = db_name(&s->keep, slice_of(p->control[i]));
        select = arena_text(&s->keep, "%s, CAST(%s AS DOUBLE) AS x%d", select, name, i);
        where = arena_text(&s->keep, "%s AND %s IS NOT NULL", where, name);
    }
    if (!db_query(b->d, &s->keep, &c, e,
                  "SELECT quantity, price%s FROM sales WHERE quantity %s 0 AND price > 0%s "
                  "ORDER BY src_line", select, p->poisson ? ">=" : ">", where))
        return false;
    int64_t n = c.rows;
    double *y = take(&s->keep, double, n), *x = take(&s->keep, double, n * (1 + p->controls));
    *d = (elasticity_data){.n = n, .k = 1 + p->controls, .y = y, .x = x, .effects = p->effects};
    for (int64_t i = 0; i < n; i++) {
        double units = columns_real(&c, "quantity")[i];
        y[i] = p->poisson ? units : log(units);
        x[i] = log(columns_real(&c, "price")[i]);
    }
    for (int k = 0; k < p->controls; k++)
        memcpy(x + (k + 1) * n, columns_real(&c, arena_text(&s->keep, "x%d", k)),
               (size_t)n * sizeof *x);
    for (int f = 0; f < p->effects; f++) {
        d->effect[f] = columns_i32(&c, arena_text(&s->keep, "e%d", f));
        for (int64_t i = 0; i < n; i++)
            if (d->effect[f][i] >= d->levels[f]) d->levels[f] = d->effect[f][i] + 1;
    }
    if (p->cluster_sql) d->cluster = columns_i32(&c, "g");
    for (int64_t i = 0; p->cluster_sql && i < n; i++)
        if (d->cluster[i] >= d->clusters) d->clusters = d->cluster[i] + 1;
    *rows = c;
    return true;
}

/* ---- one elasticity per value ---- */

typedef struct level {
    slice value;
    int64_t rows;
    int prices; /* different ones, counted to 3 */
    double seen[3];
    int column; /* of the fit; -1: refused */
} level;

static level *levels_of(const columns *c, const double *x, int *n, arena *keep) {
    const int32_t *code = columns_i32(c, "level");
    *n = 0;
    for (int64_t i = 0; i < c->rows; i++)
        if (code[i] >= *n) *n = code[i] + 1;
    level *all = take(keep, level, *n);
    for (int64_t i = 0; i < c->rows; i++) {
        level *one = &all[code[i]];
        int at = 0;
        one->value = columns_text(c, "value")[i];
        one->rows++;
        while (at < one->prices && one->seen[at] != x[i]) at++;
        if (at == one->prices && at < 3) one->seen[one->prices++] = x[i];
    }
    return all;
}

/* The rows of values that have three prices, with a column of log price for each value. */
static bool split_prices(elasticity_data *to, const elasticity_data *d, const columns *c,
                         level *all, int n, scope *s, err *e) {
    const int32_t *code = columns_i32(c, "level");
    int k = 0;
    int64_t rows = 0, at = 0;
    for (int l = 0; l < n; l++) {
        all[l].column = all[l].prices >= 3 ? k++ : -1;
        if (all[l].column >= 0) rows += all[l].rows;
    }
    if (k == 0) return refuse(e, "no value of --by has three different prices");
    if (k + d->k - 1 > ELASTICITY_COLUMNS)
        return refuse(e, "--by takes at most %d values, here are %d: use a coarser column",
                      ELASTICITY_COLUMNS - d->k + 1, k);
    *to = *d;
    to->n = rows, to->k = k + d->k - 1;
    double *y = take(&s->keep, double, rows), *x = take(&s->keep, double, rows * to->k);
    int32_t *codes[ELASTICITY_EFFECTS + 1];
    for (int f = 0; f <= d->effects; f++) codes[f] = take(&s->keep, int32_t, rows);
    for (int64_t i = 0; i < d->n; i++) {
        int own = all[code[i]].column;
        if (own < 0) continue;
        y[at] = d->y[i];
        x[own * rows + at] = d->x[i];
        for (int j = 1; j < d->k; j++) x[(k + j - 1) * rows + at] = d->x[j * d->n + i];
        for (int f = 0; f < d->effects; f++) codes[f][at] = d->effect[f][i];
        codes[d->effects][at++] = d->cluster ? d->cluster[i] : 0;
    }
    to->y = y, to->x = x;
    for (int f = 0; f < d->effects; f++) to->effect[f] = codes[f];
    if (d->cluster) to->cluster = codes[d->effects];
    return true;
}

/* ---- what is said ---- */

typedef struct term {
    slice name;
    double beta, se, se_cluster;
    int64_t n;
} term;

/* The interval is by clusters where there are some. */
static double half_of(const term *t) {
    return INTERVAL_Z95 * (isfinite(t->se_cluster) ? t->se_cluster : t->se);
}

static void put_term(js *out, const char *key, const term *t) {
    js_object(out, NULL);
    js_put_text(out, key, t->name);
    js_put_real(out, "coefficient", t->beta);
    js_put_real(out, "se_iid", t->se);
    js_put_real(out, "se_cluster", t->se_cluster);
    js_put_real(out, "low", t->beta - half_of(t));
    js_put_real(out, "high", t->beta + half_of(t));
    js_put_int(out, "n", t->n);
    js_end(out);
}

/* Table coefficients. */
static bool put_table(bench *b, const term *terms, int n, scope *s, err *e) {
    static const char *const headers[] = {"term", "coefficient", "se_iid", "se_cluster", "low",
                                          "high", "n"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_REAL, COLUMN_REAL, COLUMN_REAL,
                                        COLUMN_REAL, COLUMN_REAL, COLUMN_I64};
    columns c = columns_new(&s->keep, 7, headers, types, n);
    c.at[3].valid = take(&s->keep, uint8_t, n);
    for (int i = 0; i < n; i++) {
        const term *t = &terms[i];
        bool clustered = isfinite(t->se_cluster);
        c.at[0].text[i] = t->name;
        c.at[1].real[i] = t->beta, c.at[2].real[i] = t->se;
        c.at[3].valid[i] = clustered, c.at[3].real[i] = clustered ? t->se_cluster : 0;
        c.at[4].real[i] = t->beta - half_of(t), c.at[5].real[i] = t->beta + half_of(t);
        c.at[6].i64[i] = t->n;
    }
    return db_put(b->d, "coefficients", &c, e);
}

enum { EFFECTS_SHOWN = 100 };

/* Effects of few values, by value: of one effect alone they are the intercepts of its values. */
static void put_effects(js *out, const plan_of_fit *p, const elasticity_data *d, const columns *c,
                        const elasticity_fit *f, scope *s) {
    js_object(out, "effects");
    for (int i = 0; i < p->effects; i++) {
        if (d->levels[i] > EFFECTS_SHOWN) continue;
        slice *name = take(&s->keep, slice, d->levels[i]);
        const slice *value = columns_text(c, arena_text(&s->keep, "n%d", i));
        for (int64_t row = 0; row < d->n; row++) name[d->effect[i][row]] = value[row];
        js_object(out, p->effect[i]);
        for (int32_t l = 0; l < d->levels[i]; l++)
            js_put_real(out, slice_copy(&s->keep, name[l]), f->value[i][l]);
        js_end(out);
    }
    js_end(out);
}

/* Rows that passed and are not in the fit, each under its first reason: accepted = n + these. */
static bool put_left_out(bench *b, const plan_of_fit *p, int64_t rows, int64_t used, js *out,
                         scope *s, err *e) {
    static const char *const names[] = {"negative_units", "no_units", "no_positive_price",
                                        "control_missing", "level_never_sells"};
    const char *missing = "false";
    int64_t count[5], sum = 0;
    columns c;
    for (int i = 0; i < p->controls; i++)
        missing = arena_text(&s->keep, "%s OR %s IS NULL", missing,
                             db_name(&s->keep, slice_of(p->control[i])));
    if (!db_query(b->d, &s->keep, &c, e,
                  "SELECT CAST(CASE WHEN quantity < 0 THEN 0 WHEN quantity %s 0 THEN 1 WHEN "
                  "coalesce(price, 0) <= 0 THEN 2 WHEN %s THEN 3 ELSE 9 END AS INTEGER) AS why, "
                  "count(*) AS n FROM sales GROUP BY why", p->poisson ? "<" : "=", missing))
        return false;
    memset(count, 0, sizeof count);
    for (int64_t i = 0; i < c.rows; i++)
        if (columns_i32(&c, "why")[i] < 5)
            count[columns_i32(&c, "why")[i]] = columns_i64(&c, "n")[i];
    count[4] = rows - used;
    js_object(out, "left_out");
    for (int i = 0; i < 5; i++) js_put_int(out, names[i], count[i]), sum += count[i];
    js_end(out);
    for (int i = 0; i < 5 && sum > 0; i++)
        if (count[i]) fprintf(stderr, "%lld rows left out: %s\n", (long long)count[i], names[i]);
    return true;
}

static void put_fit(js *out, const plan_of_fit *p, const elasticity_fit *f, const term *terms) {
    js_array(out, "coefficients");
    for (int k = 0; k < f->k; k++) put_term(out, "term", &terms[k]);
    js_end(out);
    js_put_word(out, "model", p->poisson ? "ppml" : "ols");
    js_put_real(out, "elasticity", f->beta[0]);
    js_put_real(out, "se", f->se[0]);
    js_put_real(out, "intercept", f->intercept);
    js_put_int(out, "n", f->n);
    js_put_int(out, "absorbed", f->absorbed);
    js_put_int(out, "clusters", f->clusters);
    js_put_int(out, "rounds", f->rounds);
    js_put_real(out, "r2", f->r2);
    js_put_real(out, "r2_within", f->r2_within);
}

/* Members of by.COLUMN; terms gets those with an estimate. */
static void put_levels(js *out, const plan_of_fit *p, const elasticity_fit *f, const level *all,
                       int n, term *terms, int *n_terms) {
    js_object(out, "by");
    js_array(out, p->by);
    for (int l = 0; l < n; l++) {
        int k = all[l].column;
        if (k < 0) {
            js_object(out, NULL);
            js_put_text(out, "value", all[l].value);
            js_put_word(out, "refused", "fewer than three different prices");
            js_put_int(out, "n", all[l].rows);
            js_end(out);
            continue;
        }
        term *t = &terms[(*n_terms)++];
        *t = (term){all[l].value, f->beta[k], f->se[k], f->se_cluster[k], all[l].rows};
        put_term(out, "value", t);
    }
    js_end(out);
    js_put_real(out, "r2", f->r2);
    js_end(out);
}

static bool fit_levels(const plan_of_fit *p, const elasticity_data *d, const columns *c,
                       elasticity_params params, bench *b, js *out, term *terms, int *n_terms,
                       scope *s, err *e) {
    elasticity_data split;
    elasticity_fit f;
    int n;
    level *all = levels_of(c, d->x, &n, &s->keep);
    if (!split_prices(&split, d, c, all, n, s, e) ||
        !elasticity_run(&f, &split, params, b->threads, &s->keep, s->scratch, e))
        return false;
    put_levels(out, p, &f, all, n, terms, n_terms);
    return true;
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    plan_of_fit p = {0};
    elasticity_data d;
    elasticity_fit f;
    columns c;
    timing t = {0};
    double clock = args_clock();
    elasticity_params params = ELASTICITY_DEFAULTS;
    params.poisson = p.poisson = strcmp(args_text(a, "model"), "ppml") == 0;
    if (!read_plan(a, &p, &s->keep, e) || !verb_open(a, s, &b, e) ||
        !verb_read_mapped(a, &b, &p.c, p.map, "sales", out, e) ||
        !need_columns(a, &b, &p, s, e) || !read_rows(&b, &p, &d, &c, s, e))
        return false;
    t.read_s = args_lap(&clock);
    if (!elasticity_run(&f, &d, params, b.threads, &s->keep, s->scratch, e)) return false;
    term *terms = take(&s->keep, term, 2 * ELASTICITY_COLUMNS);
    int n = f.k;
    for (int k = 0; k < f.k; k++)
        terms[k] = (term){slice_of(k ? p.control[k - 1] : "ln(price)"), f.beta[k], f.se[k],
                          f.se_cluster[k], f.n};
    put_fit(out, &p, &f, terms);
    if (!put_left_out(&b, &p, d.n, f.n, out, s, e)) return false;
    put_effects(out, &p, &d, &c, &f, s);
    if (p.by && !fit_levels(&p, &d, &c, params, &b, out, terms, &n, s, e)) return false;
    t.fit_s = args_lap(&clock);
    if (!put_table(&b, terms, n, s, e) || !verb_write(a, &b, "coefficients", e)) return false;
    t.write_s = args_lap(&clock);
    fprintf(stderr, "%lld rows, %lld effects, R2 %.4f (within %.4f)\n", (long long)f.n,
            (long long)f.absorbed, f.r2, f.r2_within);
    args_timing(out, &t);
    return true;
}

const verb verb_elasticity = {
    .name = "elasticity",
    .words = "",
    .group = "table",
    .title = "Estimate the price elasticity of sales with fixed effects.",
    .example = "atelier elasticity --in panel.csv --quantity sales --price price "
               "--effects brand,store^week --model ppml",
    .options = options,
    .run = run,
};
