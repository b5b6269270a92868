/* verb_markdown: this week's cut for each article of a table, and what the weeks then bring. */
#include <math.h>
#include <stdio.h>

#include "surfaces/markdown_say.h"
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

/* The table's row, and the same as an object with the weeks. */
static void put_plan(columns *to, int64_t row, slice article, const markdown_case *m,
                     const markdown_answer *a, js *out) {
    double numbers[MARKDOWN_NUMBERS];
    markdown_numbers(numbers, m, a);
    to->at[0].text[row] = article;
    for (int i = 0; i < MARKDOWN_NUMBERS; i++) to->at[i + 1].real[row] = numbers[i];
    js_object(out, NULL);
    js_put_text(out, "article", article);
    markdown_put(out, m, a);
    js_end(out);
}

/* Row i of the table as a case; base has room for the weeks. */
static bool read_case(markdown_case *m, double *base, const args *a, const columns *c, int64_t i,
                      err *e) {
    double cut = columns_real(c, "cut")[i];
    m->now = cut < 0 ? 0 : markdown_rung(m->cut, m->cuts, cut);
    if (m->now < 0)
        return refuse(e, "line %lld: column cut: %g is no cut of --ladder; add it there",
                      (long long)columns_i64(c, "src_line")[i], cut);
    m->price = columns_real(c, "price")[i], m->stock = columns_i64(c, "stock")[i];
    m->salvage = columns_real(c, "salvage")[i];
    m->elasticity = columns_real(c, "elasticity")[i];
    m->elasticity_se = columns_real(c, "se")[i];
    for (int t = 0; t < m->weeks; t++)
        base[t] = columns_real(c, "demand")[i] * pow(args_real(a, "decay"), t);
    return true;
}

static columns table_of(int64_t rows, arena *keep) {
    const char *names[MARKDOWN_NUMBERS + 1] = {"article"};
    column_type types[MARKDOWN_NUMBERS + 1] = {COLUMN_TEXT};
    for (int i = 0; i < MARKDOWN_NUMBERS; i++)
        names[i + 1] = markdown_names[i], types[i + 1] = COLUMN_REAL;
    return columns_new(keep, MARKDOWN_NUMBERS + 1, names, types, rows);
}

static bool plan_all(const args *a, bench *b, const columns *c, js *out, scope *s, err *e) {
    double cut[MARKDOWN_CUTS], base[MARKDOWN_WEEKS], now = args_clock(), gain = 0.0;
    markdown_case m = {.cut = cut, .base = base, .weeks = (int)args_int(a, "weeks"),
                       .base_se = args_real(a, "demand-se")};
    int64_t cuts_to_set = 0;
    if (!markdown_ladder(slice_of(args_text(a, "ladder")), cut, &m.cuts))
        return refuse(e, "--ladder must be at most %d ascending per cents from 0 to 99 like "
                      "0,20,50, got '%s'", MARKDOWN_CUTS, args_text(a, "ladder"));
    columns to = table_of(c->rows, &s->keep);
    js_array(out, "articles");
    for (int64_t i = 0; i < c->rows; i++) {
        if (!read_case(&m, base, a, c, i, e)) return false;
        markdown_answer answer = markdown_ask(&m, b->seed, s->scratch);
        put_plan(&to, i, columns_text(c, "article")[i], &m, &answer, out);
        cuts_to_set += answer.cut != m.now, gain += answer.gain.money;
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
