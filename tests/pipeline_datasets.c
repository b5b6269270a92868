/* 02_clean to 04_features on real files and on planted ones. */
#include "check.h"

#include <string.h>

#include "base/hash.h"
#include "shop.h"

CHECK(the_real_shop_becomes_datasets_and_nothing_is_lost) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    work w = shop_open(&s, "real", 2);
    if (!shop_real(&w, true)) {
        scope_close(&s);
        skip("the real data is not here");
    }
    check_ok(shop_step(&w, &stage_clean, &e), &e);
    /* Known by counting lines of the files themselves. */
    check(shop_count(&w, "SELECT count(*) FROM articles") == 105542);
    check(shop_count(&w, "SELECT count(description) FROM articles") > 11000);
    check(shop_count(&w, "SELECT count(*) FROM transactions") == 31662);
    check(shop_count(&w, "SELECT count(*) FROM articles WHERE length(article_id) <> 10 AND article "
                         "IN (SELECT article FROM transactions)") == 0);
    check(shop_count(&w, "SELECT count(*) FROM reviews") == 23486);
    check(shop_count(&w, "SELECT count(article) FROM reviews") == 0);
    check_ok(shop_step(&w, &stage_datasets, &e), &e);
    check(shop_count(&w, "SELECT count(*) FROM e_reviews") == 22641);
    check(shop_count(&w, "SELECT count(*) FROM windows WHERE name = 'test' AND "
                         "to_day = DATE '2020-09-23' AND from_day = DATE '2020-08-26'") == 1);
    check_ok(shop_step(&w, &stage_features, &e), &e);
    check(shop_count(&w, "SELECT CAST(sum(units) AS BIGINT) FROM weekly_sales "
                         "WHERE level = 'total'") ==
          31662);
    check_ok(shop_step(&w, &stage_eda, &e), &e);
    scope_close(&s);
}
