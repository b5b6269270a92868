/* series_table: a long table (series, time, value) as arrays, one per series, in order of time. */
#include "surfaces/series_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/forecast/forecaster_knobs.h"

enum { LONGEST_ETS_SEASON = 60 };

static const contract_column series_columns[] = {
    {.name = "series", .type = CONTRACT_TEXT, .aliases = SERIES_ALIASES},
    {.name = "time", .type = CONTRACT_TEXT, .aliases = SERIES_TIME_ALIASES},
    {.name = "value",
     .type = CONTRACT_REAL,
     .required = true,
     .aliases = "y|units|sales|quantity|target|demand|turnover"},
};

#define MONTH_AS_TIME                                                                              \
    "coalesce(try_cast(time AS TIMESTAMP), try_cast(time || '-01' AS TIMESTAMP))"

/* --map, then --series, --time and --value, as one map. */
static const char *all_maps(const args *a, scope *s) {
    static const char *const names[] = {"series", "time", "value"};
    const char *map = args_text(a, "map");
    for (int i = 0; i < 3; i++) {
        const char *said = args_text(a, names[i]);
        if (said)
            map = arena_text(&s->keep, "%s%s%s=%s", map ? map : "", map ? "," : "", names[i],
                             said);
    }
    return map;
}

static bool find_clock(bench *b, scope *s, series_clock *to, err *e) {
    int64_t missing, not_number, not_time;
    if (!db_count(b->d, &missing, e, "SELECT count(*) - count(time) FROM series_in") ||
        !db_count(b->d, &not_number, e,
                  "SELECT count(*) FROM series_in WHERE time IS NOT NULL AND "
                  "try_cast(time AS DOUBLE) IS NULL") ||
        !db_count(b->d, &not_time, e,
                  "SELECT count(*) FROM series_in WHERE time IS NOT NULL AND " MONTH_AS_TIME
                  " IS NULL"))
        return false;
    int64_t rows;
    if (!db_count(b->d, &rows, e, "SELECT count(*) FROM series_in")) return false;
    if (missing == rows) return *to = SERIES_ROWS, true;
    columns c;
    if (missing > 0) return refuse(e, "%lld rows have no time", (long long)missing);
    if (not_number == 0) return *to = SERIES_NUMBERS, true;
    if (not_time == 0) return *to = SERIES_TIMES, true;
    if (!db_query(b->d, &s->keep, &c, e,
                  "SELECT src_line, time FROM series_in WHERE try_cast(time AS DOUBLE) IS NULL AND "
                  MONTH_AS_TIME " IS NULL ORDER BY src_line LIMIT 1"))
        return false;
    if (c.rows == 0) return refuse(e, "column time mixes numbers and dates");
    slice shown = columns_text(&c, "time")[0];
    refuse(e, "line %lld, column time: '%.*s' is neither a number nor a date like 2020-01-31",
           (long long)columns_i64(&c, "src_line")[0], (int)shown.n, shown.p);
    return fail_cause(e, "bad_data");
}

const char *series_at_sql(series_clock clock) {
    static const char *const at[] = {"CAST(src_line AS DOUBLE)", "CAST(time AS DOUBLE)",
                                     "CAST(epoch_us(" MONTH_AS_TIME ") AS DOUBLE)"};
    return at[clock];
}

static bool query_rows(bench *b, scope *s, const series_table *t, columns *c, err *e) {
    return db_query(b->d, &s->keep, c, e,
                    "SELECT coalesce(series, 'series') AS series, %s AS at, value, src_line%s "
                    "FROM series_in ORDER BY 1, 2, src_line",
                    series_at_sql(t->clock), t->regressor_sql);
}

/* The names of --regressors, and the expressions that read them. */
static void find_regressors(const args *a, scope *s, series_table *t) {
    const char *said = args_text(a, "regressors");
    slice rest = slice_of(said ? said : "");
    t->regressor = take(&s->keep, const char *, rest.n);
    t->regressor_sql = "";
    while (rest.n > 0) {
        const char *comma = memchr(rest.p, ',', rest.n);
        slice one = slice_trim((slice){rest.p, comma ? (size_t)(comma - rest.p) : rest.n});
        rest = comma ? (slice){comma + 1, rest.n - (size_t)(comma + 1 - rest.p)} : (slice){0};
        if (one.n == 0) continue;
        t->regressor_sql = arena_text(&s->keep, "%s, coalesce(%s, CAST('nan' AS DOUBLE)) AS x%d",
                                      t->regressor_sql, db_name(&s->keep, one), t->regressors);
        t->regressor[t->regressors++] = slice_copy(&s->keep, one);
    }
}

/* The contract of a table with these regressors. */
static contract contract_with(const series_table *t, arena *keep) {
    contract_column *c = take(keep, contract_column, 3 + t->regressors);
    memcpy(c, series_columns, sizeof series_columns);
    for (int k = 0; k < t->regressors; k++)
        c[3 + k] = (contract_column){.name = t->regressor[k], .type = CONTRACT_REAL};
    return (contract){"series", 3 + t->regressors, c};
}

