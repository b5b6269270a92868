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
    {"fixed", OPTION_TEXT, "A,B*C,…", "columns whose values have effects of their own; A*B: pairs"},
    {"control", OPTION_TEXT, "A,…", "number columns that enter as they are (a promotion flag)"},
    {"cluster", OPTION_TEXT, "A", "rows of one value of this column err together"},
    {"model", OPTION_CHOICE, "log|poisson",
     "least squares on logarithms, or Poisson, which keeps rows without sales", .value = "log"},
    {"period", OPTION_CHOICE, "none|day|week|month", "what one value of time is in --fixed",
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
    const char *effect[ELASTICITY_EFFECTS]; /* as said: "item", "brand*store" */
    const char *effect_sql[ELASTICITY_EFFECTS];
    const char *control[ELASTICITY_COLUMNS - 1];
    const char *cluster, *cluster_sql;
} plan_of_fit;

/* The column as text in SQL, added to the contract when it is not in it; NULL when too many. */
static const char *column_sql(const args *a, plan_of_fit *p, slice name, contract_type type,
                              arena *keep) {
    int at = 0;
    while (at < p->c.n && !slice_is(name, p->c.columns[at].name)) at++;
    if (at == N_BASE + MOST_EXTRA) return NULL;
    if (at == p->c.n)
        p->columns[p->c.n++] = (contract_column){.name = slice_copy(keep, name), .type = type};
    const char *period = args_text(a, "period");
    if (slice_is(name, "time") && strcmp(period, "none") != 0)
        return arena_text(keep, "CAST(date_trunc('%s', time) AS VARCHAR)", period);
    return arena_text(keep, "CAST(%s AS VARCHAR)", db_name(keep, name));
}

/* "brand*store" as one SQL text. */
static const char *pair_sql(const args *a, plan_of_fit *p, slice said, arena *keep) {
    const char *sql = NULL;
    for (size_t at = 0; at <= said.n; at++) {
        const char *star = memchr(said.p + at, '*', said.n - at);
        size_t n = star ? (size_t)(star - said.p) - at : said.n - at;
        slice name = slice_trim((slice){said.p + at, n});
        const char *one = name.n ? column_sql(a, p, name, CONTRACT_TEXT, keep) : NULL;
        if (!one) return NULL;
        sql = sql ? arena_text(keep, "%s || chr(31) || %s", sql, one) : one;
        at += n;
    }
    return sql;
}

static bool add_word(const args *a, plan_of_fit *p, const char *option_name, slice word,
                     arena *keep, err *e) {
    if (strcmp(option_name, "control") == 0) {
        if (p->controls == ELASTICITY_COLUMNS - 1) return refuse(e, "--control takes 15 columns");
        if (!word.n || !column_sql(a, p, word, CONTRACT_REAL, keep))
            return refuse(e, "--control wants names of columns, got '%s'", args_text(a, "control"));
        p->control[p->controls++] = slice_copy(keep, word);
        return true;
    }
    const char *sql = pair_sql(a, p, word, keep);
    if (!sql)
        return refuse(e, "--%s wants names of columns, got '%s'", option_name,
                      args_text(a, option_name));
    if (strcmp(option_name, "cluster") == 0) {
        p->cluster = slice_copy(keep, word), p->cluster_sql = sql;
        return true;
    }
    if (p->effects == ELASTICITY_EFFECTS)
        return refuse(e, "--fixed takes %d effects", ELASTICITY_EFFECTS);
    p->effect[p->effects] = slice_copy(keep, word);
    p->effect_sql[p->effects++] = sql;
    return true;
}

static bool read_plan(const args *a, plan_of_fit *p, arena *keep, err *e) {
    static const char *const lists[] = {"fixed", "control", "cluster"};
    memcpy(p->columns, base_columns, sizeof base_columns);
    p->c = (contract){"sales", N_BASE, p->columns};
    for (int i = 0; i < 3; i++) {
        const char *at = args_text(a, lists[i]);
        while (at) {
            size_t n = strcspn(at, ",");
            if (!add_word(a, p, lists[i], slice_trim((slice){at, n}), keep, e)) return false;
            at = at[n] ? at + n + 1 : NULL;
        }
    }
    return true;
}

/* Refuses a column that no header of the file was matched to. */
static bool check_columns(const args *a, bench *b, const plan_of_fit *p, scope *s, err *e) {
    for (int i = 2; i < p->c.n; i++) {
        int64_t n;
        bool asked = i >= N_BASE;
        for (int f = 0; f < p->effects; f++)
            asked |= strstr(p->effect[f], p->columns[i].name) != NULL;
        if (!asked) continue;
        const char *name = db_name(&s->keep, slice_of(p->columns[i].name));
        if (!db_count(b->d, &n, e, "SELECT count(*) FROM sales WHERE %s IS NOT NULL", name))
            return false;
        if (n == 0)
            return refuse(e, "%s has no column %s with values; name it with --map %s=HEADER",
                          args_text(a, "in"), p->columns[i].name, p->columns[i].name);
    }
    return true;
}

