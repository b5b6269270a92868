/* export_bundle: lists, values, forecasts and documents of the bundle as rows of tables. */
#include <math.h>
#include <string.h>

#include "pipeline/export.h"

enum { BLOCK = 4096 }; /* customers or series whose rows go together */

/* Columns for `rows` rows, each with marks of its own for NULL. */
static columns room(const export_made *of, int64_t rows, arena *keep) {
    const char *names[16];
    column_type types[16];
    for (int i = 0; i < of->n; i++) {
        names[i] = of->columns[i].name;
        types[i] = pg_type_column(of->columns[i].type);
    }
    const char **kept = take_copy(keep, const char *, names, of->n);
    columns c = columns_new(keep, of->n, kept, types, rows);
    for (int i = 0; i < c.n; i++) c.at[i].valid = take(keep, uint8_t, rows);
    return c;
}

static void put_text(column *to, int64_t row, slice value) {
    to->text[row] = value;
    to->valid[row] = value.p ? 1 : 0;
}

static void put_real(column *to, int64_t row, float value) {
    to->real[row] = (double)value;
    to->valid[row] = (uint8_t)!isnan(value);
}

static void put_int(column *to, int64_t row, int32_t value) {
    to->i32[row] = value;
    to->valid[row] = 1;
}

/* ---- recommendations ---- */

static bool has_lists(const bundle *b) { return b->recommend.has; }

static void put_item(const bundle *b, columns *c, int64_t customer, int64_t i) {
    const bundle_recommend *r = &b->recommend;
    int64_t at = customer * r->k + i, row = c->rows++, part = at * BUNDLE_TOP;
    put_text(&c->at[0], row, bundle_text(&b->customer_id, customer));
    put_int(&c->at[1], row, (int32_t)i + 1);
    put_text(&c->at[2], row, bundle_text(&b->article_id, r->items[at]));
    put_real(&c->at[3], row, r->scores[at]);
    put_text(&c->at[4], row, bundle_text(&r->models, r->model[customer]));
    bool has_part = r->part_value[part] != 0;
    put_text(&c->at[5], row, has_part ? bundle_text(&r->parts, r->part[part]) : (slice){0});
}

static bool emit_lists(const bundle *b, db_each_chunk *each, void *what, scope *s, err *e) {
    const bundle_recommend *r = &b->recommend;
    columns c = room(&export_recommendations, BLOCK * r->k, &s->keep);
    for (int64_t from = 0; from < b->customers; from += BLOCK) {
        int64_t to = from + BLOCK < b->customers ? from + BLOCK : b->customers;
        c.rows = 0;
        for (int64_t u = from; u < to; u++)
            for (int64_t i = 0; i < r->k && r->items[u * r->k + i] >= 0; i++) put_item(b, &c, u, i);
        if (!each(what, &c, e)) return false;
    }
    return true;
}

static const pg_column list_columns[] = {
    {"customer_id", PG_TEXT, 0, 0}, {"rank", PG_INT4, 0, 0},  {"article_id", PG_TEXT, 0, 0},
    {"score", PG_FLOAT4, 0, 0},     {"model", PG_TEXT, 0, 0}, {"largest_part", PG_TEXT, 0, 0}};
const export_made export_recommendations = {6, list_columns, has_lists, emit_lists};

/* ---- values of customers ---- */

static bool has_values(const bundle *b) { return b->segment.has && b->segment.value; }

static bool emit_values(const bundle *b, db_each_chunk *each, void *what, scope *s, err *e) {
    columns c = room(&export_values, BLOCK, &s->keep);
    for (int64_t from = 0; from < b->customers; from += BLOCK) {
        c.rows = from + BLOCK < b->customers ? BLOCK : b->customers - from;
        for (int64_t i = 0; i < c.rows; i++) {
            put_text(&c.at[0], i, bundle_text(&b->customer_id, from + i));
            for (int k = 0; k < BUNDLE_VALUES; k++)
                put_real(&c.at[1 + k], i, b->segment.value[(from + i) * BUNDLE_VALUES + k]);
        }
        if (!each(what, &c, e)) return false;
    }
    return true;
}

static const pg_column value_columns[1 + BUNDLE_VALUES] = {
    {"customer_id", PG_TEXT, 0, 0},
    [1 + BUNDLE_P_ALIVE] = {"p_alive", PG_FLOAT4, 0, 0},
    [1 + BUNDLE_EXPECTED_PURCHASES] = {"expected_purchases", PG_FLOAT4, 0, 0},
    [1 + BUNDLE_EXPECTED_MONEY] = {"expected_money", PG_FLOAT4, 0, 0},
    [1 + BUNDLE_CLV] = {"clv", PG_FLOAT4, 0, 0},
    [1 + BUNDLE_CLV_LOW] = {"clv_low", PG_FLOAT4, 0, 0},
    [1 + BUNDLE_CLV_HIGH] = {"clv_high", PG_FLOAT4, 0, 0}};
const export_made export_values = {1 + BUNDLE_VALUES, value_columns, has_values, emit_values};

/* ---- forecasts ---- */

static bool has_forecasts(const bundle *b) { return b->forecast.has; }

static bool emit_forecasts(const bundle *b, db_each_chunk *each, void *what, scope *s, err *e) {
    const bundle_forecast *f = &b->forecast;
    columns c = room(&export_forecasts, BLOCK * f->weeks, &s->keep);
    for (int64_t from = 0; from < f->n; from += BLOCK) {
        int64_t to = from + BLOCK < f->n ? from + BLOCK : f->n;
        c.rows = 0;
        for (int64_t i = from; i < to; i++)
            for (int64_t k = 0; k < f->weeks; k++) {
                int64_t row = c.rows++, at = i * f->weeks + k;
                put_text(&c.at[0], row, bundle_text(&f->level, i));
                put_text(&c.at[1], row, bundle_text(&f->series, i));
                put_int(&c.at[2], row, f->start[i] + 7 * (int32_t)k);
                put_real(&c.at[3], row, f->mean[at]);
                put_real(&c.at[4], row, f->low[at]);
                put_real(&c.at[5], row, f->high[at]);
                put_text(&c.at[6], row, bundle_text(&f->model, i));
            }
        if (!each(what, &c, e)) return false;
    }
    return true;
}

static const pg_column forecast_columns[] = {
    {"level", PG_TEXT, 0, 0}, {"series", PG_TEXT, 0, 0}, {"week", PG_DATE, 0, 0},
    {"mean", PG_FLOAT4, 0, 0}, {"low", PG_FLOAT4, 0, 0}, {"high", PG_FLOAT4, 0, 0},
    {"model", PG_TEXT, 0, 0}};
const export_made export_forecasts = {7, forecast_columns, has_forecasts, emit_forecasts};

/* ---- documents ---- */

static bool has_documents(const bundle *b) { return b->pages[BUNDLE_HOME].root != NULL; }

static bool emit_documents(const bundle *b, db_each_chunk *each, void *what, scope *s, err *e) {
    columns c = room(&export_insights, BUNDLE_PAGES, &s->keep);
    c.rows = 0;
    for (int i = 0; i < BUNDLE_PAGES; i++) {
        const bundle_page *p = &b->pages[i];
        if (!p->root) continue;
        put_text(&c.at[0], c.rows, (slice){p->file, strcspn(p->file, ".")});
        put_text(&c.at[1], c.rows++, p->bytes);
    }
    return each(what, &c, e);
}

static const pg_column document_columns[] = {{"name", PG_TEXT, 0, 0},
                                             {"document", PG_JSONB, 0, 0}};
const export_made export_insights = {2, document_columns, has_documents, emit_documents};