static int month_of(double micros, int *of_month) {
    int year, month;
    day_split((int32_t)floor(micros / 86400e6), &year, &month, of_month);
    return year * 12 + month - 1;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_apart(const series_one *one, arena scratch) {
    double *apart = take(&scratch, double, one->n);
    for (int i = 1; i < one->n; i++) apart[i - 1] = one->at[i] - one->at[i - 1];
    qsort(apart, (size_t)one->n - 1, sizeof *apart, by_size);
    return apart[(one->n - 1) / 2];
}

/* Spacing: whole months where the usual difference is 28 days or more and days of the month agree
 * (or are ends of months), else a constant difference. */
static void find_spacing(series_clock clock, series_one *one, arena scratch) {
    one->apart = 1;
    if (one->n < 2 || clock == SERIES_ROWS) return;
    one->apart = median_apart(one, scratch);
    if (clock == SERIES_TIMES && one->apart >= 28 * 86400e6) {
        int day = 0, last, before = month_of(one->at[0], &last);
        one->months = (int)lround(one->apart / (30.436875 * 86400e6));
        for (int i = 1; i < one->n && one->months; i++) {
            int month = month_of(one->at[i], &day);
            if (day != last && (day < 28 || last < 28)) one->months = 0;
            one->irregular += month - before != one->months;
            before = month, last = day;
        }
        if (one->months) return;
        one->irregular = 0;
    }
    for (int i = 1; i < one->n; i++)
        one->irregular += fabs(one->at[i] - one->at[i - 1] - one->apart) > 1e-9 * one->apart;
}

static bool add_one(const columns *c, int64_t from, int64_t to, series_table *t, scope *s,
                    err *e) {
    series_one *one = &t->one[t->n++];
    *one = (series_one){.name = columns_text(c, "series")[from], .n = (int)(to - from)};
    one->y = columns_real(c, "value") + from;
    one->at = columns_real(c, "at") + from;
    one->x = take(&s->keep, double *, t->regressors);
    for (int k = 0; k < t->regressors; k++)
        one->x[k] = columns_real(c, arena_text(&s->keep, "x%d", k)) + from;
    for (int i = 1; i < one->n; i++) {
        if (one->at[i] > one->at[i - 1]) continue;
        refuse(e, "line %lld: series '%.*s' has a second value for the same time; name the column "
                  "that tells the series apart with --series",
               (long long)columns_i64(c, "src_line")[from + i], (int)one->name.n, one->name.p);
        return fail_cause(e, "bad_data");
    }
    find_spacing(t->clock, one, s->scratch);
    return true;
}

bool series_read(const args *a, bench *b, scope *s, series_table *out, js *json, err *e) {
    table_count count = {0};
    const char *path = args_text(a, "in");
    columns c;
    *out = (series_table){.map = all_maps(a, s)};
    find_regressors(a, s, out);
    contract all = contract_with(out, &s->keep);
    if (!table_read(b->d, path, &all, out->map, "series_in", &count, e)) return false;
    verb_say_count(&count, path, json);
    if (!find_clock(b, s, &out->clock, e) || !query_rows(b, s, out, &c, e))
        return fail_in(e, path);
    const slice *name = columns_text(&c, "series");
    int n = 0;
    for (int64_t r = 0; r < c.rows; r++) n += r == 0 || slice_compare(name[r], name[r - 1]) != 0;
    out->one = take(&s->keep, series_one, n);
    for (int64_t from = 0, to = 0; from < c.rows; from = to) {
        for (to = from + 1; to < c.rows && slice_compare(name[to], name[from]) == 0;) to++;
        if (!add_one(&c, from, to, out, s, e)) return fail_in(e, path);
    }
    return true;
}

/* Months after a day, kept within the month: 31 January + 1 is 28 or 29 February. */
static int32_t add_months(int32_t day, int months, int of_month) {
    int year, month, unused;
    day_split(day, &year, &month, &unused);
    int at = year * 12 + month - 1 + months, y = at / 12, m = at % 12 + 1;
    int32_t first = day_of(y, m, 1), next = m == 12 ? day_of(y + 1, 1, 1) : day_of(y, m + 1, 1);
    int32_t wanted = first + of_month - 1;
    return wanted < next ? wanted : next - 1;
}

double series_at(const series_table *t, const series_one *one, int step) {
    double last = one->at[one->n - 1];
    if (step <= 0) return one->at[one->n - 1 + step];
    if (t->clock != SERIES_TIMES || !one->months) return last + step * one->apart;
    int of_month = 0, day;
    for (int i = 0; i < one->n; i++) { /* the 31st is seen in long months only */
        month_of(one->at[i], &day);
        if (day > of_month) of_month = day;
    }
    int32_t today = (int32_t)floor(last / 86400e6);
    return 86400e6 * add_months(today, step * one->months, of_month);
}

char *series_time(const series_table *t, const series_one *one, int step, arena *keep) {
    double at = series_at(t, one, step);
    if (t->clock == SERIES_ROWS) return arena_text(keep, "%d", one->n + step);
    if (t->clock == SERIES_NUMBERS) return arena_text(keep, "%.10g", at);
    int64_t micros = (int64_t)llround(at), seconds = micros / 1000000;
    int64_t day = seconds / 86400, rest = seconds % 86400;
    if (rest < 0) day--, rest += 86400;
    const char *date = day_text(keep, (int32_t)day);
    if (rest == 0 && (one->months || fmod(one->apart, 86400e6) == 0))
        return arena_text(keep, "%s", date);
    return arena_text(keep, "%s %02d:%02d:%02d", date, (int)(rest / 3600), (int)(rest / 60 % 60),
                      (int)(rest % 60));
}

/* Season lengths worth testing for the spacing of one: [n] of them. */
const int *series_usual(const series_table *t, const series_one *one, int *n) {
    static const int months[] = {12}, quarters[] = {4}, weeks[] = {52}, days[] = {7};
    static const int hours[] = {24, 168}, any[] = {4, 7, 12, 24, 52};
    *n = 1;
    if (one->months == 1) return months;
    if (one->months == 3) return quarters;
    if (one->months) return *n = 0, any;
    if (t->clock == SERIES_TIMES && one->apart == 7 * 86400e6) return weeks;
    if (t->clock == SERIES_TIMES && one->apart == 86400e6) return days;
    if (t->clock == SERIES_TIMES && one->apart == 3600e6) return *n = 2, hours;
    return *n = 5, any;
}

bool series_named(const series_one *one, err *e) {
    char name[64];
    snprintf(name, sizeof name, "series '%.*s'", (int)(one->name.n < 48 ? one->name.n : 48),
             one->name.p);
    return fail_in(e, name);
}

bool series_season_option(const args *a, int *to, int most, err *e) {
    const char *said = args_text(a, "season");
    memset(to, 0, sizeof *to * (size_t)most);
    if (strcmp(said, "auto") == 0) return true;
    slice rest = slice_of(said);
    for (int i = 0; i == 0 || rest.n > 0; i++) {
        const char *comma = memchr(rest.p, ',', rest.n);
        slice one = {rest.p, comma ? (size_t)(comma - rest.p) : rest.n};
        rest = comma ? (slice){comma + 1, rest.n - one.n - 1} : (slice){rest.p + rest.n, 0};
        int64_t number;
        if (i == most) return refuse(e, "--season takes at most %d numbers, got '%s'", most, said);
        if (!slice_int(slice_trim(one), &number) || number < 1 || number > 8784)
            return refuse(e, "--season must be auto or whole numbers from 1 to 8784 like 12 or "
                             "24,168, got '%s'", said);
        if (i > 0 && number <= to[i - 1])
            return refuse(e, "--season takes the shorter season first, got '%s'", said);
        to[i] = (int)number;
    }
    return true;
}

void series_set_season(const series_table *t, const series_one *one, int n, const int *asked,
                       forecaster_params *p, arena scratch) {
    int usual, more = 0, seen[1 + FORECASTER_MORE] = {0};
    const int *lengths = series_usual(t, one, &usual);
    if (asked[0] == 0 && p->kind != FORECASTER_AUTO)
        seen[0] = forecaster_season(one->y, n, lengths, usual, scratch);
    for (int i = 0; asked[0] == 0 && p->kind == FORECASTER_AUTO && i < usual; i++)
        if (more <= FORECASTER_MORE && forecaster_season(one->y, n, lengths + i, 1, scratch) > 1)
            seen[more++] = lengths[i];
    const int *from = asked[0] ? asked : seen;
    p->season = from[0] > 1 ? from[0] : 1;
    memcpy(p->more, from + 1, sizeof p->more);
    p->ets.season = p->season <= LONGEST_ETS_SEASON ? p->season : 1;
}

bool series_set_option(const args *a, forecaster_params *p, scope *s, err *e) {
    const char *at = args_text(a, "set");
    for (size_t n; at && *at; at += n + (at[n] == ',')) {
        n = strcspn(at, ",");
        const char *equals = memchr(at, '=', n);
        size_t named = equals ? (size_t)(equals - at) : n;
        double value;
        const forecaster_knob *k =
            forecaster_knob_find(slice_copy(&s->keep, (slice){at, named}));
        if (!k) {
            text names = {0};
            text_open(&names, s);
            for (int i = 0; i < FORECASTER_KNOBS; i++)
                text_addf(&names, "%s%s", i ? ", " : "", forecaster_knobs[i].name);
            return refuse(e, "--set knows no '%.*s'; it can set %s", (int)named, at, names.p);
        }
        if (!equals || !slice_double((slice){equals + 1, n - named - 1}, &value) ||
            value < k->low || value > k->high)
            return refuse(e, "--set %s wants a number from %g to %g, got '%.*s'", k->name, k->low,
                          k->high, (int)n, at);
        forecaster_knob_set(p, k, value);
    }
    return true;
}
