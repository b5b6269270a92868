/* series_calendar: the days, holidays and regressors of series, for the model that knows them. */
#include "surfaces/series_calendar.h"

#include <math.h>
#include <string.h>

enum { MOST_WINDOW = 366, MOST_GROUPS = 16 };

static const contract_column holiday_columns[] = {
    {.name = "holiday", .type = CONTRACT_TEXT, .required = true, .aliases = "name|event"},
    {.name = "ds", .type = CONTRACT_DAY, .required = true, .aliases = "date|day|time"},
    {.name = "lower_window", .type = CONTRACT_INT, .aliases = "lower", .low = -MOST_WINDOW},
    {.name = "upper_window", .type = CONTRACT_INT, .aliases = "upper", .high = MOST_WINDOW},
    {.name = "prior_scale", .type = CONTRACT_REAL, .aliases = "prior", .low = 1e-9, .high = 1e9},
};
static const contract holiday_contract = {"holidays", 5, holiday_columns};

/* One row per name, offset and day, in that order. */
static const char holiday_query[] =
    "SELECT holiday, CAST(o AS INTEGER) AS o, "
    "CAST(datediff('day', DATE '1970-01-01', ds) + o AS DOUBLE) AS day, "
    "CAST(max(coalesce(prior_scale, 10)) OVER (PARTITION BY holiday) AS DOUBLE) AS prior FROM "
    "(SELECT DISTINCT holiday, ds, prior_scale, unnest(generate_series("
    "coalesce(lower_window, 0), coalesce(upper_window, 0))) AS o FROM holidays_in) "
    "ORDER BY 1, 2, 3";

static bool read_holidays(const char *path, bench *b, scope *s, series_calendar *c, err *e) {
    columns r;
    if (c->t->clock != SERIES_TIMES) return refuse(e, "--holidays needs series with dates");
    if (!table_read(b->d, path, &holiday_contract, NULL, "holidays_in", NULL, e) ||
        !db_query(b->d, &s->keep, &r, e, holiday_query))
        return fail_in(e, path);
    const slice *name = columns_text(&r, "holiday");
    const int32_t *offset = columns_i32(&r, "o");
    c->holiday = take(&s->keep, calendar_holiday, r.rows);
    for (int64_t i = 0; i < r.rows; i++) {
        bool first = i == 0 || offset[i] != offset[i - 1] || slice_compare(name[i], name[i - 1]);
        calendar_holiday *h = &c->holiday[first ? c->holidays++ : c->holidays - 1];
        if (first) *h = (calendar_holiday){0, columns_real(&r, "day") + i,
                                           columns_real(&r, "prior")[i]};
        h->days++;
    }
    return true;
}

static bool read_future(const char *path, bench *b, scope *s, series_calendar *c, err *e) {
    const series_table *t = c->t;
    int n = 2 + t->regressors;
    contract_column *wanted = take(&s->keep, contract_column, n);
    if (t->clock == SERIES_ROWS) return refuse(e, "--future needs a time column in --in");
    wanted[0] = (contract_column){.name = "series", .type = CONTRACT_TEXT,
                                  .aliases = SERIES_ALIASES};
    wanted[1] = (contract_column){.name = "time", .type = CONTRACT_TEXT, .required = true,
                                  .aliases = SERIES_TIME_ALIASES};
    for (int k = 0; k < t->regressors; k++)
        wanted[2 + k] = (contract_column){.name = t->regressor[k], .type = CONTRACT_REAL,
                                          .required = true};
    contract all = {"future", n, wanted};
    c->future_path = path;
    if (!table_read(b->d, path, &all, t->map, "future_in", NULL, e)) return false;
    return db_query(b->d, &s->keep, &c->future, e,
                    "SELECT coalesce(series, '') AS series, coalesce(%s, 0) AS at%s FROM future_in "
                    "ORDER BY 1, 2, src_line",
                    series_at_sql(t->clock), t->regressor_sql) ||
           fail_in(e, path);
}

