/* trend_panel: weekly units of items before a day, as the trend model wants them. */
#include "pipeline/trend_panel.h"

#include <math.h>

/* Units that a category is given in every week of the season, so that few sales do not make one. */
#define SEASON_PRIOR 20.0

static bool make_tables(db *d, const char *source, int32_t end, int both, arena *keep, err *e) {
    const char *day = day_text(keep, end);
    return db_runf(d, e,
                   "CREATE OR REPLACE TEMP TABLE panel_sales AS SELECT item, category, "
                   "CAST(day AS DATE) AS day, CAST(units AS DECIMAL(18,3)) AS units FROM (%s) "
                   "WHERE day < DATE '%s';"
                   "CREATE OR REPLACE TEMP TABLE panel_items AS SELECT item, category, born, "
                   "CAST(row_number() OVER (ORDER BY item) - 1 AS INTEGER) AS place, "
                   "CAST(dense_rank() OVER (ORDER BY category) - 1 AS INTEGER) AS code FROM ("
                   "SELECT item, min(category) AS category, min(day) AS born FROM panel_sales "
                   "GROUP BY item HAVING max(day) >= DATE '%s')",
                   source, day, day_text(keep, end - 7 * both));
}

/* Units by item and block; the day of birth is left out. */
static bool fill_units(trend_panel *out, db *d, int32_t end, int both, arena *keep, err *e) {
    columns c;
    const char *day = day_text(keep, end);
    if (!db_query(d, keep, &c, e,
                  "SELECT i.place, CAST((DATE '%s' - 1 - s.day) // 7 AS INTEGER) AS back, "
                  "CAST(round(sum(s.units)) AS INTEGER) AS units FROM panel_sales s "
                  "JOIN panel_items i ON i.item = s.item WHERE s.day >= DATE '%s' "
                  "AND s.day > i.born GROUP BY i.place, back ORDER BY i.place, back",
                  day, day_text(keep, end - 7 * both)))
        return false;
    int32_t *units = take(keep, int32_t, out->items.n * both);
    const int32_t *place = columns_i32(&c, "place"), *back = columns_i32(&c, "back"),
                  *sold = columns_i32(&c, "units");
    for (int64_t r = 0; r < c.rows; r++) units[place[r] * both + both - 1 - back[r]] = sold[r];
    out->items.units = units;
    return true;
}

/* index[categories, 2 * weeks] of the season, all 1 without one. */
static bool fill_season(trend_panel *out, db *d, int32_t end, int both, double *index, arena *keep,
                        err *e) {
    int64_t covers;
    columns c;
    int n = out->items.categories;
    const char *from = day_text(keep, end - 364 - 7 * both), *to = day_text(keep, end - 364);
    for (int i = 0; i < n * both; i++) index[i] = 1.0;
    for (int k = 0; k < n; k++) out->ahead[k] = 1.0;
    if (!out->seasonal) return true;
    if (!db_count(d, &covers, e, "SELECT CAST(min(day) <= DATE '%s' AS INTEGER) FROM panel_sales",
                  from) ||
        !db_query(d, keep, &c, e,
                  "SELECT i.code, CAST(floor((DATE '%s' - 1 - s.day) / 7.0) AS INTEGER) AS back, "
                  "CAST(greatest(sum(s.units), 0) AS DOUBLE) AS units FROM panel_sales s JOIN ("
                  "SELECT DISTINCT category, code FROM panel_items) i ON i.category = s.category "
                  "WHERE s.day >= DATE '%s' AND s.day < DATE '%s' GROUP BY i.code, back "
                  "ORDER BY i.code, back",
                  to, from, day_text(keep, end - 364 + 28)))
        return false;
    out->seasonal = covers != 0;
    if (!out->seasonal) return true;
    const int32_t *code = columns_i32(&c, "code"), *back = columns_i32(&c, "back");
    for (int i = 0; i < n * both; i++) index[i] = SEASON_PRIOR;
    for (int k = 0; k < n; k++) out->ahead[k] = SEASON_PRIOR;
    for (int64_t r = 0; r < c.rows; r++) { /* back -1 … -4: the four blocks after */
        double units = columns_real(&c, "units")[r];
        if (back[r] < 0) out->ahead[code[r]] += units / 4.0;
        else index[code[r] * both + both - 1 - back[r]] += units;
    }
    for (int k = 0; k < n; k++) {
        double mean = 0.0;
        for (int w = 0; w < both; w++) mean += index[k * both + w] / both;
        for (int w = 0; w < both; w++) index[k * both + w] /= mean;
        out->ahead[k] /= mean;
    }
    return true;
}

