/* recommend_data: what the recommend family reads: purchases, looks, age bands, articles. */
#include "pipeline/recommend_data.h"

#include <math.h>
#include <string.h>

#include "models/recommend/content.h"
#include "pipeline/recommend_meaning.h"

enum { LOOK_SPAN = 365 }; /* days of looks: more than the cut-offs of a run lie apart */

/* A log as it comes from the engine, chunk by chunk: the whole of it is never there twice. */
typedef struct log_reader {
    int64_t n;
    int32_t *customer, *article, *day; /* [most] */
    float *weight;
    bool units; /* weight is 1 + ln of what was read */
} log_reader;

static bool read_chunk(void *what, const columns *chunk, err *e) {
    log_reader *r = what;
    size_t bytes = (size_t)chunk->rows * sizeof *r->customer;
    (void)e;
    memcpy(r->customer + r->n, columns_i32(chunk, "customer"), bytes);
    memcpy(r->article + r->n, columns_i32(chunk, "article"), bytes);
    memcpy(r->day + r->n, columns_i32(chunk, "day"), bytes);
    const double *weight = columns_real(chunk, "weight");
    for (int64_t i = 0; i < chunk->rows; i++)
        r->weight[r->n + i] = (float)(r->units ? 1 + log(weight[i]) : weight[i]);
    r->n += chunk->rows;
    return true;
}

/* Rows `from` a table with their `weight`, one for each customer, article and day in that order.
 * There are at most as many as in the table; room that is not written costs no memory. */
static bool read_log(log_reader *r, work *w, const char *from, const char *weight, arena *keep,
                     arena scratch, err *e) {
    int64_t most;
    if (!db_count(w->d, &most, e, "SELECT count(*) FROM %s", from)) return false;
    r->customer = take_raw(keep, int32_t, most);
    r->article = take_raw(keep, int32_t, most);
    r->day = take_raw(keep, int32_t, most);
    r->weight = take_raw(keep, float, most);
    const char *sql = arena_text(&scratch,
                                 "SELECT customer, article, day, CAST(sum(%s) AS DOUBLE) AS weight "
                                 "FROM %s GROUP BY customer, article, day "
                                 "ORDER BY customer, article, day", weight, from);
    return db_each(w->d, slice_of(sql), read_chunk, r, e);
}

static bool load_purchases(recommend_data *d, work *w, int32_t until, arena *keep, arena scratch,
                           err *e) {
    log_reader r = {.units = true};
    const char *from = arena_text(&scratch, "transactions WHERE quantity > 0 AND day < DATE '%s'",
                                  day_text(&scratch, until));
    if (!read_log(&r, w, from, "quantity", keep, scratch, e)) return false;
    d->n = r.n;
    d->customer = r.customer;
    d->article = r.article;
    d->day = r.day;
    d->weight = r.weight;
    return true;
}

/* Where each customer's purchases begin. */
static void index_purchases(recommend_data *d, arena *keep) {
    int64_t *at = take(keep, int64_t, d->customers + 1);
    for (int64_t i = 0; i < d->n; i++) at[d->customer[i] + 1]++;
    for (int64_t c = 0; c < d->customers; c++) at[c + 1] += at[c];
    d->at = at;
}

static bool load_bands(recommend_data *d, work *w, arena *keep, err *e) {
    columns c;
    if (!db_query(w->d, keep, &c, e,
                  "SELECT CASE WHEN age IS NULL THEN -1 WHEN age < 25 THEN 0 WHEN age < 35 THEN 1 "
                  "WHEN age < 45 THEN 2 WHEN age < 55 THEN 3 ELSE 4 END AS band "
                  "FROM customers ORDER BY customer"))
        return false;
    d->customers = c.rows;
    d->band = columns_i32(&c, "band");
    for (int64_t i = 0; i < c.rows; i++) d->has_ages = d->has_ages || d->band[i] >= 0;
    return true;
}

/* Weights by how much an equal value says: two articles of one product are the same but for colour
 * and size; sharing a department says little. */
