/* trend_alarms: odd days and changes of level of the shop, its categories and its articles. */
#include "pipeline/trend_alarms.h"

#include <math.h>

#include "base/order.h"
#include "models/insight/anomaly.h"
#include "models/insight/shift.h"

enum {
    JUDGED = 26 * 7,
    DAYS = 30 * 7,
    WEEKS = 104,
    ARTICLES = 2000, /* most that are judged */
    TOLD = 200,      /* most anomalies and shifts that are told */
    LEAST_PIECE = 4, /* weeks of a level */
    LEAST_WEEKS = 12
};

typedef struct series {
    int32_t n, categories; /* 0 is the shop, then the categories, then articles */
    slice *level, *id, *name, *category;
    int32_t *parent;
    int32_t *days;  /* [n, DAYS] */
    int32_t *weeks; /* [n, WEEKS] */
    int32_t first_week; /* of the shop, into WEEKS */
} series;

static bool make_table(db *d, int32_t end, arena *keep, err *e) {
    const char *last = day_text(keep, end);
    return db_runf(
        d, e,
        "CREATE OR REPLACE TEMP TABLE alarm_series AS SELECT CAST(row_number() OVER (ORDER BY "
        "level, category, item) - 1 AS INTEGER) AS place, level, category, item FROM ("
        "SELECT 0 AS level, NULL AS category, NULL AS item UNION ALL "
        "SELECT DISTINCT 1, category, NULL FROM story_sales WHERE day < DATE '%s' AND day >= "
        "DATE '%s' UNION ALL SELECT 2, category, item FROM (SELECT category, item FROM story_sales "
        "WHERE day < DATE '%s' AND day >= DATE '%s' GROUP BY category, item HAVING sum(units) > 0 "
        "ORDER BY sum(units) DESC, item LIMIT %d))",
        last, day_text(keep, end - JUDGED), last, day_text(keep, end - JUDGED), ARTICLES);
}

static bool read_names(series *s, db *d, arena *keep, err *e) {
    columns c;
    if (!db_query(d, keep, &c, e,
                  "SELECT CASE a.level WHEN 0 THEN 'total' WHEN 1 THEN 'category' ELSE 'article' "
                  "END AS level, coalesce(CAST(i.id AS VARCHAR), CAST(a.item AS VARCHAR), "
                  "a.category, 'total') AS id, "
                  "coalesce(i.name, CAST(a.item AS VARCHAR), a.category, 'total') "
                  "AS name, coalesce(a.category, '') AS category, a.level AS depth, CASE a.level "
                  "WHEN 0 THEN -1 WHEN 1 THEN 0 ELSE (SELECT b.place FROM alarm_series b WHERE "
                  "b.level = 1 AND b.category = a.category) END AS parent FROM alarm_series a "
                  "LEFT JOIN story_items i ON i.item = a.item ORDER BY a.place"))
        return false;
    *s = (series){.n = (int32_t)c.rows, .level = columns_text(&c, "level"),
                  .id = columns_text(&c, "id"), .name = columns_text(&c, "name"),
                  .category = columns_text(&c, "category"), .parent = columns_i32(&c, "parent")};
    for (int64_t r = 0; r < c.rows; r++) s->categories += columns_i32(&c, "depth")[r] == 1;
    return true;
}

/* units[n, blocks] of blocks of `days` days before end, oldest first. */
static bool read_units(int32_t **units, int32_t n, db *d, int32_t end, int days, int blocks,
                       arena *keep, err *e) {
    columns c;
    const char *last = day_text(keep, end);
    if (!db_query(d, keep, &c, e,
                  "WITH s AS (SELECT item, category, CAST((DATE '%s' - 1 - day) // %d AS INTEGER) "
                  "AS back, units FROM story_sales WHERE day < DATE '%s' AND day >= DATE '%s'), "
                  "u AS (SELECT item, category, back, sum(units) AS units FROM s GROUP BY GROUPING "
                  "SETS ((item, category, back), (category, back), (back))) "
                  "SELECT a.place, u.back, CAST(round(u.units) AS INTEGER) AS units FROM u JOIN "
                  "alarm_series a ON a.item IS NOT DISTINCT FROM u.item AND a.category IS NOT "
                  "DISTINCT FROM u.category ORDER BY a.place, u.back",
                  last, days, last, day_text(keep, end - days * blocks)))
        return false;
    *units = take(keep, int32_t, (int64_t)n * blocks);
    const int32_t *place = columns_i32(&c, "place"), *back = columns_i32(&c, "back");
    for (int64_t r = 0; r < c.rows; r++)
        (*units)[(int64_t)place[r] * blocks + blocks - 1 - back[r]] = columns_i32(&c, "units")[r];
    return true;
}

static void put_series(js *j, const series *s, int32_t i) {
    js_put_text(j, "level", s->level[i]);
    js_put_text(j, "id", s->id[i]);
    js_put_text(j, "name", s->name[i]);
    js_put_text(j, "category", s->category[i]);
}

