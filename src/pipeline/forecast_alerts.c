/* forecast_alerts: what is known of each article on a day, and the alerts that follow. */
#include "pipeline/forecast_alerts.h"

#include <math.h>
#include <string.h>

#include "base/order.h"

/* ---- what was open before ---- */

struct forecast_open {
    int32_t as_of; /* 0: nothing is known */
    int64_t n;
    slice *id;      /* [n] "stock_out/0123" */
    int32_t *since; /* [n] */
    int32_t *slots; /* hash -> place + 1 */
    uint64_t mask;
};

static bool parse_day(const work *w, const js_node *n, scope *s, int32_t *to) {
    slice said;
    int64_t days;
    err ignored = {0};
    if (!js_text(n, &said)) return false;
    const char *quoted = db_literal(&s->keep, said);
    if (!db_count(w->d, &days, &ignored, "SELECT coalesce(TRY_CAST(%s AS DATE) - DATE "
                                         "'1970-01-01', 0)", quoted))
        return false;
    *to = (int32_t)days;
    return *to != 0;
}

static void add_open(forecast_open *o, slice id, int32_t since) {
    uint64_t at = slice_hash(id) & o->mask;
    while (o->slots[at]) at = (at + 1) & o->mask;
    o->id[o->n] = id, o->since[o->n] = since;
    o->slots[at] = (int32_t)++o->n;
}

static int64_t find_open(const forecast_open *o, slice id) {
    if (!o || o->n == 0) return -1;
    for (uint64_t at = slice_hash(id) & o->mask; o->slots[at]; at = (at + 1) & o->mask)
        if (slice_compare(o->id[o->slots[at] - 1], id) == 0) return o->slots[at] - 1;
    return -1;
}

/* Not by its path's name in the run (work_path): what counts of it stands in forecast_open_key. */
static const js_node *read_left(const work *w, scope *s) {
    slice bytes;
    err ignored = {0};
    const char *path = arena_text(&s->keep, "%s/09_insight/alerts.json", w->out);
    if (!file_exists(path) || !file_read(path, s, (size_t)256 << 20, &bytes, &ignored)) return NULL;
    return js_parse(s, bytes, &ignored);
}

forecast_open *forecast_open_read(const work *w, scope *s) {
    const js_node *root = read_left(w, s), *list;
    forecast_open *o = take(&s->keep, forecast_open, 1);
    int32_t day;
    if (!parse_day(w, js_get(root, "as_of"), s, &day) || day > w->days.end) return o;
    list = js_get(root, "open");
    if (day == w->days.end) {
        root = js_get(root, "before");
        if (!parse_day(w, js_get(root, "as_of"), s, &day)) return o;
        list = js_get(root, "open");
    }
    int64_t n = js_count(list), room = 16;
    while (room < 2 * n) room *= 2;
    o->as_of = day, o->mask = (uint64_t)room - 1;
    o->id = take(&s->keep, slice, n);
    o->since = take(&s->keep, int32_t, n);
    o->slots = take(&s->keep, int32_t, room);
    for (int64_t i = 0; i < n; i++) {
        slice id;
        int64_t since;
        if (js_text(js_at(js_at(list, i), 0), &id) && js_int(js_at(js_at(list, i), 1), &since))
            add_open(o, id, (int32_t)since);
    }
    return o;
}

/* ---- the facts ---- */

