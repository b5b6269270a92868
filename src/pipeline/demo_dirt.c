/* demo_dirt: rows that are wrong on purpose: after a clean row, sometimes a damaged copy of it. */
#include <math.h>
#include <string.h>

#include "pipeline/demo_world.h"

/* Half a percent of the rows of each file; each kind of the file is as likely. */
static const double share = 0.005;

/* Columns are counted from 0 in the file's header. A damaged copy is always one line. */
const demo_dirt demo_dirts[] = {
    {DEMO_ARTICLES, "blank id", SET, 0, "", "quarantined"},
    {DEMO_ARTICLES, "price is a word", SET, 25, "ask", "quarantined"},
    {DEMO_ARTICLES, "impossible launch date", SET, 26, "2024-13-45", "quarantined"},
    {DEMO_ARTICLES, "short row", SHORT, 7, NULL, "quarantined"},
    {DEMO_ARTICLES, "long row", LONG, 0, "extra", "quarantined"},
    {DEMO_ARTICLES, "invalid UTF-8", BYTES, 2, NULL, "quarantined"},
    {DEMO_ARTICLES, "duplicate", TWICE, 0, NULL, "merged"},
    {DEMO_ARTICLES, "blank line", BLANK, 0, NULL, "blank"},

    {DEMO_CUSTOMERS, "blank id", SET, 0, "", "quarantined"},
    {DEMO_CUSTOMERS, "age is a word", SET, 5, "forty", "quarantined"},
    {DEMO_CUSTOMERS, "age out of range", SET, 5, "412", "quarantined"},
    {DEMO_CUSTOMERS, "short row", SHORT, 3, NULL, "quarantined"},
    {DEMO_CUSTOMERS, "text after a closing quote", QUOTE, 0, NULL, "quarantined"},
    {DEMO_CUSTOMERS, "duplicate", TWICE, 0, NULL, "merged"},
    {DEMO_CUSTOMERS, "blank line", BLANK, 0, NULL, "blank"},

    {DEMO_TRANSACTIONS, "impossible date", SET, 0, "2024-02-30", "quarantined"},
    {DEMO_TRANSACTIONS, "date is a word", SET, 0, "yesterday", "quarantined"},
    {DEMO_TRANSACTIONS, "blank date", SET, 0, "", "quarantined"},
    {DEMO_TRANSACTIONS, "future date", SET, 0, "2099-12-31", "quarantined"},
    {DEMO_TRANSACTIONS, "blank article", SET, 2, "", "quarantined"},
    {DEMO_TRANSACTIONS, "unknown article", SET, 2, "0999999999", "quarantined"},
    {DEMO_TRANSACTIONS, "negative price", SET, 3, "-19.99", "quarantined"},
    {DEMO_TRANSACTIONS, "price is a word", SET, 3, "free", "quarantined"},
    {DEMO_TRANSACTIONS, "price overflows", SET, 3, "1e999", "quarantined"},
    {DEMO_TRANSACTIONS, "decimal comma", SET, 3, "19,99", "quarantined"},
    {DEMO_TRANSACTIONS, "short row", SHORT, 3, NULL, "quarantined"},
    {DEMO_TRANSACTIONS, "long row", LONG, 0, "extra", "quarantined"},
    {DEMO_TRANSACTIONS, "text after a closing quote", QUOTE, 1, NULL, "quarantined"},
    {DEMO_TRANSACTIONS, "invalid UTF-8", BYTES, 1, NULL, "quarantined"},
    {DEMO_TRANSACTIONS, "blank line", BLANK, 0, NULL, "blank"},

    {DEMO_REVIEWS, "rating out of range", SET, 6, "9", "quarantined"},
    {DEMO_REVIEWS, "rating is a word", SET, 6, "great", "quarantined"},
    {DEMO_REVIEWS, "blank rating", SET, 6, "", "quarantined"},
    {DEMO_REVIEWS, "impossible date", SET, 3, "2025-06-31", "quarantined"},
    {DEMO_REVIEWS, "unknown article", SET, 1, "0999999999", "quarantined"},
    {DEMO_REVIEWS, "short row", SHORT, 5, NULL, "quarantined"},
    {DEMO_REVIEWS, "text after a closing quote", QUOTE, 4, NULL, "quarantined"},
    {DEMO_REVIEWS, "invalid UTF-8", BYTES, 5, NULL, "quarantined"},
    {DEMO_REVIEWS, "blank line", BLANK, 0, NULL, "blank"},

    {DEMO_EVENTS, "unknown event", SET, 3, "hologram_wave", "quarantined"},
    {DEMO_EVENTS, "blank event", SET, 3, "", "quarantined"},
    {DEMO_EVENTS, "impossible time", SET, 0, "2025-08-15 25:61:00", "quarantined"},
    {DEMO_EVENTS, "blank user", SET, 1, "", "quarantined"},
    {DEMO_EVENTS, "unknown article", SET, 4, "0999999999", "quarantined"},
    {DEMO_EVENTS, "price is a word", SET, 5, "free", "quarantined"},
    {DEMO_EVENTS, "short row", SHORT, 4, NULL, "quarantined"},
    {DEMO_EVENTS, "long row", LONG, 0, "extra", "quarantined"},
    {DEMO_EVENTS, "text after a closing quote", QUOTE, 1, NULL, "quarantined"},
    {DEMO_EVENTS, "blank line", BLANK, 0, NULL, "blank"},

    {DEMO_STOCK, "on hand is a word", SET, 2, "many", "quarantined"},
    {DEMO_STOCK, "blank date", SET, 0, "", "quarantined"},
    {DEMO_STOCK, "unknown article", SET, 1, "0999999999", "quarantined"},
    {DEMO_STOCK, "receipt on no day", SET, 5, "soon", "quarantined"},
    {DEMO_STOCK, "short row", SHORT, 2, NULL, "quarantined"},
    {DEMO_STOCK, "blank line", BLANK, 0, NULL, "blank"},
};
const int demo_n_dirts = sizeof demo_dirts / sizeof demo_dirts[0];
_Static_assert(sizeof demo_dirts / sizeof demo_dirts[0] <= DEMO_DIRTS_MOST, "by_kind is too small");