/* Rows with units and a price, as arrays. */
static bool read_rows(bench *b, const plan_of_fit *p, elasticity_data *d, scope *s, err *e) {
    const char *select = "", *where = "";
    columns c;
    for (int f = 0; f < p->effects; f++)
        select = arena_text(&s->keep, "%s, CAST(dense_rank() OVER (ORDER BY coalesce(%s, '')) - 1 "
                            "AS INTEGER) AS e%d", select, p->effect_sql[f], f);
    if (p->cluster)
        select = arena_text(&s->keep, "%s, CAST(dense_rank() OVER (ORDER BY coalesce(%s, '')) - 1 "
                            "AS INTEGER) AS g", select, p->cluster_sql);
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
    if (p->cluster) d->cluster = columns_i32(&c, "g");
    for (int64_t i = 0; p->cluster && i < n; i++)
        if (d->cluster[i] >= d->clusters) d->clusters = d->cluster[i] + 1;
    return true;
}

/* Table coefficients; the interval is by clusters where there are some. */
static bool put_rows(bench *b, const plan_of_fit *p, const elasticity_fit *f, js *out, scope *s,
                     err *e) {
    static const char *const headers[] = {"term", "coefficient", "se_iid", "se_cluster", "low",
                                          "high", "n"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_REAL, COLUMN_REAL, COLUMN_REAL,
                                        COLUMN_REAL, COLUMN_REAL, COLUMN_I64};
    columns c = columns_new(&s->keep, 7, headers, types, f->k);
    c.at[3].valid = take(&s->keep, uint8_t, f->k);
    js_array(out, "coefficients");
    for (int k = 0; k < f->k; k++) {
        const char *term = k ? p->control[k - 1] : "ln(price)";
        bool clustered = isfinite(f->se_cluster[k]);
        double half = INTERVAL_Z95 * (clustered ? f->se_cluster[k] : f->se[k]);
        c.at[0].text[k] = slice_of(term);
        c.at[1].real[k] = f->beta[k], c.at[2].real[k] = f->se[k];
        c.at[3].valid[k] = clustered, c.at[3].real[k] = clustered ? f->se_cluster[k] : 0;
        c.at[4].real[k] = f->beta[k] - half, c.at[5].real[k] = f->beta[k] + half;
        c.at[6].i64[k] = f->n;
        js_object(out, NULL);
        js_put_word(out, "term", term);
        js_put_real(out, "coefficient", f->beta[k]);
        js_put_real(out, "se_iid", f->se[k]);
        js_put_real(out, "se_cluster", f->se_cluster[k]);
        js_put_real(out, "low", f->beta[k] - half);
        js_put_real(out, "high", f->beta[k] + half);
        js_end(out);
    }
    js_end(out);
    js_put_word(out, "model", p->poisson ? "poisson" : "log");
    js_put_real(out, "elasticity", f->beta[0]);
    js_put_int(out, "n", f->n);
    js_put_int(out, "absorbed", f->absorbed);
    js_put_int(out, "clusters", f->clusters);
    js_put_real(out, "r2", f->r2);
    js_put_real(out, "r2_within", f->r2_within);
    return db_put(b->d, "coefficients", &c, e);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    plan_of_fit p = {0};
    elasticity_data d;
    elasticity_fit f;
    timing t = {0};
    double start = args_clock();
    elasticity_params params = ELASTICITY_DEFAULTS;
    params.poisson = p.poisson = strcmp(args_text(a, "model"), "poisson") == 0;
    if (!read_plan(a, &p, &s->keep, e) || !verb_open(a, s, &b, e) ||
        !verb_read(a, &b, &p.c, "sales", out, e) || !check_columns(a, &b, &p, s, e) ||
        !read_rows(&b, &p, &d, s, e))
        return false;
    t.read_s = args_clock() - start;
    if (!elasticity_run(&f, &d, params, b.threads, &s->keep, s->scratch, e))
        return false;
    t.fit_s = args_clock() - start - t.read_s;
    if (!put_rows(&b, &p, &f, out, s, e) || !verb_write(a, &b, "coefficients", e)) return false;
    t.write_s = args_clock() - start - t.read_s - t.fit_s;
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
    .example = "atelier elasticity --in sales.csv --fixed item,time --cluster item",
    .options = options,
    .run = run,
};