static const char query[] =
    "WITH recently AS ("
    " SELECT article, day AS counted, on_hand, coalesce(on_order, 0) AS on_order,"
    "  coalesce(lead_time_days, 0) AS lead_days, receipt_date,"
    "  max(day) OVER () AS last_day FROM stock"
    " WHERE day < DATE '%s' AND day >= DATE '%s' - 28 QUALIFY row_number() OVER"
    "  (PARTITION BY article ORDER BY day DESC, src_file DESC, src_line DESC) = 1), "
    "latest AS (SELECT * FROM recently WHERE counted = last_day OR (SELECT count(*) FILTER"
    " (WHERE counted = last_day) * 2 < count(*) FROM recently)), "
    "counts AS (SELECT article, min(day) AS first_count FROM stock WHERE day < DATE '%s'"
    " GROUP BY article), "
    "sold AS ("
    " SELECT a.article, d.day, d.units, CAST(d.avg_price AS DOUBLE) AS price FROM d_sales d"
    " JOIN articles a ON a.article_id = d.series"
    " WHERE d.level = 'article' AND d.day < DATE '%s'), "
    "since AS (SELECT l.article, sum(greatest(x.units, 0)) AS units FROM latest l"
    " JOIN sold x ON x.article = l.article AND x.day >= l.counted GROUP BY l.article), "
    "gaps AS (SELECT article, day, day - lag(day) OVER (PARTITION BY article ORDER BY day) AS gap"
    " FROM sold WHERE units > 0), "
    "known AS (SELECT g.article, min(day) AS first_day, max(day) AS last_day,"
    " quantile_disc(gap, 0.95) AS gap FROM gaps g GROUP BY g.article), "
    "lives AS (SELECT a.category, quantile_disc(last_day - first_day, 0.5) AS life FROM known k"
    " JOIN articles a ON a.article = k.article WHERE last_day < DATE '%s' - 56"
    " GROUP BY a.category HAVING count(*) >= 10), "
    "prices AS (SELECT article, max_by(price, day) AS price FROM sold WHERE price > 0"
    " GROUP BY article), "
    "recent AS (SELECT article, CAST(sum(units) AS BIGINT) AS units FROM sold"
    " WHERE day >= DATE '%s' - 56 GROUP BY article) "
    "SELECT a.article_id, coalesce(a.name, a.article_id) AS name, a.category, a.article,"
    " coalesce(a.product_code, '') AS product, l.article IS NOT NULL AS stocked,"
    " CAST(greatest(coalesce(l.on_hand, 0) - coalesce(s.units, 0), 0) AS BIGINT) AS on_hand,"
    " CAST(coalesce(l.on_order, 0) AS BIGINT) AS on_order,"
    " CAST(coalesce(l.lead_days, 0) AS DOUBLE) AS lead_days,"
    " CAST(coalesce(DATE '%s' - l.counted, 0) AS DOUBLE) AS counted_days,"
    " CAST(CASE WHEN l.receipt_date IS NOT NULL THEN greatest(l.receipt_date - DATE '%s', 0)"
    "  ELSE -1 END AS DOUBLE) AS receipt_days,"
    " coalesce(p.price, CAST(a.price AS DOUBLE), 0) AS price,"
    " CAST(coalesce(DATE '%s' - coalesce(k.last_day, c.first_count), 0) AS DOUBLE) AS idle_days,"
    " CAST(coalesce(k.gap, 0) AS DOUBLE) AS gap_days,"
    " CAST(coalesce(DATE '%s' - coalesce(k.first_day, c.first_count), 0) AS DOUBLE) AS age_days,"
    " CAST(coalesce(v.life, 0) AS DOUBLE) AS life_days,"
    " CAST(coalesce(r.units, 0) AS DOUBLE) / 8 AS weekly,"
    " CAST(row_number() OVER (ORDER BY a.article_id) AS DOUBLE) AS id_place,"
    " coalesce(n.place, -1) AS place "
    "FROM articles a LEFT JOIN latest l ON l.article = a.article "
    "LEFT JOIN since s ON s.article = a.article LEFT JOIN known k ON k.article = a.article "
    "LEFT JOIN counts c ON c.article = a.article LEFT JOIN lives v ON v.category = a.category "
    "LEFT JOIN prices p ON p.article = a.article LEFT JOIN recent r ON r.article = a.article "
    "LEFT JOIN forecast_place n ON n.article_id = a.article_id "
    "WHERE l.article IS NOT NULL OR n.place IS NOT NULL "
    "ORDER BY product, a.article_id";

/* The panel's articles as a table of the engine, to meet the stock there. */
static bool put_places(const work *w, const forecast_panel *p, arena *keep, err *e) {
    static const char *const names[] = {"article_id", "place"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_I32};
    int first = forecast_panel_upper(p);
    columns c = columns_new(keep, 2, names, types, p->rest - first);
    for (int i = first; i < p->rest; i++)
        c.at[0].text[i - first] = p->series[i], c.at[1].i32[i - first] = i;
    return db_put(w->d, "forecast_place", &c, e);
}