static void put_anomalies(js *j, const series *s, const anomaly_model *m, int32_t end,
                          arena *keep) {
    js_object(j, "anomalies");
    js_put_int(j, "series", s->n);
    js_put_int(j, "tests", m->tests);
    js_put_int(j, "alarms", m->alarms);
    js_put_int(j, "told", m->n);
    js_put_real(j, "p_limit", m->p_limit);
    js_array(j, "list");
    for (int64_t k = m->n > TOLD ? m->n - TOLD : 0; k < m->n; k++) { /* the latest */
        const anomaly_one *one = &m->one[k];
        js_object(j, NULL);
        put_series(j, s, one->series);
        js_put_word(j, "from", day_text(keep, end - DAYS + one->from));
        js_put_word(j, "to", day_text(keep, end - DAYS + one->to));
        js_put_word(j, "direction", one->direction > 0 ? "more" : "less");
        js_put_real(j, "units", one->units);
        js_put_real(j, "expected", one->expected);
        js_put_real(j, "z", one->z);
        js_put_real(j, "p", one->p);
        js_put_int(j, "members", one->members);
        js_end(j);
    }
    js_end(j);
    js_end(j);
}

typedef struct shift {
    int32_t series;
    int week; /* into WEEKS */
    shift_cut cut;
} shift;

/* All changes of the shop and the categories; of an article its last one, of the half year. */
static int find_shifts(shift *to, const series *s, arena scratch) {
    shift_cut *cuts = take(&scratch, shift_cut, WEEKS);
    int n = 0;
    for (int32_t i = 0; i < s->n; i++) {
        const int32_t *units = s->weeks + (int64_t)i * WEEKS;
        bool article = i > s->categories;
        int first = s->first_week; /* an article lives from its first sale on */
        while (first < WEEKS && units[first] <= 0) first++;
        if (WEEKS - first < LEAST_WEEKS) continue;
        int many = shift_find(units + first, NULL, WEEKS - first, LEAST_PIECE, cuts, scratch);
        for (int k = article && many ? many - 1 : 0; k < many; k++) {
            int week = first + cuts[k].at;
            if (!article || week >= WEEKS - JUDGED / 7) to[n++] = (shift){i, week, cuts[k]};
        }
    }
    return n;
}

/* Those of most units first, at most TOLD. */
static void put_shifts(js *j, const series *s, int32_t end, arena *keep, arena scratch) {
    shift *all = take(&scratch, shift, s->n + (s->categories + 1) * WEEKS / LEAST_PIECE);
    int n = find_shifts(all, s, scratch);
    double *size = take(&scratch, double, n);
    for (int k = 0; k < n; k++) size[k] = fabs(all[k].cut.after - all[k].cut.before);
    int32_t *order = order_count(n, &scratch);
    order_down(order, n, size, scratch);
    js_array(j, "shifts");
    for (int k = 0; k < n && k < TOLD; k++) {
        const shift *one = &all[order[k]];
        js_object(j, NULL);
        put_series(j, s, one->series);
        js_put_word(j, "week", day_text(keep, end - 7 * (WEEKS - one->week)));
        js_put_real(j, "before", one->cut.before);
        js_put_real(j, "after", one->cut.after);
        js_end(j);
    }
    js_end(j);
}

bool trend_alarms_put(js *j, db *d, int32_t end, pool *threads, arena *keep, arena scratch,
                      err *e) {
    series s;
    columns c;
    if (!make_table(d, end, keep, e) || !read_names(&s, d, keep, e) ||
        !read_units(&s.days, s.n, d, end, 1, DAYS, keep, e) ||
        !read_units(&s.weeks, s.n, d, end, 7, WEEKS, keep, e) ||
        !db_query(d, keep, &c, e,
                  "SELECT CAST(greatest(0, %d - (DATE '%s' - min(day)) // 7) AS INTEGER) AS first "
                  "FROM story_sales",
                  WEEKS, day_text(keep, end)))
        return false;
    s.first_week = c.rows && column_has(&c.at[0], 0) ? columns_i32(&c, "first")[0] : WEEKS;
    int lived = 7 * (WEEKS - s.first_week); /* days; the days before the first sale are no loss */
    int judged = lived < 14 ? 0 : lived - 7 < JUDGED ? lived - 7 : JUDGED;
    anomaly_model m = {.p_limit = NAN};
    if (judged > 0)
        m = anomaly_find(&(anomaly_data){.n = s.n, .days = DAYS, .judged = judged,
                                         .first = lived < DAYS ? DAYS - lived : 0,
                                         .units = s.days, .parent = s.parent, .rate = 0.05},
                         threads, keep, scratch);
    put_anomalies(j, &s, &m, end, keep);
    put_shifts(j, &s, end, keep, scratch);
    return true;
}
