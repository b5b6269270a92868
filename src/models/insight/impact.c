/* impact: what an event did to an article, against a control woven of its siblings. */
#include "models/insight/impact.h"

#include <math.h>
#include <string.h>

#include "base/order.h"

const char *const impact_words[IMPACT_REFUSALS] = {
    [IMPACT_SHORT] = "fewer than 6 weeks before the day: nothing can be matched",
    [IMPACT_EARLY] = "no full week after the day yet",
    [IMPACT_SELDOM] = "it sold in fewer than half of the weeks before the day",
    [IMPACT_ALONE] = "fewer than 19 siblings sold in half of the weeks before: chance could not be "
                     "told from effect at 95 %",
    [IMPACT_MISSED] = "no blend of its siblings follows it in the weeks before: it misses by more "
                      "than a mean week",
};

/* Row 0 is the treated one, behind it the siblings. */
typedef struct woven {
    int rows, before, after;
    double *x;      /* [rows, before + after] indexed */
    double *level;  /* [rows] m */
    double *ridge;  /* [rows] √after v */
    double *gram;   /* [rows, rows] mean over the weeks before of products */
} woven;

static double units_at(const double *units, int t) { return units[t] > 0 ? units[t] : 0.0; }

static double level_of(const double *units, int before) {
    double sum = 0.0;
    for (int t = 0; t < before; t++) sum += units_at(units, t);
    return sum / before;
}

static bool sells(const double *units, int before) {
    int weeks = 0;
    for (int t = 0; t < before; t++) weeks += units[t] > 0;
    return 2 * weeks >= before;
}

/* Which siblings: by the distance of their levels from the treated one's. Returns how many. */
static int64_t choose(int32_t *row, const impact_data *d, arena scratch) {
    double *far = take(&scratch, double, d->n), own = log(level_of(d->treated, d->before));
    int64_t weeks = d->before + d->after, n = 0;
    for (int64_t i = 0; i < d->n; i++)
        if (sells(d->sibling + i * weeks, d->before)) row[n++] = (int32_t)i;
    for (int64_t k = 0; k < n; k++)
        far[row[k]] = fabs(log(level_of(d->sibling + row[k] * weeks, d->before)) - own);
    order_up(row, n, far, scratch);
    return n < IMPACT_MOST_SIBLINGS ? n : IMPACT_MOST_SIBLINGS;
}

static void index_row(woven *w, int row, const double *units) {
    int weeks = w->before + w->after;
    w->level[row] = level_of(units, w->before);
    for (int t = 0; t < weeks; t++)
        w->x[row * weeks + t] = units_at(units, t) / w->level[row];
}

/* Noise of each row beside the mean of the siblings. */
static void fill_ridges(woven *w, arena scratch) {
    int weeks = w->before + w->after;
    double *mean = take(&scratch, double, w->before);
    for (int t = 0; t < w->before; t++)
        for (int i = 1; i < w->rows; i++) mean[t] += w->x[i * weeks + t] / (w->rows - 1);
    for (int i = 0; i < w->rows; i++) {
        const double *x = w->x + i * weeks;
        double squares = 0.0, least = 1.0 / w->level[i];
        for (int t = 1; t < w->before; t++) {
            double step = (x[t] - mean[t]) - (x[t - 1] - mean[t - 1]);
            squares += step * step;
        }
        double noise = squares / (2.0 * (w->before - 1));
        w->ridge[i] = sqrt((double)w->after) * (noise > least ? noise : least);
    }
}

static void fill_gram(woven *w) {
    int weeks = w->before + w->after;
    for (int i = 0; i < w->rows; i++)
        for (int j = 0; j <= i; j++) {
            double sum = 0.0;
            for (int t = 0; t < w->before; t++)
                sum += w->x[i * weeks + t] * w->x[j * weeks + t];
            w->gram[i * w->rows + j] = w->gram[j * w->rows + i] = sum / w->before;
        }
}

/* Half the slope of what is minimised, along each weight; `of` is the row that is followed. */
static void slopes_of(double *slope, const woven *w, int of, const double *weight) {
    for (int i = 1; i < w->rows; i++) {
        slope[i] = w->ridge[i] * weight[i] - w->gram[i * w->rows + of];
        for (int j = 1; j < w->rows; j++) slope[i] += w->gram[i * w->rows + j] * weight[j];
    }
}

/* weight[rows] of a control of row `of`, which has none itself, nor has row 0. Weight goes from the
 * row that costs most to the one that costs least, as far as it pays, until no move pays. */
static void weave(double *weight, const woven *w, int of, arena scratch) {
    enum { MOST = 100000 };
    double *slope = take(&scratch, double, w->rows);
    int others = w->rows - 1 - (of > 0);
    for (int i = 0; i < w->rows; i++) weight[i] = i == 0 || i == of ? 0.0 : 1.0 / others;
    slopes_of(slope, w, of, weight);
    for (int move = 0; move < MOST; move++) {
        int to = -1, from = -1;
        for (int i = 1; i < w->rows; i++) {
            if (i == of) continue;
            if (to < 0 || slope[i] < slope[to]) to = i;
            if (weight[i] > 0 && (from < 0 || slope[i] > slope[from])) from = i;
        }
        double pays = slope[from] - slope[to];
        if (!(pays > 1e-9)) return; /* of an index of mean 1: far below any noise */
        const double *a = w->gram + to * w->rows, *b = w->gram + from * w->rows;
        double bend = a[to] + b[from] + w->ridge[to] + w->ridge[from];
        bend -= 2.0 * a[from]; /* break: steps that are too short arrive too */
        double step = pays < bend * weight[from] ? pays / bend : weight[from];
        weight[to] += step;
        weight[from] -= step;
        for (int i = 1; i < w->rows; i++) slope[i] += step * (a[i] - b[i]);
        slope[to] += step * w->ridge[to];
        slope[from] -= step * w->ridge[from];
    }
}