bool forecast_alerts_load(const work *w, const forecast_panel *p, scope *s, forecast_alerts *out,
                          err *e) {
    const char *day = day_text(&s->keep, p->origin);
    *out = (forecast_alerts){.params = ALERT_DEFAULTS};
    if (!put_places(w, p, &s->keep, e) ||
        !db_query(w->d, &s->keep, &out->facts, e, query, day, day, day, day, day, day, day, day,
                  day, day) ||
        !db_run(w->d, SLICE("DROP TABLE forecast_place"), e))
        return false;
    for (int64_t i = 0; i < out->facts.rows; i++)
        out->counted += columns_i32(&out->facts, "stocked")[i];
    return true;
}

/* ---- items ---- */

/* Cumulative means and variances of place (-1: no demand is expected). */
static inventory_outlook outlook_of(const forecast_panel *p, const forecast_result *r, int place,
                                    arena *keep) {
    double *mean = take(keep, double, p->horizon), *variance = take(keep, double, p->horizon);
    double sum = 0;
    for (int h = 0; h < p->horizon && place >= 0; h++) {
        int64_t at = (int64_t)place * p->horizon + h;
        mean[h] = sum += r->mean[at];
        variance[h] = r->sum_sd[at] * r->sum_sd[at];
    }
    return (inventory_outlook){p->horizon, mean, variance};
}

static void fill_item(alert_item *it, const columns *c, int64_t i) {
    double lead = columns_real(c, "lead_days")[i], counted = columns_real(c, "counted_days")[i];
    double age = columns_real(c, "age_days")[i], life = columns_real(c, "life_days")[i];
    it->stocked = columns_i32(c, "stocked")[i] != 0;
    it->on_hand = columns_i64(c, "on_hand")[i];
    it->on_order = columns_i64(c, "on_order")[i];
    it->lead_days = lead;
    it->receipt_days = columns_real(c, "receipt_days")[i];
    if (it->receipt_days < 0 && lead > 0) it->receipt_days = fmax(lead - counted, 1);
    it->price = columns_real(c, "price")[i];
    it->season_days = life > age ? fmax(life - age, 7) : FORECAST_SEASON_DAYS;
    it->idle_days = columns_real(c, "idle_days")[i];
    it->gap_days = columns_real(c, "gap_days")[i];
}

/* What earlier forecasts of the article say of it. */
static void fill_past(alert_item *it, const forecast_factors *f, slice article) {
    for (int k = 0; k < f->articles; k++) {
        if (slice_compare(f->article[k], article) != 0) continue;
        double off = f->sold[k] - f->expected[k];
        double sd = sqrt(fmax(f->sd[k] * f->sd[k] * f->ratio[f->horizon + f->horizon - 1],
                              fmax(f->expected[k], 1)));
        it->surprise = off / sd, it->surprise_units = off;
        if (f->errors[k] >= 8 && f->wrong[k] > 0) {
            double mean = f->wrong[k] / f->errors[k];
            it->drift = fabs(f->bias[k]) / (1.25 * mean * sqrt(f->errors[k]));
            it->drift_units = f->bias[k] / f->errors[k];
        }
        return;
    }
}

static bool below_zero(const char *refused, double elasticity, double se) {
    return !refused && elasticity + 1.96 * se < 0;
}

const char *forecast_alerts_elasticity(const forecast_alerts *a, int64_t i, double *to) {
    const insight_prices *p = a->prices;
    slice category = columns_text(&a->facts, "category")[i];
    *to = 0;
    for (int k = 0; p && k < p->n; k++) {
        const insight_price *one = &p->category[k];
        if (slice_compare(one->category, category) == 0 &&
            below_zero(one->refused, one->elasticity, one->se))
            return *to = one->elasticity, "category";
    }
    if (!p || !below_zero(p->refused, p->elasticity, p->se)) return "assumed";
    return *to = p->elasticity, "shop";
}

/* Rows [from, to) are the variants of one product: the one that sells best of those sold out
 * speaks for all. */
static void fill_broken(forecast_alerts *a, int64_t from, int64_t to) {
    const double *weekly = columns_real(&a->facts, "weekly");
    double all = 0, missing = 0;
    int64_t best = -1;
    int out = 0;
    for (int64_t i = from; i < to; i++) {
        if (!a->item[i].stocked) continue;
        all += weekly[i];
        if (a->item[i].on_hand > 0) continue;
        missing += weekly[i], out++;
        if (best < 0 || weekly[i] > weekly[best]) best = i;
    }
    if (to - from < 2 || out == 0 || missing >= all) return;
    a->item[best].missing = missing, a->item[best].missing_share = missing / all;
    a->variants[best] = (int)(to - from), a->sold_out[best] = out;
}

