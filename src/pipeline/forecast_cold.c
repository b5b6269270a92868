/* forecast_cold: articles that just began, forecast by how those like them began. */
#include <math.h>
#include <string.h>

#include "models/forecast/coldstart.h"
#include "pipeline/forecast_panel.h"

/* Weeks of a curve; weeks of the shop in which a first sale is no launch; articles to learn from:
 * at least, and the latest at most. */
enum { AGES = 30, SETTLED = 13, LEAST = 30, MOST = 3000 };

struct forecast_launches {
    int n, attributes;
    slice *series;        /* [n] by the week of the first sale, the latest first */
    coldstart_item *item; /* [n] */
    int *weeks;           /* [n] since then */
    const double **factor; /* [n] yearly factors from the first week on; NULL: not known */
};

static const char *const columns_known[] = {"category", "type",        "department",
                                            "section",  "garment_group", "index_group",
                                            "colour",   "pattern",     "material"};
enum { COLUMNS = sizeof columns_known / sizeof *columns_known };

/* ", … AS a0, … AS a1" of the columns that articles has; the price in steps of a half octave. */
static bool attribute_sql(const work *w, arena *keep, const char **sql, int *n, err *e) {
    int64_t there;
    *sql = "", *n = 0;
    for (int k = 0; k <= COLUMNS; k++) {
        const char *name = k < COLUMNS ? columns_known[k] : "price";
        if (!db_count(w->d, &there, e,
                      "SELECT count(*) FROM information_schema.columns WHERE table_name = "
                      "'articles' AND column_name = '%s'", name))
            return false;
        if (there == 0) continue;
        const char *format = k < COLUMNS
                                 ? "%s, CASE WHEN %s IS NULL THEN -1 ELSE "
                                   "CAST(dense_rank() OVER (ORDER BY %s) AS INTEGER) END AS a%d"
                                 : "%s, CASE WHEN coalesce(%s, 0) <= 0 THEN -1 ELSE CAST("
                                   "greatest(floor(2 * log2(%s)) + 100, 0) AS INTEGER) END AS a%d";
        *sql = arena_text(keep, format, *sql, name, name, (*n)++);
    }
    return true;
}

static const char query[] =
    "WITH weekly AS ("
    " SELECT series, CAST(floor((day - DATE '%s') / 7.0) AS INTEGER) AS week,"
    "  CAST(sum(units) AS DOUBLE) AS units FROM d_sales"
    " WHERE level = 'article' AND day >= DATE '%s' AND day < DATE '%s' GROUP BY 1, 2), "
    "began AS (SELECT series, min(week) AS first FROM weekly GROUP BY series), "
    "coded AS (SELECT article_id, category AS of_category%s FROM articles) "
    "SELECT w.series, b.first, w.week - b.first AS age, w.units, a.* FROM weekly w "
    "JOIN began b ON b.series = w.series LEFT JOIN coded a ON a.article_id = w.series "
    "WHERE b.first >= %d AND w.week - b.first < %d ORDER BY b.first DESC, w.series, age";

/* The yearly factors of the category, from week `first` (negative) on. */
static const double *factor_of(const forecast_panel *p, slice category, int first) {
    int upper = forecast_panel_upper(p);
    for (int k = 0; k < upper; k++)
        if (p->factor[k] && slice_is(p->level[k], "category") &&
            slice_compare(p->series[k], category) == 0 && p->weeks[k] + first >= 0)
            return p->factor[k] + p->weeks[k] + first;
    return NULL;
}

