/* verb_assortment: which items of a sales table carry revenue, how steadily, how launches go. */
#include <stdio.h>

#include "pipeline/product_board.h"
#include "surfaces/trends_story.h"
#include "surfaces/verbs.h"

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"as-of", OPTION_TEXT, "DATE", "look at what was known before this day (default: day after "
                                   "the last sale)"},
    {"a", OPTION_REAL, "SHARE", "share of revenue of class A", .value = "0.8", .low = 0.01,
     .high = 0.99},
    {"b", OPTION_REAL, "SHARE", "the same of A and B together", .value = "0.95", .low = 0.01,
     .high = 0.999},
    {"x", OPTION_REAL, "CV", "weekly units vary less than this in class X", .value = "0.5",
     .low = 0.01, .high = 10},
    {"y", OPTION_REAL, "CV", "and at most this in class Y", .value = "1", .low = 0.01, .high = 100},
    {0}};

/* Revenue of a line; of a table without money, its units. */
static const char money[] = "coalesce(revenue, price * coalesce(units, 1))";

static char *source_of(bool priced, arena *keep) {
    return arena_text(keep,
                      "SELECT item, coalesce(category, '(none)') AS category, "
                      "CAST(time AS DATE) AS day, coalesce(units, 1) AS units, %s AS revenue "
                      "FROM sales", priced ? money : "coalesce(units, 1)");
}

/* Table items, those of most revenue first. */
static bool put_rows(bench *b, const product_board *p, scope *s, err *e) {
    static const char *const headers[] = {"item", "category", "revenue", "units", "abc",
                                          "abc_before", "xyz", "cv", "weeks", "sold", "usual",
                                          "usual_low", "usual_high", "ratio", "low", "high",
                                          "launch"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_REAL, COLUMN_REAL,
                                        COLUMN_TEXT, COLUMN_TEXT, COLUMN_TEXT, COLUMN_REAL,
                                        COLUMN_I32,  COLUMN_REAL, COLUMN_REAL, COLUMN_REAL,
                                        COLUMN_REAL, COLUMN_REAL, COLUMN_REAL, COLUMN_REAL,
                                        COLUMN_TEXT};
    columns c = columns_new(&s->keep, 17, headers, types, p->n);
    c.at[7].valid = take(&s->keep, uint8_t, p->n);
    for (int k = 9; k < 16; k++) c.at[k].valid = take(&s->keep, uint8_t, p->n);
    for (int64_t r = 0; r < p->n; r++) {
        int32_t i = p->order[r];
        const launch_place *at = &p->place[i];
        bool stands = at->call < LAUNCH_YOUNG, has_cv = p->xyz[i] != ASSORTMENT_NO_XYZ;
        uint8_t before = p->abc_before[i];
        double place[] = {at->units, at->usual, at->usual_low, at->usual_high, at->ratio, at->low,
                          at->high};
        c.at[0].text[r] = columns_text(&p->names, "item")[i];
        c.at[1].text[r] = p->category[columns_i32(&p->names, "code")[i]];
        c.at[2].real[r] = p->revenue[i], c.at[3].real[r] = p->units[i];
        c.at[4].text[r] = slice_of(assortment_abc_words[p->abc[i]]);
        c.at[5].text[r] = slice_of(before < ASSORTMENT_ABC ? assortment_abc_words[before] : "");
        c.at[6].text[r] = slice_of(assortment_xyz_words[p->xyz[i]]);
        c.at[7].valid[r] = has_cv, c.at[7].real[r] = has_cv ? p->cv[i] : 0.0;
        c.at[8].i32[r] = at->weeks;
        for (int k = 0; k < 7; k++)
            c.at[9 + k].valid[r] = stands, c.at[9 + k].real[r] = stands ? place[k] : 0.0;
        c.at[16].text[r] = slice_of(launch_call_words[at->call]);
    }
    return db_put(b->d, "items", &c, e);
}

static void say(const product_board *p, js *out) {
    int64_t calls[LAUNCH_CALLS] = {0}, of[ASSORTMENT_ABC] = {0}, sold = 0;
    for (int64_t i = 0; i < p->n; i++) {
        calls[p->place[i].call]++, sold += p->units[i] > 0;
        of[p->abc[i]] += p->units[i] > 0;
    }
    js_object(out, "launches");
    for (int k = 0; k < LAUNCH_CALLS; k++) js_put_int(out, launch_call_words[k], calls[k]);
    js_end(out);
    fprintf(stderr, "%lld items sold in the year: %lld make class A, %lld B, %lld C; Gini %.3f\n"
            "%lld launches ahead of their category, %lld behind, %lld as usual\n", (long long)sold,
            (long long)of[0], (long long)of[1], (long long)of[2], p->gini,
            (long long)calls[LAUNCH_AHEAD], (long long)calls[LAUNCH_BEHIND],
            (long long)calls[LAUNCH_PAR]);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    product_board board;
    int32_t end = 0;
    int64_t priced;
    timing t = {0};
    double clock = args_clock();
    assortment_cuts cuts = {args_real(a, "a"), args_real(a, "b"), args_real(a, "x"),
                            args_real(a, "y")};
    const char *wrong = assortment_check(cuts);
    if (wrong) return refuse(e, "%s", wrong);
    if (!verb_open(a, s, &b, e) || !verb_read(a, &b, &trends_sales, "sales", out, e) ||
        !trends_end(a, &b, &end, s, e) ||
        !db_count(b.d, &priced, e, "SELECT count(%s) FROM sales", money))
        return false;
    t.read_s = args_lap(&clock);
    if (!product_board_make(&board, b.d, source_of(priced > 0, &s->keep), end, cuts, s, e))
        return false;
    if (board.n == 0) return refuse(e, "no sale before %s", day_text(&s->keep, end));
    t.fit_s = args_lap(&clock);
    if (priced == 0) fprintf(stderr, "neither revenue nor price: classes are by units\n");
    if (!put_rows(&b, &board, s, e) || !verb_write(a, &b, "items", e)) return false;
    t.write_s = args_lap(&clock);
    js_put_word(out, "as_of", day_text(&s->keep, end));
    js_put_int(out, "items", board.n);
    js_put_word(out, "by", priced ? "revenue" : "units");
    product_board_put(out, &board, cuts);
    say(&board, out);
    args_timing(out, &t);
    return true;
}

const verb verb_assortment = {
    .name = "assortment",
    .words = "",
    .group = "table",
    .title = "Class items by revenue and steadiness, and see how launches go.",
    .example = "atelier assortment --in sales.csv --map item=sku,time=date,units=qty "
               "--out classes.csv",
    .options = options,
    .run = run,
};