static void fill(forecast_alerts *a, const forecast_panel *p, const forecast_result *r,
                 const forecast_factors *f, arena *keep) {
    const columns *c = &a->facts;
    const slice *product = columns_text(c, "product");
    a->item = take(keep, alert_item, c->rows);
    a->variants = take(keep, int, c->rows);
    a->sold_out = take(keep, int, c->rows);
    for (int64_t i = 0; i < c->rows; i++) {
        int place = columns_i32(c, "place")[i];
        fill_item(&a->item[i], c, i);
        forecast_alerts_elasticity(a, i, &a->item[i].elasticity);
        a->item[i].outlook = outlook_of(p, r, place, keep);
        if (place >= 0 && place < p->full)
            fill_past(&a->item[i], f, columns_text(c, "article_id")[i]);
    }
    for (int64_t from = 0, to; from < c->rows; from = to) {
        for (to = from + 1; to < c->rows && slice_compare(product[to], product[from]) == 0;) to++;
        if (product[from].n > 0) fill_broken(a, from, to);
    }
}

/* ---- finding ---- */

static slice id_of(const forecast_alerts *a, alert_type t, int64_t row, arena *keep) {
    slice article = columns_text(&a->facts, "article_id")[row];
    return slice_of(arena_text(keep, "%s/%.*s", alert_name(t), (int)article.n, article.p));
}

/* By money, larger first; equal sums by the smaller article id, then type. */
static void rank(forecast_alerts *a, scope *s) {
    double *money = take(&s->keep, double, a->n), *id = take(&s->keep, double, a->n);
    int32_t *order = order_count(a->n, &s->keep);
    alert *at = take(&s->keep, alert, a->n);
    int32_t *row = take(&s->keep, int32_t, a->n), *since = take(&s->keep, int32_t, a->n);
    for (int64_t i = 0; i < a->n; i++)
        money[i] = a->at[i].money, id[i] = columns_real(&a->facts, "id_place")[a->row[i]];
    order_up(order, a->n, id, s->scratch);
    order_down(order, a->n, money, s->scratch);
    for (int64_t i = 0; i < a->n; i++)
        at[i] = a->at[order[i]], row[i] = a->row[order[i]], since[i] = a->since[order[i]];
    a->at = at, a->row = row, a->since = since;
}

void forecast_alerts_find(const work *w, const forecast_panel *p, const forecast_result *r,
                          const forecast_factors *f, const forecast_open *before, scope *s,
                          forecast_alerts *out) {
    int64_t rows = out->facts.rows;
    fill(out, p, r, f, &s->keep);
    out->at = take(&s->keep, alert, rows *ALERT_TYPES);
    out->row = take(&s->keep, int32_t, rows *ALERT_TYPES);
    out->since = take(&s->keep, int32_t, rows *ALERT_TYPES);
    for (int64_t i = 0; i < rows; i++) {
        bool open[ALERT_TYPES];
        alert found[ALERT_TYPES];
        int64_t was[ALERT_TYPES];
        if (!(out->item[i].price > 0)) continue; /* given away: nothing is at stake */
        for (int t = 0; t < ALERT_TYPES; t++) {
            arena scratch = s->scratch;
            was[t] = find_open(before, id_of(out, (alert_type)t, i, &scratch));
            open[t] = was[t] >= 0;
        }
        int n = alert_find(&out->item[i], out->params, open, found);
        for (int k = 0; k < n; k++, out->n++) {
            out->at[out->n] = found[k];
            out->row[out->n] = (int32_t)i;
            out->since[out->n] =
                found[k].was_open ? before->since[was[found[k].type]] : w->days.end;
        }
    }
    rank(out, s);
}

/* ---- alerts.parquet ---- */