static bool load_contents(recommend_data *d, work *w, arena *keep, arena scratch, err *e) {
    static const struct {
        const char *name;
        float weight;
        bool is_text;
    } all[] = {{"text", 1, true},          {"product_code", 2, false}, {"type", 1.5f, false},
               {"garment_group", 1, false}, {"department", 1, false},   {"section", 1, false},
               {"index_group", 1, false},   {"colour", 0.7f, false},    {"pattern", 0.7f, false},
               {"material", 0.7f, false},   {"category", 1, false}};
    enum { FIELDS = sizeof all / sizeof all[0] };
    content_field fields[FIELDS];
    columns c;
    arena texts = arena_split(&scratch, arena_left(&scratch) / 2);
    if (!db_query(w->d, &texts, &c, e,
                  "SELECT coalesce(text, '') AS text, coalesce(product_code, '') AS product_code, "
                  "coalesce(type, '') AS type, coalesce(garment_group, '') AS garment_group, "
                  "coalesce(department, '') AS department, coalesce(section, '') AS section, "
                  "coalesce(index_group, '') AS index_group, coalesce(colour, '') AS colour, "
                  "coalesce(pattern, '') AS pattern, coalesce(material, '') AS material, "
                  "coalesce(category, '') AS category FROM b_articles ORDER BY article"))
        return false;
    for (int i = 0; i < FIELDS; i++)
        fields[i] = (content_field){columns_text(&c, all[i].name), all[i].weight, all[i].is_text};
    d->articles = c.rows;
    d->vectors = content_fit(fields, FIELDS, c.rows, CONTENT_DEFAULTS, keep, scratch);
    return true;
}

/* Looks of known customers in the weeks that any cut-off of a run can ask for. */
static bool load_looks(recommend_data *d, work *w, int32_t until, arena *keep, arena scratch,
                       err *e) {
    log_reader r = {0};
    const char *from = arena_text(
        &scratch,
        "(SELECT customer, article, CAST(time AS DATE) AS day, event FROM f_events "
        "WHERE customer IS NOT NULL AND article IS NOT NULL AND time < DATE '%s' AND "
        "time >= DATE '%s' AND event IN ('view', 'click', 'cart_add')) AS looks",
        day_text(&scratch, until), day_text(&scratch, until - LOOK_SPAN));
    if (!read_log(&r, w, from, "CASE event WHEN 'cart_add' THEN 3 ELSE 1 END", keep, scratch, e))
        return false;
    d->looks = (recommend_log){r.n, r.customer, r.article, r.day, r.weight};
    return true;
}

/* Groups are numbered in the order of their names: one more article changes no grouping. */
static bool load_groups(recommend_data *d, work *w, arena *keep, arena scratch, err *e) {
    static const char *const names[] = {"kind",    "product",  "category", "colour", "type",
                                        "pattern", "material", "section",  "index_group"};
    recommend_groups *const to[] = {
        &d->kind,
        &d->product,
        &d->category,
        &d->colour,
        &d->trait[TRAIT_TYPE],
        &d->trait[TRAIT_PATTERN],
        &d->trait[TRAIT_MATERIAL],
        &d->trait[TRAIT_SECTION],
        &d->trait[TRAIT_INDEX],
    };
    enum { GROUPS = sizeof names / sizeof names[0] };
    columns c;
    char *list = "";
    for (int g = 0; g < GROUPS; g++)
        list = arena_text(&scratch, "%s%sCAST(dense_rank() OVER (ORDER BY %s NULLS FIRST) - 1 "
                          "AS INTEGER) AS g_%s", list, g > 0 ? ", " : "", names[g], names[g]);
    if (!db_query(w->d, keep, &c, e,
                  "SELECT %s FROM (SELECT article, category, colour, type, pattern, material, "
                  "section, index_group, "
                  "coalesce(nullif(department, ''), nullif(type, ''), category) AS kind, "
                  RECOMMEND_PRODUCT_SQL " AS product "
                  "FROM b_articles) AS named ORDER BY article", list))
        return false;
    for (int g = 0; g < GROUPS; g++) {
        to[g]->code = columns_i32(&c, arena_text(&scratch, "g_%s", names[g]));
        for (int64_t i = 0; i < c.rows; i++)
            if (to[g]->code[i] >= to[g]->n) to[g]->n = to[g]->code[i] + 1;
    }
    d->trait[TRAIT_KIND] = d->kind;
    d->trait[TRAIT_COLOUR] = d->colour;
    return true;
}

bool recommend_load(recommend_data *d, work *w, int32_t until, arena *keep, arena scratch, err *e) {
    *d = (recommend_data){0};
    if (!load_purchases(d, w, until, keep, scratch, e) ||
        !load_looks(d, w, until, keep, scratch, e) || !load_bands(d, w, keep, e) ||
        !load_contents(d, w, keep, scratch, e) ||
        (w->meaning && !recommend_meaning_add(&d->vectors, w, until, keep, e)) ||
        !load_groups(d, w, keep, scratch, e))
        return false;
    index_purchases(d, keep);
    return true;
}
