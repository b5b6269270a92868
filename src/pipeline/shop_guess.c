/* shop_guess: what unknown files of a shop may be, by the words of their headers and by values. */
#include "pipeline/shop_guess.h"

#include <string.h>
#include <strings.h>

#include "data/csv_cells.h"
#include "data/table.h"
#include "pipeline/shop.h"

enum { LOOK = 200 }; /* rows whose values are looked at */

typedef struct look { /* shares of the first values that are of a kind */
    double *times, *numbers; /* [n] */
} look;

/* ---- values ---- */

static double share_of(const columns *c, int at, bool times) {
    int64_t good = 0, all = 0;
    for (int64_t i = 0; i < c->rows; i++) {
        double real;
        int64_t time;
        if (!column_has(&c->at[at], i) || cell_text_is_null(c->at[at].text[i], false)) continue;
        slice v = c->at[at].text[i];
        good += times ? cell_time(v, &time) == CELL_VALUE : cell_real(v, &real) == CELL_VALUE;
        all++;
    }
    return all ? (double)good / (double)all : 0;
}

/* Where the engine cannot read the file the words of its headers must do. */
static look look_at(db *d, const char *path, int n, scope *s) {
    err ignored = {0};
    columns c;
    look out = {take(&s->keep, double, n), take(&s->keep, double, n)};
    size_t length = strlen(path);
    bool parquet = (length > 8 && strcasecmp(path + length - 8, ".parquet") == 0) ||
                   (length > 3 && strcasecmp(path + length - 3, ".pq") == 0);
    const char *from = db_literal(&s->keep, slice_of(path));
    const char *sql = parquet ? arena_text(&s->keep, "read_parquet(%s)", from)
                              : arena_text(&s->keep, "read_csv(%s, all_varchar = true, header = "
                                                     "true, ignore_errors = true)", from);
    if (!db_query(d, &s->keep, &c, &ignored, "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM %s LIMIT %d",
                  sql, LOOK) || c.n != n)
        return out;
    for (int i = 0; i < n; i++) {
        if (c.at[i].type != COLUMN_TEXT) continue;
        out.times[i] = share_of(&c, i, true);
        out.numbers[i] = share_of(&c, i, false);
    }
    return out;
}

static bool is_of_kind(contract_type type, const look *l, int header) {
    const double most = 0.9; /* a tenth may be broken */
    bool number = l->numbers[header] >= most, time = l->times[header] >= most;
    switch (type) {
    case CONTRACT_DAY:
    case CONTRACT_TIME: return time;
    case CONTRACT_INT:
    case CONTRACT_REAL: return number && !time;
    default: return true;
    }
}

/* ---- words ---- */

/* True when the header has a word (of four letters or more) of the column's names. */
static bool shares_word(const contract_column *k, slice header, arena scratch) {
    const char *in = slice_copy(&scratch, header);
    const char *names[2] = {k->name, k->aliases ? k->aliases : ""};
    for (int list = 0; list < 2; list++)
        for (const char *at = names[list]; *at;) {
            size_t n = strcspn(at, "|_ ");
            char word[40];
            if (n >= 4 && n < sizeof word) {
                memcpy(word, at, n);
                word[n] = 0;
                if (strcasestr(in, word)) return true;
            }
            at += n + (at[n] != 0);
        }
    return false;
}

static bool is_taken(const shop_guess *g, int n, int header) {
    for (int i = 0; i < n; i++)
        if (g->header_of[i] == header) return true;
    return memchr(g->headers[header].p, ',', g->headers[header].n) != NULL; /* no map can say it */
}

/* A header for a column that is needed: by a word and its values, else by its values alone where
 * the kind tells something. */
static void guess_column(shop_guess *g, const contract *c, int at, const look *l,
                         arena scratch) {
    const contract_column *k = &c->columns[at];
    for (int pass = 0; pass < 2; pass++)
        for (int h = 0; h < g->n; h++) {
            bool fits = pass == 0 ? shares_word(k, g->headers[h], scratch)
                                  : k->type != CONTRACT_TEXT;
            if (!fits || is_taken(g, c->n, h) || !is_of_kind(k->type, l, h)) continue;
            g->header_of[at] = h;
            g->how[at] = pass == 0 ? GUESS_NAME : GUESS_VALUES;
            return;
        }
    g->missing++;
}

/* ---- one source, one file ---- */

/* What the header holds of a source when nothing is required. */
static bool match_loosely(const contract *c, shop_guess *g, scope *s) {
    contract_column *all = take_copy(&s->keep, contract_column, c->columns, c->n);
    contract_match *m = take(&s->keep, contract_match, 1);
    err ignored = {0};
    for (int i = 0; i < c->n; i++) all[i].required = false;
    contract loose = {c->source, c->n, all};
    if (!contract_map(&loose, g->headers, g->n, NULL, m, &ignored)) return false;
    for (int i = 0; i < c->n; i++) {
        g->header_of[i] = m->header_of[i];
        g->how[i] = m->header_of[i] >= 0 ? GUESS_KNOWN : GUESS_NONE;
    }
    return true;
}

/* Higher is likelier; -1 = out of the question: fewer than two needed columns, or no name that
 * speaks for it. */
static int try_source(int source, const look *l, scope *s, shop_guess *g) {
    const contract *c = &contract_sources[source];
    int needed = 0, filled = 0, by_name = 0;
    g->source = source;
    g->missing = 0;
    g->header_of = take(&s->keep, int, c->n);
    g->how = take(&s->keep, guess_how, c->n);
    if (!match_loosely(c, g, s)) return -1;
    for (int i = 0; i < c->n; i++) filled += g->header_of[i] >= 0;
    for (int i = 0; i < c->n; i++) {
        needed += c->columns[i].required;
        if (c->columns[i].required && g->header_of[i] < 0) guess_column(g, c, i, l, s->scratch);
    }
    for (int i = 0; i < c->n; i++) by_name += g->how[i] == GUESS_NAME;
    int found = needed - g->missing;
    bool named = shop_named(g->file, source);
    if (found < (needed < 2 ? needed : 2) || (filled == 0 && by_name < 2 && !named)) return -1;
    return 1000 * found / needed + 300 * named + 50 * found + filled;
}

bool shop_guess_file(db *d, const char *in, const char *file, scope *s, shop_guess *out,
                     err *e) {
    err why = {0};
    static const char *const no_maps[6] = {NULL};
    const char *path = arena_text(&s->keep, "%s/%s", in, file);
    *out = (shop_guess){.file = file, .source = -1};
    if (!table_headers(d, path, s, &out->headers, &out->n, &why)) {
        if (why.kind == ERR_WENT_WRONG) return *e = why, false;
        out->why = arena_text(&s->keep, "%s", why.text);
        return true;
    }
    look l = {take(&s->keep, double, out->n), take(&s->keep, double, out->n)};
    int known = shop_source(file, out->headers, out->n, no_maps), most = -1;
    if (known >= 0) {
        out->known = true;
        try_source(known, &l, s, out);
        return true;
    }
    l = look_at(d, path, out->n, s);
    shop_guess best = *out;
    for (int i = 0; i < 6; i++) {
        shop_guess one = *out;
        int score = try_source(i, &l, s, &one);
        if (score > most) best = one, most = score;
    }
    *out = best;
    if (most < 0) out->why = "its columns are like those of no source";
    return true;
}
