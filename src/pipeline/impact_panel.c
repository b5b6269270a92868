/* impact_panel: the weeks of articles and their siblings around a day, and what the model says. */
#include "pipeline/impact_panel.h"

#include "base/order.h"

enum { SHOWN = 10 };

bool impact_panel_read(impact_panel *out, db *d, const char *source, const char *treated,
                       int32_t from, int before, int after, arena *keep, err *e) {
    columns own, c;
    int weeks = before + after;
    const char *first = day_text(keep, from - 7 * before), *day = day_text(keep, from);
    *out = (impact_panel){.data = {.before = before, .after = after}, .from = from};
    if (!db_runf(d, e,
                 "CREATE OR REPLACE TEMP TABLE impact_lines AS SELECT item, category, "
                 "CAST(floor((CAST(day AS DATE) - DATE '%s') / 7.0) AS INTEGER) AS week, "
                 "CAST(units AS DECIMAL(18,3)) AS units FROM (%s) WHERE day >= DATE '%s' "
                 "AND day < DATE '%s' + %d;"
                 "CREATE OR REPLACE TEMP TABLE impact_items AS SELECT item, CAST(row_number() OVER "
                 "(ORDER BY item) - 1 AS INTEGER) AS place FROM (SELECT DISTINCT item FROM "
                 "impact_lines WHERE category IN (SELECT category FROM impact_lines WHERE item IN "
                 "(%s)) AND item NOT IN (%s))",
                 first, source, first, day, 7 * after, treated, treated) ||
        !db_query(d, keep, &own, e,
                  "SELECT week, CAST(sum(units) AS DOUBLE) AS units, count(*) AS lines FROM "
                  "impact_lines WHERE item IN (%s) GROUP BY week ORDER BY week", treated) ||
        !db_query(d, keep, &out->names, e, "SELECT item FROM impact_items ORDER BY place") ||
        !db_query(d, keep, &c, e,
                  "SELECT i.place, l.week, CAST(sum(l.units) AS DOUBLE) AS units FROM "
                  "impact_lines l JOIN impact_items i ON i.item = l.item GROUP BY i.place, l.week "
                  "ORDER BY i.place, l.week"))
        return false;
    double *mine = take(keep, double, weeks), *all = take(keep, double, out->names.rows * weeks);
    for (int64_t r = 0; r < own.rows; r++) {
        mine[columns_i32(&own, "week")[r]] = columns_real(&own, "units")[r];
        out->lines += columns_i64(&own, "lines")[r];
    }
    for (int64_t r = 0; r < c.rows; r++)
        all[(int64_t)columns_i32(&c, "place")[r] * weeks + columns_i32(&c, "week")[r]] =
            columns_real(&c, "units")[r];
    out->data.treated = mine, out->data.sibling = all, out->data.n = out->names.rows;
    return db_runf(d, e, "DROP TABLE impact_lines; DROP TABLE impact_items");
}

static void put_range(js *j, const char *key, const char *what, double value, double low,
                      double high) {
    js_object(j, key);
    js_put_real(j, what, value);
    js_put_real(j, "low", low);
    js_put_real(j, "high", high);
}

static void put_weeks(js *j, const impact_panel *p, const impact *found, arena scratch) {
    js_array(j, "weeks");
    for (int t = 0; t < p->data.before + p->data.after; t++) {
        js_object(j, NULL);
        js_put_word(j, "day", day_text(&scratch, p->from + 7 * (t - p->data.before)));
        js_put_real(j, "treated", p->data.treated[t]);
        js_put_real(j, "control", found->control[t]);
        js_end(j);
    }
    js_end(j);
}

static void put_control(js *j, const impact_panel *p, const impact *found, arena scratch) {
    int32_t *order = order_count(p->data.n, &scratch);
    order_down(order, p->data.n, found->weight, scratch);
    js_array(j, "control");
    for (int64_t k = 0; k < p->data.n && k < SHOWN && found->weight[order[k]] > 0; k++) {
        js_object(j, NULL);
        js_put_text(j, "item", columns_text(&p->names, "item")[order[k]]);
        js_put_real(j, "weight", found->weight[order[k]]);
        js_end(j);
    }
    js_end(j);
}

void impact_panel_put(js *j, const impact_panel *p, const impact *found, arena scratch) {
    js_put_word(j, "from", day_text(&scratch, p->from));
    js_put_int(j, "weeks_before", p->data.before);
    js_put_int(j, "weeks_after", p->data.after);
    js_put_word(j, "refused", impact_words[found->refusal]);
    js_put_int(j, "siblings", found->siblings);
    js_put_real(j, "level", found->level);
    js_put_real(j, "miss", found->miss);
    js_put_real(j, "better", found->better);
    js_put_real(j, "sold", found->sold);
    js_put_real(j, "without", found->without);
    put_range(j, "effect", "ratio", found->ratio, found->low, found->high);
    js_put_real(j, "p", found->p);
    js_end(j);
    put_range(j, "gain", "units", found->gain, found->gain_low, found->gain_high);
    js_end(j);
    put_weeks(j, p, found, scratch);
    put_control(j, p, found, scratch);
}
