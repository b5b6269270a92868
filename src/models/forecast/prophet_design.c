/* prophet_design: the columns of a calendar: time, waves, holidays, regressors and hinges. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/forecast/prophet_parts.h"

#define TURN 6.28318530717958647692

const char *prophet_check(prophet_params p) {
    if (p.growth == PROPHET_LOGISTIC && !(p.cap > p.floor))
        return "logistic growth needs a cap above its floor";
    if (p.growth == PROPHET_LOGISTIC && !(isfinite(p.cap) && isfinite(p.floor)))
        return "cap and floor must be finite";
    if (p.changepoints < 0 || p.changepoints > 1000) return "changepoints must be 0 to 1000";
    if (!(p.range > 0 && p.range <= 1)) return "the changepoint range must be above 0, at most 1";
    if (!(p.changepoint_prior > 0 && p.season_prior > 0)) return "priors must be above 0";
    if (p.yearly < PROPHET_AUTO || p.weekly < PROPHET_AUTO || p.daily < PROPHET_AUTO)
        return "orders of seasons must not be negative";
    if (p.samples < 1) return "samples must be at least 1";
    for (int i = 0; i < PROPHET_SEASONS && p.more[i].order; i++)
        if (p.more[i].order < 0 || !(p.more[i].period > 0 && p.more[i].prior > 0))
            return "a season needs a period, an order and a prior above 0";
    return NULL;
}

void prophet_counted(prophet_params *p, const int *season, int seasons, int n) {
    int to = 0;
    p->yearly = p->weekly = p->daily = 0;
    for (int i = 0; i < seasons && to < PROPHET_SEASONS; i++) {
        int m = season[i], waves = m / 2 < 10 ? m / 2 : 10;
        if (m > 1 && n >= 2 * m)
            p->more[to++] = (prophet_season){m, waves, p->season_prior, p->multiply};
    }
}

/* All seasons of p for this history into to[3 + PROPHET_SEASONS]; returns how many. */
static int seasons(const prophet_calendar *c, prophet_params p, prophet_season *to) {
    static const struct { double period, least, finer; int order; } usual[] = {
        {365.25, 730, INFINITY, 10}, {7, 14, 7, 3}, {1, 2, 1, 4}};
    const int asked[] = {p.yearly, p.weekly, p.daily};
    double span = c->day[c->n - 1] - c->day[0], apart = INFINITY;
    int n = 0;
    for (int t = 1; t < c->n; t++) apart = fmin(apart, c->day[t] - c->day[t - 1]);
    for (int i = 0; i < 3; i++) {
        bool seen = span >= usual[i].least && apart < usual[i].finer;
        int order = asked[i] == PROPHET_AUTO ? seen ? usual[i].order : 0 : asked[i];
        if (order) to[n++] = (prophet_season){usual[i].period, order, p.season_prior, p.multiply};
    }
    for (int i = 0; i < PROPHET_SEASONS && p.more[i].order; i++) to[n++] = p.more[i];
    return n;
}

/* Changepoints are values of the history, as numpy's linspace and round choose them. */
static void place_hinges(prophet_design *d, prophet_params p, arena *keep) {
    int early = (int)floor(d->n * p.range);
    int n = p.changepoints + 1 > early ? early - 1 : p.changepoints;
    d->hinges = p.growth == PROPHET_FLAT || n < 0 ? 0 : n;
    d->hinge = take(keep, double, d->hinges);
    for (int j = 0; j < d->hinges; j++)
        d->hinge[j] = d->time[(int)rint((j + 1) * ((early - 1.0) / n))];
}

static bool check_calendar(const prophet_calendar *c, err *e) {
    int all = c->n + c->steps;
    for (int t = 0; t < all; t++) {
        if (!isfinite(c->day[t]) || (t > 0 && !(c->day[t] > c->day[t - 1])))
            return refuse(e, "days must be finite and ascend; that of value %d does not", t + 1);
        for (int i = 0; i < c->columns; i++)
            if (!(fabs(c->column[i].x[t]) <= PROPHET_LARGEST))
                return refuse(e, "column %d of the model has no usable value at %s %d", i + 1,
                              t < c->n ? "value" : "step", t < c->n ? t + 1 : t - c->n + 1);
    }
    for (int i = 0; i < c->columns; i++)
        if (!(c->column[i].prior > 0)) return refuse(e, "priors must be above 0");
    return true;
}

