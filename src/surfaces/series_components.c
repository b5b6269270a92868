/* series_components: what each series is made of and what is odd in it, as a table and in words. */
#include "surfaces/series_components.h"

#include <math.h>
#include <string.h>

#include "models/forecast/anomalies.h"
#include "models/forecast/detect.h"

enum { COLUMNS = 9, MOST_LISTED = 20 };
#define LARGEST 1e100 /* squares stay finite */

typedef struct job {
    const series_table *t;
    const int *season;
    int seasons;
    int64_t *first;        /* [series] row of its first value */
    double *part[5];       /* [rows] trend, season, remainder, score, break */
    detect_result *result; /* [series]; arrays of it are gone, breaks kept */
    breaks_one **breaks;   /* [series] room for n / 6 each */
} job;

static void run_series(void *what, int64_t i, arena scratch) {
    job *j = what;
    const series_one *one = &j->t->one[i];
    detect_result *d = &j->result[i];
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    int n = j->seasons;
    const int *candidates = n ? j->season : series_usual(j->t, one, &n);
    detect_series(d, one->y, one->n, candidates, n, &keep, scratch);
    for (int k = 0; k < one->n; k++) {
        int64_t row = j->first[i] + k;
        j->part[0][row] = d->parts.trend[k];
        for (int m = 0; m < d->parts.seasons; m++) j->part[1][row] += d->parts.season[m][k];
        j->part[2][row] = d->parts.remainder[k];
        j->part[3][row] = d->score[k];
    }
    for (int k = 0; k < d->breaks.n; k++) {
        j->breaks[i][k] = d->breaks.one[k];
        j->part[4][j->first[i] + d->breaks.one[k].at] = 1;
    }
    d->breaks.one = j->breaks[i];
}

static bool run(job *j, bench *b, scope *s, err *e) {
    const series_table *t = j->t;
    int64_t rows = 0;
    j->first = take(&s->keep, int64_t, t->n);
    j->result = take(&s->keep, detect_result, t->n);
    j->breaks = take(&s->keep, breaks_one *, t->n);
    for (int i = 0; i < t->n; i++) {
        for (int k = 0; k < t->one[i].n; k++)
            if (!(fabs(t->one[i].y[k]) <= LARGEST)) {
                refuse(e, "value %d of the series is %g, outside -1e100 to 1e100: no decomposition",
                       k + 1, t->one[i].y[k]);
                return series_named(&t->one[i], e);
            }
        j->first[i] = rows, rows += t->one[i].n;
        j->breaks[i] = take(&s->keep, breaks_one, t->one[i].n / 3 + 1);
    }
    for (int k = 0; k < 5; k++) j->part[k] = take(&s->keep, double, rows);
    pool_for(b->threads, t->n, run_series, j);
    return true;
}

/* The time of value k (0-based) as text. */
static const char *time_of(const series_table *t, const series_one *one, int k, arena *keep) {
    return series_time(t, one, k - one->n + 1, keep);
}

static columns table(const job *j, scope *s) {
    static const char *const names[COLUMNS] = {"series",    "time",  "value",   "trend", "season",
                                               "remainder", "score", "anomaly", "break"};
    static const column_type types[COLUMNS] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_REAL,
                                               COLUMN_REAL, COLUMN_REAL, COLUMN_REAL,
                                               COLUMN_REAL, COLUMN_I32,  COLUMN_I32};
    const series_table *t = j->t;
    int64_t rows = t->n ? j->first[t->n - 1] + t->one[t->n - 1].n : 0;
    columns c = columns_new(&s->keep, COLUMNS, names, types, rows);
    for (int i = 0; i < t->n; i++)
        for (int k = 0; k < t->one[i].n; k++) {
            int64_t row = j->first[i] + k;
            c.at[0].text[row] = t->one[i].name;
            c.at[1].text[row] = slice_of(time_of(t, &t->one[i], k, &s->keep));
            c.at[2].real[row] = t->one[i].y[k];
            for (int p = 0; p < 4; p++) c.at[3 + p].real[row] = j->part[p][row];
            c.at[7].i32[row] = fabs(j->part[3][row]) > ANOMALIES_LIMIT;
            c.at[8].i32[row] = j->part[4][row] > 0;
        }
    return c;
}