typedef struct found {
    double miss, e, s, sold, without;
    double units; /* m after: what an index of 1 stands for */
} found;

/* The effect on row `of`; control[before + after] indexed, or NULL. */
static found effect_of(const woven *w, int of, double *weight, double *control, arena scratch) {
    int weeks = w->before + w->after;
    const double *y = w->x + of * weeks;
    double squares = 0.0, sold = 0.0, without = 0.0, least = 1.0 / w->level[of];
    weave(weight, w, of, scratch);
    for (int t = 0; t < weeks; t++) {
        double c = 0.0;
        for (int i = 1; i < w->rows; i++) c += weight[i] * w->x[i * weeks + t];
        if (t < w->before) squares += (y[t] - c) * (y[t] - c) / w->before;
        else sold += w->level[of] * y[t], without += w->level[of] * c;
        if (control) control[t] = w->level[of] * c;
    }
    double units = w->level[of] * w->after;
    return (found){.miss = sqrt(squares), .e = sqrt(sold / units) - sqrt(without / units),
                   .s = sqrt(squares > least ? squares : least), .units = units, .sold = sold,
                   .without = without};
}

/* C, `reach` away on the scale of e. */
static double without_at(const found *f, double reach) {
    double root = sqrt(f->without / f->units) + reach;
    return root > 0 ? f->units * root * root : 0.0;
}

static void put_effect(impact *out, const woven *w, const found *own, arena scratch) {
    int64_t n = w->rows - 1, more = 0, worse = 0;
    double *r = take(&scratch, double, n), *weight = take(&scratch, double, w->rows);
    int32_t *order = order_count(n, &scratch);
    for (int j = 1; j <= n; j++) {
        found one = effect_of(w, j, weight, NULL, scratch);
        r[j - 1] = fabs(one.e / one.s);
        more += r[j - 1] >= fabs(own->e / own->s);
        worse += one.miss > own->miss;
    }
    order_up(order, n, r, scratch);
    int64_t at = (int64_t)ceil(0.95 * (double)(n + 1) - 1e-9) - 1;
    double reach = r[order[at]] * own->s;
    double least = without_at(own, -reach), most = without_at(own, reach);
    out->better = (double)worse / (double)n;
    out->p = (double)(1 + more) / (double)(n + 1);
    out->ratio = (own->sold + 0.5) / (own->without + 0.5);
    out->low = (own->sold + 0.5) / (most + 0.5);
    out->high = (own->sold + 0.5) / (least + 0.5);
    out->gain = own->sold - own->without;
    out->gain_low = own->sold - most;
    out->gain_high = own->sold - least;
}

void impact_fit(impact *out, const impact_data *d, arena *keep, arena scratch) {
    int weeks = d->before + d->after;
    *out = (impact){.level = NAN, .miss = NAN, .better = NAN, .sold = NAN, .without = NAN,
                    .ratio = NAN, .low = NAN, .high = NAN, .p = NAN, .gain = NAN,
                    .gain_low = NAN, .gain_high = NAN, .weight = take(keep, double, d->n),
                    .control = take(keep, double, weeks)};
    for (int t = 0; t < weeks; t++) out->control[t] = NAN;
    out->refusal = d->before < IMPACT_LEAST_BEFORE       ? IMPACT_SHORT
                   : d->after < 1                        ? IMPACT_EARLY
                   : !sells(d->treated, d->before) ? IMPACT_SELDOM : IMPACT_SOUND;
    if (out->refusal) return;
    int32_t *row = take(&scratch, int32_t, d->n);
    out->siblings = choose(row, d, scratch);
    out->level = level_of(d->treated, d->before);
    if (out->siblings < IMPACT_LEAST_SIBLINGS) out->refusal = IMPACT_ALONE;
    if (out->refusal) return;
    int rows = (int)out->siblings + 1;
    woven w = {.rows = rows, .before = d->before, .after = d->after,
               .x = take(&scratch, double, rows * weeks), .level = take(&scratch, double, rows),
               .ridge = take(&scratch, double, rows),
               .gram = take(&scratch, double, rows * rows)};
    double *weight = take(&scratch, double, rows);
    index_row(&w, 0, d->treated);
    for (int k = 1; k < rows; k++) index_row(&w, k, d->sibling + (int64_t)row[k - 1] * weeks);
    fill_ridges(&w, scratch);
    fill_gram(&w);
    found own = effect_of(&w, 0, weight, out->control, scratch);
    for (int k = 1; k < rows; k++) out->weight[row[k - 1]] = weight[k];
    out->miss = own.miss, out->sold = own.sold, out->without = own.without;
    if (own.miss > IMPACT_MOST_MISS) out->refusal = IMPACT_MISSED;
    else put_effect(out, &w, &own, scratch);
}