static int pick_kind(demo_file *f) {
    int first = -1, n = 0;
    for (int i = 0; i < demo_n_dirts; i++) {
        if (demo_dirts[i].file != f->number) continue;
        if (first < 0) first = i;
        n++;
    }
    return first + (int)rng_below(&f->dirt, n);
}

/* A field that begins with a quoted word and goes on after it: the quote does not reach the next
 * line. */
static void add_broken(demo_file *f, const demo_cells *c, int at) {
    for (int i = 0; i < c->n; i++) {
        if (i > 0) text_add_char(&f->waiting, ',');
        if (i == at) text_add(&f->waiting, SLICE("\"word\"after"));
        else demo_field(&f->waiting, c->at[i]);
    }
    text_add_char(&f->waiting, '\n');
}

/* Rows are damaged independently of each other: the gaps are geometric. */
int64_t demo_dirt_gap(demo_file *f) {
    return (int64_t)floor(log(1 - rng_uniform(&f->dirt)) / log(1 - share));
}

void demo_damaged(demo_file *f, const demo_cells *c) {
    int kind = pick_kind(f);
    const demo_dirt *d = &demo_dirts[kind];
    slice copy[DEMO_CELLS_MOST + 1];
    int n = c->n;
    memcpy(copy, c->at, sizeof *copy * (size_t)n);
    switch (d->damage) {
    case SET:
        copy[d->column] = slice_of(d->value);
        demo_fields(f, copy, n);
        break;
    case SHORT: demo_fields(f, copy, d->column); break;
    case LONG:
        copy[n] = slice_of(d->value);
        demo_fields(f, copy, n + 1);
        break;
    case QUOTE: add_broken(f, c, d->column); break;
    case BYTES:
        copy[d->column] = SLICE("caf\xE9 \xFF\xFE");
        demo_fields(f, copy, n);
        break;
    case BLANK: text_add_char(&f->waiting, '\n'); break;
    case TWICE: demo_fields(f, copy, n); break;
    }
    f->rows++;
    f->dirty++;
    f->by_kind[kind]++;
    f->until_dirt = demo_dirt_gap(f);
}