static void put_seasons(const job *j, int i, js *out, arena keep) {
    const series_one *one = &j->t->one[i];
    const detect_result *d = &j->result[i];
    js_array(out, "seasons");
    for (int k = 0; k < d->seasons; k++) {
        js_object(out, NULL);
        js_put_int(out, "period", d->season[k].period);
        js_put_real(out, "strength", d->season[k].strength);
        js_put_real(out, "correlation", d->season[k].correlation);
        js_put_real(out, "limit", d->season[k].limit);
        js_put_real(out, "amplitude", d->season[k].amplitude);
        js_put_word(out, "peak", time_of(j->t, one, d->season[k].peak, &keep));
        js_put_word(out, "trough", time_of(j->t, one, d->season[k].trough, &keep));
        js_end(out);
    }
    js_end(out);
}

static void put_trend(const detect_result *d, js *out) {
    const kendall_result *k = &d->trend;
    js_object(out, "trend");
    js_put_word(out, "direction", k->p >= 0.05 ? "none" : k->z > 0 ? "rising" : "falling");
    js_put_real(out, "slope", k->slope);
    js_put_real(out, "slope_low", k->low);
    js_put_real(out, "slope_high", k->high);
    js_put_real(out, "z", k->z);
    js_put_real(out, "p", k->p);
    js_put_real(out, "strength", d->trend_strength);
    js_end(out);
}

static void put_events(const job *j, int i, js *out, arena keep) {
    const series_one *one = &j->t->one[i];
    const detect_result *d = &j->result[i];
    js_array(out, "breaks");
    for (int k = 0; k < d->breaks.n; k++) {
        const breaks_one *b = &d->breaks.one[k];
        js_object(out, NULL);
        js_put_word(out, "time", time_of(j->t, one, b->at, &keep));
        js_put_real(out, "before", b->before);
        js_put_real(out, "after", b->after);
        js_put_real(out, "slope_before", b->slope_before);
        js_put_real(out, "slope_after", b->slope_after);
        js_end(out);
    }
    js_end(out);
    js_put_int(out, "anomalies_found", d->anomalies);
    js_array(out, "anomalies");
    for (int k = 0, listed = 0; k < one->n && listed < MOST_LISTED; k++) {
        int64_t row = j->first[i] + k;
        if (!(fabs(j->part[3][row]) > ANOMALIES_LIMIT)) continue;
        js_object(out, NULL);
        js_put_word(out, "time", time_of(j->t, one, k, &keep));
        js_put_real(out, "value", one->y[k]);
        js_put_real(out, "expected", one->y[k] - j->part[2][row]);
        js_put_real(out, "score", j->part[3][row]);
        js_end(out);
        listed++;
    }
    js_end(out);
}

bool components_write(const char *path, const series_table *t, const int *season, bench *b,
                      scope *s, js *out, err *e) {
    job j = {.t = t, .season = season};
    while (j.seasons < MSTL_SEASONS && season[j.seasons]) j.seasons++;
    if (!run(&j, b, s, e)) return false;
    columns c = table(&j, s);
    if (!db_put(b->d, "components", &c, e) || !table_write(b->d, "components", path, e))
        return false;
    js_array(out, "detections");
    for (int i = 0; i < t->n; i++) {
        js_object(out, NULL);
        js_put_text(out, "series", t->one[i].name);
        put_seasons(&j, i, out, s->scratch);
        put_trend(&j.result[i], out);
        put_events(&j, i, out, s->scratch);
        js_end(out);
    }
    js_end(out);
    return true;
}