/* The row of series `name` at time `at` in --future; -1 when it is not there. */
static int64_t find_row(const columns *f, slice name, double at) {
    const slice *names = columns_text(f, "series");
    const double *times = columns_real(f, "at");
    int64_t low = 0, high = f->rows;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        int order = slice_compare(names[middle], name);
        if (order < 0 || (order == 0 && times[middle] < at)) low = middle + 1;
        else high = middle;
    }
    bool there = low < f->rows && slice_compare(names[low], name) == 0 && times[low] == at;
    return there ? low : -1;
}

/* What regressor k of `one` is, `step` steps after its last value. */
static bool future_value(const series_calendar *c, const series_one *one, int k, int step,
                         double *to, err *e) {
    const series_table *t = c->t;
    char buffer[512];
    arena small = {buffer, buffer + sizeof buffer};
    if (c->future.rows == 0)
        return refuse(e, "regressors must be known ahead: --future FILE says what '%s' is at the "
                         "times to be forecast", t->regressor[k]);
    double at = series_at(t, one, step);
    int64_t row = find_row(&c->future, one->name, at);
    if (row < 0) row = find_row(&c->future, (slice){0}, at);
    if (row < 0) {
        refuse(e, "no row for %s (step %d), where '%s' must be known",
               series_time(t, one, step, &small), step, t->regressor[k]);
        return fail_in(e, c->future_path);
    }
    *to = columns_real(&c->future, arena_text(&small, "x%d", k))[row];
    return true;
}

static double day_of_step(const series_table *t, const series_one *one, int at) {
    double value = at < one->n ? one->at[at] : series_at(t, one, at - one->n + 1);
    if (t->clock == SERIES_TIMES) return value / 86400e6;
    return t->clock == SERIES_ROWS ? at : (value - one->at[0]) / one->apart;
}

static void mark_holiday(const calendar_holiday *h, const double *day, int n, double *to) {
    for (int t = 0, k = 0; t < n; t++) {
        while (k < h->days && h->day[k] < floor(day[t])) k++;
        to[t] = k < h->days && h->day[k] == floor(day[t]);
    }
}

int calendar_count(const series_calendar *c) { return c->holidays + c->t->regressors; }

bool calendar_columns(const series_calendar *c, int64_t i, int n, int steps, double **to,
                      arena *keep, err *e) {
    const series_table *t = c->t;
    const series_one *one = &t->one[i];
    int all = n + steps;
    double *day = take(keep, double, all);
    for (int k = 0; k < all; k++) day[k] = day_of_step(t, one, k);
    for (int h = 0; h < c->holidays; h++) {
        to[h] = take(keep, double, all);
        mark_holiday(&c->holiday[h], day, all, to[h]);
    }
    for (int k = 0; k < t->regressors; k++) {
        double *x = to[c->holidays + k] = take(keep, double, all);
        for (int at = 0; at < all; at++) {
            if (at < one->n) x[at] = one->x[k][at];
            else if (!future_value(c, one, k, at - one->n + 1, &x[at], e)) return false;
            if (isfinite(x[at])) continue;
            arena scratch = arena_split(keep, 512);
            return refuse(e, "column %s has no value at %s", t->regressor[k],
                          series_time(t, one, at - one->n + 1, &scratch));
        }
    }
    return true;
}

static bool new_calendar(const series_calendar *c, int64_t i, int n, int steps,
                         prophet_calendar *to, arena *keep, err *e) {
    const series_table *t = c->t;
    int all = n + steps, count = calendar_count(c);
    double *day = take(keep, double, all), **x = take(keep, double *, count);
    prophet_column *extra = take(keep, prophet_column, count);
    if (!calendar_columns(c, i, n, steps, x, keep, e)) return false;
    for (int k = 0; k < all; k++) day[k] = day_of_step(t, &t->one[i], k);
    for (int k = 0; k < count; k++) {
        double prior = k < c->holidays ? c->holiday[k].prior : PROPHET_COLUMN_PRIOR;
        extra[k] = (prophet_column){x[k], prior, c->p.multiply};
    }
    *to = (prophet_calendar){n, steps, day, count, extra};
    return true;
}