/* Mean and deviation over the history; 0 and 1 for a column of 0 and 1 and for a constant. */
static void standard(const prophet_column *c, int n, double *mean, double *sd) {
    bool binary = true;
    double sum = 0, squares = 0, low = c->x[0], high = c->x[0];
    for (int t = 0; t < n; t++) {
        binary &= c->x[t] == 0 || c->x[t] == 1;
        sum += c->x[t] / n;
        low = fmin(low, c->x[t]), high = fmax(high, c->x[t]);
    }
    for (int t = 0; t < n; t++) squares += (c->x[t] - sum) * (c->x[t] - sum);
    *mean = binary ? 0 : sum;
    *sd = binary || !(high > low) ? 1 : sqrt(squares / (n - 1));
}

static void fill(prophet_design *d, const prophet_calendar *c, const prophet_season *season,
                 int n_seasons) {
    int all = d->n + d->steps, w = d->width;
    for (int t = 0; t < all; t++) {
        double *row = d->row + (int64_t)t * w;
        row[0] = 1, row[1] = d->p.growth == PROPHET_FLAT ? 0 : d->time[t];
        for (int j = 0; j < d->hinges; j++)
            row[2 + d->betas + j] = fmax(0, d->time[t] - d->hinge[j]);
        int at = 2;
        for (int i = 0; i < n_seasons; i++)
            for (int k = 1; k <= season[i].order; k++) {
                double turn = TURN * k * c->day[t] / season[i].period;
                row[at++] = sin(turn), row[at++] = cos(turn);
            }
    }
    int at = d->betas - c->columns;
    for (int i = 0; i < c->columns; i++) {
        double mean, sd;
        standard(&c->column[i], d->n, &mean, &sd);
        for (int t = 0; t < all; t++)
            d->row[(int64_t)t * w + 2 + at + i] = (c->column[i].x[t] - mean) / sd;
        d->prior[2 + at + i] = c->column[i].prior;
        d->multiply[at + i] = c->column[i].multiply;
    }
}

void prophet_gram(const double *row, int n, int width, double *to) {
    memset(to, 0, sizeof *to * (size_t)width * (size_t)width);
    for (int t = 0; t < n; t++)
        for (int i = 0; i < width; i++) {
            double x = row[(int64_t)t * width + i], *line = to + i * width;
            const double *other = row + (int64_t)t * width;
            for (int j = 0; j <= i && x != 0; j++) line[j] += x * other[j];
        }
    for (int i = 0; i < width; i++)
        for (int j = 0; j < i; j++) to[j * width + i] = to[i * width + j];
}

bool prophet_design_new(prophet_design *d, const prophet_calendar *c, prophet_params p,
                        arena *keep, arena scratch, err *e) {
    (void)scratch;
    const char *why = prophet_check(p);
    if (why) return refuse(e, "%s", why);
    if (c->n < 2) return refuse(e, "this model needs at least two values");
    if (!check_calendar(c, e)) return false;
    prophet_season season[3 + PROPHET_SEASONS];
    int n_seasons = seasons(c, p, season), all = c->n + c->steps;
    *d = (prophet_design){.p = p, .n = c->n, .steps = c->steps, .betas = c->columns};
    for (int i = 0; i < n_seasons; i++) d->betas += 2 * season[i].order;
    d->time = take(keep, double, all);
    double first = c->day[0], span = c->day[c->n - 1] - first;
    for (int t = 0; t < all; t++) d->time[t] = (c->day[t] - first) / span;
    place_hinges(d, p, keep);
    d->width = 2 + d->betas + d->hinges;
    d->prior = take(keep, double, 2 + d->betas);
    d->multiply = take(keep, bool, d->betas);
    d->prior[0] = d->prior[1] = PROPHET_TREND_PRIOR;
    for (int i = 0, at = 0; i < n_seasons; i++)
        for (int k = 0; k < 2 * season[i].order; k++, at++)
            d->prior[2 + at] = season[i].prior, d->multiply[at] = season[i].multiply;
    d->row = take(keep, double, (int64_t)all * d->width);
    fill(d, c, season, n_seasons);
    for (int i = 0; i < d->betas; i++) d->swings |= d->multiply[i];
    d->linear = p.growth != PROPHET_LOGISTIC && !d->swings;
    d->gram = take(keep, double, (int64_t)d->width * d->width);
    prophet_gram(d->row, d->n, d->width, d->gram);
    return true;
}
