/* segment_moves: how customers moved between segments in the last months, and what drifted. */
#include <math.h>
#include <string.h>

#include "models/segment/drift.h"
#include "models/segment/migration.h"
#include "pipeline/segment_parts.h"
#include "pipeline/segment_words.h"

enum { MONTHS = 6, A_MONTH = 28 };

/* A day's customers in the segments of today. */
typedef struct shot {
    int32_t day;
    segment_block b;
    int32_t *label[SEGMENT_METHODS]; /* [b.n] */
} shot;

static bool stride_of(work *w, int64_t *stride, err *e) {
    int64_t all;
    if (!db_count(w->d, &all, e, "SELECT count(*) FROM customers")) return false;
    *stride = (all + SEGMENT_SAMPLED - 1) / SEGMENT_SAMPLED;
    if (*stride < 1) *stride = 1;
    return true;
}

static bool shoot(shot *out, const segment_present *p, work *w, int32_t day, scope *s, err *e) {
    int64_t stride;
    *out = (shot){.day = day};
    if (!stride_of(w, &stride, e) ||
        !segment_block_read_bases(w, day, stride, &p->b, s, &out->b, e))
        return false;
    segment_present_apply(p, w, &out->b, out->label, s);
    return true;
}

/* Moves of one method between two shots: customers by number, those of one alone come or go. */
static void count(const shot *a, const shot *b, int g, int k, double *customers, double *money,
                  arena scratch) {
    int64_t most = a->b.n + b->b.n, n = 0;
    int32_t *then = take(&scratch, int32_t, most), *now = take(&scratch, int32_t, most);
    double *paid = take(&scratch, double, most);
    for (int64_t i = 0, j = 0; i < a->b.n || j < b->b.n; n++) {
        bool first = j == b->b.n || (i < a->b.n && a->b.customer[i] <= b->b.customer[j]);
        bool second = i == a->b.n || (j < b->b.n && b->b.customer[j] <= a->b.customer[i]);
        then[n] = first ? a->label[g][i] : -1;
        now[n] = second ? b->label[g][j] : -1;
        paid[n] = second ? b->b.rfm.money[j] : 0;
        i += first;
        j += second;
    }
    migration_add(then, now, n, k, NULL, customers);
    migration_add(then, now, n, k, paid, money);
}

static void moves_between(segment_moves *m, const segment_present *p, const shot *a,
                          const shot *b, scope *s) {
    m->known = a->b.n > 0 && b->b.n > 0;
    for (int g = 0; g < SEGMENT_METHODS && m->known; g++) {
        int k = p->methods[g].k;
        m->customers[g] = take(&s->keep, double, (k + 1) * (k + 1));
        m->money[g] = take(&s->keep, double, (k + 1) * (k + 1));
        if (k > 0) count(a, b, g, k, m->customers[g], m->money[g], s->scratch);
    }
}

bool segment_moves_see(segment_moves *m, const segment_present *p, work *w, int32_t from,
                       int32_t to, scope *s, err *e) {
    shot a, b;
    *m = (segment_moves){0};
    if (!shoot(&a, p, w, from, s, e) || !shoot(&b, p, w, to, s, e)) return false;
    moves_between(m, p, &a, &b, s);
    return true;
}

/* ---- migration ---- */

static void put_square(js *out, const char *key, const double *moves, int k, int decimals) {
    js_array(out, key);
    for (int i = 0; i <= k; i++) {
        js_array(out, NULL);
        for (int j = 0; j <= k; j++) js_put_fixed(out, NULL, moves[i * (k + 1) + j], decimals);
        js_end(out);
    }
    js_end(out);
}

static void put_leads(js *out, const char *key, const double *moves, const double *sizes, int k,
                      scope *s) {
    double *leads = take(&s->keep, double, k);
    if (!migration_leads(moves, sizes, k, leads, s->scratch)) {
        js_put_null(out, key);
        return;
    }
    js_array(out, key);
    for (int c = 0; c < k; c++) js_put_fixed(out, NULL, leads[c], 6);
    js_end(out);
}

static void put_sizes(js *out, const shot *shots, int n, int g, int k, scope *s) {
    js_array(out, "sizes");
    for (int t = 0; t < n; t++) {
        int64_t *size = take(&s->keep, int64_t, k);
        for (int64_t i = 0; i < shots[t].b.n; i++)
            if (shots[t].label[g][i] >= 0) size[shots[t].label[g][i]]++;
        js_object(out, NULL);
        js_put_word(out, "day", day_text(&s->keep, shots[t].day));
        js_array(out, "customers");
        for (int c = 0; c < k; c++) js_put_int(out, NULL, size[c]);
        js_end(out);
        js_end(out);
    }
    js_end(out);
}

