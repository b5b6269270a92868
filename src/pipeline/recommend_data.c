/* recommend_data: what the recommend family reads: purchases, looks, age bands, articles. */
#include "pipeline/recommend_data.h"

#include <math.h>

#include "models/recommend/content.h"

enum { LOOK_SPAN = 365 }; /* days of looks: more than the cut-offs of a run lie apart */

static bool load_purchases(recommend_data *d, work *w, int32_t until, arena *keep, arena scratch,
                           err *e) {
    columns c;
    if (!db_query(w->d, keep, &c, e,
                  "SELECT customer, article, day, CAST(sum(quantity) AS DOUBLE) AS units "
                  "FROM transactions WHERE quantity > 0 AND day < DATE '%s' "
                  "GROUP BY customer, article, day ORDER BY customer, article, day",
                  day_text(&scratch, until)))
        return false;
    float *weight = take(keep, float, c.rows);
    const double *units = columns_real(&c, "units");
    for (int64_t i = 0; i < c.rows; i++) weight[i] = (float)(1 + log(units[i]));
    d->n = c.rows;
    d->customer = columns_i32(&c, "customer");
    d->article = columns_i32(&c, "article");
    d->day = columns_i32(&c, "day");
    d->weight = weight;
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
    columns c;
    if (!db_query(w->d, keep, &c, e,
                  "SELECT customer, article, CAST(time AS DATE) AS day, CAST(sum(CASE event WHEN "
                  "'cart_add' THEN 3 ELSE 1 END) AS DOUBLE) AS weight FROM f_events "
                  "WHERE customer IS NOT NULL AND article IS NOT NULL AND time < DATE '%s' AND "
                  "time >= DATE '%s' AND event IN ('view', 'click', 'cart_add') "
                  "GROUP BY customer, article, CAST(time AS DATE) "
                  "ORDER BY customer, article, day",
                  day_text(&scratch, until), day_text(&scratch, until - LOOK_SPAN)))
        return false;
    float *weight = take(keep, float, c.rows);
    const double *from = columns_real(&c, "weight");
    for (int64_t i = 0; i < c.rows; i++) weight[i] = (float)from[i];
    d->looks = (recommend_log){c.rows, columns_i32(&c, "customer"), columns_i32(&c, "article"),
                               columns_i32(&c, "day"), weight};
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
        !load_contents(d, w, keep, scratch, e) || !load_groups(d, w, keep, scratch, e))
        return false;
    index_purchases(d, keep);
    return true;
}
