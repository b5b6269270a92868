/* verb_markdown: this week's cut for each article of a table, and what the weeks then bring. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/insight/markdown.h"
#include "surfaces/verbs.h"

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"weeks", OPTION_INT, "N", "weeks until what is left over is worth its salvage", .value = "8",
     .low = 1, .high = MARKDOWN_WEEKS},
    {"ladder", OPTION_TEXT, "A,B,…", "cuts that may be set, per cent", .value = "0,20,30,50,70"},
    {"decay", OPTION_REAL, "X", "demand of a week as a share of the week before", .value = "1",
     .low = 0.01, .high = 2},
    {"elasticity", OPTION_REAL, "B", "where the table has none", .value = "-2", .low = -20,
     .high = 0},
    {"elasticity-se", OPTION_REAL, "S", "where the table has none", .value = "0.5", .low = 0,
     .high = 10},
    {"demand-se", OPTION_REAL, "S", "standard error of the logarithm of demand", .value = "0.3",
     .low = 0, .high = 3},
    {"salvage", OPTION_REAL, "X", "worth of a unit left over, as a share of its price",
     .value = "0.15", .low = 0, .high = 1},
    {0}};

static const contract_column table_columns[] = {
    {.name = "article", .type = CONTRACT_TEXT, .required = true,
     .aliases = "article_id|product_id|item_id|sku|item|product"},
    {.name = "price", .type = CONTRACT_REAL, .required = true, .low = 1e-6, .high = 1e9,
     .aliases = "list_price|full_price|unit_price"},
    {.name = "stock", .type = CONTRACT_INT, .required = true, .low = 0, .high = 1000000,
     .aliases = "on_hand|inventory|units_left"},
    {.name = "demand", .type = CONTRACT_REAL, .required = true, .low = 0, .high = 1e6,
     .aliases = "units_per_week|weekly_units|base"},
    {.name = "elasticity", .type = CONTRACT_REAL, .low = -20, .high = 1e-9},
    {.name = "elasticity_se", .type = CONTRACT_REAL, .low = 0, .high = 10, .aliases = "se"},
    {.name = "salvage", .type = CONTRACT_REAL, .low = 0, .high = 1e9},
    {.name = "cut", .type = CONTRACT_REAL, .low = 0, .high = 99, .aliases = "discount"},
};
static const contract table_contract = {
    "stock to sell", sizeof table_columns / sizeof table_columns[0], table_columns};

static bool read_ladder(const args *a, double cut[MARKDOWN_CUTS], int *n, err *e) {
    const char *words = args_text(a, "ladder"), *at = words;
    *n = 0;
    while (at) {
        size_t length = strcspn(at, ",");
        double percent;
        if (*n == MARKDOWN_CUTS || !slice_double(slice_trim((slice){at, length}), &percent) ||
            !(percent >= 0 && percent < 100) || (*n > 0 && percent / 100 <= cut[*n - 1]))
            return refuse(e, "--ladder must be at most %d ascending per cents from 0 to 99 like "
                          "0,20,50, got '%s'", MARKDOWN_CUTS, words);
        cut[(*n)++] = percent / 100;
        at = at[length] ? at + length + 1 : NULL;
    }
    return true;
}

typedef struct planned {
    int cut; /* to set now */
    markdown_result plan, held;
    markdown_gain gain;
} planned;

static planned plan_one(const markdown_case *m, uint64_t seed, arena scratch) {
    arena room = arena_split(&scratch, arena_left(&scratch) / 2);
    planned out = {0};
    markdown_plan p = markdown_solve(m, seed, &room, scratch);
    out.cut = markdown_choose(&p, 0, m->now, (double)m->stock);
    out.plan = markdown_play(m, &p, m->now, seed, &out.gain, scratch);
    out.held = markdown_play(m, NULL, m->now, seed, NULL, scratch);
    return out;
}

static bool read_rows(const args *a, bench *b, columns *c, scope *s, err *e) {
    return db_query(b->d, &s->keep, c, e,
                    "SELECT article, price, CAST(stock AS BIGINT) AS stock, demand, src_line, "
                    "CAST(coalesce(elasticity, %.17g) AS DOUBLE) AS elasticity, "
                    "CAST(coalesce(elasticity_se, %.17g) AS DOUBLE) AS se, "
                    "CAST(coalesce(salvage, price * %.17g) AS DOUBLE) AS salvage, "
                    "CAST(coalesce(cut, -1) AS DOUBLE) AS cut FROM stock_rows ORDER BY src_line",
                    args_real(a, "elasticity"), args_real(a, "elasticity-se"),
                    args_real(a, "salvage"));
}

/* Rung of a cut in per cent; -1: none was said, the first. */
static bool find_rung(const double *cut, int n, double percent, int64_t line, int *rung, err *e) {
    for (*rung = 0; *rung < n; (*rung)++)
        if (percent < 0 || fabs(cut[*rung] * 100 - percent) < 1e-6) return true;
    return refuse(e, "line %lld: column cut: %g is no cut of --ladder; add it there",
                  (long long)line, percent);
}

