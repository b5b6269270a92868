/* price_panel: which price a week without sales gets. */
#include "desk.h"

#include <math.h>

#include "pipeline/price_panel.h"

static const windows spring = {19723, 19807, 19814, 19821}; /* 2024-01-01 to 2024-04-08 */

/* One article of 14 weeks. Nothing is sold in the week after the promotion, in the week before the
 * markdown and in the week before last. */
CHECK(price_panel_takes_the_dearer_of_two_neighbours) {
    static const double asked[14] = {10, 10, 8, 0, 10, 10, 9, 9, 10, 0, 6, 6, 0, 7};
    static const double kept[14] = {10, 10, 8, 10, 10, 10, 9, 9, 10, 10, 6, 6, 7, 7};
    desk t;
    columns c;
    desk_open(&t, 1, "price-panel", spring);
    desk_sql(&t, "CREATE TABLE b_articles AS SELECT 0::INTEGER AS article, 'a' AS article_id, "
                 "'C' AS category, 'T' AS type;"
                 "CREATE TABLE stock(day DATE, article INTEGER, on_hand INTEGER);"
                 "CREATE TABLE weekly_sales(level VARCHAR, series VARCHAR, week DATE, "
                 "units BIGINT, avg_price DOUBLE)");
    for (int i = 0; i < 14; i++)
        desk_sql(&t, arena_text(&t.s.keep,
                                "INSERT INTO weekly_sales VALUES ('article', 'a', "
                                "DATE '2024-01-01' + %d, %d, %s)", 7 * i, asked[i] > 0,
                                asked[i] > 0 ? arena_text(&t.s.keep, "%g", asked[i]) : "NULL"));
    int32_t first = spring.first, end = spring.end;
    check_ok(price_panel_read(&c, &t.w, end, first - 7, end, &t.s.keep, &t.e), &t.e);
    check(c.rows == 13); /* the first week is no whole one */
    for (int64_t i = 0; i < c.rows; i++) {
        check_near(columns_real(&c, "x")[i], log(kept[i + 1]), 1e-12);
        check(columns_real(&c, "units")[i] == (asked[i + 1] > 0));
    }
    /* known ends before the last sale: it stays hidden from the week before it */
    check_ok(price_panel_read(&c, &t.w, end - 7, first - 7, end, &t.s.keep, &t.e), &t.e);
    check_near(columns_real(&c, "x")[11], log(6), 1e-12);
    check_near(columns_real(&c, "x")[12], log(7), 1e-12);
    check_near(columns_real(&c, "x")[8], log(10), 1e-12);
    desk_close(&t);
}