static void put_migration(js *out, const segment_present *p, const shot *shots, int n, int g,
                          const segment_moves *moves, scope *s) {
    const segment_method *m = &p->methods[g];
    int k = m->k, cells = (k + 1) * (k + 1);
    double *pooled = take(&s->keep, double, cells), *paid = take(&s->keep, double, cells);
    double *sizes = take(&s->keep, double, k), *spent = take(&s->keep, double, k);
    js_object(out, NULL);
    js_put_word(out, "method", m->name);
    js_array(out, "ids");
    for (int c = 0; c < k; c++) js_put_text(out, NULL, m->ids[c]);
    js_end(out);
    js_array(out, "names");
    for (int c = 0; c < k; c++) js_put_text(out, NULL, m->names[c]);
    js_end(out);
    js_array(out, "months");
    for (int t = 0; t + 1 < n; t++) {
        js_object(out, NULL);
        js_put_word(out, "from", day_text(&s->keep, shots[t].day));
        js_put_word(out, "to", day_text(&s->keep, shots[t + 1].day));
        put_square(out, "customers", moves[t].customers[g], k, 0);
        put_square(out, "money", moves[t].money[g], k, 2);
        js_end(out);
        for (int i = 0; i < cells; i++) {
            pooled[i] += moves[t].customers[g][i];
            paid[i] += moves[t].money[g][i];
        }
    }
    js_end(out);
    put_sizes(out, shots, n, g, k, s);
    for (int64_t i = 0; i < shots[n - 1].b.n; i++) {
        int32_t c = shots[n - 1].label[g][i];
        if (c < 0) continue;
        sizes[c]++;
        spent[c] += fmax(shots[n - 1].b.rfm.money[i], 0);
    }
    put_leads(out, "stationary", pooled, sizes, k, s);
    put_leads(out, "stationary_money", paid, spent, k, s);
    js_end(out);
}

/* ---- drift ---- */

static double *values_of(const segment_block *b, int j, arena *keep) {
    double *x = take(keep, double, b->n);
    for (int64_t i = 0; i < b->n; i++) x[i] = b->features[i * b->cols + j];
    return x;
}

static double missing(const double *x, int64_t n) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) count += isnan(x[i]);
    return n ? (double)count / (double)n : 0;
}

static void put_shares(js *out, const char *key, const double *share, int n) {
    js_array(out, key);
    for (int i = 0; i < n; i++) js_put_fixed(out, NULL, share[i], 5);
    js_end(out);
}

static void put_feature(js *out, const segment_present *p, const shot *shots, int n, int j,
                        arena scratch) {
    const segment_word *word = segment_word_of(p->b.names[j]);
    const shot *last = &shots[n - 1];
    double *then = values_of(&shots[0].b, j, &scratch), *now = values_of(&last->b, j, &scratch);
    double share[DRIFT_BINS], psi = 0, history[MONTHS + 1];
    drift_bins bins = drift_cut(then, shots[0].b.n, scratch);
    for (int t = 1; t < n; t++) {
        double *x = values_of(&shots[t].b, j, &scratch);
        drift_share(&bins, x, shots[t].b.n, share);
        history[t] = psi = drift_psi(bins.share, share, bins.n);
    }
    js_object(out, NULL);
    js_put_word(out, "feature", p->b.names[j]);
    js_put_word(out, "label", word ? word->label : p->b.names[j]);
    js_put_fixed(out, "psi", psi, 5);
    js_put_word(out, "verdict", drift_verdict(psi));
    js_array(out, "edges");
    for (int i = 0; i <= bins.n; i++)
        js_put_fixed(out, NULL, segment_word_raw(word, bins.edges[i]), 4);
    js_end(out);
    put_shares(out, "then", bins.share, bins.n);
    put_shares(out, "now", share, bins.n);
    js_put_fixed(out, "missing_then", missing(then, shots[0].b.n), 5);
    js_put_fixed(out, "missing_now", missing(now, last->b.n), 5);
    js_array(out, "history");
    for (int t = 1; t < n; t++) js_put_fixed(out, NULL, history[t], 5);
    js_end(out);
    js_end(out);
}

bool segment_put_moves(js *out, const segment_present *p, work *w, scope *s, err *e) {
    shot *shots = take(&s->keep, shot, MONTHS + 1);
    segment_moves *moves = take(&s->keep, segment_moves, MONTHS);
    int n = 0;
    for (int back = MONTHS; back >= 0; back--) {
        if (!shoot(&shots[n], p, w, w->days.end - back * A_MONTH, s, e)) return false;
        n += shots[n].b.n > 0;
    }
    if (n < 2) return true; /* too young a shop: nothing to compare with */
    for (int t = 0; t + 1 < n; t++) moves_between(&moves[t], p, &shots[t], &shots[t + 1], s);
    js_array(out, "migration");
    for (int g = 0; g < SEGMENT_METHODS; g++)
        if (p->methods[g].k > 0) put_migration(out, p, shots, n, g, moves, s);
    js_end(out);
    js_object(out, "drift");
    js_put_word(out, "from", day_text(&s->keep, shots[0].day));
    js_put_word(out, "to", day_text(&s->keep, shots[n - 1].day));
    js_array(out, "rows");
    for (int j = 0; j < shots[0].b.cols; j++) put_feature(out, p, shots, n, j, s->scratch);
    js_end(out);
    js_end(out);
    return true;
}