static void fill_exposure(trend_panel *out, int32_t end, int both, const double *season,
                          arena *keep) {
    const int32_t *born = columns_i32(&out->names, "born");
    double *exposure = take(keep, double, out->items.n * both);
    for (int64_t i = 0; i < out->items.n; i++)
        for (int w = 0; w < both; w++) {
            int days = end - 7 * (both - 1 - w) - born[i] - 1; /* of the block since birth */
            double share = days >= 7 ? 1.0 : days > 0 ? days / 7.0 : 0.0;
            exposure[i * both + w] = share * season[out->items.category[i] * both + w];
        }
    out->items.exposure = exposure;
}

bool trend_panel_read(trend_panel *out, db *d, const char *source, int32_t end, int weeks,
                      bool season, arena *keep, err *e) {
    int both = 2 * weeks;
    columns categories;
    *out = (trend_panel){.seasonal = season};
    if (!make_tables(d, source, end, both, keep, e) ||
        !db_query(d, keep, &out->names, e,
                  "SELECT item, category, code, born FROM panel_items ORDER BY place") ||
        !db_query(d, keep, &categories, e,
                  "SELECT code, min(category) AS category FROM panel_items GROUP BY code "
                  "ORDER BY code"))
        return false;
    out->n_categories = (int)categories.rows;
    out->category = columns_text(&categories, "category");
    out->items = (trend_items){.n = out->names.rows, .weeks = weeks,
                               .category = columns_i32(&out->names, "code"),
                               .categories = (int)categories.rows};
    double *index = take(keep, double, out->n_categories * both);
    out->ahead = take(keep, double, out->n_categories);
    if (!fill_units(out, d, end, both, keep, e) ||
        !fill_season(out, d, end, both, index, keep, e))
        return false;
    fill_exposure(out, end, both, index, keep);
    return db_runf(d, e, "DROP TABLE panel_sales");
}

bool trend_panel_units(const trend_panel *p, db *d, const char *source, int32_t from, int32_t to,
                       double **units, arena *keep, err *e) {
    columns c;
    if (!db_query(d, keep, &c, e,
                  "SELECT i.place, CAST(sum(s.units) AS DOUBLE) AS units FROM (%s) s "
                  "JOIN panel_items i ON i.item = s.item WHERE s.day >= DATE '%s' AND "
                  "s.day < DATE '%s' GROUP BY i.place ORDER BY i.place",
                  source, day_text(keep, from), day_text(keep, to)))
        return false;
    *units = take(keep, double, p->items.n);
    for (int64_t r = 0; r < c.rows; r++)
        (*units)[columns_i32(&c, "place")[r]] = columns_real(&c, "units")[r];
    return true;
}

bool trend_panel_weeks(const trend_panel *p, db *d, const char *source, int32_t end, int weeks,
                       int32_t **units, arena *keep, err *e) {
    columns c;
    const char *day = day_text(keep, end);
    if (!db_query(d, keep, &c, e,
                  "SELECT i.place, CAST((DATE '%s' - 1 - s.day) // 7 AS INTEGER) AS back, "
                  "CAST(round(sum(s.units)) AS INTEGER) AS units FROM (%s) s "
                  "JOIN panel_items i ON i.item = s.item WHERE s.day < DATE '%s' AND "
                  "s.day >= DATE '%s' GROUP BY i.place, back ORDER BY i.place, back",
                  day, source, day, day_text(keep, end - 7 * weeks)))
        return false;
    *units = take(keep, int32_t, p->items.n * weeks);
    const int32_t *place = columns_i32(&c, "place"), *back = columns_i32(&c, "back");
    for (int64_t r = 0; r < c.rows; r++)
        (*units)[(int64_t)place[r] * weeks + weeks - 1 - back[r]] = columns_i32(&c, "units")[r];
    return true;
}