static bool same_times(const series_one *a, const series_one *b) {
    return a->n == b->n && a->months == b->months && a->apart == b->apart &&
           memcmp(a->at, b->at, sizeof *a->at * (size_t)a->n) == 0;
}

/* Designs for the first MOST_GROUPS calendars that more than one series has. */
static bool share(series_calendar *c, scope *s, err *e) {
    const series_table *t = c->t;
    int groups = 0, first[MOST_GROUPS], members[MOST_GROUPS] = {0};
    c->group = take(&s->keep, int32_t, t->n);
    c->design = take(&s->keep, prophet_design, MOST_GROUPS);
    for (int i = 0; i < t->n; i++) {
        int g = 0;
        while (g < groups && !same_times(&t->one[i], &t->one[first[g]])) g++;
        bool own = t->regressors > 0 || t->clock != SERIES_TIMES || c->steps == 0;
        if (own) g = MOST_GROUPS;
        if (g == groups && groups < MOST_GROUPS) first[groups++] = i;
        c->group[i] = g < MOST_GROUPS ? g : -1;
        if (g < MOST_GROUPS) members[g]++;
    }
    for (int i = 0; i < t->n; i++) {
        int g = c->group[i];
        if (g < 0) continue;
        if (members[g] < 2 || t->one[i].n < 2) c->group[i] = -1;
        else if (first[g] == i) {
            prophet_calendar calendar;
            if (!new_calendar(c, i, t->one[i].n, c->steps, &calendar, &s->keep, e) ||
                !prophet_design_new(&c->design[g], &calendar, c->p, &s->keep, s->scratch, e))
                return false;
        }
    }
    return true;
}

bool calendar_read(const args *a, bench *b, scope *s, const series_table *t, int steps,
                   series_calendar *out, err *e) {
    forecaster_params all = FORECASTER_DEFAULTS;
    if (!series_set_option(a, &all, s, e)) return false;
    prophet_params p = all.prophet;
    const char *growth = args_text(a, "growth"), *path = args_text(a, "holidays");
    p.growth = strcmp(growth, "linear") == 0     ? PROPHET_LINEAR
               : strcmp(growth, "logistic") == 0 ? PROPHET_LOGISTIC
                                                 : PROPHET_FLAT;
    if (p.growth == PROPHET_LOGISTIC && !args_given(a, "cap"))
        return refuse(e, "--growth logistic needs --cap: what the series can reach at most");
    p.cap = args_real(a, "cap"), p.floor = args_real(a, "floor");
    if (args_given(a, "changepoints")) p.changepoints = (int)args_int(a, "changepoints");
    p.multiply = p.multiply || args_flag(a, "multiply");
    const char *why = prophet_check(p);
    if (why) return refuse(e, "%s", why);
    *out = (series_calendar){.t = t, .p = p, .steps = steps};
    if (path && !read_holidays(path, b, s, out, e)) return false;
    path = args_text(a, "future");
    if (path && t->regressors == 0) return refuse(e, "--future needs --regressors");
    if (path && !read_future(path, b, s, out, e)) return false;
    return share(out, s, e);
}

bool calendar_set(const series_calendar *c, int64_t i, int n, int steps, forecaster_params *p,
                  arena *keep, err *e) {
    p->prophet = c->p;
    p->design = NULL;
    if (c->t->clock != SERIES_TIMES) {
        int season[1 + FORECASTER_MORE] = {p->season};
        memcpy(season + 1, p->more, sizeof p->more);
        prophet_counted(&p->prophet, season, 1 + FORECASTER_MORE, n);
    }
    if (c->group[i] >= 0 && n == c->t->one[i].n && steps == c->steps)
        return p->design = &c->design[c->group[i]], true;
    prophet_calendar *calendar = take(keep, prophet_calendar, 1);
    p->calendar = calendar;
    return new_calendar(c, i, n, steps, calendar, keep, e);
}