static bool write_table(const work *w, folder *f, const forecast_alerts *a, scope *s, err *e) {
    static const char *const names[] = {"type",  "article_id", "probability", "units",
                                        "money", "cover_days", "order_units", "since"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_REAL, COLUMN_REAL,
                                        COLUMN_REAL, COLUMN_REAL, COLUMN_I64,  COLUMN_DAY};
    columns c = columns_new(&s->keep, 8, names, types, a->n);
    for (int64_t i = 0; i < a->n; i++) {
        const alert *one = &a->at[i];
        c.at[0].text[i] = slice_of(alert_name(one->type));
        c.at[1].text[i] = columns_text(&a->facts, "article_id")[a->row[i]];
        c.at[2].real[i] = one->probability, c.at[3].real[i] = one->units;
        c.at[4].real[i] = one->money, c.at[5].real[i] = one->cover_days;
        c.at[6].i64[i] = one->order, c.at[7].i32[i] = a->since[i];
    }
    return db_put(w->d, "alerts", &c, e) &&
           db_write_parquet(w->d, "alerts", folder_path(f, "alerts.parquet"), e) &&
           folder_rows(f, "alerts.parquet", a->n) &&
           db_run(w->d, SLICE("DROP TABLE alerts"), e);
}

/* ---- alerts.json ---- */

enum { SHOWN = 1000 };

static void put_open(js *j, const forecast_alerts *a, scope *s) {
    js_array(j, "open");
    for (int64_t i = 0; i < a->n; i++) {
        js_array(j, NULL);
        js_put_text(j, NULL, id_of(a, a->at[i].type, a->row[i], &s->keep));
        js_put_int(j, NULL, a->since[i]);
        js_end(j);
    }
    js_end(j);
}

static void put_before(js *j, const forecast_open *before, scope *s) {
    js_object(j, "before");
    js_put_word(j, "as_of", before->as_of ? day_text(&s->keep, before->as_of) : NULL);
    js_array(j, "open");
    for (int64_t i = 0; i < before->n; i++) {
        js_array(j, NULL);
        js_put_text(j, NULL, before->id[i]);
        js_put_int(j, NULL, before->since[i]);
        js_end(j);
    }
    js_end(j);
    js_end(j);
}

slice forecast_open_key(const work *w, scope *s) {
    js j;
    js_open(&j, s);
    js_object(&j, NULL);
    put_before(&j, forecast_open_read(w, s), s);
    js_end(&j);
    hash_text key = hash_of(text_slice(&j.out));
    text_free(&j.out);
    return slice_of(arena_text(&s->keep, "open %s", key.hex));
}

static void put_counts(js *j, const forecast_alerts *a) {
    js_object(j, "types");
    for (int t = 0; t < ALERT_TYPES; t++) {
        int64_t n = 0, fresh = 0;
        double money = 0;
        for (int64_t i = 0; i < a->n; i++) {
            if (a->at[i].type != (alert_type)t) continue;
            n++, fresh += !a->at[i].was_open, money += a->at[i].money;
        }
        js_object(j, alert_name((alert_type)t));
        js_put_int(j, "alerts", n);
        js_put_int(j, "new", fresh);
        js_put_fixed(j, "money", money, 2);
        js_end(j);
    }
    js_end(j);
}

bool forecast_alerts_write(const work *w, folder *f, const forecast_alerts *a,
                           const forecast_open *before, scope *s, err *e) {
    js *j = take(&s->keep, js, 1); /* its text is freed with s */
    js_open(j, s);
    js_object(j, NULL);
    js_put_word(j, "schema", "atelier.alerts/1");
    js_put_word(j, "as_of", day_text(&s->keep, w->days.end));
    js_object(j, "assumed");
    js_put_real(j, "cost_share", a->params.cost);
    js_put_real(j, "salvage_share", a->params.salvage);
    js_put_real(j, "lead_days", a->params.lead_days);
    js_put_real(j, "review_days", a->params.review_days);
    js_put_real(j, "elasticity", a->params.elasticity);
    js_end(j);
    js_put_int(j, "articles", a->facts.rows);
    js_put_int(j, "counted", a->counted);
    js_put_word(j, "note", a->counted ? NULL : forecast_alerts_note);
    put_counts(j, a);
    js_put_int(j, "total", a->n);
    js_array(j, "alerts");
    for (int64_t i = 0; i < a->n && i < SHOWN; i++) forecast_alert_put(j, a, i, s);
    js_end(j);
    put_open(j, a, s);
    put_before(j, before, s);
    js_end(j);
    return folder_write(f, "alerts.json", text_slice(&j->out), e) && write_table(w, f, a, s, e);
}