bool forecast_launches_load(const work *w, forecast_panel *p, arena *keep, err *e) {
    columns c;
    const char *sql;
    forecast_launches *l = take(keep, forecast_launches, 1);
    if (!attribute_sql(w, keep, &sql, &l->attributes, e) ||
        !db_query(w->d, keep, &c, e, query, day_text(keep, p->origin),
                  day_text(keep, p->origin - 7 * p->weeks_known), day_text(keep, p->origin), sql,
                  SETTLED - p->weeks_known, AGES))
        return false;
    const slice *series = columns_text(&c, "series"), *category = columns_text(&c, "of_category");
    const int32_t *first = columns_i32(&c, "first"), *age = columns_i32(&c, "age");
    const int32_t *code[COLUMNS + 1];
    for (int k = 0; k < l->attributes; k++)
        code[k] = columns_i32(&c, arena_text(keep, "a%d", k));
    int n = 0;
    for (int64_t r = 0; r < c.rows; r++) n += age[r] == 0;
    l->series = take(keep, slice, n);
    l->item = take(keep, coldstart_item, n);
    l->weeks = take(keep, int, n);
    l->factor = take(keep, const double *, n);
    double *y = NULL;
    for (int64_t r = 0; r < c.rows; r++) {
        if (age[r] == 0) {
            int i = l->n++, weeks = -first[r], *of = take(keep, int, l->attributes);
            for (int k = 0; k < l->attributes; k++) of[k] = code[k][r];
            l->series[i] = series[r], l->weeks[i] = weeks;
            l->factor[i] = factor_of(p, category[r], first[r]);
            weeks = weeks < AGES ? weeks : AGES;
            y = take(keep, double, weeks);
            l->item[i] = (coldstart_item){.n = weeks, .y = y, .attribute = of};
        }
        y[age[r]] = fmax(columns_real(&c, "units")[r], 0);
    }
    p->launches = l;
    return true;
}

typedef struct job {
    const forecast_panel *p;
    coldstart_model m;
    coldstart_item *one; /* [articles] those to be forecast */
    int *index;          /* of the panel */
    forecast_result *to;
} job;

static void forecast_one(void *what, int64_t k, arena scratch) {
    static const double levels[] = {0.80, 0.95};
    const job *j = what;
    int h = j->p->horizon;
    int64_t at = (int64_t)j->index[k] * h;
    band b = band_new(&scratch, h, levels, 2);
    coldstart_forecast(&j->m, &j->one[k], &b, scratch);
    size_t bytes = sizeof(double) * (size_t)h;
    memcpy(j->to->mean + at, b.mean, bytes);
    memcpy(j->to->low + at, b.low, bytes), memcpy(j->to->high + at, b.high, bytes);
    memcpy(j->to->low95 + at, b.low + h, bytes), memcpy(j->to->high95 + at, b.high + h, bytes);
    band_sums(&b, j->to->sum_sd + at);
    memcpy(j->to->told[j->index[k]].model, "analogues", sizeof "analogues");
}

static int find_launch(const forecast_launches *l, slice series) {
    for (int i = 0; i < l->n; i++)
        if (slice_compare(l->series[i], series) == 0) return i;
    return -1;
}

int forecast_cold(const work *w, const forecast_panel *p, int weeks, bool yearly,
                  forecast_result *r, arena scratch) {
    const forecast_launches *l = p->launches;
    if (!l || weeks < 1) return 0;
    coldstart_item *known = take(&scratch, coldstart_item, l->n);
    job j = {.p = p, .one = take(&scratch, coldstart_item, l->n),
             .index = take(&scratch, int, l->n), .to = r};
    int n = 0, fresh = 0;
    for (int i = 0; i < l->n && n < MOST; i++) {
        if (l->weeks[i] < weeks) continue;
        known[n] = l->item[i];
        if (yearly) known[n].exposure = l->factor[i];
        n++;
    }
    if (n < LEAST) return 0;
    for (int i = forecast_panel_upper(p); i < p->rest; i++) {
        if (p->weeks[i] >= weeks) continue;
        int at = find_launch(l, p->series[i]);
        if (at < 0) continue; /* the shop itself is younger than that */
        j.one[fresh] = l->item[at];
        if (yearly) j.one[fresh].exposure = l->factor[at];
        j.index[fresh++] = i;
    }
    coldstart_params q = COLDSTART_DEFAULTS;
    q.ages = AGES, q.attributes = l->attributes;
    if (fresh == 0 || coldstart_check(known, n, q)) return 0;
    arena keep = arena_split(&scratch, arena_left(&scratch) / 2);
    coldstart_fit(&j.m, known, n, q, w->threads, &keep, scratch);
    pool_for(w->threads, fresh, forecast_one, &j);
    return fresh;
}