enum { NUMBERS = 15 };

static void put_row(columns *to, int64_t row, slice article, const markdown_case *m,
                    const planned *p) {
    const double all[NUMBERS] = {m->cut[m->now], m->cut[p->cut], m->price * (1 - m->cut[p->cut]),
                                 p->plan.money, p->plan.money_low, p->plan.money_high,
                                 p->held.money, p->gain.money, p->gain.low, p->gain.high,
                                 p->gain.better, p->plan.units, p->plan.left, p->plan.left_low,
                                 p->plan.left_high};
    to->at[0].text[row] = article;
    for (int i = 0; i < NUMBERS; i++) to->at[i + 1].real[row] = all[i];
}

/* Row `row` of the table as an object, with the weeks of the plan. */
static void put_plan(js *out, const columns *c, int64_t row, const markdown_case *m,
                     const planned *p) {
    js_object(out, NULL);
    js_put_text(out, "article", c->at[0].text[row]);
    for (int i = 1; i < c->n; i++) js_put_real(out, c->at[i].name, c->at[i].real[row]);
    js_array(out, "weeks");
    for (int t = 0; t < m->weeks; t++) {
        js_object(out, NULL);
        js_put_int(out, "week", t + 1);
        js_put_real(out, "cut", p->plan.cut[t]);
        js_put_real(out, "units", p->plan.sold[t]);
        js_put_real(out, "units_held", p->held.sold[t]);
        js_end(out);
    }
    js_end(out);
    js_end(out);
}

static bool plan_all(const args *a, bench *b, const columns *c, js *out, scope *s, err *e) {
    static const char *const names[NUMBERS + 1] = {
        "article", "cut_now", "cut", "price", "money", "money_low", "money_high", "money_held",
        "gain", "gain_low", "gain_high", "better", "units", "left", "left_low", "left_high"};
    column_type types[NUMBERS + 1] = {COLUMN_TEXT};
    double cut[MARKDOWN_CUTS], base[MARKDOWN_WEEKS], now = args_clock(), gain = 0.0;
    markdown_case m = {.cut = cut, .base = base, .weeks = (int)args_int(a, "weeks"),
                       .base_se = args_real(a, "demand-se")};
    int64_t cuts_to_set = 0;
    if (!read_ladder(a, cut, &m.cuts, e)) return false;
    for (int i = 1; i <= NUMBERS; i++) types[i] = COLUMN_REAL;
    columns to = columns_new(&s->keep, NUMBERS + 1, names, types, c->rows);
    js_array(out, "articles");
    for (int64_t i = 0; i < c->rows; i++) {
        if (!find_rung(cut, m.cuts, columns_real(c, "cut")[i], columns_i64(c, "src_line")[i],
                       &m.now, e))
            return false;
        m.price = columns_real(c, "price")[i], m.stock = columns_i64(c, "stock")[i];
        m.salvage = columns_real(c, "salvage")[i];
        m.elasticity = columns_real(c, "elasticity")[i];
        m.elasticity_se = columns_real(c, "se")[i];
        for (int t = 0; t < m.weeks; t++)
            base[t] = columns_real(c, "demand")[i] * pow(args_real(a, "decay"), t);
        planned p = plan_one(&m, b->seed, s->scratch);
        put_row(&to, i, columns_text(c, "article")[i], &m, &p);
        put_plan(out, &to, i, &m, &p);
        cuts_to_set += p.cut != m.now, gain += p.gain.money;
        if (args_clock() - now > 2) {
            fprintf(stderr, "planned %lld of %lld articles\n", (long long)i + 1,
                    (long long)c->rows);
            now = args_clock();
        }
    }
    js_end(out);
    js_put_int(out, "cuts_to_set", cuts_to_set);
    js_put_real(out, "gain", gain);
    fprintf(stderr, "%lld of %lld articles get a deeper cut now; the plan is worth %.2f more than "
            "today's cuts\n", (long long)cuts_to_set, (long long)c->rows, gain);
    return db_put(b->d, "markdown", &to, e);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    columns c;
    timing t = {0};
    double clock = args_clock();
    if (!verb_open(a, s, &b, e) || !verb_read(a, &b, &table_contract, "stock_rows", out, e) ||
        !read_rows(a, &b, &c, s, e))
        return false;
    t.read_s = args_lap(&clock);
    if (!plan_all(a, &b, &c, out, s, e)) return false;
    t.fit_s = args_lap(&clock);
    if (!verb_write(a, &b, "markdown", e)) return false;
    t.write_s = args_lap(&clock);
    args_timing(out, &t);
    return true;
}

const verb verb_markdown = {
    .name = "markdown",
    .words = "",
    .group = "table",
    .title = "Plan price cuts over stock and weeks, against holding today's.",
    .example = "atelier markdown --in stock.csv --weeks 8 --ladder 0,20,30,50,70",
    .options = options,
    .run = run,
};
