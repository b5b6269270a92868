/* pipeline_taste: likings of traits against numbers worked out by hand. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "pipeline/recommend_taste.h"

/* Three articles, red, red and blue; popular 1, 1 and 2. Customer 0 bought a red one yesterday and
 * a blue one a year ago; customer 1 bought after the cut-off only. */
CHECK(taste_counts_traits_before_the_cutoff) {
    static const int32_t customer[] = {0, 0, 1}, article[] = {0, 2, 1}, day[] = {999, 634, 1000};
    static const float weight[] = {1, 1, 1};
    static const int64_t at[] = {0, 2, 3};
    static const int32_t one[] = {0, 0, 0}, colours[] = {0, 0, 1};
    double popular[] = {1, 1, 2};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    recommend_data d = {.customers = 2, .articles = 3, .n = 3, .customer = customer,
                        .article = article, .day = day, .weight = weight, .at = at};
    for (int t = 0; t < RECOMMEND_TRAITS; t++) d.trait[t] = (recommend_groups){1, one};
    d.trait[TRAIT_COLOUR] = (recommend_groups){2, colours};
    recommend_fit m = {.d = &d, .cutoff = 1000, .popular = popular};
    recommend_taste t = recommend_taste_open(&m, &s.keep);
    float *count = take(&s.keep, float, t.from[RECOMMEND_TRAITS]), liking[RECOMMEND_TRAITS];
    double all = recommend_taste_count(&t, 0, count);
    check_near(all, 1.5, 1e-6); /* yesterday counts 1, a year before it half */
    /* red: count 1, share 1/2: (1 + 2.5) / (6.5 / 2); blue: (0.5 + 2.5) / 3.25 */
    float sum = recommend_taste_of(&t, count, all, 1, liking);
    check_near(liking[TRAIT_COLOUR], log(3.5 / 3.25), 1e-6);
    check_near(sum, log(3.5 / 3.25), 1e-6); /* the traits with one value say nothing */
    recommend_taste_of(&t, count, all, 2, liking);
    check_near(liking[TRAIT_COLOUR], log(3.0 / 3.25), 1e-6);
    recommend_taste_forget(&t, 0, count);
    for (int i = 0; i < t.from[RECOMMEND_TRAITS]; i++) check(count[i] == 0);
    check(recommend_taste_count(&t, 1, count) == 0);
    check_near(recommend_taste_of(&t, count, 0, 2, liking), 0, 1e-6);
    scope_close(&s);
}

/* Articles 0 and 1 have a code; 2 and 3 equal name and type; 4 another type, 5 and 6 no name. */
CHECK(recommend_products_are_codes_else_name_and_type) {
    db *d;
    scope s;
    err e = {0};
    columns c;
    check_ok(scope_open(&s, 1 << 20, 0, &e), &e);
    check_ok(db_open(&d, (db_params){1, 256, check_folder("recommend_products")}, &e), &e);
    scope_defer(&s, db_close, d);
    check_ok(db_query(d, &s.keep, &c, &e,
                      "SELECT CAST(dense_rank() OVER (ORDER BY " RECOMMEND_PRODUCT_SQL ") - 1 AS "
                      "INTEGER) AS product FROM (VALUES (0, '77', 'Tee', 'top'), "
                      "(1, '77', 'Tee long', 'top'), (2, '', 'Tee', 'top'), (3, NULL, 'Tee', "
                      "'top'), (4, NULL, 'Tee', 'dress'), (5, NULL, '', 'dress'), "
                      "(6, NULL, NULL, 'dress')) AS v(article, product_code, name, type) "
                      "ORDER BY article"), &e);
    static const int32_t wanted[] = {0, 0, 4, 4, 3, 1, 2};
    check(c.rows == 7);
    check(memcmp(columns_i32(&c, "product"), wanted, sizeof wanted) == 0);
    scope_close(&s);
}
