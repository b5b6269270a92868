/* funnel_left: what separates who went on at each step of a funnel from who left, as told. */
#include "surfaces/funnel_left.h"

#include <stdio.h>
#include <string.h>

static bool put_table(const funnel_why *w, const funnel_spec *spec, bench *b, scope *s, err *e) {
    static const char *const names[] = {"from", "to", "feature", "value", "units", "went_on",
                                        "others", "others_went_on", "odds_ratio", "low", "high",
                                        "crude", "shrunk", "p", "q"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_TEXT, COLUMN_TEXT,
                                        COLUMN_I64,  COLUMN_I64,  COLUMN_I64,  COLUMN_I64,
                                        COLUMN_REAL, COLUMN_REAL, COLUMN_REAL, COLUMN_REAL,
                                        COLUMN_REAL, COLUMN_REAL, COLUMN_REAL};
    int64_t rows = 0;
    for (int k = 0; k + 1 < spec->p.steps; k++) rows += w->step[k].n;
    columns c = columns_new(&s->keep, 15, names, types, rows);
    for (int64_t k = 0, row = 0; k + 1 < spec->p.steps; k++)
        for (int i = 0; i < w->step[k].n; i++, row++) {
            const funnel_difference *d = &w->step[k].difference[i];
            slice texts[] = {slice_of(spec->step[k]), slice_of(spec->step[k + 1]), d->feature,
                             d->value};
            int64_t counts[] = {d->with, d->with_on, d->without, d->without_on};
            double reals[] = {d->of.ratio.value, d->of.ratio.low, d->of.ratio.high, d->of.crude,
                              d->of.shrunk, d->of.p, d->of.q};
            for (int x = 0; x < 4; x++) c.at[x].text[row] = texts[x];
            for (int x = 0; x < 4; x++) c.at[4 + x].i64[row] = counts[x];
            for (int x = 0; x < 7; x++) c.at[8 + x].real[row] = reals[x];
        }
    return db_put(b->d, "differences", &c, e);
}

static void print_step(const funnel_why_step *at, const char *from, const char *to) {
    fprintf(stderr, "%s to %s: %lld of %lld went on\n", from, to, (long long)at->went_on,
            (long long)at->compared);
    for (int i = 0; i < at->n; i++) {
        const funnel_difference *d = &at->difference[i];
        if (d->of.q > FUNNEL_WHY_RATE) continue;
        fprintf(stderr, "  %5.2f times the odds (%.2f to %.2f)  %.*s %.*s, %lld\n",
                d->of.ratio.value, d->of.ratio.low, d->of.ratio.high, (int)d->feature.n,
                d->feature.p, (int)d->value.n, d->value.p, (long long)d->with);
    }
}

bool funnel_left_put(js *out, const funnel_spec *spec, bench *b, const char *by, bool json,
                     scope *s, err *e) {
    static const char *const told_by[] = {"name", "channel", "platform", "category", "hour", "day",
                                          "grouped"};
    funnel_log log;
    funnel_why w;
    int by_n = 6;
    for (int i = 0; by && i < by_n; i++)
        if (strcmp(by, told_by[i]) == 0) by = NULL; /* it is there */
    if (by) by_n++;
    if (!funnel_log_read_all(&log, b->d, spec, "SELECT * FROM log", told_by, by_n, &s->keep, e))
        return false;
    if (by) log.by[6].column = by;
    funnel_why_find(&w, &log, spec, b->threads, s);
    funnel_why_put(out, &w, spec);
    for (int k = 0; !json && k + 1 < spec->p.steps; k++)
        print_step(&w.step[k], spec->step[k], spec->step[k + 1]);
    return put_table(&w, spec, b, s, e);
}
